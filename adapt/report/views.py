"""Views of the results that the findings, the tables and the figures share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from adapt.evaluation.comparison_results import Comparison, CurveArea
from adapt.evaluation.drift_results import Drift
from adapt.evaluation.judgement import comparison_of
from adapt.evaluation.results import (
    ABLATIONS,
    BAGS_OF_WORDS,
    OovRate,
    Results,
    Summary,
    TypoAccuracy,
)

__all__ = [
    "DOMAIN",
    "GENERAL",
    "UNALIGNED",
    "Curve",
    "area_of",
    "before_and_after",
    "best",
    "budgets",
    "cells",
    "curves",
    "embeddings",
    "is_bag_of_words",
    "is_control",
    "is_merged",
    "paired",
    "strategies",
    "variant_label",
    "variants",
]

GENERAL = "general"
DOMAIN = "domain"
UNALIGNED = "unaligned"
CONTROLS = ("identity", "random-rotation", "shuffled-anchors")
UNMERGED = ("random", GENERAL, DOMAIN, *ABLATIONS, *BAGS_OF_WORDS)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Curve:
    """One line of an accuracy figure, one row of an accuracy table.

    `label` is the embedding's name, followed by the out-of-vocabulary strategy or the model where
    the study has several of them; `points` are ordered by label budget.
    """

    embedding: str
    label: str
    variant: int
    points: tuple[Summary, ...]

    def at(self, n_train: int) -> Summary | None:
        """Return the point of a label budget, or None."""
        return next((point for point in self.points if point.n_train == n_train), None)


def budgets(results: Results) -> tuple[int, ...]:
    """Return the label budgets, ascending."""
    return tuple(sorted({cell.n_train for cell in results.summary}))


def embeddings(results: Results) -> tuple[str, ...]:
    """Return the names of the embeddings in the order of the study."""
    return _distinct(cell.embedding for cell in results.summary)


def strategies(results: Results) -> tuple[str, ...]:
    """Return the training strategies in the order of the study.

    Bags of words have a strategy of their own, which is no column of its own: they are shown
    beside each of the others, unless there are no others.
    """
    names = _distinct(c.strategy for c in results.summary if not is_bag_of_words(c.embedding))
    return names or _distinct(cell.strategy for cell in results.summary)


def is_bag_of_words(embedding: str) -> bool:
    """Tell whether an embedding is none, but a bag of words."""
    return embedding in BAGS_OF_WORDS


def is_merged(embedding: str) -> bool:
    """Tell whether an embedding combines the general with the in-domain vectors."""
    return embedding not in UNMERGED


def is_control(method: str) -> bool:
    """Tell whether a method of alignment is one that knows nothing."""
    return method in CONTROLS


def cells(results: Results, strategy: str, n_train: int) -> tuple[Summary, ...]:
    """Return the cells of embeddings (without bag-of-words) at one strategy and label budget."""
    return tuple(
        cell
        for cell in results.summary
        if (cell.strategy, cell.n_train) == (strategy, n_train)
        and not is_bag_of_words(cell.embedding)
    )


def best(candidates: Iterable[Summary]) -> Summary | None:
    """Return the cell of highest mean accuracy; of equals, the first."""
    return max(candidates, key=lambda cell: cell.accuracy, default=None)


def variants(results: Results) -> tuple[tuple[str, str], ...]:
    """Return what unknown words were filled with and the models, the study's first pair first."""
    return _distinct((c.oov, c.model) for c in results.summary if not is_bag_of_words(c.embedding))


def variant_label(
    rows: Iterable[Summary | TypoAccuracy | Drift], embedding: str, oov: str, model: str
) -> str:
    """Name an embedding, with its filling and its model where it has several among `rows`."""
    known = _distinct((row.oov, row.model) for row in rows if row.embedding == embedding)
    label = embedding
    if len({other for other, _ in known}) > 1:
        label += f", {oov}"
    if len({other for _, other in known}) > 1:
        label += f", {model}"
    return label


def curves(results: Results, strategy: str) -> tuple[Curve, ...]:
    """Return the curves of one strategy, with the bag-of-words baseline, in the study's order."""
    shown = [c for c in results.summary if c.strategy == strategy or is_bag_of_words(c.embedding)]
    found = []
    for embedding in _distinct(cell.embedding for cell in shown):
        own = [cell for cell in shown if cell.embedding == embedding]
        for number, (oov, model) in enumerate(_distinct((cell.oov, cell.model) for cell in own)):
            label = variant_label(results.summary, embedding, oov, model)
            points = [cell for cell in own if (cell.oov, cell.model) == (oov, model)]
            points.sort(key=lambda cell: cell.n_train)
            found.append(Curve(embedding, label, number, tuple(points)))
    return tuple(found)


def area_of(results: Results, curve: Curve) -> CurveArea | None:
    """Return the area under a curve, if it has one."""
    point = curve.points[0]
    names = (point.embedding, point.oov, point.model, point.strategy)
    return next(
        (
            one
            for one in results.areas
            if (one.embedding, one.oov, one.model, one.strategy) == names
        ),
        None,
    )


def paired(results: Results, cell: Summary, baseline: str) -> Comparison | None:
    """Return the comparison of a cell with a baseline at the same filling, model and strategy.

    Bags of words go with any; of several, the first. It is turned round where it was stored so.
    """
    for other in results.summary:
        if other.embedding == baseline and other.n_train == cell.n_train:
            either = is_bag_of_words(baseline) or is_bag_of_words(cell.embedding)
            if either or _key(other) == _key(cell):
                found = comparison_of(results, cell, other)
                if found is not None:
                    return found
    return None


def _key(cell: Summary) -> tuple[str, str, str]:
    return cell.oov, cell.model, cell.strategy


def before_and_after(results: Results, split: str) -> tuple[OovRate, OovRate] | None:
    """Return the out-of-vocabulary rates of the general vectors and of those with in-domain words.

    "After" is the set that holds both vocabularies; where the study has none, the in-domain
    vectors by themselves. None when either side is missing.
    """
    rates = [rate for rate in results.oov if rate.split == split]
    before = next((rate for rate in rates if rate.vectors == GENERAL), None)
    joint = [rate for rate in rates if rate.vectors not in (GENERAL, DOMAIN)]
    after = min(
        joint or [rate for rate in rates if rate.vectors == DOMAIN],
        key=lambda rate: rate.token_rate,
        default=None,
    )
    return None if before is None or after is None else (before, after)


def _distinct(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
