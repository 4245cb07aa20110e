"""The tables of a report, as text cells that HTML and Markdown share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapt.evaluation.comparison_results import AreaComparison, Comparison, CurveArea
from adapt.evaluation.judgement import Judgement, judge
from adapt.evaluation.results import OovRate, Results
from adapt.evaluation.wording import (
    labels,
    p_value,
    percent,
    percent_interval,
    signed_points,
    signed_points_interval,
)
from adapt.report.significance import significance_marks, told_marks
from adapt.report.views import (
    Curve,
    area_of,
    budgets,
    curves,
    is_bag_of_words,
    strategies,
    variant_label,
)

__all__ = [
    "ABSENT",
    "MARKS",
    "Cell",
    "Table",
    "accuracy_tables",
    "comparison_tables",
    "key_value_table",
    "neighbor_table",
    "oov_tables",
    "pair_label",
    "row_of",
]

MARKS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
ABSENT = "\N{EN DASH}"
_P_TITLE = "Corrected p"


@dataclass(frozen=True)
class Cell:
    """Text of one cell; `strong` marks the best of a column or a difference that counts."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table; its first cell in each row is that row's heading.

    `text_columns` are set flush left, the others, which hold numbers, flush right. A `folded`
    table is shown in HTML when the reader opens it; a `fitted` one wraps its text to fit the page.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    text_columns: tuple[int, ...] = (0,)
    folded: bool = False
    fitted: bool = False


def oov_tables(results: Results) -> Iterator[Table]:
    """Out-of-vocabulary rates of every set of vectors on every split, and the words missed."""
    served = any(rate.links for rate in results.oov)
    header = ("Vectors", "Split", "Types missing", "Tokens missing", "Types", "Tokens")
    yield Table(
        "Shares of word types and tokens without a vector, of all types and tokens of the split.",
        (*header, *(("Missing types served by each strategy",) if served else ())),
        tuple(
            row_of(
                rate.vectors,
                rate.split,
                percent(rate.type_rate),
                percent(rate.token_rate),
                f"{rate.n_types:,}",
                f"{rate.n_tokens:,}",
                *((_links(rate),) if served else ()),
            )
            for rate in results.oov
        ),
        text_columns=(0, 1, 6),
    )
    missed = tuple(
        row_of(
            rate.vectors,
            rate.split,
            ", ".join(f"{word} {count:,}" for word, count in rate.most_frequent_missing),
        )
        for rate in results.oov
        if rate.most_frequent_missing
    )
    if missed:
        yield Table(
            "The most frequent words without a vector, with their counts",
            ("Vectors", "Split", "Words"),
            missed,
            text_columns=(0, 1, 2),
            folded=True,
        )


def _links(rate: OovRate) -> str:
    return ", ".join(f"{use.link} {use.n_types:,}" for use in rate.links) or ABSENT


def accuracy_tables(results: Results) -> Iterator[Table]:
    """Mean accuracy with its interval and mean macro-F1, a table for each strategy."""
    columns = budgets(results)
    header = ["Embedding"]
    for n_train in columns:
        header += [f"Accuracy, {labels(n_train)}", f"Macro-F1, {labels(n_train)}"]
    if results.areas:
        header.append("Area under the curve")
    for strategy in strategies(results):
        shown = curves(results, strategy)
        highest = {n: _highest(shown, n) for n in columns}
        areas = [area_of(results, curve) for curve in shown]
        largest = max((area.area for area in areas if area is not None), default=0.0)
        rows = []
        for curve, area in zip(shown, areas, strict=True):
            row = [Cell(curve.label)]
            for n_train in columns:
                row += _accuracy_cells(results, curve, n_train, *highest[n_train])
            if results.areas:
                row.append(_area_cell(area, largest))
            rows.append(tuple(row))
        yield Table(
            f"{strategy}: accuracy with its 95% interval, and macro-F1, in percent; means over "
            f"{_seeds(results)}. Bold: the highest of its column."
            + told_marks(cell.text for row in rows for cell in row[1:]),
            tuple(header),
            tuple(rows),
        )


def _highest(shown: Sequence[Curve], n_train: int) -> tuple[float, float]:
    points = [point for curve in shown if (point := curve.at(n_train)) is not None]
    return (
        max((point.accuracy for point in points), default=0.0),
        max((point.macro_f1 for point in points), default=0.0),
    )


def _accuracy_cells(
    results: Results, curve: Curve, n_train: int, highest_accuracy: float, highest_f1: float
) -> tuple[Cell, Cell]:
    point = curve.at(n_train)
    if point is None:
        return Cell(ABSENT), Cell(ABSENT)
    return (
        Cell(
            f"{percent(point.accuracy).removesuffix('%')} "
            f"{percent_interval(point.accuracy_low, point.accuracy_high)}"
            f"{significance_marks(results, point)}",
            strong=point.accuracy == highest_accuracy,
        ),
        Cell(percent(point.macro_f1).removesuffix("%"), strong=point.macro_f1 == highest_f1),
    )


