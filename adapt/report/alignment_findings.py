"""What the results say of the alignment, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from adapt.evaluation.alignment_results import AlignmentQuality, Retrieval
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.results import Results
from adapt.evaluation.wording import decimal, interval, listed, percent, percent_interval
from adapt.report.views import is_control

__all__ = ["alignment_findings"]


def alignment_findings(results: Results) -> list[str]:
    """Tell what the map finds, which method finds most, what the controls do, and how alike."""
    methods = [one for one in results.alignment if not is_control(one.method)]
    if not methods:
        return []
    texts = [_own(methods[0])]
    if len(methods) > 1:
        texts.append(_best(methods))
    controls = [one for one in results.alignment if is_control(one.method)]
    if controls:
        texts.append(_controls(methods[0], controls))
    if results.isometry is not None:
        similarity = results.isometry.relational_similarity
        texts.append(
            "Words that are close to one another in one space are "
            f"{_likeness(similarity.value)} close in the other: their cosines correlate by "
            f"{decimal(similarity.value, 2)} "
            f"{interval(decimal(similarity.low, 2), decimal(similarity.high, 2))}, where copies "
            "would have 1; the less alike two spaces are, the less any rotation can do."
        )
    return texts


def _own(quality: AlignmentQuality) -> str:
    nearest = [percent(_found(quality, "nearest", k).value) for k in (1, 10)]
    csls = [percent(_found(quality, "csls", k).value) for k in (1, 10)]
    return (
        f"Of {quality.n_held_out:,} held-out words, {quality.method} finds {nearest[0]} at rank 1 "
        f"and {nearest[1]} among the first 10 (CSLS: {csls[0]} and {csls[1]}), of "
        f"{quality.n_candidates:,} candidates; {percent(quality.coverage)} of them could be looked "
        "for."
    )


def _best(methods: Sequence[AlignmentQuality]) -> str:
    ordered = sorted(methods, key=lambda one: -_found(one, "csls", 1).value)
    best, found = ordered[0], _found(ordered[0], "csls", 1)
    rivals = [one.method for one in ordered[1:] if _found(one, "csls", 1).high >= found.low]
    text = (
        f"Of {len(methods)} methods, {best.method} finds most: {percent(found.value)} at rank 1 by "
        f"CSLS {percent_interval(found.low, found.high)}"
    )
    if rivals:
        return f"{text}; the intervals of {listed(rivals)} overlap with its own."
    return f"{text}; no other method's interval reaches its own."


def _controls(quality: AlignmentQuality, controls: Sequence[AlignmentQuality]) -> str:
    best = max(controls, key=lambda one: _found(one, "csls", 10).value)
    found, own = _found(best, "csls", 10), _found(quality, "csls", 10)
    judged = "far from" if own.low > found.high else "not clearly told apart from"
    return (
        f"By chance or without a map (the best control is {best.method}) it would be "
        f"{percent(found.value)} among the first 10 by CSLS: {quality.method} is {judged} that."
    )


def _likeness(correlation: float) -> str:
    return "mostly" if correlation > 0.7 else "often" if correlation > 0.4 else "not reliably"


def _found(quality: AlignmentQuality, retrieval: Retrieval, k: int) -> Estimate:
    return quality.precision(retrieval, k).scored
