"""The figures about drift: how far words move, and which neighbours they keep, by frequency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from adapt.evaluation.drift_summary import MeanDrift, OverSeeds
from adapt.evaluation.results import Results
from adapt.evaluation.wording import labels, percent
from adapt.report.drawing import (
    Drawing,
    EndLabel,
    file_name,
    further_style,
    label_ends,
    new_panels,
    rendered_drawing,
)
from adapt.report.drift_views import (
    Band,
    DriftVariant,
    Reading,
    band_name,
    drift_variants,
    figure_in,
    kept_neighbors,
    mean_shift,
)

__all__ = ["drift_drawings"]

HEIGHT = 2.7
DECADE = 10.0  # from so large a ratio on, the axis is logarithmic
DODGE = 0.07  # between strategies, in bands


def drift_drawings(results: Results) -> Iterator[Drawing]:
    """Draw movement and kept neighbours of each embedding: `drift-shift-…`, `drift-neighbors-…`."""
    for variant in drift_variants(results):
        over = "; means over seeds, with the lowest and highest" if variant.n_seeds > 1 else ""
        trained = [band for band in variant.bands if band[0] > 0]
        if trained:
            yield _drawing(
                variant, trained, mean_shift, "drift-shift", "Movement (% of length)",
                "mean movement of the words, in percent of their vectors' length before training, "
                f"by how often they occur in the training documents{over}. Words that occur in "
                "none stay where they are.",
            )  # fmt: skip
        yield _drawing(
            variant, variant.bands, kept_neighbors, "drift-neighbors", "Neighbours kept (%)",
            f"share of its 10 nearest neighbours that a word keeps{over}. Words that occur in no "
            "training document stay, but their neighbours may leave.",
        )  # fmt: skip


def _drawing(
    variant: DriftVariant,
    bands: Sequence[Band],
    figure: Reading,
    name: str,
    unit: str,
    caption: str,
) -> Drawing:
    """Draw a panel for each label budget, with a line for each strategy."""
    budgets = variant.budgets
    width = 3.3 if len(budgets) == 1 else 2.4
    drawn, panels = new_panels(len(budgets), width, HEIGHT)
    for axes, n_train in zip(panels, budgets, strict=True):
        ends = _lines(axes, variant, n_train, bands, figure)
        axes.set_xticks(range(len(bands)), [band_name(*band) for band in bands])
        axes.set_xlim(-0.5, len(bands) - 0.5)
        axes.set_title(labels(n_train))
        axes.grid(axis="y")
    _scale(
        panels[0],
        [one for cell in variant.cells for one in _points(cell, bands, figure).values()],
    )
    panels[0].set_ylabel(unit)
    panels[len(panels) // 2].set_xlabel("Occurrences in the training documents")
    label_ends(panels[-1], ends, HEIGHT, width)
    return rendered_drawing(
        drawn,
        f"{name}-{file_name(variant.label)}",
        f"{unit}, {variant.label}, by occurrences in the training documents. "
        f"{_said(variant, bands, figure)}",
        f"{variant.label}: {caption}",
        wide=len(budgets) > 1,
    )


def _lines(
    axes: Axes, variant: DriftVariant, n_train: int, bands: Sequence[Band], figure: Reading
) -> list[EndLabel]:
    """Draw the strategies of a label budget, side by side where their points would overlap."""
    ends = []
    cells = {cell.strategy: cell for cell in variant.at(n_train)}
    for number, strategy in enumerate(variant.strategies):
        points = _points(cells[strategy], bands, figure) if strategy in cells else {}
        if not points:
            continue
        colour, marker = further_style(number)
        shift = DODGE * (number - (len(variant.strategies) - 1) / 2)
        x = [place + shift for place in points]
        y = [100 * one.mean for one in points.values()]
        reach = (
            [100 * max(one.mean - one.lowest, 0) for one in points.values()],
            [100 * max(one.highest - one.mean, 0) for one in points.values()],
        )
        axes.errorbar(
            x, y, yerr=reach, color=colour, marker=marker, markersize=5.5, linewidth=1.2,
            elinewidth=0.9, markeredgecolor="white", markeredgewidth=0.3,
        )  # fmt: skip
        ends.append(EndLabel(strategy, x[-1], y[-1], colour, marker))
    return ends


def _points(cell: MeanDrift, bands: Sequence[Band], figure: Reading) -> dict[int, OverSeeds]:
    """Return the figure of every band that has words, by its place on the axis."""
    found = ((place, figure_in(cell, band, figure)) for place, band in enumerate(bands))
    return {place: one for place, one in found if one is not None}


def _scale(axes: Axes, figures: Sequence[OverSeeds]) -> None:
    """Choose the axis that shows all figures: logarithmic where they differ by magnitudes."""
    lowest = 100 * min(one.lowest for one in figures)
    highest = 100 * max(one.highest for one in figures)
    if lowest > 0 and highest / lowest >= DECADE:
        axes.set_yscale("log")
        axes.set_ylim(lowest / 1.25, highest * 1.25)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        margin = 0.06 * (highest - lowest) + 0.1
        axes.set_ylim(lowest - margin, highest + margin)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))


def _said(variant: DriftVariant, bands: Sequence[Band], figure: Reading) -> str:
    """Tell the figures of the first and the last band with the fewest labels."""
    n_train = variant.budgets[0]
    told = []
    for cell in variant.at(n_train):
        points = _points(cell, bands, figure)
        if points:
            first, last = min(points), max(points)
            told.append(
                f"{cell.strategy} {percent(points[first].mean)} seen {band_name(*bands[first])} "
                f"and {percent(points[last].mean)} seen {band_name(*bands[last])}"
            )
    return f"With {labels(n_train)}: {'; '.join(told)}."
