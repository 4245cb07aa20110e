"""The figures about words without a vector: strategies on hidden words, and misspelt text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation.results import Results, StrategyQuality, TypoAccuracy
from adapt.evaluation.wording import labels, listed, percent
from adapt.report.drawing import (
    INK,
    Drawing,
    EndLabel,
    further_style,
    label_ends,
    new_axes,
    rendered_drawing,
)
from adapt.report.oov_findings import GUESSES
from adapt.report.views import variant_label

__all__ = ["strategy_drawings", "typo_drawings"]


def strategy_drawings(results: Results) -> Iterator[Drawing]:
    """Draw how well hidden words are rebuilt: `strategies-cosine` and `strategies-precision`."""
    if results.oov_quality:
        yield _strategies(results.oov_quality, "cosine", "Mean cosine with the hidden vectors", 1.0)
        yield _strategies(
            results.oov_quality, "precision", "Hidden words among the 10 nearest (%)", 100.0
        )


def _strategies(
    qualities: Sequence[StrategyQuality], name: str, title: str, factor: float
) -> Drawing:
    figure, axes = new_axes(3.3, 0.3 * (len(qualities) + 0.4))
    for row, one in enumerate(qualities):
        found = one.cosine if name == "cosine" else one.precision_at_10
        colour = INK if one.strategy in GUESSES else further_style(0)[0]
        axes.plot([factor * found.low, factor * found.high], [row, row], color=colour, lw=1.2)
        axes.plot([factor * found.value], [row], "o", color=colour, markersize=6, clip_on=False)
    axes.set_yticks(range(len(qualities)), [one.strategy for one in qualities])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(qualities) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_xlabel(title)
    said = listed(
        [
            f"{one.strategy} "
            + (
                f"{one.cosine.value:.2f}" if name == "cosine"
                else percent(one.precision_at_10.value)
            )
            for one in qualities
        ]
    )  # fmt: skip
    return rendered_drawing(
        figure,
        f"strategies-{name}",
        f"{title}, by strategy: {said}.",
        f"{title}, with 95% intervals; the dark rows are guesses that know nothing of the word.",
    )


def typo_drawings(results: Results) -> Iterator[Drawing]:
    """Draw accuracy against the share of misspelt words: `typos-STRATEGY-LABELS`."""
    for strategy in dict.fromkeys(one.strategy for one in results.typos):
        for n_train in dict.fromkeys(one.n_train for one in results.typos):
            shown = [
                one for one in results.typos if (one.strategy, one.n_train) == (strategy, n_train)
            ]
            if shown:
                yield _typos(shown, strategy, n_train)


def _typos(shown: Sequence[TypoAccuracy], strategy: str, n_train: int) -> Drawing:
    height = 2.8
    figure, axes = new_axes(3.3, height)
    lines: dict[str, list[TypoAccuracy]] = {}
    for one in shown:
        label = variant_label(shown, one.embedding, one.oov, one.model)
        lines.setdefault(label, []).append(one)
    ends = []
    for number, (label, points) in enumerate(lines.items()):
        colour, marker = further_style(number)
        x = [100 * one.typo_share for one in points]
        y = [100 * one.accuracy for one in points]
        axes.fill_between(
            x, [100 * one.accuracy_low for one in points],
            [100 * one.accuracy_high for one in points], color=colour, alpha=0.15, linewidth=0,
        )  # fmt: skip
        axes.plot(x, y, color=colour, marker=marker, markersize=6, linewidth=1.4)
        ends.append(EndLabel(label, x[-1], y[-1], colour, marker))
    axes.set_xlabel("Misspelt words (%)")
    axes.set_ylabel("Test accuracy (%)")
    axes.set_title(f"{strategy}, {labels(n_train)}")
    axes.grid(axis="y")
    label_ends(axes, ends, height)
    last = listed([f"{end.label} {end.y:.1f}%" for end in ends])
    return rendered_drawing(
        figure,
        f"typos-{strategy}-{n_train}",
        f"Accuracy against the share of misspelt words, {strategy}, {labels(n_train)}. At the most "
        f"misspelt: {last}.",
        "Test accuracy where ever more words of the test documents are misspelt, with 95% "
        "intervals.",
    )
