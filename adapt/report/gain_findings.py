"""Where a gain of in-domain vectors over general ones comes from, by what it loses on the way."""

from __future__ import annotations

from collections.abc import Iterator

from adapt.evaluation.comparison_results import Comparison
from adapt.evaluation.judgement import Judgement, judge
from adapt.evaluation.results import Results, Summary
from adapt.evaluation.wording import labels, signed_difference, unsigned_points
from adapt.report.views import DOMAIN, GENERAL, budgets, cells, paired, strategies

__all__ = ["gain_findings"]

_STEPS = (
    (DOMAIN, "domain:shared", "words that general vectors lack"),
    ("domain:shared", "domain:matched", "dimensions beyond those of general vectors"),
    ("domain:matched", GENERAL, "other places of the same words, in as many dimensions,"),
)
"""From one embedding to the next, and what the first has and the next has not."""


def gain_findings(results: Results) -> list[str]:
    """Take every clear gain of in-domain vectors over general ones apart.

    Parameters
    ----------
    results : Results
        The outcome of a study; what it has no ablations for is left unexplained.
    """
    places = [cells(results, s, n) for s in strategies(results) for n in budgets(results)]
    return [
        text
        for found in places
        for cell in found
        if cell.embedding == DOMAIN
        for text in _explanation(results, cell, found)
    ]


def _explanation(results: Results, domain: Summary, found: tuple[Summary, ...]) -> Iterator[str]:
    gain = paired(results, domain, GENERAL)
    if gain is None or judge(gain) is not Judgement.HIGHER:
        return
    alike = {
        cell.embedding: cell
        for cell in found
        if (cell.oov, cell.model) == (domain.oov, domain.model)
    }
    parts = []
    for more, less, what in _STEPS:
        step = paired(results, alike[more], less) if more in alike else None
        if step is None:
            return
        parts.append(f"{what} add {_told(step)}")
    size = unsigned_points(gain.difference, gain.difference_low, gain.difference_high)
    yield (
        f"With {labels(domain.n_train)} ({domain.strategy}), {DOMAIN} is ahead of {GENERAL} by "
        f"{size}. Of that, {'; '.join(parts)}. The last is what in-domain texts taught of words "
        "that general vectors know too."
    )


def _told(step: Comparison) -> str:
    told = signed_difference(step.difference, step.difference_low, step.difference_high)
    judged = judge(step)
    if judged in (Judgement.HIGHER, Judgement.LOWER):
        return told
    reason = "not shown" if judged is Judgement.NO_DIFFERENCE else "not after correction"
    return f"{told} ({reason})"
