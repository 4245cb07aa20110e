"""What the results say of the drift of word vectors in training, in plain sentences.

A strategy is said to protect rare words only where they move at least a tenth less than under the
reference, under every seed. The accuracies beside it are not tested against each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation.drift_results import Drift
from adapt.evaluation.results import Results, Summary
from adapt.report.drift_views import REFERENCE, DriftVariant, drift_variants
from adapt.report.wording import labels, percent, percent_interval

__all__ = ["drift_findings"]

RARE = (1, 4)
FREQUENT = (100, None)
LESS = 0.9


def drift_findings(results: Results) -> list[str]:
    """Tell how far fine-tuning moves the words, and which strategies hold the rare ones."""
    return [
        text
        for variant in drift_variants(results)
        for n_train in variant.budgets
        for text in _at_budget(variant, n_train)
    ]


def _at_budget(variant: DriftVariant, n_train: int) -> Iterator[str]:
    """Tell of the reference, or else of the first strategy, and set the others against it."""
    strategies = [cell.strategy for cell in variant.at(n_train)]
    tuned = REFERENCE if REFERENCE in strategies else strategies[0]
    drifts = variant.of(tuned, n_train)
    rare, frequent = _mean_shift(drifts, *RARE), _mean_shift(drifts, *FREQUENT)
    if rare is None:
        return
    place = f"With {labels(n_train)} ({variant.label})"
    others = "" if frequent is None else f", those seen 100 times or more by {percent(frequent)}"
    yield (
        f"{place}, {tuned} moves words seen one to four times in the training documents by "
        f"{percent(rare)} of their length{others}; words seen nowhere in them stay."
    )
    if tuned != REFERENCE:
        return
    for strategy in strategies:
        own = variant.of(strategy, n_train)
        shift = _mean_shift(own, *RARE)
        if strategy != REFERENCE and shift is not None:
            yield (
                f"{place}, {strategy} moves words seen one to four times by {percent(shift)} of "
                f"their length, {REFERENCE} by {percent(rare)}"
                f"{_judged(variant, strategy, n_train)}."
            )


def _mean_shift(drifts: Sequence[Drift], lowest: int, highest: int | None) -> float | None:
    """Average over the seeds that have such words."""
    shifts = [one.mean_shift(lowest, highest) for one in drifts]
    known = [shift for shift in shifts if shift is not None]
    return sum(known) / len(known) if known else None


def _judged(variant: DriftVariant, strategy: str, n_train: int) -> str:
    """Tell the accuracies, and what the figures allow to be said of both."""
    protects = _protects(variant.of(strategy, n_train), variant.of(REFERENCE, n_train))
    verdict = "it protects rare words" if protects else "it does not protect rare words"
    ours, theirs = variant.accuracy(strategy, n_train), variant.accuracy(REFERENCE, n_train)
    if ours is None or theirs is None:
        return f": {verdict}"
    told = f", at {_accuracy(ours)} against {_accuracy(theirs)} accuracy: {verdict}"
    if ours.accuracy_high < theirs.accuracy_low:
        return (
            f"{told}{', but' if protects else ', and'} its accuracy is lower, the intervals apart"
        )
    if ours.accuracy_low > theirs.accuracy_high:
        return (
            f"{told}{', and' if protects else ', but'} its accuracy is higher, the intervals apart"
        )
    return f"{told}; the intervals of the accuracies overlap"


def _protects(own: Sequence[Drift], reference: Sequence[Drift]) -> bool:
    """Whether rare words move at least a tenth less, under each of the same seeds."""
    limits = {one.seed: one.mean_shift(*RARE) for one in reference}
    pairs = [(one.mean_shift(*RARE), limits.get(one.seed)) for one in own]
    known = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    return bool(known) and all(ours < theirs and ours <= LESS * theirs for ours, theirs in known)


def _accuracy(cell: Summary) -> str:
    return f"{percent(cell.accuracy)} {percent_interval(cell.accuracy_low, cell.accuracy_high)}"
