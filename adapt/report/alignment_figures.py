"""The figures about an alignment: cosines, precision by method, by anchors, by frequency."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.ticker import MaxNLocator, NullLocator

from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    LearningPoint,
    Retrieval,
)
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.results import Results
from adapt.evaluation.wording import listed, percent
from adapt.report.drawing import (
    INK,
    Drawing,
    EndLabel,
    further_style,
    label_ends,
    new_axes,
    readable_ticks,
    rendered_drawing,
)
from adapt.report.views import is_control

__all__ = ["alignment_drawings"]

K = 10
RETRIEVALS: tuple[tuple[Retrieval, str, str], ...] = (
    ("nearest", "nearest neighbour", "white"),
    ("csls", "CSLS", "full"),
)
CONTROL_DASHES = {
    "identity": (0, (3, 1, 1, 1)),
    "random-rotation": (0, (1, 1)),
    "shuffled-anchors": (0, (5, 2)),
}


def alignment_drawings(results: Results) -> Iterator[Drawing]:
    """Draw what the results know of alignments: nothing, or `alignment-…` figures."""
    qualities = results.alignment
    if not qualities:
        return
    yield _precision_drawing(qualities)
    if results.learning_curve:
        yield _curve_drawing(results.learning_curve)
    methods = [quality for quality in qualities if not is_control(quality.method)]
    if methods and len(methods[0].bands) > 1:
        yield _band_drawing(methods[0])
    shown = [q for q in (*methods[:1], *filter(_is_control, qualities)) if sum(q.histogram)]
    if shown:
        yield _cosine_drawing(shown)


def _is_control(quality: AlignmentQuality) -> bool:
    return is_control(quality.method)


def _precision_drawing(qualities: Sequence[AlignmentQuality]) -> Drawing:
    """Precision at 10 of every method: a row each, a dot for either retrieval."""
    figure, axes = new_axes(3.6, 0.34 * (len(qualities) + 0.4))
    for row, quality in enumerate(qualities):
        colour = INK if is_control(quality.method) else further_style(0)[0]
        for shift, (retrieval, label, face) in zip((-0.13, 0.13), RETRIEVALS, strict=True):
            found = quality.precision(retrieval, K).scored
            place = row + shift
            axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour, lw=1.2)
            axes.plot(
                [100 * found.value], [place], "o", color=colour, markersize=5.5,
                markerfacecolor=colour if face == "full" else face,
                label=label if row == 0 else None, clip_on=False,
            )  # fmt: skip
    axes.set_yticks(range(len(qualities)), [quality.method for quality in qualities])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(qualities) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.grid(axis="x")
    axes.set_xlabel(f"Held-out words found among the first {K} (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, handlelength=1.2)
    said = listed([f"{q.method} {percent(q.precision('csls', K).scored.value)}" for q in qualities])
    return rendered_drawing(
        figure,
        "alignment-precision",
        f"Share of held-out words found among the first {K} by CSLS: {said}.",
        f"P@{K} on held-out anchors with 95% intervals, by nearest neighbour and by CSLS; "
        "the dark rows are controls that know nothing.",
    )


def _curve_drawing(points: Sequence[LearningPoint]) -> Drawing:
    """Precision at 10 by CSLS against the number of anchors, a line for each method."""
    width, height = 3.3, 3.3
    figure, axes = new_axes(width, height)
    methods = list(dict.fromkeys(point.method for point in points))
    sizes = sorted({point.n_anchors for point in points})
    ends = []
    for number, method in enumerate(methods):
        own = [point for point in points if point.method == method]
        x = [point.n_anchors for point in own]
        found = [_at_k(point) for point in own]
        colour, marker = further_style(number)
        y = [100 * one.value for one in found]
        low = [100 * one.low for one in found]
        high = [100 * one.high for one in found]
        if len(methods) <= 3:
            axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(
            x, y, color=colour, marker=marker, markersize=6, linewidth=1.4,
            markeredgecolor="white", markeredgewidth=0.3,
        )  # fmt: skip
        ends.append(EndLabel(method, x[-1], y[-1], colour, marker))
    axes.set_xscale("log")
    span = math.log10(sizes[-1] / sizes[0]) or 1.0
    axes.set_xlim(sizes[0] / 10 ** (0.05 * span), sizes[-1] * 10 ** (0.05 * span))
    axes.xaxis.set_minor_locator(NullLocator())
    ticks = readable_ticks(sizes, span)
    axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.set_xlabel("Anchors")
    axes.set_ylabel(f"CSLS P@{K} (%)")
    label_ends(axes, ends, height)
    last = listed([f"{end.label} {end.y:.1f}%" for end in ends])
    return rendered_drawing(
        figure,
        "alignment-curve",
        f"Held-out words found among the first {K} by CSLS against the number of anchors "
        f"(logarithmic axis). With all anchors: {last}.",
        f"Learning curve: CSLS P@{K} on the same held-out words, fitted on ever more anchors"
        + ("; bands are 95% intervals." if len(methods) <= 3 else "."),
    )


def _at_k(point: LearningPoint) -> Estimate:
    return point.precision("csls", K).scored


def _band_drawing(quality: AlignmentQuality) -> Drawing:
    figure, axes = new_axes(3.3, 2.3)
    names = [f"{band.lowest:,} to {band.highest:,}" for band in quality.bands]
    for shift, (retrieval, label, face) in zip((-0.1, 0.1), RETRIEVALS, strict=True):
        colour = further_style(0)[0]
        for place, band in enumerate(quality.bands):
            found = band.precision(retrieval, K).scored
            axes.plot(
                [place + shift] * 2, [100 * found.low, 100 * found.high], color=colour, lw=1.2
            )
            axes.plot(
                [place + shift], [100 * found.value], "o", color=colour, markersize=6,
                markerfacecolor=colour if face == "full" else face,
                label=label if place == 0 else None, clip_on=False,
            )  # fmt: skip
    axes.set_xticks(range(len(names)), names)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_xlabel("In-domain count of the word" if quality.bands[0].by == "count" else "Rank")
    axes.set_ylabel(f"P@{K} (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, handlelength=1.2)
    said = listed(
        [
            f"{name} {percent(b.precisions[-1].scored.value)}"
            for name, b in zip(names, quality.bands, strict=True)
        ]
    )
    return rendered_drawing(
        figure,
        "alignment-bands",
        f"P@{K} of {quality.method} by CSLS in bands of frequency: {said}.",
        f"{quality.method}: P@{K} on held-out words by how often they occur in the domain, "
        "with 95% intervals.",
    )


def _cosine_drawing(shown: Sequence[AlignmentQuality]) -> Drawing:
    figure, axes = new_axes(4.6, 2.5)
    for quality in shown:
        shares = 100 * np.array(quality.histogram) / sum(quality.histogram)
        edges = np.linspace(-1, 1, len(shares) + 1)
        dashes = CONTROL_DASHES.get(quality.method)
        if dashes is None:
            colour = further_style(0)[0]
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
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), handlelength=2.2)
    means = listed([f"{quality.method} {quality.mean_cosine.value:.2f}" for quality in shown])
    return rendered_drawing(
        figure,
        "alignment-cosines",
        f"Histograms of the cosines of held-out anchor pairs. Mean cosines: {means}.",
        "Cosines between mapped in-domain words and their general partners, on anchors that the "
        "map was not fitted on, with the controls.",
    )


def _legend(quality: AlignmentQuality) -> str:
    return f"{quality.method} (mean {quality.mean_cosine.value:.2f})"


def _filled_range(shown: Sequence[AlignmentQuality]) -> tuple[float, float]:
    """Return the part of [-1, 1] that holds any pair, with a little room."""
    low, high = 1.0, -1.0
    for quality in shown:
        edges = np.linspace(-1, 1, len(quality.histogram) + 1)
        for (left, right), count in zip(pairwise(edges), quality.histogram, strict=True):
            if count:
                low, high = min(low, float(left)), max(high, float(right))
    return max(low - 0.05, -1.0), min(high + 0.05, 1.0)
