"""The figures of a report, drawn from the results alone.

The same results give the same bytes, whatever the user's matplotlib settings. No state of pyplot
is touched: figures are plain objects, and settings hold only while drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise

import matplotlib
import matplotlib.style
import matplotlib.ticker
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adapt.evaluation.results import AlignmentQuality, OovRate, Results
from adapt.report.views import (
    BAG_OF_WORDS,
    DOMAIN,
    GENERAL,
    UNALIGNED,
    Curve,
    budgets,
    curves,
    strategies,
)
from adapt.report.wording import labels, listed, percent

__all__ = ["GRID", "INK", "Drawing", "draw_figures"]

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
    BAG_OF_WORDS: (INK, "P"),
}
FURTHER_STYLES = (("#56b4e9", "<"), ("#b8a800", ">"), ("#7b5ea7", "p"), ("#8c564b", "h"))

FONT_SIZE = 9.0
SETTINGS = {
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


def draw_figures(results: Results) -> tuple[Drawing, ...]:
    """Draw every figure that the results have data for.

    Returns
    -------
    tuple of Drawing
        Named `oov-types`, `oov-tokens`, `accuracy-STRATEGY`, `alignment`.
    """
    with _settings():
        return (*_oov_drawings(results), *_accuracy_drawings(results), *_alignment(results))


@contextmanager
def _settings() -> Iterator[None]:
    with matplotlib.style.context("default"), matplotlib.rc_context(SETTINGS):
        yield


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure whose axes measure `width` by `height` inches; the rest is cut to fit."""
    figure = Figure(figsize=(width, height))
    return figure, figure.add_axes((0, 0, 1, 1))


def _drawing(figure: Figure, name: str, alt: str, caption: str) -> Drawing:
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


def _style(embedding: str, further: Sequence[str]) -> tuple[str, str]:
    """Return colour and marker of an embedding; `further` lists those without fixed ones."""
    if embedding in STYLES:
        return STYLES[embedding]
    return FURTHER_STYLES[further.index(embedding) % len(FURTHER_STYLES)]


# --- out-of-vocabulary rates ---------------------------------------------------------------------


def _oov_drawings(results: Results) -> Iterator[Drawing]:
    if not results.oov:
        return
    for unit, rates in (
        ("types", [rate.type_rate for rate in results.oov]),
        ("tokens", [rate.token_rate for rate in results.oov]),
    ):
        figure = _bars(results.oov, rates, f"Share of word {unit} without a vector (%)")
        said = listed(
            [
                f"{rate.vectors} on {rate.split} {percent(share)}"
                for rate, share in zip(results.oov, rates, strict=True)
            ]
        )
        yield _drawing(
            figure,
            f"oov-{unit}",
            f"Bars of the out-of-vocabulary rate by {unit}: {said}.",
            f"Out-of-vocabulary rate by {unit}, for each set of vectors and split.",
        )


