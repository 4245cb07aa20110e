"""Which cells of a study stand against which, and which one validation chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation import (
    BAGS_OF_WORDS,
    Comparison,
    PairedDifference,
    Selection,
    Summary,
    holm,
    paired_differences,
)
from adapt.experiment.cells import Cell, CellScores

__all__ = ["compare", "select"]

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


def compare(
    scores: Sequence[CellScores], selections: Sequence[Selection] = ()
) -> tuple[Comparison, ...]:
    """Compare every embedding with the baselines, at the same budget, strategy, filling and model.

    Every embedding also stands against itself with the first filling, the first model and the first
    strategy, one change at a time. `compass` stands against `aligned` too: training that needs no
    map, against the map. So do the variants of `aligned`, by other methods or policies. Bags of
    words have a strategy of their own, and stand against all. The adapted cell that validation
    chose stands against what it chose of the other families. Holm's correction runs over all
    comparisons made here.
    """
    first = next((s.cell for s in scores if s.cell.embedding not in BAGS_OF_WORDS), None)
    selected = set(_selected_pairs(selections))
    pairs = [
        (score, base)
        for score in scores
        for base in scores
        if first is not None
        and (_are_compared(score.cell, base.cell, first) or (score.cell, base.cell) in selected)
    ]
    tests = _tests(pairs)
    corrected = holm([test.p_value for test in tests])
    return tuple(
        Comparison(
            **vars(score.cell),
            baseline=base.cell.embedding,
            baseline_oov=base.cell.oov,
            baseline_model=base.cell.model,
            baseline_strategy=base.cell.strategy,
            difference=test.difference,
            difference_low=test.low,
            difference_high=test.high,
            p_value=test.p_value,
            p_corrected=p_corrected,
        )
        for (score, base), test, p_corrected in zip(pairs, tests, corrected, strict=True)
    )


def _tests(pairs: Sequence[tuple[CellScores, CellScores]]) -> list[PairedDifference]:
    """Test all pairs of a label budget together, as seeds matter alike in these."""
    tests: dict[int, PairedDifference] = {}
    for n_train in dict.fromkeys(score.cell.n_train for score, _ in pairs):
        places = [place for place, (score, _) in enumerate(pairs) if score.cell.n_train == n_train]
        tables = [(pairs[place][0].correct, pairs[place][1].correct) for place in places]
        tests.update(zip(places, paired_differences(tables), strict=True))
    return [tests[place] for place in range(len(pairs))]


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
