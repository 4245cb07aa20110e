"""What all figures share: colours, markers, settings, and how a figure becomes bytes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adapt.report.views import DOMAIN, GENERAL, UNALIGNED

__all__ = [
    "FONT_SIZE",
    "GRID",
    "INK",
    "STYLES",
    "Drawing",
    "EndLabel",
    "drawing_settings",
    "embedding_style",
    "file_name",
    "further_style",
    "label_ends",
    "new_axes",
    "new_panels",
    "readable_ticks",
    "rendered_drawing",
    "spread",
]

_Number = TypeVar("_Number", int, float)

# text and axes, and lines behind the data: the HTML report replaces both by colours of its theme
INK = "#1f2329"
GRID = "#dfe2e6"

# Okabe & Ito (2008): distinct for colour-blind readers; the marker repeats what the colour says
STYLES = {
    "random": ("#8c8c8c", "X"),
    GENERAL: ("#e69f00", "s"),
    DOMAIN: ("#0072b2", "o"),
    UNALIGNED: ("#cc79a7", "v"),
    "aligned": ("#d55e00", "D"),
    "concat": ("#009e73", "^"),
    "compass": ("#332288", "*"),
    "tfidf": (INK, "P"),
    "ngrams": ("#6b6b6b", "X"),
}
FURTHER_STYLES = (
    ("#0072b2", "o"),
    ("#d55e00", "D"),
    ("#009e73", "^"),
    ("#cc79a7", "v"),
    ("#56b4e9", "<"),
    ("#b8a800", ">"),
    ("#7b5ea7", "p"),
    ("#8c564b", "h"),
    ("#e69f00", "s"),
    ("#8c8c8c", "X"),
)

FONT_SIZE = 9.0
SETTINGS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": FONT_SIZE + 1,
    "axes.titleweight": "bold",
    "font.family": "DejaVu Sans",
    "font.size": FONT_SIZE,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "adapt",
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure: its place among the files, its words, and its two renderings.

    A `wide` one has a row of the page to itself.
    """

    name: str
    alt: str
    caption: str
    svg: bytes
    png: bytes
    wide: bool = False


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Draw with these settings alone, and leave the user's as they were."""
    with matplotlib.style.context("default"), matplotlib.rc_context(SETTINGS):
        yield


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure whose axes measure `width` by `height` inches; the rest is cut to fit."""
    figure, (axes,) = new_panels(1, width, height)
    return figure, axes


def new_panels(n: int, width: float, height: float, gap: float = 0.25) -> tuple[Figure, list[Axes]]:
    """Return a figure of `n` axes side by side, as `new_axes`, with the y axis of the first."""
    total = n * width + (n - 1) * gap
    figure = Figure(figsize=(total, height))
    panels: list[Axes] = []
    for number in range(n):
        place = (number * (width + gap) / total, 0, width / total, 1)
        panels.append(figure.add_axes(place, sharey=panels[0] if panels else None))
        panels[-1].tick_params(labelleft=number == 0)
    return figure, panels


def file_name(text: str) -> str:
    """Return a name as it may stand in that of a file.

    Examples
    --------
    >>> file_name("aligned, mean:IDF")
    'aligned--mean-idf'
    """
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())


def rendered_drawing(
    figure: Figure, name: str, alt: str, caption: str, *, wide: bool = False
) -> Drawing:
    """Render a figure as SVG and PNG, without dates or versions in them."""
    rendered = {}
    for kind, metadata in (
        ("svg", {"Date": None, "Creator": None, "Format": None, "Type": None}),
        ("png", {"Software": None}),
    ):
        buffer = BytesIO()
        figure.savefig(
            buffer,
            format=kind,
            dpi=200,
            facecolor="white",
            bbox_inches="tight",
            pad_inches=0.08,
            metadata=metadata,
        )
        rendered[kind] = buffer.getvalue()
    return Drawing(name, alt, caption, rendered["svg"], rendered["png"], wide)


def embedding_style(embedding: str, further: Sequence[str]) -> tuple[str, str]:
    """Return colour and marker of an embedding; `further` lists those without fixed ones."""
    if embedding in STYLES:
        return STYLES[embedding]
    # the first colours are those of the usual embeddings
    return further_style(further.index(embedding) + 4)


def further_style(number: int) -> tuple[str, str]:
    """Return colour and marker number `number` of those that belong to nothing in particular."""
    return FURTHER_STYLES[number % len(FURTHER_STYLES)]


def readable_ticks(columns: Sequence[_Number], span: float) -> list[_Number]:
    """Drop the values whose tick labels would touch the next one; the largest stays."""
    kept = [columns[-1]]
    for n in reversed(columns[:-1]):
        if math.log10(kept[-1]) - math.log10(n) > 0.13 * span:
            kept.append(n)
    return kept[::-1]


@dataclass(frozen=True)
class EndLabel:
    """What stands beside the end of a line, at the data coordinates x and y."""

    label: str
    x: float
    y: float
    colour: str
    marker: str


def label_ends(axes: Axes, ends: Sequence[EndLabel], height: float, width: float = 3.3) -> None:
    """Write each line's name beside its end, moved apart where they would overlap.

    Width and height are those of the axes in inches.
    """
    axes.get_xlim(), axes.get_ylim()  # brings limits up to date, which the transform does not
    to_axes = axes.transData + axes.transAxes.inverted()
    starts = [to_axes.transform((end.x, end.y)) for end in ends]
    wanted = [float(y) for _, y in starts]
    places = spread(wanted, gap=1.45 * FONT_SIZE / 72 / height, highest=1.0)
    step = 3.3 / width
    for end, (x, y), place in zip(ends, starts, places, strict=True):
        axes.plot(
            [x + 0.015 * step, 1 + 0.05 * step, 1 + 0.075 * step], [y, place, place],
            color=end.colour, linewidth=0.7, alpha=0.75, transform=axes.transAxes, clip_on=False,
        )  # fmt: skip
        axes.plot(
            [1 + 0.105 * step], [place], color=end.colour, marker=end.marker, markersize=6,
            linestyle="", markeredgecolor="white", markeredgewidth=0.3,
            transform=axes.transAxes, clip_on=False,
        )  # fmt: skip
        axes.text(1 + 0.14 * step, place, end.label, va="center_baseline", transform=axes.transAxes)


def spread(wanted: Sequence[float], *, gap: float, highest: float = math.inf) -> list[float]:
    """Move places apart to at least `gap`, as little as possible in the sum of squares.

    Neighbours that would overlap are pooled into blocks round their common mean; those that would
    then lie above `highest` are pushed down.

    Examples
    --------
    >>> spread([0.5, 0.9, 0.5], gap=0.25)
    [0.375, 0.9, 0.625]
    >>> spread([0.9, 1.0], gap=0.25, highest=1.0)
    [0.75, 1.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[float]] = []  # targets of each member, less its offset within the whole
    for rank, i in enumerate(order):
        blocks.append([wanted[i] - rank * gap])
        while len(blocks) > 1 and np.mean(blocks[-2]) >= np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    levels = [float(np.mean(block)) for block in blocks for _ in block]
    places = [0.0] * len(wanted)
    for rank, i in enumerate(order):
        above = len(order) - 1 - rank
        places[i] = min(levels[rank] + rank * gap, highest - above * gap)
    return places
