"""The headline table: mean accuracy of every embedding at every label budget."""

from __future__ import annotations

from dataclasses import dataclass

from adapt.evaluation.results import Results
from adapt.report.views import budgets, curves, strategies

__all__ = ["HeadlineCell", "HeadlineRow", "HeadlineTable", "headline_table"]


@dataclass(frozen=True)
class HeadlineCell:
    """Mean accuracy with its 95 % interval, all shares; `best` marks the highest of its column."""

    accuracy: float
    low: float
    high: float
    best: bool


@dataclass(frozen=True)
class HeadlineRow:
    """One embedding; a cell for each label budget, None where it was not run."""

    embedding: str
    cells: tuple[HeadlineCell | None, ...]


@dataclass(frozen=True)
class HeadlineTable:
    """Embeddings by label budgets, for one training strategy."""

    strategy: str
    budgets: tuple[int, ...]
    rows: tuple[HeadlineRow, ...]


def headline_table(results: Results, *, strategy: str | None = None) -> HeadlineTable:
    """Return the mean accuracies of one training strategy, and of the bag-of-words baseline.

    Parameters
    ----------
    results : Results
        The outcome of a study.
    strategy : str, optional
        Which strategy; by default `frozen`, or the first of the study if that was not run.

    Returns
    -------
    HeadlineTable
        One row for each embedding, one column for each label budget; the highest accuracy of each
        column is marked (several where they are equal). No rows when the study has no cells.
    """
    known = strategies(results)
    if strategy is None:
        strategy = "frozen" if "frozen" in known else "".join(known[:1])
    columns = budgets(results)
    shown = curves(results, strategy) if strategy in known else ()
    highest = [
        max((p.accuracy for curve in shown if (p := curve.at(n)) is not None), default=None)
        for n in columns
    ]
    rows = []
    for curve in shown:
        points = [curve.at(n) for n in columns]
        row = tuple(
            None
            if p is None
            else HeadlineCell(p.accuracy, p.accuracy_low, p.accuracy_high, p.accuracy == top)
            for p, top in zip(points, highest, strict=True)
        )
        rows.append(HeadlineRow(curve.label, row))
    return HeadlineTable(strategy, columns, tuple(rows))
