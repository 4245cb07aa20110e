"""The figures of a report, drawn from the results alone.

The same results give the same bytes, whatever the user's matplotlib settings. No state of pyplot
is touched: figures are plain objects, and settings hold only while drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from adapt.evaluation.confusion import Confusion
from adapt.evaluation.results import OovRate, Results
from adapt.evaluation.space_map import SpaceMap
from adapt.evaluation.wording import labels, listed, percent
from adapt.report.alignment_figures import alignment_drawings
from adapt.report.confusion_report import confusion_drawings
from adapt.report.drawing import (
    FONT_SIZE,
    STYLES,
    Drawing,
    EndLabel,
    drawing_settings,
    embedding_style,
    file_name,
    label_ends,
    new_axes,
    readable_ticks,
    rendered_drawing,
)
from adapt.report.drift_figures import drift_drawings
from adapt.report.map_figures import map_drawings
from adapt.report.oov_figures import strategy_drawings, typo_drawings
from adapt.report.significance import differs_from_general
from adapt.report.views import (
    Curve,
    budgets,
    curves,
    is_bag_of_words,
    strategies,
)

__all__ = ["draw_figures"]


def draw_figures(
    results: Results, *, space_map: SpaceMap | None = None, confusion: Confusion | None = None
) -> tuple[Drawing, ...]:
    """Draw every figure that there are data for.

    Parameters
    ----------
    results : Results
        The outcome of a study.
    space_map : SpaceMap, optional
        The map of its spaces.
    confusion : Confusion, optional
        What its chosen classifier takes for what.

    Returns
    -------
    tuple of Drawing
        Named `oov-types`, `oov-tokens`, `strategies-…`, `accuracy-STRATEGY`,
        `confusion`, `drift-…`, `typos-…`, `alignment-…` and `map-spaces`.
    """
    with drawing_settings():
        return (
            *_oov_drawings(results),
            *strategy_drawings(results),
            *_accuracy_drawings(results),
            *confusion_drawings(confusion),
            *drift_drawings(results),
            *typo_drawings(results),
            *alignment_drawings(results),
            *map_drawings(space_map),
        )


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
        yield rendered_drawing(
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
    figure, axes = new_axes(3.4, 0.27 * (places[-1] + 1.4))
    for place, i in zip(places, rows, strict=True):
        colour, _ = embedding_style(oov[i].vectors, further)
        axes.barh(place, 100 * rates[i], height=0.76, color=colour)
        axes.annotate(
            percent(rates[i]), (100 * rates[i], place), (4, 0), textcoords="offset points",
            va="center",
        )  # fmt: skip
    axes.set_yticks(places, [f"{oov[i].split}: {oov[i].vectors}" for i in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(places[-1] + 0.7, -0.7)
    axes.set_xlim(0, 100 * max(*rates, 0.001) * 1.18)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
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
            figure = _learning_curves(results, shown, columns, limits, strategy)
            against = "against training labels (logarithmic axis)"
        else:
            figure = _dots(shown, limits, f"{strategy}, {labels(columns[0])}")
            against = f"with {labels(columns[0])}"
        last = listed([f"{c.label} {percent(c.points[-1].accuracy)}" for c in _descending(shown)])
        yield rendered_drawing(
            figure,
            f"accuracy-{file_name(strategy)}",
            f"Accuracy of the {strategy} classifiers {against}. At the most labels: {last}.",
            f"Test accuracy {against}, {strategy}: means over seeds and 95% intervals"
            f"{_keys(results, shown)}.",
        )


def _keys(results: Results, shown: Sequence[Curve]) -> str:
    """Say what the dashes and the hollow markers of a figure mean, if it has any."""
    told = ", bag-of-words dashed" if any(is_bag_of_words(c.embedding) for c in shown) else ""
    points = [point for curve in shown if len(curve.points) > 1 for point in curve.points]
    if any(differs_from_general(results, point) is False for point in points):
        told += "; hollow: no clear difference from general vectors"
    return told


def _descending(shown: Sequence[Curve]) -> list[Curve]:
    return sorted(shown, key=lambda curve: -curve.points[-1].accuracy)


def _learning_curves(
    results: Results,
    shown: Sequence[Curve],
    columns: Sequence[int],
    limits: tuple[float, float],
    title: str,
) -> Figure:
    width, height = 3.3, 3.3
    figure, axes = new_axes(width, height)
    first, last = math.log10(columns[0]), math.log10(columns[-1])
    span = last - first
    further = [c.embedding for c in shown if c.embedding not in STYLES]
    ends = []
    for number, curve in enumerate(shown):
        # side by side, so that the intervals of one budget do not hide each other
        shift = 10 ** (0.13 / max(7, len(shown)) * span * (number - (len(shown) - 1) / 2))
        x = np.array([point.n_train * shift for point in curve.points])
        y = np.array([100 * point.accuracy for point in curve.points])
        low = y - [100 * point.accuracy_low for point in curve.points]
        high = [100 * point.accuracy_high for point in curve.points] - y
        colour, marker = embedding_style(curve.embedding, further)
        axes.errorbar(
            x, y, yerr=np.maximum([low, high], 0), color=colour, marker=marker, markersize=6,
            linewidth=1.4, elinewidth=1.0, linestyle=_line(curve), markeredgecolor="white",
            markeredgewidth=0.3,
        )  # fmt: skip
        hollow = [differs_from_general(results, point) is False for point in curve.points]
        axes.plot(
            x[hollow], y[hollow], color=colour, marker=marker, markersize=5, linestyle="",
            markerfacecolor="white", markeredgewidth=1.2,
        )  # fmt: skip
        ends.append(EndLabel(curve.label, float(x[-1]), float(y[-1]), colour, marker))
    axes.set_xscale("log")
    axes.set_xlim(10 ** (first - 0.1 * span), 10 ** (last + 0.1 * span))
    axes.set_ylim(*limits)
    axes.xaxis.set_minor_locator(NullLocator())
    ticks = readable_ticks(columns, span)
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.set_xlabel("Training labels")
    axes.set_ylabel("Test accuracy (%)")
    axes.set_title(title)
    axes.grid(axis="y")
    label_ends(axes, ends, height)
    return figure


def _line(curve: Curve) -> str | tuple[int, tuple[float, ...]]:
    """Dashed is the baseline's; further variants of an embedding are dotted ever more widely."""
    if is_bag_of_words(curve.embedding):
        return (0, (4, 2 + curve.variant))
    return "-" if curve.variant == 0 else (0, (1, 0.6 + 0.6 * curve.variant))


def _dots(shown: Sequence[Curve], limits: tuple[float, float], title: str) -> Figure:
    """One label budget: a row for each embedding instead of a line."""
    figure, axes = new_axes(3.4, 0.3 * (len(shown) + 0.6))
    further = [c.embedding for c in shown if c.embedding not in STYLES]
    for row, curve in enumerate(shown):
        colour, marker = embedding_style(curve.embedding, further)
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
