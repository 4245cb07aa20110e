"""Which cells of a study stand against which, and which one validation chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adapt.evaluation import (
    ALPHA,
    BAGS_OF_WORDS,
    AreaComparison,
    Comparison,
    CurveArea,
    PairedDifference,
    Selection,
    Summary,
    effect_size,
    holm,
    mcnemar_test,
    needed_size,
    paired_differences,
)
from adapt.experiment.cells import Cell, CellScores
from adapt.experiment.curves import CurveScores, curve_pairs, learning_curves, summarize_curves

__all__ = ["Compared", "compare", "select"]

_BASELINES = ("general", "domain")
"""What the other embeddings are compared with, where the study has it."""

_FAMILIES = ("adapted", "general", "bag-of-words")
_CONTROLS = ("random", "unaligned")
"""Embeddings that nobody would choose, whatever validation says of them."""


def select(summary: Sequence[Summary]) -> tuple[Selection, ...]:
    """Choose the cell of every family at every label budget, by validation alone.

    Parameters
    ----------
    summary : sequence of Summary
        All cells of a study.

    Returns
    -------
    tuple of Selection
        By label budget, then by family: of those of highest mean validation accuracy, the first.
    """
    budgets = sorted({row.n_train for row in summary})
    return tuple(
        _selection(family, own)
        for n_train in budgets
        for family in _FAMILIES
        if (own := [r for r in summary if r.n_train == n_train and _family(r.embedding) == family])
    )


def _selection(family: str, rows: Sequence[Summary]) -> Selection:
    best = max(rows, key=lambda row: row.validation_accuracy)
    chosen = {name: value for name, value in vars(best).items() if name != "n_seeds"}
    return Selection(family=family, n_cells=len(rows), **chosen)


def _family(embedding: str) -> str | None:
    if embedding in _CONTROLS:
        return None
    if embedding in BAGS_OF_WORDS:
        return "bag-of-words"
    return "general" if embedding == "general" else "adapted"


@dataclass(frozen=True)
class Compared:
    """All paired tests of a study: of cells, and of areas under learning curves.

    The fields are those of `Results`.
    """

    comparisons: tuple[Comparison, ...]
    areas: tuple[CurveArea, ...]
    area_comparisons: tuple[AreaComparison, ...]


def compare(scores: Sequence[CellScores], selections: Sequence[Selection] = ()) -> Compared:
    """Compare every embedding with the baselines, at the same budget, strategy, filling and model.

    Every embedding also stands against itself with the first filling, the first model and the first
    strategy, one change at a time. `compass` stands against `aligned` too: training that needs no
    map, against the map. So do the variants of `aligned`, by other methods or policies. Bags of
    words have a strategy of their own, and stand against all. The adapted cell that validation
    chose stands against what it chose of the other families. Learning curves stand against each
    other where their cells do at every label budget. Holm's correction runs over all comparisons
    made here, of cells and of curves.
    """
    pairs = _pairs(scores, selections)
    curves = learning_curves(scores)
    paired_curves = curve_pairs(curves, [(score.cell, base.cell) for score, base in pairs])
    cell_tests = _tests(
        [(score.correct, base.correct) for score, base in pairs],
        [score.cell.n_train for score, _ in pairs],
    )
    curve_tests = _tests(
        [(curve.correct, base.correct) for curve, base in paired_curves],
        [curve.budgets for curve, _ in paired_curves],
    )
    corrected = holm([test.p_value for test in (*cell_tests, *curve_tests)])
    undecided = sum(p >= ALPHA for p in corrected)
    return Compared(
        tuple(
            _comparison(*pair, test, p_corrected, undecided)
            for pair, test, p_corrected in zip(pairs, cell_tests, corrected, strict=False)
        ),
        summarize_curves(curves),
        tuple(
            _area_comparison(*pair, test, p_corrected)
            for pair, test, p_corrected in zip(
                paired_curves, curve_tests, corrected[len(pairs) :], strict=True
            )
        ),
    )


def _pairs(
    scores: Sequence[CellScores], selections: Sequence[Selection]
) -> list[tuple[CellScores, CellScores]]:
    first = next((s.cell for s in scores if s.cell.embedding not in BAGS_OF_WORDS), None)
    selected = set(_selected_pairs(selections))
    return [
        (score, base)
        for score in scores
        for base in scores
        if first is not None
        and (_are_compared(score.cell, base.cell, first) or (score.cell, base.cell) in selected)
    ]


def _tests(
    tables: Sequence[tuple[np.ndarray, np.ndarray]], budgets: Sequence[object]
) -> list[PairedDifference]:
    """Test all pairs at the same label budgets together, as seeds matter alike in these."""
    tests: dict[int, PairedDifference] = {}
    for one in dict.fromkeys(budgets):
        places = [place for place, other in enumerate(budgets) if other == one]
        tests.update(zip(places, paired_differences([tables[p] for p in places]), strict=True))
    return [tests[place] for place in range(len(tables))]


def _comparison(
    score: CellScores,
    base: CellScores,
    tested: PairedDifference,
    p_corrected: float,
    undecided: int,
) -> Comparison:
    """Put a test into words of the results; `undecided` is how many are so in the study.

    Holm's method asks of the next comparison to be decided, were it alone, a p-value below .05 by
    that number.
    """
    needed = None
    if p_corrected >= ALPHA:
        needed = needed_size(tested, alpha=ALPHA / undecided)
    return Comparison(
        **vars(score.cell),
        **_baseline(base.cell),
        n_seeds=tested.variances.n_seeds,
        **_difference(tested),
        p_corrected=p_corrected,
        effect=effect_size(score.correct, base.correct, tested),
        mcnemar=mcnemar_test(score.correct, base.correct),
        needed=needed,
    )


def _area_comparison(
    curve: CurveScores, base: CurveScores, tested: PairedDifference, p_corrected: float
) -> AreaComparison:
    return AreaComparison(
        **curve.names,
        **_baseline(base.first),
        budgets=curve.budgets,
        **_difference(tested),
        p_corrected=p_corrected,
    )


def _baseline(cell: Cell) -> dict[str, Any]:
    return {
        "baseline": cell.embedding,
        "baseline_oov": cell.oov,
        "baseline_model": cell.model,
        "baseline_strategy": cell.strategy,
    }


def _difference(tested: PairedDifference) -> dict[str, Any]:
    return {
        "difference": tested.difference,
        "difference_low": tested.low,
        "difference_high": tested.high,
        "p_value": tested.p_value,
    }


def _selected_pairs(selections: Sequence[Selection]) -> Iterator[tuple[Cell, Cell]]:
    for adapted in selections:
        if adapted.family == "adapted":
            for other in selections:
                if other.n_train == adapted.n_train and other.family != "adapted":
                    yield _cell(adapted), _cell(other)


def _cell(one: Selection) -> Cell:
    return Cell(one.embedding, one.oov, one.model, one.strategy, one.n_train)


def _are_compared(cell: Cell, base: Cell, first: Cell) -> bool:
    """Whether a cell stands against a baseline, and not the other way round.

    `first` has the filling, the model and the strategy that the others of an embedding are compared
    with.
    """
    if cell.n_train != base.n_train or cell.embedding in BAGS_OF_WORDS:
        return False
    if base.embedding in BAGS_OF_WORDS:
        return True
    changed = [
        name for name in ("oov", "model", "strategy") if getattr(cell, name) != getattr(base, name)
    ]
    if cell.embedding == base.embedding:
        # one thing is changed at a time
        return len(changed) == 1 and getattr(base, changed[0]) == getattr(first, changed[0])
    return not changed and _is_baseline(cell.embedding, base.embedding)


def _is_baseline(embedding: str, baseline: str) -> bool:
    if (embedding, baseline) == ("general", "domain"):
        return False
    if baseline == "aligned":  # what needs no map, or has another one, or is merged otherwise
        return embedding == "compass" or embedding.startswith("aligned:")
    return baseline in _BASELINES
