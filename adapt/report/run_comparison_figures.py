"""The accuracies of several studies, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from matplotlib.axes import Axes

from adapt.evaluation.results import Results, Summary
from adapt.evaluation.wording import labels, percent
from adapt.report.drawing import (
    Drawing,
    file_name,
    further_style,
    new_panels,
    rendered_drawing,
)
from adapt.report.run_comparison_tables import shared_strategies, variant_rows
from adapt.report.views import budgets

__all__ = ["comparison_drawings"]

_ROW = 0.2  # inches for each study in the row of an embedding
_MOST = 8
"""Most studies in a figure: each has a colour and a marker of its own."""


def comparison_drawings(runs: Mapping[str, Results]) -> Iterator[Drawing]:
    """Draw a figure for each strategy: a panel for each label budget that all studies have."""
    shared = sorted(set.intersection(*(set(budgets(results)) for results in runs.values())))
    if not shared or len(runs) > _MOST:
        return
    for strategy in shared_strategies(runs):
        found = variant_rows(runs, strategy)
        own = [label for label, _ in found.values()]
        figure, panels = new_panels(
            len(shared), 2.5, max(1.2, (_ROW * len(runs) + 0.12) * len(found))
        )
        for axes, n_train in zip(panels, shared, strict=True):
            for place, (_, cells) in enumerate(found.values()):
                _dots(axes, place, {name: cells.get((name, n_train)) for name in runs})
            axes.set_title(labels(n_train))
            axes.set_xlabel("Test accuracy (%)")
            axes.grid(axis="x")
            axes.set_xlim(*_limits(runs, shared))
        panels[0].set_yticks(range(len(own)), own)
        panels[0].set_ylim(len(own) - 0.5, -0.5)
        panels[0].legend(loc="lower left", bbox_to_anchor=(-0.02, 1.12), handletextpad=0.4)
        yield rendered_drawing(
            figure,
            f"runs-{file_name(strategy)}",
            f"Test accuracy of the {strategy} classifiers by embedding and study, with "
            f"{labels(shared[-1])}: {_said(found.values(), runs, shared[-1])}.",
            f"{strategy}: test accuracy of every embedding in every study, means over seeds with "
            "95% intervals, at the label budgets that all have.",
            wide=True,
        )


def _limits(runs: Mapping[str, Results], shared: Sequence[int]) -> tuple[float, float]:
    """Return the same limits for all panels and strategies."""
    cells = [cell for one in runs.values() for cell in one.summary if cell.n_train in shared]
    low, high = min(c.accuracy_low for c in cells), max(c.accuracy_high for c in cells)
    margin = 0.04 * (high - low) + 0.002
    return 100 * (low - margin), 100 * (high + margin)


def _dots(axes: Axes, place: int, cells: Mapping[str, Summary | None]) -> None:
    """Draw the studies of an embedding one below the other."""
    for number, (name, cell) in enumerate(cells.items()):
        colour, marker = further_style(number)
        y = place + 0.8 * ((number + 0.5) / len(cells) - 0.5)
        label = name if place == 0 else None
        if cell is None:
            axes.plot([], [], marker, color=colour, label=label)
            continue
        axes.plot([100 * cell.accuracy_low, 100 * cell.accuracy_high], [y, y], color=colour, lw=1.2)
        axes.plot([100 * cell.accuracy], [y], marker, color=colour, markersize=5.5, label=label)


def _said(
    rows: Iterable[tuple[str, dict[tuple[str, int], Summary]]],
    runs: Mapping[str, Results],
    n_train: int,
) -> str:
    told = []
    for label, cells in rows:
        own = [
            f"{percent(cells[name, n_train].accuracy)} in {name}"
            for name in runs
            if (name, n_train) in cells
        ]
        told.append(f"{label} {', '.join(own)}")
    return "; ".join(told)
