"""A gain of in-domain vectors is taken apart along the chain of ablations."""

from dataclasses import replace

import pytest

from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.comparison_results import Comparison, McNemar
from adapt.evaluation.results import Results
from adapt.report.gain_findings import gain_findings

CHAIN = ("domain", "domain:shared", "domain:matched", "general")


def comparison(embedding, baseline, difference, p_corrected=0.001):
    sides = {"oov": "zeros", "model": "mean-idf", "strategy": "frozen"}
    return Comparison(
        embedding=embedding,
        baseline=baseline,
        n_train=200,
        n_seeds=3,
        **sides,
        **{f"baseline_{name}": value for name, value in sides.items()},
        difference=difference,
        difference_low=difference - 0.01,
        difference_high=difference + 0.01,
        p_value=p_corrected,
        p_corrected=p_corrected,
        effect=Estimate(0.1, 0.0, 0.2),
        mcnemar=McNemar(3, 2, 1.5, 1.0),
        needed=None,
    )


@pytest.fixture
def explained(study):
    """Return a maker of results that have the whole chain, with these differences."""
    cell = next(c for c in study.summary if (c.embedding, c.strategy) == ("domain", "frozen"))
    cell = replace(cell, n_train=200, oov="zeros", model="mean-idf")

    def make(gain, *comparisons) -> Results:
        return replace(
            study,
            summary=tuple(replace(cell, embedding=name) for name in CHAIN),
            comparisons=(comparison("domain", "general", *gain), *comparisons),
        )

    return make


def steps(words, dimensions, places):
    return (
        comparison("domain:shared", "domain", -words),
        comparison("domain:matched", "domain:shared", -dimensions),
        comparison("domain:matched", "general", places, 0.2),
    )


def test_every_step_is_told_with_the_sign_of_what_it_adds(explained):
    (text,) = gain_findings(explained((0.05,), *steps(0.005, 0.03, 0.015)))
    text = text.replace("\xa0", " ")
    assert text.startswith("With 200 labels (frozen), domain is ahead of general by 5.0 points")
    assert "words that general vectors lack add +0.5 [-0.5, +1.5] (not shown)" in text.replace(
        "\u2212", "-"
    )
    assert "dimensions beyond those of general vectors add +3.0 [+2.0, +4.0];" in text
    assert "in as many dimensions, add +1.5 [+0.5, +2.5] (not after correction)." in text


@pytest.mark.parametrize("gain", [(0.005,), (-0.05,), (0.05, 0.2)])
def test_what_is_no_clear_gain_is_not_explained(explained, gain):
    assert gain_findings(explained(gain, *steps(0.005, 0.03, 0.015))) == []


def test_without_all_steps_there_is_no_explanation(explained):
    assert gain_findings(explained((0.05,), *steps(0.005, 0.03, 0.015)[:2])) == []


def test_a_study_without_ablations_explains_nothing(study):
    assert gain_findings(study) == []
