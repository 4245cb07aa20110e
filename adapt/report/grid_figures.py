"""The figures of a grid of studies: accuracy along every numeric setting."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from adapt.evaluation.grid_results import GridResults
from adapt.evaluation.wording import listed, percent
from adapt.report.drawing import (
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
from adapt.report.grid_views import Line, Panel, panels, short_key
from adapt.report.views import is_bag_of_words

__all__ = ["draw_grid_figures"]

_DECADE = 10.0
"""From this ratio of the largest value to the smallest on, the axis is logarithmic."""


def draw_grid_figures(results: GridResults) -> tuple[Drawing, ...]:
    """Draw accuracy along every numeric key, a figure for each strategy and label budget."""
    shown = panels(results)
    if not shown:
        return ()
    cells = [cell for panel in shown for line in panel.lines for _, cell in line.points]
    lowest = min(cell.accuracy_low for cell in cells)
    highest = max(cell.accuracy_high for cell in cells)
    margin = 0.04 * (highest - lowest) + 0.002
    limits = (100 * (lowest - margin), 100 * (highest + margin))
    with drawing_settings():
        return tuple(_drawing(panel, number, limits) for number, panel in enumerate(shown, 1))


def _drawing(panel: Panel, number: int, limits: tuple[float, float]) -> Drawing:
    key = short_key(panel.key)
    ranked = sorted(panel.lines, key=lambda line: -line.points[-1][1].accuracy)
    last = listed([f"{line.label} {percent(line.points[-1][1].accuracy)}" for line in ranked])
    return rendered_drawing(
        _curves(panel, limits),
        f"grid-{number}-{file_name(key)}",
        f"Accuracy against {key}, {panel.title}. At the largest: {last}.",
        f"Test accuracy against {key}, {panel.title}: means over seeds and 95% intervals"
        + (
            ", bag-of-words dashed."
            if any(is_bag_of_words(line.embedding) for line in panel.lines)
            else "."
        ),
    )


def _curves(panel: Panel, limits: tuple[float, float]) -> Figure:
    width, height = 3.3, 3.3
    figure, axes = new_axes(width, height)
    logarithmic = panel.values[0] > 0 and panel.values[-1] >= _DECADE * panel.values[0]
    places = np.log10(panel.values) if logarithmic else np.asarray(panel.values)
    span = float(places[-1] - places[0])
    further = list(
        dict.fromkeys(line.embedding for line in panel.lines if line.embedding not in STYLES)
    )
    # side by side, so that the intervals at one value do not hide each other
    room = min(0.6 * float(np.diff(places).min()), 0.12 * span)
    ends = []
    for number, line in enumerate(panel.lines):
        shift = room * (number - (len(panel.lines) - 1) / 2) / max(7, len(panel.lines))
        at = [float(places[panel.values.index(value)]) + shift for value, _ in line.points]
        x = 10 ** np.array(at) if logarithmic else np.array(at)
        y = np.array([100 * cell.accuracy for _, cell in line.points])
        low = y - [100 * cell.accuracy_low for _, cell in line.points]
        high = [100 * cell.accuracy_high for _, cell in line.points] - y
        colour, marker = embedding_style(line.embedding, further)
        axes.errorbar(
            x, y, yerr=np.maximum([low, high], 0), color=colour, marker=marker, markersize=5,
            linewidth=1.3, elinewidth=0.8, linestyle=_dashes(line), markeredgecolor="white",
            markeredgewidth=0.3,
        )  # fmt: skip
        ends.append(EndLabel(line.label, float(x[-1]), float(y[-1]), colour, marker))
    if logarithmic:
        axes.set_xscale("log")
    edges = (places[0] - 0.1 * span, places[-1] + 0.1 * span)
    axes.set_xlim(*(10**edge if logarithmic else edge for edge in edges))
    axes.set_ylim(*limits)
    axes.xaxis.set_minor_locator(NullLocator())
    ticks = readable_ticks(panel.values, span) if logarithmic else panel.values
    axes.set_xticks(ticks, [f"{value:,.5g}" for value in ticks])
    key = short_key(panel.key)
    axes.set_xlabel(key[:1].upper() + key[1:])
    axes.set_ylabel("Test accuracy (%)")
    axes.set_title(panel.title)
    axes.grid(axis="y")
    label_ends(axes, ends, height)
    return figure


def _dashes(line: Line) -> str | tuple[int, tuple[float, ...]]:
    """Dashed is the baseline's; further variants of an embedding are dotted ever more widely."""
    if is_bag_of_words(line.embedding):
        return (0, (4, 2 + line.variant))
    return "-" if line.variant == 0 else (0, (1, 0.6 + 0.6 * line.variant))
