"""The whole family of tests that a study makes: cells, learning curves, and Holm over both."""

from dataclasses import replace

import numpy as np
import pytest

from adapt.evaluation import BAGS_OF_WORDS, Run, budget_weights, holm
from adapt.experiment.cells import Cell, CellScores, summarize
from adapt.experiment.comparisons import compare, paired_tests, select
from adapt.experiment.curves import curve_pairs, learning_curves

BUDGETS = (200, 1000, 5000)
EMBEDDINGS = ("random", "general", "domain", "unaligned", "aligned", "concat", "tfidf")


@pytest.fixture(autouse=True)
def _quick_holm(monkeypatch):
    """Spare thousands of corrections the collection of garbage that statsmodels makes at each."""
    monkeypatch.setattr("gc.collect", lambda: 0)


def cell(embedding, n_train, strategy="frozen"):
    if embedding in BAGS_OF_WORDS:
        return Cell(embedding, "none", "linear-svm", "bag-of-words", n_train)
    return Cell(embedding, "zeros", "mean-idf", strategy, n_train)


def made_study(rng, *, of_seeds, n_seeds=3, n_documents=500, unlike=False, effect=0.0, budgets=2):
    """Cells of equal worth that find the same documents hard, at every label budget.

    Each seed is luckier or not, for all systems alike and for each by itself; a system's deviation
    is the same at every budget, up to `of_seeds`. With `unlike`, that of `concat` is fifteen times
    those of the others. `aligned` is better by `effect`, in units of the latent score.
    """
    hardness = rng.normal(1.2, 1.5, n_documents)
    of_subsets = rng.normal(0, of_seeds, (budgets, n_seeds))
    deviations = rng.uniform(0, of_seeds, len(EMBEDDINGS))
    if unlike:
        deviations = np.where(np.array(EMBEDDINGS) == "concat", of_seeds, of_seeds / 15)
    scores = []
    for embedding, deviation in zip(EMBEDDINGS, deviations, strict=True):
        own = hardness + rng.normal(0, 0.7, n_documents) + effect * (embedding == "aligned")
        for n_train, of_subset in zip(BUDGETS, of_subsets, strict=False):
            luck = of_subset + rng.normal(0, deviation, n_seeds)
            latent = own + luck[:, None] + rng.normal(0, 0.7, (n_seeds, n_documents))
            correct = latent > 0
            scores.append(CellScores(cell(embedding, n_train), correct.astype(int), correct, ()))
    return scores


def corrected(scores):
    cells, areas = paired_tests(scores, (), learning_curves(scores))
    return [one.p_corrected for one in cells], [one.p_corrected for one in areas]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_seeds", "unlike"), [(0.0, False), (0.04, False), (0.16, False), (0.24, True)]
)
def test_no_more_than_one_study_in_twenty_finds_what_is_not_there(of_seeds, unlike):
    """Family-wise error over cells and areas in 2,000 studies of seven embeddings, two budgets."""
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(2_000):
        of_cells, of_areas = corrected(made_study(rng, of_seeds=of_seeds, unlike=unlike))
        wrong += min(*of_cells, *of_areas) < 0.05
    assert wrong <= 0.05 * 2_000


def test_an_area_finds_what_is_there_at_every_budget():
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(20):
        scores = made_study(rng, of_seeds=0.05, effect=0.5, budgets=3, n_documents=1_000)
        _, areas = paired_tests(scores, (), learning_curves(scores))
        (own,) = (
            one
            for one in areas
            if one.system.first.embedding == "aligned" and one.baseline.first.embedding == "general"
        )
        found += own.p_corrected < 0.05
    assert found >= 16


@pytest.fixture(scope="module")
def scores():
    return made_study(np.random.default_rng(3), of_seeds=0.05, effect=0.4, budgets=3)


def test_the_areas_are_means_of_the_accuracies(scores):
    accuracies = {(s.cell.embedding, s.cell.n_train): s.correct.mean() for s in scores}
    made = compare(scores).areas
    assert [one.embedding for one in made] == list(EMBEDDINGS)
    for one in made:
        points = [accuracies[one.embedding, n_train] for n_train in BUDGETS]
        assert one.budgets == BUDGETS
        assert one.area == pytest.approx(budget_weights(BUDGETS) @ points)
        assert one.area_low < one.area < one.area_high


def test_the_areas_of_what_is_compared_are_compared(scores):
    made = compare(scores)
    pairs = {(one.embedding, one.baseline) for one in made.comparisons}
    assert {(one.embedding, one.baseline) for one in made.area_comparisons} == pairs
    areas = {one.embedding: one.area for one in made.areas}
    for one in made.area_comparisons:
        assert one.difference == pytest.approx(areas[one.embedding] - areas[one.baseline])


def test_one_family_holds_cells_and_areas(scores):
    made = compare(scores)
    together = (*made.comparisons, *made.area_comparisons)
    assert [one.p_corrected for one in together] == holm([one.p_value for one in together])


def test_one_budget_has_no_area(scores):
    made = compare([score for score in scores if score.cell.n_train == 200])
    assert (made.areas, made.area_comparisons) == ((), ())


def test_curves_are_compared_where_every_budget_is(scores):
    curves = learning_curves(scores)
    pair = [(cell("aligned", n), cell("general", n)) for n in BUDGETS]
    assert len(curve_pairs(curves, pair)) == 1
    assert curve_pairs(curves, pair[:2]) == []


def test_what_is_undecided_says_what_would_settle_it(scores):
    made = compare(scores, select(summarize(made_validated(scores))))
    undecided = [one for one in made.comparisons if one.p_corrected >= 0.05]
    assert undecided
    open_areas = sum(one.p_corrected >= 0.05 for one in made.area_comparisons)
    for one in made.comparisons:
        assert (one.needed is None) == (one.p_corrected < 0.05)
    for one in undecided:
        assert one.needed.alpha == pytest.approx(0.05 / (len(undecided) + open_areas))
        assert one.needed.n_seeds is None or one.needed.n_seeds > one.n_seeds


def made_validated(scores):
    """The same cells with runs, so that validation has something to choose from."""
    return [
        replace(
            score,
            runs=tuple(
                Run(**vars(score.cell), seed=seed, accuracy=row.mean(), macro_f1=0.5,
                    validation_accuracy=row.mean(), chosen="C 1")
                for seed, row in enumerate(score.correct)
            ),
        )
        for score in scores
    ]  # fmt: skip


def test_a_comparison_counts_the_documents_that_one_alone_gets_right(scores):
    made = next(c for c in compare(scores).comparisons if c.baseline == "tfidf")
    tables = {(s.cell.embedding, s.cell.n_train): s.correct for s in scores}
    first, second = (tables[name, made.n_train] for name in (made.embedding, "tfidf"))
    majority = [table.sum(axis=0) >= 2 for table in (first, second)]
    assert made.mcnemar.n_first == (majority[0] & ~majority[1]).sum()
    assert made.mcnemar.n_second == (majority[1] & ~majority[0]).sum()
    assert made.n_seeds == 3
    assert np.sign(made.effect.value) == np.sign(made.difference)
