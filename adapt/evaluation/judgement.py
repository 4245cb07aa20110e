"""What a paired comparison allows to be said."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.comparison_results import ALPHA, AreaComparison, Comparison, McNemar
from adapt.evaluation.results import Results, Selection, Summary

__all__ = ["Judgement", "comparison_of", "judge", "turned"]


class Judgement(Enum):
    """What a paired comparison allows to be said."""

    HIGHER = "higher"
    LOWER = "lower"
    UNCONFIRMED = "the interval excludes 0, but the corrected p-value is not below 0.05"
    NO_DIFFERENCE = "the interval includes 0"


def judge(comparison: Comparison | AreaComparison) -> Judgement:
    """Judge a comparison: a difference counts when interval and corrected p-value both say so."""
    if comparison.difference_low <= 0 <= comparison.difference_high:
        return Judgement.NO_DIFFERENCE
    if comparison.p_corrected >= ALPHA:
        return Judgement.UNCONFIRMED
    return Judgement.HIGHER if comparison.difference_low > 0 else Judgement.LOWER


def comparison_of(
    results: Results, cell: Summary | Selection, other: Summary | Selection
) -> Comparison | None:
    """Return the comparison of two cells, turned round where it was stored so."""
    for one in results.comparisons:
        if one.n_train == cell.n_train == other.n_train:
            sides = (_key(one), _other(one))
            if sides == (_key(cell), _key(other)):
                return one
            if sides == (_key(other), _key(cell)):
                return turned(one)
    return None


def _key(cell: Summary | Selection | Comparison) -> tuple[str, str, str, str]:
    return cell.embedding, cell.oov, cell.model, cell.strategy


def _other(one: Comparison) -> tuple[str, str, str, str]:
    return one.baseline, one.baseline_oov, one.baseline_model, one.baseline_strategy


def turned(one: Comparison) -> Comparison:
    """Return the comparison as seen from its baseline."""
    first, second = one.mcnemar.n_second, one.mcnemar.n_first
    return replace(
        one,
        embedding=one.baseline,
        oov=one.baseline_oov,
        model=one.baseline_model,
        strategy=one.baseline_strategy,
        baseline=one.embedding,
        baseline_oov=one.oov,
        baseline_model=one.model,
        baseline_strategy=one.strategy,
        difference=-one.difference,
        difference_low=-one.difference_high,
        difference_high=-one.difference_low,
        effect=Estimate(-one.effect.value, -one.effect.high, -one.effect.low),
        mcnemar=McNemar(first, second, first / second if second else None, one.mcnemar.p_value),
    )
