"""What the results say of the drift of word vectors in training, in plain sentences.

A strategy is said to protect rare words only where they move at least a tenth less than under the
reference, under every seed. Beside it stands the paired comparison of the accuracies, where the
study has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation.drift_results import Drift
from adapt.evaluation.judgement import Judgement, comparison_of, judge
from adapt.evaluation.results import Results
from adapt.evaluation.wording import labels, percent, signed_difference
from adapt.report.drift_views import REFERENCE, DriftVariant, drift_variants

__all__ = ["drift_findings"]

RARE = (1, 4)
FREQUENT = (100, None)
LESS = 0.9


def drift_findings(results: Results) -> list[str]:
    """Tell how far fine-tuning moves the words, and which strategies hold the rare ones."""
    variants = drift_variants(results)
    return [
        text
        for n_train in sorted({drift.n_train for drift in results.drift})
        for variant in _of_choice(results, variants, n_train)
        for text in _at_budget(results, variant, n_train)
    ]


def _of_choice(
    results: Results, variants: Sequence[DriftVariant], n_train: int
) -> Sequence[DriftVariant]:
    """Keep the embedding and model that validation chose at a budget, if their drift is known."""
    chosen = {
        (one.embedding, one.oov, one.model)
        for one in results.selections
        if one.n_train == n_train and one.family == "adapted"
    }
    kept = [
        variant
        for variant in variants
        if chosen & {(s.embedding, s.oov, s.model) for s in variant.drifts}
    ]
    return [one for one in kept or variants if n_train in one.budgets]


def _at_budget(results: Results, variant: DriftVariant, n_train: int) -> Iterator[str]:
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
                f"{_judged(results, variant, strategy, n_train)}."
            )


def _mean_shift(drifts: Sequence[Drift], lowest: int, highest: int | None) -> float | None:
    """Average over the seeds that have such words."""
    shifts = [one.mean_shift(lowest, highest) for one in drifts]
    known = [shift for shift in shifts if shift is not None]
    return sum(known) / len(known) if known else None


def _judged(results: Results, variant: DriftVariant, strategy: str, n_train: int) -> str:
    """Tell the accuracies, and what the figures allow to be said of both."""
    protects = _protects(variant.of(strategy, n_train), variant.of(REFERENCE, n_train))
    held = "it protects rare words" if protects else "it does not protect rare words"
    ours, theirs = variant.accuracy(strategy, n_train), variant.accuracy(REFERENCE, n_train)
    if ours is None or theirs is None:
        return f": {held}"
    told = f", at {percent(ours.accuracy)} against {percent(theirs.accuracy)} accuracy: {held}"
    comparison = comparison_of(results, ours, theirs)
    if comparison is None:
        return f"{told}; the accuracies were not tested against each other"
    low, high = comparison.difference_low, comparison.difference_high
    size = f"{signed_difference(comparison.difference, low, high)} points"
    judged = judge(comparison)
    if judged is Judgement.LOWER:
        return f"{told}, {'but' if protects else 'and'} its accuracy is lower ({size})"
    if judged is Judgement.HIGHER:
        return f"{told}, {'and' if protects else 'but'} its accuracy is higher ({size})"
    if judged is Judgement.UNCONFIRMED:
        side = "higher" if comparison.difference > 0 else "lower"
        return f"{told}; its accuracy is {side} ({size}), which does not survive the correction"
    return f"{told}; no clear difference in accuracy ({size})"


def _protects(own: Sequence[Drift], reference: Sequence[Drift]) -> bool:
    """Whether rare words move at least a tenth less, under each of the same seeds."""
    limits = {one.seed: one.mean_shift(*RARE) for one in reference}
    pairs = [(one.mean_shift(*RARE), limits.get(one.seed)) for one in own]
    known = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    return bool(known) and all(ours < theirs and ours <= LESS * theirs for ours, theirs in known)
