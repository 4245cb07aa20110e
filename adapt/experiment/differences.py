"""How far two results lie apart, figure by figure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["FigureDifference", "compare_results"]

_NAMING = (
    *("embedding", "oov", "model", "strategy", "baseline", "baseline_oov", "baseline_model"),
    *("baseline_strategy", "family", "n_train", "seed", "method", "n_anchors", "retrieval", "k"),
    *("vectors", "split", "word", "domain"),
)
"""Fields that say of which row of the results a number is."""


@dataclass(frozen=True)
class FigureDifference:
    """How far the numbers of one figure, such as `runs.accuracy`, lie apart.

    `largest` is the largest absolute difference of the `n_differing` among `n_values` numbers, and
    None where a value that is no number differs, or is missing on one side; `where`, `recorded` and
    `reproduced` are of that one.
    """

    figure: str
    n_values: int
    n_differing: int
    largest: float | None
    where: str
    recorded: str
    reproduced: str


def compare_results(recorded: Any, reproduced: Any) -> tuple[FigureDifference, ...]:
    """Compare two results, as parsed JSON, and tell of the figures that differ.

    Examples
    --------
    >>> rows = [[{"embedding": "general", "accuracy": a}] for a in (0.5, 0.75)]
    >>> [difference] = compare_results({"runs": rows[0]}, {"runs": rows[1]})
    >>> difference.figure, difference.largest, difference.where
    ('runs.accuracy', 0.25, 'runs[0]: general')
    """
    first, second = dict(_leaves(recorded)), dict(_leaves(reproduced))
    figures: dict[str, list[tuple[_Leaf | None, _Leaf | None]]] = {}
    for place in dict.fromkeys([*first, *second]):
        pair = first.get(place), second.get(place)
        figure = next(leaf.figure for leaf in pair if leaf is not None)
        figures.setdefault(figure, []).append(pair)
    found = (_difference(figure, pairs) for figure, pairs in figures.items())
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True)
class _Leaf:
    """A value of the results, what it is a figure of, and where it stands."""

    figure: str
    where: str
    value: Any


def _leaves(
    value: Any, place: str = "", figure: str = "", row: str = ""
) -> Iterator[tuple[str, _Leaf]]:
    """Yield all values that hold no others, by their places."""
    if isinstance(value, Mapping) and value:
        naming = [str(value[name]) for name in _NAMING if isinstance(value.get(name), str | int)]
        row = f"{place}: {', '.join(naming)}" if naming else row
        for key, item in value.items():
            dot = "." if place else ""
            yield from _leaves(item, f"{place}{dot}{key}", f"{figure}{dot}{key}", row)
    elif isinstance(value, list) and value:
        for i, item in enumerate(value):
            yield from _leaves(item, f"{place}[{i}]", figure, row)
    else:
        yield place, _Leaf(figure, row or place, value)


def _difference(
    figure: str, pairs: Sequence[tuple[_Leaf | None, _Leaf | None]]
) -> FigureDifference | None:
    """Find the largest difference among the values of a figure; None if there is none."""
    apart = [pair for pair in pairs if _values(pair)[0] != _values(pair)[1]]
    if not apart:
        return None
    farthest = max(apart, key=_distance)
    size = _distance(farthest)
    return FigureDifference(
        figure=figure,
        n_values=len(pairs),
        n_differing=len(apart),
        largest=None if size == float("inf") else size,
        where=next(leaf.where for leaf in farthest if leaf is not None),
        recorded=_told(farthest[0]),
        reproduced=_told(farthest[1]),
    )


def _values(pair: tuple[_Leaf | None, _Leaf | None]) -> list[Any]:
    return [None if leaf is None else (type(leaf.value) is bool, leaf.value) for leaf in pair]


def _distance(pair: tuple[_Leaf | None, _Leaf | None]) -> float:
    """Return the absolute difference of two numbers; infinity for all that is not two numbers."""
    numbers = [leaf.value for leaf in pair if leaf is not None and type(leaf.value) in (int, float)]
    return abs(numbers[0] - numbers[1]) if len(numbers) == 2 else float("inf")


def _told(leaf: _Leaf | None) -> str:
    return "nothing" if leaf is None else json.dumps(leaf.value, ensure_ascii=False)