def _bars(oov: Sequence[OovRate], rates: Sequence[float], title: str) -> Figure:
    splits = list(dict.fromkeys(rate.split for rate in oov))
    names = list(dict.fromkeys(rate.vectors for rate in oov))
    further = [name for name in names if name not in STYLES]
    rows = sorted(range(len(oov)), key=lambda i: splits.index(oov[i].split))
    places = [k + 0.7 * splits.index(oov[i].split) for k, i in enumerate(rows)]
    figure, axes = _axes(3.4, 0.27 * (places[-1] + 1.4))
    for place, i in zip(places, rows, strict=True):
        colour = STYLES["concat"][0]
        if oov[i].vectors in STYLES:
            colour = STYLES[oov[i].vectors][0]
        elif further.index(oov[i].vectors) > 0:
            colour = _style(oov[i].vectors, further)[0]
        axes.barh(place, 100 * rates[i], height=0.76, color=colour)
        axes.annotate(
            percent(rates[i]), (100 * rates[i], place), (4, 0), textcoords="offset points",
            va="center",
        )  # fmt: skip
    axes.set_yticks(places, [f"{oov[i].split}: {oov[i].vectors}" for i in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(places[-1] + 0.7, -0.7)
    axes.set_xlim(0, 100 * max(*rates, 0.001) * 1.18)
    axes.grid(axis="x")
    axes.set_title(title, fontweight="normal", fontsize=FONT_SIZE)
    return figure


# --- accuracy ------------------------------------------------------------------------------------


def _accuracy_drawings(results: Results) -> Iterator[Drawing]:
    columns = budgets(results)
    if not columns:
        return
    lows = [cell.accuracy_low for cell in results.summary]
    highs = [cell.accuracy_high for cell in results.summary]
    margin = 0.04 * (max(highs) - min(lows)) + 0.002
    limits = (100 * (min(lows) - margin), 100 * (max(highs) + margin))
    for strategy in strategies(results):
        shown = curves(results, strategy)
        if len(columns) > 1:
            figure = _learning_curves(shown, columns, limits, strategy)
            against = "against the number of training labels (logarithmic axis)"
        else:
            figure = _dots(shown, limits, f"{strategy}, {labels(columns[0])}")
            against = f"with {labels(columns[0])}"
        last = listed([f"{c.label} {percent(c.points[-1].accuracy)}" for c in _descending(shown)])
        yield _drawing(
            figure,
            f"accuracy-{_file_name(strategy)}",
            f"Accuracy of the {strategy} classifiers {against}. At the most labels: {last}.",
            f"Test accuracy {against}, {strategy}: means over seeds and 95% intervals"
            + (", bag-of-words dashed." if BAG_OF_WORDS in {c.embedding for c in shown} else "."),
        )


def _descending(shown: Sequence[Curve]) -> list[Curve]:
    return sorted(shown, key=lambda curve: -curve.points[-1].accuracy)


def _learning_curves(
    shown: Sequence[Curve], columns: Sequence[int], limits: tuple[float, float], title: str
) -> Figure:
    width, height = 3.3, 3.3
    figure, axes = _axes(width, height)
    first, last = math.log10(columns[0]), math.log10(columns[-1])
    span = last - first
    further = [c.embedding for c in shown if c.embedding not in STYLES]
    ends = []
    for number, curve in enumerate(shown):
        # side by side, so that the intervals of one budget do not hide each other
        shift = 10 ** (0.019 * span * (number - (len(shown) - 1) / 2))
        x = np.array([point.n_train * shift for point in curve.points])
        y = np.array([100 * point.accuracy for point in curve.points])
        low = y - [100 * point.accuracy_low for point in curve.points]
        high = [100 * point.accuracy_high for point in curve.points] - y
        colour, marker = _style(curve.embedding, further)
        axes.errorbar(
            x, y, yerr=np.maximum([low, high], 0), color=colour, marker=marker, markersize=5.5,
            linewidth=1.4, elinewidth=1.0, linestyle=_line(curve), markeredgecolor="white",
            markeredgewidth=0.4,
        )  # fmt: skip
        ends.append((float(x[-1]), float(y[-1])))
    axes.set_xscale("log")
    axes.set_xlim(10 ** (first - 0.1 * span), 10 ** (last + 0.1 * span))
    axes.set_ylim(*limits)
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    ticks = _readable_ticks(columns, span)
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.set_xlabel("Training labels")
    axes.set_ylabel("Test accuracy (%)")
    axes.set_title(title)
    axes.grid(axis="y")
    _label_ends(axes, shown, ends, further, height)
    return figure


def _line(curve: Curve) -> str | tuple[int, tuple[float, ...]]:
    """Dashed is the baseline's; further variants of an embedding are dotted ever more widely."""
    if curve.embedding == BAG_OF_WORDS:
        return (0, (4, 2))
    return "-" if curve.variant == 0 else (0, (1, 0.6 + 0.6 * curve.variant))


def _readable_ticks(columns: Sequence[int], span: float) -> list[int]:
    """Drop the budgets whose tick labels would touch the next one; the largest stays."""
    kept = [columns[-1]]
    for n in reversed(columns[:-1]):
        if math.log10(kept[-1]) - math.log10(n) > 0.13 * span:
            kept.append(n)
    return kept[::-1]


def _label_ends(
    axes: Axes,
    shown: Sequence[Curve],
    ends: Sequence[tuple[float, float]],
    further: Sequence[str],
    height: float,
) -> None:
    """Write each curve's name beside its end, moved apart where they would overlap."""
    bottom, top = axes.get_ylim()
    wanted = [(y - bottom) / (top - bottom) for _, y in ends]
    places = spread(wanted, gap=1.45 * FONT_SIZE / 72 / height)
    to_axes = axes.transAxes.inverted()
    for curve, (x, y), place in zip(shown, ends, places, strict=True):
        colour, marker = _style(curve.embedding, further)
        start = to_axes.transform(axes.transData.transform((x, y)))
        axes.plot(
            [start[0] + 0.015, 1.05, 1.075], [start[1], place, place], color=colour,
            linewidth=0.7, alpha=0.75, transform=axes.transAxes, clip_on=False,
        )  # fmt: skip
        axes.plot(
            [1.105], [place], color=colour, marker=marker, markersize=5.5, linestyle="",
            markeredgecolor="white", markeredgewidth=0.4,
            transform=axes.transAxes, clip_on=False,
        )  # fmt: skip
        axes.text(1.14, place, curve.label, va="center_baseline", transform=axes.transAxes)


def spread(wanted: Sequence[float], *, gap: float) -> list[float]:
    """Move places apart to at least `gap`, as little as possible in the sum of squares.

    Neighbours that would overlap are pooled into blocks round their common mean.

    Examples
    --------
    >>> spread([0.5, 0.9, 0.5], gap=0.25)
    [0.375, 0.9, 0.625]
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
        places[i] = levels[rank] + rank * gap
    return places


def _dots(shown: Sequence[Curve], limits: tuple[float, float], title: str) -> Figure:
    """One label budget: a row for each embedding instead of a line."""
    figure, axes = _axes(3.4, 0.3 * (len(shown) + 0.6))
    further = [c.embedding for c in shown if c.embedding not in STYLES]
    for row, curve in enumerate(shown):
        colour, marker = _style(curve.embedding, further)
        (point,) = curve.points
        axes.plot([100 * point.accuracy_low, 100 * point.accuracy_high], [row, row], color=colour)
        axes.plot([100 * point.accuracy], [row], color=colour, marker=marker, markersize=6)
        axes.annotate(
            percent(point.accuracy), (100 * point.accuracy, row), (0, 5),
            textcoords="offset points", ha="center",
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [curve.label for curve in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(shown) - 0.4, -0.9)
    axes.set_xlim(*limits)
    axes.grid(axis="x")
    axes.set_xlabel("Test accuracy (%)")
    axes.set_title(title)
    return figure


def _file_name(strategy: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in strategy.lower())


# --- alignment -----------------------------------------------------------------------------------


def _alignment(results: Results) -> Iterator[Drawing]:
    shown = [quality for quality in results.alignment if sum(quality.histogram)]
    if not shown:
        return
    figure, axes = _axes(4.6, 2.5)
    methods = (STYLES[DOMAIN][0], STYLES["aligned"][0], STYLES["concat"][0], STYLES[UNALIGNED][0])
    colours = iter(methods * len(shown))
    for quality in shown:
        shares = 100 * np.array(quality.histogram) / sum(quality.histogram)
        edges = np.linspace(-1, 1, len(shares) + 1)
        dashes = BASELINE_DASHES.get(quality.method)
        if dashes is None:
            colour = next(colours)
            axes.stairs(shares, edges, fill=True, color=colour, alpha=0.25)
            axes.stairs(shares, edges, color=colour, linewidth=1.5, label=_legend(quality))
        else:
            axes.stairs(
                shares, edges, color=INK, linewidth=1.1, linestyle=dashes, label=_legend(quality)
            )
    axes.set_xlim(*_filled_range(shown))
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.set_xlabel("Cosine of a held-out pair")
    axes.set_ylabel("Held-out pairs (%)")
    axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=5, integer=True))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), handlelength=2.2)
    means = listed([f"{quality.method} {quality.mean_cosine:.2f}" for quality in shown])
    yield _drawing(
        figure,
        "alignment",
        f"Histograms of the cosines of held-out anchor pairs. Mean cosines: {means}.",
        "Cosines between mapped in-domain words and their general partners, on anchors that the "
        "map was not fitted on, with the two baselines.",
    )


BASELINE_DASHES = {"random-rotation": (0, (1, 1)), "shuffled-anchors": (0, (5, 2))}


def _legend(quality: AlignmentQuality) -> str:
    return f"{quality.method} (mean {quality.mean_cosine:.2f})"


def _filled_range(shown: Sequence[AlignmentQuality]) -> tuple[float, float]:
    """Return the part of [-1, 1] that holds any pair, with a little room."""
    low, high = 1.0, -1.0
    for quality in shown:
        edges = np.linspace(-1, 1, len(quality.histogram) + 1)
        for (left, right), count in zip(pairwise(edges), quality.histogram, strict=True):
            if count:
                low, high = min(low, float(left)), max(high, float(right))
    return max(low - 0.05, -1.0), min(high + 0.05, 1.0)
