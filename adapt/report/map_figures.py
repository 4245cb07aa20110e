"""The map of both spaces as a figure, for paper and for readers without scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from adapt.evaluation.space_map import SpaceMap
from adapt.evaluation.wording import decimal, percent
from adapt.report.drawing import INK, STYLES, Drawing, new_panels, rendered_drawing
from adapt.report.views import DOMAIN, GENERAL

__all__ = ["DOMAIN_ONLY", "LAYERS", "Layer", "map_drawings", "map_limits", "map_words"]

DOMAIN_ONLY = "domain-only"
_N_PAIRS = 60
_MARKERS = {"square": "s", "circle": "o", "triangle": "^"}


@dataclass(frozen=True)
class Layer:
    """One kind of point: its colour (of Okabe & Ito), its symbol, and what it stands for."""

    name: str
    colour: str
    symbol: str
    meaning: str


LAYERS = (
    Layer("general", STYLES[GENERAL][0], "square", "general vector"),
    Layer("domain", STYLES[DOMAIN][0], "circle", "in-domain vector of a word that both have"),
    Layer(DOMAIN_ONLY, "#cc79a7", "triangle", "in-domain vector of a word that general ones lack"),
)


def map_words(space_map: SpaceMap) -> str:
    """Say what the map shows and what it does not."""
    first, second = space_map.explained
    return (
        f"{len(space_map.kinds):,} words in the plane of the two principal axes of "
        f"{space_map.n_fitted:,} general vectors, which shows {percent(first)} and "
        f"{percent(second)} of their variance: words that are near to each other in it may be far "
        "apart in all dimensions, so trust the lists of neighbours rather than the picture. "
        "General vectors stay where they are; what moves between before and after is moved by the "
        f"alignment ({space_map.method})."
    )


def map_drawings(space_map: SpaceMap | None) -> Iterator[Drawing]:
    """Draw the map before and after alignment side by side: `map-spaces`; nothing without a map."""
    if space_map is None or not space_map.kinds:
        return
    figure, (left, right) = new_panels(2, 3.5, 3.5)
    distances = {}
    for axes, title, places in (
        (left, "before alignment", space_map.before),
        (right, "after alignment", space_map.after),
    ):
        _scatter(axes, space_map, places)
        distances[title] = _pairs(axes, space_map, places)
        axes.set_title(title)
        axes.set_xlabel("first principal axis")
    left.set_ylabel("second principal axis")
    limits = map_limits(space_map)
    for axes in (left, right):
        axes.set_xlim(*limits[0])
        axes.set_ylim(*limits[1])
    left.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1.08), ncols=1, handletextpad=0.2, markerscale=2
    )
    said = " and ".join(f"{decimal(far, 2)} {title}" for title, far in distances.items())
    yield rendered_drawing(
        figure,
        "map-spaces",
        f"Both spaces in one plane, before and after alignment: {len(space_map.kinds):,} words. "
        f"The two vectors of a word that both have are {said} apart in the plane, by the median.",
        f"{map_words(space_map)} Lines join the two vectors of {_N_PAIRS} words of both, frequent "
        "and less frequent ones.",
        wide=True,
    )


def _scatter(axes: Axes, space_map: SpaceMap, places: Sequence[tuple[float, float] | None]) -> None:
    """Draw the points of each layer; as pixels, for there are thousands."""
    for layer in LAYERS:
        shown = _layer_points(space_map, places, layer.name)
        axes.scatter(
            shown[:, 0], shown[:, 1], s=4, marker=_MARKERS[layer.symbol], color=layer.colour,
            linewidths=0, label=layer.meaning, rasterized=True,
        )  # fmt: skip


def _layer_points(
    space_map: SpaceMap, places: Sequence[tuple[float, float] | None], name: str
) -> NDArray[np.float64]:
    if name == GENERAL:
        found = [point for point in space_map.general if point is not None]
    else:
        found = [
            point
            for point, kind in zip(places, space_map.kinds, strict=True)
            if point is not None and (kind == "domain") == (name == DOMAIN_ONLY)
        ]
    return np.array(found, dtype=np.float64).reshape(-1, 2)


def _pairs(axes: Axes, space_map: SpaceMap, places: Sequence[tuple[float, float] | None]) -> float:
    """Join the vectors of some words of both, and return the median distance over all of them."""
    pairs = np.array(
        [
            (point, place)
            for point, place in zip(space_map.general, places, strict=True)
            if point is not None and place is not None
        ],
        dtype=np.float64,
    ).reshape(-1, 2, 2)
    joined = pairs[:: max(1, len(pairs) // _N_PAIRS)][:_N_PAIRS]
    axes.add_collection(LineCollection(list(joined), colors=INK, linewidths=0.5, alpha=0.6))
    if not len(pairs):
        return 0.0
    return float(np.median(np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1)))


def map_limits(space_map: SpaceMap) -> list[tuple[float, float]]:
    """Return the limits of both axes, the same before and after, with a margin."""
    points = [
        point
        for places in (space_map.general, space_map.before, space_map.after)
        for point in places
        if point is not None
    ]
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    margin = 0.04 * np.maximum(high - low, 0.1)
    return list(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))
