"""What the studies of a grid say together: one family of comparisons, and crossovers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adapt.evaluation import (
    BAGS_OF_WORDS,
    CONTROL_EMBEDDINGS,
    GridResults,
    GridVariant,
    Results,
    Setting,
    SettingCrossover,
    VariantComparison,
    crossover,
    holm,
    study_verdict,
)
from adapt.experiment.cells import Cell
from adapt.experiment.comparisons import tests_by_budget
from adapt.experiment.config import config_digest
from adapt.experiment.predictions import Predictions
from adapt.experiment.variants import StudyGrid, Variant

__all__ = ["FinishedVariant", "grid_results"]

_UNMERGED = ("general", "domain", *CONTROL_EMBEDDINGS, *BAGS_OF_WORDS)


@dataclass(frozen=True, eq=False)
class FinishedVariant:
    """A study of a grid with its outcome."""

    variant: Variant
    results: Results
    predictions: Predictions
    correct: Mapping[Cell, np.ndarray]

    @classmethod
    def of(cls, variant: Variant, results: Results, predictions: Predictions) -> FinishedVariant:
        """Put a study and its outcome together."""
        return cls(variant, results, predictions, predictions.correct())


@dataclass(frozen=True)
class _Pair:
    """A cell in two studies."""

    cell: Cell
    variant: FinishedVariant
    baseline: FinishedVariant


def grid_results(grid: StudyGrid, finished: Sequence[FinishedVariant]) -> GridResults:
    """Compare within and across the studies of a grid, and find crossovers along numeric keys.

    Across studies, every cell is compared with itself in the study that has the first value of one
    key and agrees in all others, if both have the same test documents and seeds. Holm's correction
    runs over these and over all comparisons within the studies.
    """
    pairs = list(_pairs(grid.keys, finished))
    tests = tests_by_budget(
        [(pair.variant.correct[pair.cell], pair.baseline.correct[pair.cell]) for pair in pairs],
        [pair.cell.n_train for pair in pairs],
    )
    within = [row.p_value for one in finished for row in one.results.comparisons]
    corrected = holm([*within, *(test.p_value for test in tests)])
    remaining = iter(corrected)
    variants = tuple(_told(one, remaining) for one in finished)
    return GridResults(
        name=grid.name,
        description=grid.description,
        keys=grid.keys,
        variants=variants,
        comparisons=tuple(
            VariantComparison(
                **vars(pair.cell),
                variant=pair.variant.variant.name,
                baseline_variant=pair.baseline.variant.name,
                difference=test.difference,
                difference_low=test.low,
                difference_high=test.high,
                p_value=test.p_value,
                p_corrected=next(remaining),
            )
            for pair, test in zip(pairs, tests, strict=True)
        ),
        crossovers=tuple(_crossovers(grid.keys, finished)),
    )


def _told(one: FinishedVariant, corrected: Iterator[float]) -> GridVariant:
    assert one.results.dataset is not None  # every study has documents
    comparisons = tuple(
        replace(row, p_corrected=next(corrected)) for row in one.results.comparisons
    )
    return GridVariant(
        name=one.variant.name,
        settings=one.variant.settings,
        config_digest=config_digest(one.variant.config),
        dataset=one.results.dataset,
        summary=one.results.summary,
        comparisons=comparisons,
        verdict=study_verdict(replace(one.results, comparisons=comparisons)),
    )


def _pairs(keys: Sequence[str], finished: Sequence[FinishedVariant]) -> Iterator[_Pair]:
    for key in keys:
        for series in _series(key, finished):
            first, *others = series
            for other in others:
                if other.predictions.is_paired_with(first.predictions):
                    for cell in other.correct:
                        if cell in first.correct:
                            yield _Pair(cell, other, first)


def _series(key: str, finished: Sequence[FinishedVariant]) -> list[list[FinishedVariant]]:
    """Part studies into those that differ in one key alone."""
    found: dict[tuple[Setting, ...], list[FinishedVariant]] = {}
    for one in finished:
        found.setdefault(_others(key, one.variant), []).append(one)
    return [*found.values()]


def _others(key: str, variant: Variant) -> tuple[Setting, ...]:
    return tuple(setting for setting in variant.settings if setting.key != key)


def _crossovers(
    keys: Sequence[str], finished: Sequence[FinishedVariant]
) -> Iterator[SettingCrossover]:
    """Find where, along each numeric key, in-domain vectors and merged ones change places."""
    for key in keys:
        for series in _series(key, finished):
            points = sorted(
                ((number, one) for one in series if (number := _number(key, one)) is not None),
                key=lambda point: point[0],
            )
            if key.endswith("seed") or not 1 < len(points) == len(series):
                continue
            if all(one.predictions.is_paired_with(series[0].predictions) for one in series):
                yield from _along(key, _others(key, series[0].variant), points)


def _number(key: str, one: FinishedVariant) -> float | None:
    return next(setting.number for setting in one.variant.settings if setting.key == key)


def _along(
    key: str, settings: tuple[Setting, ...], points: Sequence[tuple[float, FinishedVariant]]
) -> Iterator[SettingCrossover]:
    values = [value for value, _ in points]
    shared = [
        cell for cell in points[0][1].correct if all(cell in one.correct for _, one in points)
    ]
    stacks = {cell: np.stack([one.correct[cell] for _, one in points]) for cell in shared}
    for cell in shared:
        for baseline in _overtaken(cell.embedding, shared):
            base = replace(cell, embedding=baseline)
            if base in stacks:
                yield SettingCrossover(
                    key=key,
                    settings=settings,
                    baseline=baseline,
                    crossover=crossover(values, stacks[cell], stacks[base]),
                    **vars(cell),
                )


def _overtaken(embedding: str, cells: Sequence[Cell]) -> list[str]:
    """Which embeddings an embedding may overtake: with ever more text, say.

    In-domain vectors overtake the general ones and those that are merged, merged ones the general.
    """
    merged = [name for name in dict.fromkeys(c.embedding for c in cells) if name not in _UNMERGED]
    if embedding == "domain":
        return ["general", *merged]
    return ["general"] if embedding in merged else []
