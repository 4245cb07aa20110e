"""Which classes are taken for which: a figure of all, and the mistakes that are made most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from numpy.typing import NDArray

from adapt.evaluation.confusion import Confusion
from adapt.evaluation.results import Results
from adapt.evaluation.wording import labels, listed, percent
from adapt.report.drawing import GRID, INK, STYLES, Drawing, new_axes, rendered_drawing
from adapt.report.tables import Table, row_of
from adapt.report.views import DOMAIN

__all__ = ["confusion_drawings", "confusion_tables", "confusion_words"]

_CELL = 0.34
_N_MISTAKES = 12
_LEGIBLE = 40
"""Most classes that a figure with a number in each cell is readable for."""
_WHITE = "#fefefe"  # stays white where the page is dark
_DARK = 0.8
"""From this share on, white is easier to read on a cell than dark ink."""


def confusion_words(results: Results, confusion: Confusion) -> str:
    """Say whose mistakes these are."""
    chosen = max(
        (one for one in results.selections if one.family == "adapted"),
        key=lambda one: one.n_train,
    )
    name = ", ".join((chosen.embedding, chosen.oov, chosen.model, chosen.strategy))
    seeds = f" over {confusion.n_seeds} seeds" if confusion.n_seeds > 1 else ""
    return (
        f"Predictions of the adapted configuration that validation chooses with "
        f"{labels(chosen.n_train)} ({name}) on the test documents{seeds}."
    )


def confusion_drawings(confusion: Confusion | None) -> Iterator[Drawing]:
    """Draw the shares of each true class: `confusion`; nothing for very many classes."""
    if confusion is None or not 1 < len(confusion.classes) <= _LEGIBLE:
        return
    n = len(confusion.classes)
    shares = confusion.shares()
    figure, axes = new_axes(_CELL * n, _CELL * n)
    _cells(axes, shares)
    totals = confusion.counts.sum(axis=1) // confusion.n_seeds
    axes.set_yticks(
        range(n), [f"{name} ({k:,})" for name, k in zip(confusion.classes, totals, strict=True)]
    )
    axes.set_xticks(
        range(n), list(confusion.classes), rotation=45, ha="right", rotation_mode="anchor"
    )
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, n - 0.5)
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_xlabel("Predicted class")
    axes.set_ylabel("True class (test documents)")
    said = [_mistake(confusion, shares, *pair) for pair in confusion.mistakes(5)]
    yield rendered_drawing(
        figure,
        "confusion",
        f"Matrix of true and predicted classes, {n} each. Most documents go wrong by these: "
        f"{listed(said) or 'none'}.",
        "Of the test documents of each true class (rows), the percentage put into each class "
        "(columns); shares below 0.5% are left blank.",
        wide=True,
    )


def _cells(axes: Axes, shares: NDArray[np.float64]) -> None:
    """Shade the cells by their shares over the colour of the page, and write the shares in them."""
    places = [(i, j) for i, j in np.ndindex(*shares.shape) if shares[i, j] >= 0.005]
    squares = [
        [(j - 0.5, i - 0.5), (j + 0.5, i - 0.5), (j + 0.5, i + 0.5), (j - 0.5, i + 0.5)]
        for i, j in places
    ]
    red, green, blue = (int(STYLES[DOMAIN][0][k : k + 2], 16) / 255 for k in (1, 3, 5))
    colours = [(red, green, blue, 0.08 + 0.92 * float(shares[place])) for place in places]
    axes.add_collection(PolyCollection(squares, facecolors=colours, linewidths=0))
    for i, j in places:
        dark = shares[i, j] > _DARK
        axes.text(
            j, i, f"{100 * shares[i, j]:.0f}", ha="center", va="center", fontsize=7.5,
            color=_WHITE if dark else INK,
        )  # fmt: skip
    edges = np.arange(len(shares) + 1) - 0.5
    axes.hlines(edges, edges[0], edges[-1], color=GRID, linewidth=0.5, zorder=0.5)
    axes.vlines(edges, edges[0], edges[-1], color=GRID, linewidth=0.5, zorder=0.5)


def _mistake(confusion: Confusion, shares: NDArray[np.float64], true: int, wrong: int) -> str:
    classes = confusion.classes
    return f"{percent(float(shares[true, wrong]))} of {classes[true]} as {classes[wrong]}"


def confusion_tables(confusion: Confusion) -> Iterator[Table]:
    """List the mistakes made most, and precision, recall and F1 of every class."""
    shares, counts, seeds = confusion.shares(), confusion.counts, confusion.n_seeds
    yield Table(
        "The mistakes made most, with the share of the true class",
        ("True class", "Taken for", "Share", "Documents, mean over seeds"),
        tuple(
            row_of(
                confusion.classes[i],
                confusion.classes[j],
                percent(float(shares[i, j])),
                f"{counts[i, j] / seeds:,.1f}",
            )
            for i, j in confusion.mistakes(_N_MISTAKES)
        ),
        text_columns=(0, 1),
    )
    correct, true, predicted = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    yield Table(
        "Precision, recall and F1 of every class, in percent",
        ("Class", "Test documents", "Precision", "Recall", "F1"),
        tuple(
            row_of(
                name,
                f"{true[i] // seeds:,}",
                _ratio(correct[i], predicted[i]),
                _ratio(correct[i], true[i]),
                _ratio(2 * correct[i], true[i] + predicted[i]),
            )
            for i, name in enumerate(confusion.classes)
        ),
        folded=True,
    )


def _ratio(part: np.integer, whole: np.integer) -> str:
    return percent(float(part / whole)).removesuffix("%") if whole else "0.0"
