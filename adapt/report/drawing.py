"""What all figures share: colours, markers, settings, and how a figure becomes bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adapt.report.views import BAG_OF_WORDS, DOMAIN, GENERAL, UNALIGNED

__all__ = [
    "FONT_SIZE",
    "GRID",
    "INK",
    "STYLES",
    "Drawing",
    "drawing_settings",
    "embedding_style",
    "new_axes",
    "rendered_drawing",
]

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
    BAG_OF_WORDS: (INK, "P"),
}
FURTHER_STYLES = (("#56b4e9", "<"), ("#b8a800", ">"), ("#7b5ea7", "p"), ("#8c564b", "h"))

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
    """A finished figure: its place among the files, its words, and its two renderings."""

    name: str
    alt: str
    caption: str
    svg: bytes
    png: bytes


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Draw with these settings alone, and leave the user's as they were."""
    with matplotlib.style.context("default"), matplotlib.rc_context(SETTINGS):
        yield


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure whose axes measure `width` by `height` inches; the rest is cut to fit."""
    figure = Figure(figsize=(width, height))
    return figure, figure.add_axes((0, 0, 1, 1))


def rendered_drawing(figure: Figure, name: str, alt: str, caption: str) -> Drawing:
    """Render a figure as SVG and PNG, without dates or versions in them."""
    rendered = []
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
        rendered.append(buffer.getvalue())
    return Drawing(name, alt, caption, *rendered)


def embedding_style(embedding: str, further: Sequence[str]) -> tuple[str, str]:
    """Return colour and marker of an embedding; `further` lists those without fixed ones."""
    if embedding in STYLES:
        return STYLES[embedding]
    return FURTHER_STYLES[further.index(embedding) % len(FURTHER_STYLES)]
