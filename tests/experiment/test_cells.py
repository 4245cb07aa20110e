"""Label budgets, scores, and which comparisons are made."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.experiment.cells import (
    Cell,
    CellScores,
    compare,
    label_subset,
    stratify,
    summarize,
)

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def scores(
    embedding, share, strategy="frozen", n_train=10, seed=0, oov="zeros", model="mean", shares=()
):
    labels = np.random.default_rng(0).integers(0, 3, size=400)
    generator = np.random.default_rng(seed)
    size = (1 + len(shares), 2, 400)
    predicted = np.where(generator.random(size) < share, labels, (labels + 1) % 3)
    cell = Cell(embedding, oov, model, strategy, n_train)
    return CellScores.from_predictions(cell, (0, 1), predicted, labels, typo_shares=shares)


def test_subsets_are_stratified_sorted_and_fixed_by_the_seed():
    chosen = label_subset(LABELS, 20, seed=1)
    assert np.bincount(LABELS[chosen]).tolist() == [12, 6, 2]
    assert (np.diff(chosen) > 0).all()
    np.testing.assert_array_equal(chosen, label_subset(LABELS, 20, seed=1))
    assert not np.array_equal(chosen, label_subset(LABELS, 20, seed=2))


@pytest.mark.parametrize("budget", ["all", 100])
def test_all_documents(budget):
    np.testing.assert_array_equal(label_subset(LABELS, budget, seed=0), np.arange(100))


def test_nearly_all_documents():
    assert len(label_subset(LABELS, 99, seed=0)) == 99


@pytest.mark.parametrize(("budget", "message"), [(101, "exceeds"), (2, "number of classes")])
def test_impossible_budgets(budget, message):
    with pytest.raises(InputError, match=message):
        label_subset(LABELS, budget, seed=0)


def test_runs_and_summaries_agree():
    cell = scores("general", 0.7)
    (row,) = summarize([cell])
    assert row.accuracy == pytest.approx(np.mean([run.accuracy for run in cell.runs]))
    assert row.macro_f1 == pytest.approx(np.mean([run.macro_f1 for run in cell.runs]))
    assert row.accuracy_low < row.accuracy < row.accuracy_high
    assert row.n_seeds == 2


def test_comparisons_pair_what_belongs_together():
    table = [
        scores("general", 0.5, seed=1),
        scores("domain", 0.7, seed=2),
        scores("aligned", 0.7, seed=3),
        scores("aligned", 0.7, strategy="fine-tuned", seed=4),
        scores("aligned", 0.7, n_train=20, seed=5),
        scores("tfidf", 0.6, strategy="bag-of-words", seed=6),
    ]
    made = {(c.embedding, c.baseline, c.strategy, c.n_train): c for c in compare(table)}
    assert len(made) == len(compare(table))
    assert set(made) == {
        ("general", "tfidf", "frozen", 10),
        ("domain", "general", "frozen", 10),
        ("domain", "tfidf", "frozen", 10),
        ("aligned", "general", "frozen", 10),
        ("aligned", "domain", "frozen", 10),
        ("aligned", "tfidf", "frozen", 10),
        ("aligned", "tfidf", "fine-tuned", 10),
    }
    better = made["domain", "general", "frozen", 10]
    assert better.difference_low > 0
    assert better.p_corrected < 0.05
    assert all(c.p_corrected >= c.p_value for c in made.values())


def test_fillings_and_models_are_compared_one_change_at_a_time():
    table = [
        scores(embedding, 0.6, oov=oov, model=model, seed=seed)
        for seed, (embedding, oov, model) in enumerate(
            (e, o, m)
            for e in ("general", "aligned")
            for o in ("zeros", "mean")
            for m in ("mean", "hybrid:mean")
        )
    ]
    made = {
        (c.embedding, c.oov, c.model, c.baseline, c.baseline_oov, c.baseline_model)
        for c in compare(table)
    }
    within = {pair for pair in made if pair[0] == pair[3]}
    assert within == {
        (e, *pair)
        for e in ("general", "aligned")
        for pair in (
            ("mean", "mean", e, "zeros", "mean"),
            ("mean", "hybrid:mean", e, "zeros", "hybrid:mean"),
            ("zeros", "hybrid:mean", e, "zeros", "mean"),
            ("mean", "hybrid:mean", e, "mean", "mean"),
        )
    }
    assert made - within == {
        ("aligned", oov, model, "general", oov, model)
        for oov in ("zeros", "mean")
        for model in ("mean", "hybrid:mean")
    }


def test_accuracy_is_told_for_each_share_of_typos():
    cell = scores("general", 0.7, shares=(0.1, 0.2))
    assert [one.typo_share for one in cell.typos] == [0.0, 0.1, 0.2]
    assert cell.typos[0].accuracy == pytest.approx(cell.correct.mean())
    assert all(one.accuracy_low < one.accuracy < one.accuracy_high for one in cell.typos)
    assert scores("general", 0.7).typos == ()


def test_accuracy_is_parted_by_unknown_tokens():
    cell = scores("general", 0.7)
    shares = np.repeat([0.0, 0.1, 0.5], [200, 100, 100])
    parts = stratify([cell], shares)
    assert [(p.embedding, p.lowest_share, p.highest_share) for p in parts] == [
        ("general", 0.0, 0.0), ("general", 0.1, 0.1), ("general", 0.5, 0.5),
    ]  # fmt: skip
    assert parts[0].accuracy == pytest.approx(cell.correct[:, :200].mean())
    assert sum(part.n_documents for part in parts) == 400
