"""What is gained by changing one thing about a classifier and leaving its embedding as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation.comparison_results import Comparison
from adapt.evaluation.judgement import Judgement, judge
from adapt.evaluation.results import Results
from adapt.evaluation.wording import labels, listed, signed_difference

__all__ = ["change_findings"]

_PARTS = ("oov", "model", "strategy")


def change_findings(results: Results, part: str) -> Iterator[str]:
    """Tell what another filling, model or strategy changes in accuracy.

    Parameters
    ----------
    results : Results
        The outcome of a study.
    part : {"oov", "model", "strategy"}
        What is changed.
    """
    groups: dict[tuple[str, ...], list[Comparison]] = {}
    for one in results.comparisons:
        if one.embedding == one.baseline and _changed(one) == [part]:
            key = (
                one.embedding,
                one.oov,
                one.model,
                one.strategy,
                getattr(one, f"baseline_{part}"),
            )
            groups.setdefault(key, []).append(one)
    return (_sentence(own, part) for own in groups.values())


def _changed(one: Comparison) -> list[str]:
    return [part for part in _PARTS if getattr(one, part) != getattr(one, f"baseline_{part}")]


def _sentence(own: Sequence[Comparison], part: str) -> str:
    one = own[0]
    what, instead = getattr(one, part), getattr(one, f"baseline_{part}")
    beside = {"oov": one.strategy, "model": one.strategy, "strategy": one.model}[part]
    told = [
        f"{signed_difference(each.difference, each.difference_low, each.difference_high)} "
        f"with {labels(each.n_train)}"
        for each in own
    ]
    clear = sum(judge(each) in (Judgement.HIGHER, Judgement.LOWER) for each in own)
    judged = "no clear difference" if not clear else f"clear in {clear} of {len(own)}"
    return f"{one.embedding} ({beside}), {what} instead of {instead}: {listed(told)} ({judged})."
