"""What comparisons allow to be said, from either side."""

from dataclasses import replace

import pytest

from adapt.evaluation import Comparison, Estimate, McNemar
from adapt.evaluation.judgement import Judgement, comparison_of, judge, turned
from adapt.evaluation.results import DatasetSummary, Results, Selection

ONE = Comparison(
    "aligned", "related", "cnn", "general", "zeros", "mean", "frozen", "gradual", 200, 3,
    0.02, 0.01, 0.04, 0.001, 0.02, Estimate(0.1, 0.05, 0.3), McNemar(12, 4, 3.0, 0.03), None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "p", "judgement"),
    [
        (0.01, 0.03, 0.049, Judgement.HIGHER),
        (-0.03, -0.01, 0.049, Judgement.LOWER),
        (0.01, 0.03, 0.05, Judgement.UNCONFIRMED),
        (-0.03, -0.01, 0.5, Judgement.UNCONFIRMED),
        (0.0, 0.03, 0.001, Judgement.NO_DIFFERENCE),
        (-0.03, 0.0, 0.001, Judgement.NO_DIFFERENCE),
        (-0.01, 0.03, 0.9, Judgement.NO_DIFFERENCE),
    ],
)
def test_both_the_interval_and_the_corrected_p_value_must_say_so(low, high, p, judgement):
    assert judge(replace(ONE, difference_low=low, difference_high=high, p_corrected=p)) == judgement


def test_a_comparison_seen_from_its_baseline_has_everything_the_other_way_round():
    other = turned(ONE)
    assert (other.embedding, other.oov, other.model, other.strategy) == (
        "general", "zeros", "mean", "frozen",
    )  # fmt: skip
    assert (other.baseline, other.baseline_oov, other.baseline_model, other.baseline_strategy) == (
        "aligned", "related", "cnn", "gradual",
    )  # fmt: skip
    assert (other.difference, other.difference_low, other.difference_high) == (-0.02, -0.04, -0.01)
    assert other.effect == Estimate(-0.1, -0.3, -0.05)
    assert other.mcnemar == McNemar(4, 12, 4 / 12, 0.03)
    assert (other.p_value, other.p_corrected, other.n_train) == (0.001, 0.02, 200)
    assert turned(other) == ONE


def test_odds_over_nothing_are_none():
    never = replace(ONE, mcnemar=McNemar(0, 4, 0.0, 0.1))
    assert turned(never).mcnemar.odds_ratio is None


def test_cells_find_their_comparison_from_either_side():
    numbers = (0.7, 0.7, 0.6, 0.8, 0.5)
    cell = Selection("adapted", 1, "aligned", "related", "cnn", "gradual", 200, *numbers)
    base = Selection("general", 1, "general", "zeros", "mean", "frozen", 200, *numbers)
    dataset = DatasetSummary(
        "made", n_corpus_tokens=9, transductive=False, n_train=9, n_test=9, n_classes=2,
        n_corpus_documents=9,
    )  # fmt: skip
    results = Results(name="made", description="", dataset=dataset, comparisons=(ONE,))
    assert comparison_of(results, cell, base) == ONE
    assert comparison_of(results, base, cell) == turned(ONE)
    for changed in ({"n_train": 100}, {"oov": "zeros"}, {"model": "mean"}, {"strategy": "frozen"}):
        assert comparison_of(results, replace(cell, **changed), base) is None
