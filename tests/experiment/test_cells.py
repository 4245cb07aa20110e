"""Label budgets, scores, and which comparisons are made."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.experiment.cells import Cell, CellScores, compare, label_subset, summarize

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def scores(embedding, share, strategy="frozen", n_train=10, seed=0):
    labels = np.random.default_rng(0).integers(0, 3, size=400)
    generator = np.random.default_rng(seed)
    predicted = np.where(generator.random((2, 400)) < share, labels, (labels + 1) % 3)
    return CellScores.from_predictions(
        Cell(embedding, "zeros", "mean", strategy, n_train), (0, 1), predicted, labels
    )


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
