"""The learning curves of a study's configurations: their cells at all label budgets together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adapt.evaluation import CurveArea, accuracy_interval, area_table
from adapt.experiment.cells import Cell, CellScores

__all__ = ["CurveScores", "curve_pairs", "learning_curves", "summarize_curves"]

_Configuration = tuple[str, str, str, str]


@dataclass(frozen=True)
class CurveScores:
    """A configuration at all of its label budgets.

    `correct` ``(n_seeds, n_test)`` is what it gets right, averaged over budgets.
    """

    first: Cell
    budgets: tuple[int, ...]
    correct: np.ndarray = field(repr=False)

    @property
    def names(self) -> dict[str, Any]:
        """The configuration by the names of its parts."""
        return dict(zip(("embedding", "oov", "model", "strategy"), _of(self.first), strict=True))


def learning_curves(scores: Sequence[CellScores]) -> tuple[CurveScores, ...]:
    """Put the cells of every configuration that has two label budgets or more together."""
    together: dict[_Configuration, list[CellScores]] = {}
    for score in scores:
        together.setdefault(_of(score.cell), []).append(score)
    found = []
    for points in together.values():
        points.sort(key=lambda score: score.cell.n_train)
        budgets = tuple(score.cell.n_train for score in points)
        if len(budgets) > 1:
            table = area_table([score.correct for score in points], budgets)
            found.append(CurveScores(points[0].cell, budgets, table))
    return tuple(found)


def curve_pairs(
    curves: Sequence[CurveScores], compared: Iterable[tuple[Cell, Cell]]
) -> list[tuple[CurveScores, CurveScores]]:
    """Return the pairs of curves of which the cells are `compared` at every label budget."""
    by_configuration = {_of(curve.first): curve for curve in curves}
    budgets: dict[tuple[_Configuration, _Configuration], set[int]] = {}
    for cell, base in compared:
        budgets.setdefault((_of(cell), _of(base)), set()).add(cell.n_train)
    found = []
    for (own, other), at in budgets.items():
        curve, base_curve = by_configuration.get(own), by_configuration.get(other)
        if curve and base_curve and at == {*curve.budgets} == {*base_curve.budgets}:
            found.append((curve, base_curve))
    return found


def summarize_curves(curves: Sequence[CurveScores]) -> tuple[CurveArea, ...]:
    """Areas under learning curves, with bootstrap intervals."""
    areas = []
    for curve in curves:
        area, low, high = accuracy_interval(curve.correct)
        areas.append(
            CurveArea(**curve.names, budgets=curve.budgets, area=area, area_low=low, area_high=high)
        )
    return tuple(areas)


def _of(cell: Cell) -> _Configuration:
    return cell.embedding, cell.oov, cell.model, cell.strategy
