"""Views of a grid's results that its findings, tables and figures share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapt.evaluation.comparison_results import ALPHA, Comparison
from adapt.evaluation.grid_results import (
    GridResults,
    GridVariant,
    Setting,
    VariantComparison,
)
from adapt.evaluation.judgement import Judgement, judge
from adapt.evaluation.results import Summary
from adapt.report.views import (
    DOMAIN,
    GENERAL,
    UNALIGNED,
    is_bag_of_words,
    is_merged,
    variant_label,
)

__all__ = [
    "Line",
    "MergeGain",
    "Panel",
    "is_clear",
    "merge_gains",
    "panels",
    "short_key",
    "told_settings",
]


@dataclass(frozen=True)
class Line:
    """One cell at every value of a numeric setting: a line of a figure, a row of a table.

    `variant` numbers the fillings and models of its embedding.
    """

    embedding: str
    label: str
    variant: int
    points: tuple[tuple[float, Summary], ...]

    def at(self, value: float) -> Summary | None:
        """Return the cell at a value, or None."""
        return next((cell for known, cell in self.points if known == value), None)


@dataclass(frozen=True)
class Panel:
    """Lines over a numeric setting at one strategy and label budget, with all else the same."""

    key: str
    settings: tuple[Setting, ...]
    strategy: str
    n_train: int
    values: tuple[float, ...]
    variants: tuple[GridVariant, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """What is the same for all lines."""
        told = f"{self.strategy}, {self.n_train:,} labels"
        return f"{told}, {told_settings(self.settings)}" if self.settings else told


@dataclass(frozen=True)
class MergeGain:
    """What a merged embedding gains over general and over in-domain vectors at one value."""

    value: float
    over_general: Comparison
    over_domain: Comparison

    @property
    def helps(self) -> bool:
        """Whether it is clearly better than both."""
        return all(judge(one) is Judgement.HIGHER for one in (self.over_general, self.over_domain))


def panels(results: GridResults) -> tuple[Panel, ...]:
    """Return the panels of every numeric key, by strategy and then by label budget."""
    return tuple(panel for key in results.keys for panel in _panels(results, key))


def merge_gains(panel: Panel, line: Line) -> tuple[MergeGain, ...]:
    """Return what a merged embedding gains at each value; nothing for others."""
    if not is_merged(line.embedding) or line.embedding == UNALIGNED:
        return ()
    found = []
    for value, cell in line.points:
        variant = panel.variants[panel.values.index(value)]
        general, domain = (_gain(variant, cell, name) for name in (GENERAL, DOMAIN))
        if general is not None and domain is not None:
            found.append(MergeGain(value, general, domain))
    return tuple(found)


def is_clear(one: VariantComparison) -> bool:
    """Tell whether a difference counts: interval and corrected p-value both say so."""
    excludes_zero = one.difference_low > 0 or one.difference_high < 0
    return excludes_zero and one.p_corrected < ALPHA


def short_key(key: str) -> str:
    """Return the last part of a dotted key, with spaces."""
    return key.rpartition(".")[2].replace("_", " ")


def told_settings(settings: Sequence[Setting]) -> str:
    """Write settings for people."""
    return ", ".join(f"{short_key(one.key)} {one.value}" for one in settings)


def _panels(results: GridResults, key: str) -> Iterator[Panel]:
    series: dict[tuple[Setting, ...], list[tuple[float, GridVariant]]] = {}
    for variant in results.variants:
        number = next(one.number for one in variant.settings if one.key == key)
        if number is None or key.endswith("seed"):
            return
        others = tuple(one for one in variant.settings if one.key != key)
        series.setdefault(others, []).append((number, variant))
    cells = [cell for variant in results.variants for cell in variant.summary]
    strategies = dict.fromkeys(c.strategy for c in cells if not is_bag_of_words(c.embedding))
    for others, points in series.items():
        points.sort(key=lambda point: point[0])
        if len(points) > 1:
            for strategy in strategies:
                for n_train in sorted({cell.n_train for cell in cells}):
                    lines = _lines(points, strategy, n_train)
                    values = tuple(value for value, _ in points)
                    variants = tuple(variant for _, variant in points)
                    yield Panel(key, others, strategy, n_train, values, variants, lines)


def _lines(
    points: Sequence[tuple[float, GridVariant]], strategy: str, n_train: int
) -> tuple[Line, ...]:
    found: dict[tuple[str, str, str], list[tuple[float, Summary]]] = {}
    for value, variant in points:
        for cell in variant.summary:
            if cell.n_train == n_train and (
                cell.strategy == strategy or is_bag_of_words(cell.embedding)
            ):
                found.setdefault((cell.embedding, cell.oov, cell.model), []).append((value, cell))
    rows = [cell for own in found.values() for _, cell in own]
    number: dict[str, int] = {}
    lines = []
    for (embedding, oov, model), own in found.items():
        variant_number = number.get(embedding, 0)
        number[embedding] = variant_number + 1
        label = variant_label(rows, embedding, oov, model)
        lines.append(Line(embedding, label, variant_number, tuple(own)))
    return tuple(lines)


def _gain(variant: GridVariant, cell: Summary, baseline: str) -> Comparison | None:
    """Find the comparison of a cell with the same one of another embedding."""
    wanted = (cell.embedding, cell.oov, cell.model, cell.strategy, cell.n_train)
    for one in variant.comparisons:
        if (
            (one.embedding, one.oov, one.model, one.strategy, one.n_train) == wanted
            and one.baseline == baseline
            and (one.baseline_oov, one.baseline_model, one.baseline_strategy) == wanted[1:4]
        ):
            return one
    return None