def _area_cell(area: CurveArea | None, largest: float) -> Cell:
    if area is None:
        return Cell(ABSENT)
    return Cell(
        f"{percent(area.area).removesuffix('%')} {percent_interval(area.area_low, area.area_high)}",
        strong=area.area == largest,
    )


def _seeds(results: Results) -> str:
    counts = sorted({cell.n_seeds for cell in results.summary})
    if len(counts) > 1:
        return f"{counts[0]} to {counts[-1]} seeds"
    return "a single seed" if counts == [1] else f"{counts[0]} seeds"


def comparison_tables(results: Results) -> Iterator[Table]:
    """Paired differences, a table for each strategy: pairs by label budgets and by their areas."""
    columns = sorted({one.n_train for one in results.comparisons})
    titles = [labels(n_train) for n_train in columns]
    if results.area_comparisons:
        titles.append("area under the curve")
    header = ("Pair", *(part for title in titles for part in (f"Difference, {title}", _P_TITLE)))
    for strategy in dict.fromkeys(one.strategy for one in results.comparisons):
        pairs: dict[str, dict[int | None, Comparison | AreaComparison]] = {}
        for one in results.comparisons:
            if one.strategy == strategy:
                pairs.setdefault(pair_label(results, one), {})[one.n_train] = one
        for area in results.area_comparisons:
            if area.strategy == strategy:
                pairs[pair_label(results, area)][None] = area
        places = [*columns, *((None,) if results.area_comparisons else ())]
        yield Table(
            f"{strategy}: differences in accuracy in percentage points with their 95% intervals, "
            "and Holm-corrected p-values: * below 0.05, ** below 0.01, *** below 0.001.",
            header,
            tuple(
                (Cell(label), *(cell for n in places for cell in _comparison_cells(found.get(n))))
                for label, found in pairs.items()
            ),
        )


def pair_label(results: Results, one: Comparison | AreaComparison) -> str:
    """Name both sides of a comparison, and of the second no more than is changed."""
    own = variant_label(results.summary, one.embedding, one.oov, one.model)
    other = variant_label(results.summary, one.baseline, one.baseline_oov, one.baseline_model)
    changed = [
        getattr(one, f"baseline_{name}")
        for name in ("oov", "model", "strategy")
        if getattr(one, name) != getattr(one, f"baseline_{name}")
    ]
    if one.embedding == one.baseline:  # only what is changed need be said of the other
        other = ", ".join(changed)
    elif one.strategy != one.baseline_strategy and not is_bag_of_words(one.baseline):
        other = f"{other}, {one.baseline_strategy}"
    return f"{own} \N{MINUS SIGN} {other}"


def _comparison_cells(comparison: Comparison | AreaComparison | None) -> tuple[Cell, Cell]:
    if comparison is None:
        return Cell(ABSENT), Cell(ABSENT)
    counts = judge(comparison) in (Judgement.HIGHER, Judgement.LOWER)
    mark = next((m for limit, m in MARKS if comparison.p_corrected < limit), "") if counts else ""
    ends = signed_points_interval(comparison.difference_low, comparison.difference_high)
    p = p_value(comparison.p_corrected).lstrip("p=\N{NO-BREAK SPACE}")
    return (
        Cell(f"{signed_points(comparison.difference)} {ends}", strong=counts),
        Cell(f"{p} {mark}".rstrip()),
    )


def neighbor_table(results: Results) -> Table:
    """Nearest general words of in-domain words that the general vectors lack."""
    rows = tuple(
        row_of(
            entry.word,
            f"{entry.count:,}",
            ", ".join(f"{word} {cosine:.2f}" for word, cosine in entry.neighbors) or ABSENT,
        )
        for entry in results.neighbors
    )
    return Table(
        "In-domain words without a general vector, and their nearest general words with cosines.",
        ("In-domain word", "Count", "Nearest general words"),
        rows,
        text_columns=(0, 2),
    )


def key_value_table(
    caption: str, values: Mapping[str, str], *, numeric: bool = False, folded: bool = False
) -> Table:
    """Names and their values."""
    return Table(
        caption,
        ("Name", "Value"),
        tuple(row_of(name, value) for name, value in values.items()),
        text_columns=(0,) if numeric else (0, 1),
        folded=folded,
    )


def row_of(*texts: str) -> tuple[Cell, ...]:
    """Make a row of plain cells."""
    return tuple(Cell(text) for text in texts)
