"""Which cells of a study stand against which, and which one validation chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from adapt.evaluation import (
    ABLATIONS,
    ALPHA,
    BAGS_OF_WORDS,
    CONTROL_EMBEDDINGS,
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

__all__ = ["Compared", "Tested", "compare", "paired_tests", "select", "tests_by_budget"]

_System = TypeVar("_System")

_BASELINES = ("general", "domain")
"""What the other embeddings are compared with, where the study has it."""

_FAMILIES = ("adapted", "general", "bag-of-words")
_STEPS = (
    ("domain:shared", "domain"),
    ("domain:matched", "domain:shared"),
    ("domain:matched", "general"),
)
"""What ablations are compared with: a step each on the way from `domain` to `general`."""


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
    if embedding in CONTROL_EMBEDDINGS:
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
    map, against the map. So do the variants of `aligned`, by other methods or policies. Ablations
    make a chain from `domain` to `general`, each link of which is compared. Bags of
    words have a strategy of their own, and stand against all. The adapted cell that validation
    chose stands against what it chose of the other families. Learning curves stand against each
    other where their cells do at every label budget. Holm's correction runs over all comparisons
    made here, of cells and of curves.
    """
    curves = learning_curves(scores)
    cells, areas = paired_tests(scores, selections, curves)
    corrected = [*(one.p_corrected for one in cells), *(one.p_corrected for one in areas)]
    undecided = sum(p >= ALPHA for p in corrected)
    return Compared(
        tuple(_comparison(one, undecided) for one in cells),
        summarize_curves(curves),
        tuple(_area_comparison(one) for one in areas),
    )


@dataclass(frozen=True)
class Tested(Generic[_System]):
    """Two cells, or two learning curves, and what the test of their difference found."""

    system: _System
    baseline: _System
    found: PairedDifference
    p_corrected: float


def paired_tests(
    scores: Sequence[CellScores], selections: Sequence[Selection], curves: Sequence[CurveScores]
) -> tuple[list[Tested[CellScores]], list[Tested[CurveScores]]]:
    """Test all pairs of cells and of curves that `compare` compares, as one family."""
    pairs = _pairs(scores, selections)
    paired_curves = curve_pairs(curves, [(score.cell, base.cell) for score, base in pairs])
    of_cells = tests_by_budget(
        [(score.correct, base.correct) for score, base in pairs],
        [score.cell.n_train for score, _ in pairs],
    )
    of_curves = tests_by_budget(
        [(curve.correct, base.correct) for curve, base in paired_curves],
        [curve.budgets for curve, _ in paired_curves],
    )
    corrected = iter(holm([found.p_value for found in (*of_cells, *of_curves)]))
    return (
        [
            Tested(*pair, found, next(corrected))
            for pair, found in zip(pairs, of_cells, strict=True)
        ],
        [
            Tested(*pair, found, next(corrected))
            for pair, found in zip(paired_curves, of_curves, strict=True)
        ],
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


def tests_by_budget(
    tables: Sequence[tuple[np.ndarray, np.ndarray]], budgets: Sequence[object]
) -> list[PairedDifference]:
    """Test all pairs at the same label budgets together, as seeds matter alike in these.

    Parameters
    ----------
    tables : sequence of (numpy.ndarray, numpy.ndarray)
        What both sides of each pair get right, as for `paired_differences`.
    budgets : sequence
        The label budget of each pair, or all of them for a learning curve.
    """
    tests: dict[int, PairedDifference] = {}
    for one in dict.fromkeys(budgets):
        places = [place for place, other in enumerate(budgets) if other == one]
        tests.update(zip(places, paired_differences([tables[p] for p in places]), strict=True))
    return [tests[place] for place in range(len(tables))]


def _comparison(tested: Tested[CellScores], undecided: int) -> Comparison:
    """Put a test into words of the results; `undecided` is how many are so in the study.

    Holm's method asks of the next comparison to be decided, were it alone, a p-value below .05 by
    that number.
    """
    correct, baseline = tested.system.correct, tested.baseline.correct
    needed = None
    if tested.p_corrected >= ALPHA:
        needed = needed_size(tested.found, alpha=ALPHA / undecided)
    return Comparison(
        **vars(tested.system.cell),
        **_baseline(tested.baseline.cell),
        n_seeds=tested.found.variances.n_seeds,
        **_difference(tested),
        effect=effect_size(correct, baseline, tested.found),
        mcnemar=mcnemar_test(correct, baseline),
        needed=needed,
    )


def _area_comparison(tested: Tested[CurveScores]) -> AreaComparison:
    return AreaComparison(
        **tested.system.names,
        **_baseline(tested.baseline.first),
        budgets=tested.system.budgets,
        **_difference(tested),
    )


def _baseline(cell: Cell) -> dict[str, Any]:
    return {
        "baseline": cell.embedding,
        "baseline_oov": cell.oov,
        "baseline_model": cell.model,
        "baseline_strategy": cell.strategy,
    }


def _difference(tested: Tested[CellScores] | Tested[CurveScores]) -> dict[str, Any]:
    return {
        "difference": tested.found.difference,
        "difference_low": tested.found.low,
        "difference_high": tested.found.high,
        "p_value": tested.found.p_value,
        "p_corrected": tested.p_corrected,
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
        return cell.embedding not in ABLATIONS
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
    if embedding in ABLATIONS or baseline in ABLATIONS:
        return (embedding, baseline) in _STEPS
    if baseline == "aligned":  # what needs no map, or has another one, or is merged otherwise
        return embedding == "compass" or embedding.startswith("aligned:")
    return baseline in _BASELINES
