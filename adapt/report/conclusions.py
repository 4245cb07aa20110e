"""What may and what may not be concluded from a comparison, in one plain sentence."""

from __future__ import annotations

from adapt.evaluation.comparison_results import Comparison
from adapt.evaluation.judgement import Judgement, judge, turned
from adapt.evaluation.results import Results
from adapt.evaluation.wording import (
    decimal,
    labels,
    p_value,
    rounded,
    signed_points,
    unsigned_points,
)
from adapt.report.tables import ABSENT, Table, pair_label, row_of
from adapt.report.views import is_bag_of_words, variant_label

__all__ = ["conclusion", "conclusion_table"]

_NARROW = 0.01
"""A difference no larger than that is one that few would act upon."""


def conclusion(results: Results, comparison: Comparison) -> str:
    """Say what a comparison shows, how far it carries, and what it leaves open.

    That no difference is shown is never called equality. Where the whole interval is narrow, the
    sentence says how large a difference can be at most.

    Parameters
    ----------
    results : Results
        The study, which says how much of a configuration's name is needed to know it.
    comparison : Comparison
        One of its comparisons.

    Returns
    -------
    str
        One sentence, with its full stop.
    """
    judged = judge(comparison)
    if judged is Judgement.LOWER:
        return conclusion(results, turned(comparison))
    first, second = _names(results, comparison)
    place = f"with {labels(comparison.n_train)}"
    ends = comparison.difference, comparison.difference_low, comparison.difference_high
    if judged is Judgement.HIGHER:
        return f"{first} beats {second} by {unsigned_points(*ends)} {place}: {_scope(comparison)}."
    if judged is Judgement.UNCONFIRMED:
        side = "above" if comparison.difference > 0 else "below"
        return (
            f"{first} is {side} {second} by {unsigned_points(*ends)} {place}, which does not "
            f"survive the correction over all comparisons{_needed(comparison)}."
        )
    low, high = (signed_points(end) for end in ends[1:])
    most = max(-comparison.difference_low, comparison.difference_high)
    size = f"between {low} and {high} points"
    if most <= _NARROW:
        size += f", no more than {signed_points(most).removeprefix('+')} either way"
    return f"No difference shown of {first} to {second} {place}: {size}{_needed(comparison)}."


def _names(results: Results, one: Comparison) -> tuple[str, str]:
    """Name both sides, by as little as tells them apart in this study."""
    sides = [
        (one.embedding, one.oov, one.model, one.strategy),
        (one.baseline, one.baseline_oov, one.baseline_model, one.baseline_strategy),
    ]
    several = len({c.strategy for c in results.summary if not is_bag_of_words(c.embedding)}) > 1
    first, second = (
        variant_label(results.summary, *side[:3])
        + (f", {side[3]}" if several and not is_bag_of_words(side[0]) else "")
        for side in sides
    )
    return first, second


def _scope(comparison: Comparison) -> str:
    if comparison.n_seeds == 1:
        return "this holds for other test documents; of other seeds, one seed tells nothing"
    return "this holds for other test documents and other seeds"


def _needed(comparison: Comparison) -> str:
    """Say what would settle a difference of the size measured, if anything would."""
    needed = comparison.needed
    if needed is None:
        return ""
    sizes = []
    if needed.n_seeds is not None:
        sizes.append(f"{needed.n_seeds:,} seeds")
    if needed.n_documents is not None:
        sizes.append(f"{rounded(needed.n_documents):,} test documents")
    if sizes:
        return f"; about {' or '.join(sizes)} would settle a difference of the size measured"
    if comparison.n_seeds == 1:
        return "; no number of test documents would settle this with one seed"
    return "; neither more seeds alone nor more test documents alone would settle this"


def conclusion_table(results: Results) -> Table:
    """Show what may be concluded of every comparison, its effect size, and McNemar's test."""
    return Table(
        "What may be concluded from each comparison, with the size of its effect and "
        "McNemar\u2019s test of the documents that only one of the two gets right",
        (
            "Pair",
            "Labels",
            "Conclusion",
            "Cohen\u2019s h",
            "Only the first",
            "Only the second",
            "Odds ratio",
            "McNemar\u2019s p",
        ),
        tuple(
            row_of(
                pair_label(results, one),
                f"{one.n_train:,}",
                conclusion(results, one),
                _effect(one),
                f"{one.mcnemar.n_first:,}",
                f"{one.mcnemar.n_second:,}",
                ABSENT if one.mcnemar.odds_ratio is None else decimal(one.mcnemar.odds_ratio, 2),
                p_value(one.mcnemar.p_value).lstrip("p=\N{NO-BREAK SPACE}"),
            )
            for one in results.comparisons
        ),
        text_columns=(0, 2),
        folded=True,
        fitted=True,
    )


def _effect(one: Comparison) -> str:
    value, low, high = (
        decimal(end, 2) for end in (one.effect.value, one.effect.low, one.effect.high)
    )
    return f"{value} [{low},\N{NO-BREAK SPACE}{high}]"
