"""The tables of a report on a grid of studies."""

from __future__ import annotations

from collections.abc import Sequence

from adapt.evaluation.grid_results import GridResults, SettingCrossover, VariantComparison
from adapt.evaluation.wording import (
    interval,
    p_value,
    percent,
    percent_interval,
    signed_difference,
)
from adapt.report.grid_views import Panel, is_clear, merge_gains, short_key, told_settings
from adapt.report.tables import ABSENT, Cell, Table, row_of

__all__ = [
    "crossover_table",
    "line_table",
    "merge_table",
    "studies_table",
    "variant_comparison_table",
]


def studies_table(results: GridResults) -> Table:
    """Tell the settings and sizes of every study."""
    rows = tuple(
        row_of(
            one.name,
            *(setting.value for setting in one.settings),
            f"{one.dataset.n_train:,}",
            f"{one.dataset.n_test:,}",
            f"{one.dataset.n_corpus_documents:,}",
            f"{one.dataset.n_corpus_tokens:,}",
            f"{len(one.summary):,}",
        )
        for one in results.variants
    )
    header = ("Training documents", "Test documents", "Unlabelled documents", "Tokens", "Cells")
    return Table(
        "The studies, with the settings in which they differ, and their data",
        ("Study", *(short_key(key).capitalize() for key in results.keys), *header),
        rows,
    )


def line_table(panel: Panel) -> Table:
    """Accuracy of every line at every value."""
    highest = {
        value: max((c.accuracy for line in panel.lines if (c := line.at(value))), default=None)
        for value in panel.values
    }
    rows = []
    for line in panel.lines:
        row = [Cell(line.label)]
        for value in panel.values:
            cell = line.at(value)
            if cell is None:
                row.append(Cell(ABSENT))
                continue
            ends = percent_interval(cell.accuracy_low, cell.accuracy_high)
            strong = cell.accuracy == highest[value]
            row.append(Cell(f"{percent(cell.accuracy)} {ends}", strong))
        rows.append(tuple(row))
    return Table(
        f"{panel.title}: accuracy in percent with its 95% interval. Bold: the highest of its "
        "column.",
        ("Embedding", *_columns(panel)),
        tuple(rows),
    )


def merge_table(panel: Panel) -> Table | None:
    """Tell what merged embeddings gain over general and in-domain vectors; None without any."""
    rows = []
    for line in panel.lines:
        gains = {gain.value: gain for gain in merge_gains(panel, line)}
        for name in ("general", "domain") if gains else ():
            row = [Cell(f"{line.label}, over {name}")]
            for value in panel.values:
                gain = gains.get(value)
                if gain is None:
                    row.append(Cell(ABSENT))
                    continue
                one = gain.over_general if name == "general" else gain.over_domain
                told = signed_difference(one.difference, one.difference_low, one.difference_high)
                row.append(Cell(told, gain.helps))
            rows.append(tuple(row))
    if not rows:
        return None
    return Table(
        f"{panel.title}: differences in percentage points with 95% intervals. Bold: clearly better "
        "than both.",
        ("Embedding", *_columns(panel)),
        tuple(rows),
    )


def crossover_table(crossovers: Sequence[SettingCrossover]) -> Table:
    """Where embeddings overtake each other."""
    rows = []
    for one in crossovers:
        found = one.crossover
        if found.at is not None:
            at = f"{found.at:.3g}"
        else:
            at = "below the first" if found.ahead_at_first else "beyond the last"
        low = "…" if found.low is None else f"{found.low:.3g}"
        high = "…" if found.high is None else f"{found.high:.3g}"
        shares = (found.share_below, found.share_within, found.share_beyond)
        rows.append(
            row_of(
                f"{one.embedding} over {one.baseline}",
                ", ".join(filter(None, (one.oov, one.model, told_settings(one.settings)))),
                one.strategy,
                f"{one.n_train:,}",
                short_key(one.key),
                at,
                interval(low, high),
                *(percent(share) for share in shares),
            )
        )
    return Table(
        "From which value on one embedding is ahead of another, with 95% intervals, and the shares "
        "of resamples in which that is below, within, and beyond the values. An end of an interval "
        "that is marked … lies outside of the values.",
        (
            "Embeddings",
            "Settings",
            "Strategy",
            "Labels",
            "Along",
            "Crossover",
            "95% interval",
            "Below",
            "Within",
            "Beyond",
        ),
        tuple(rows),
        text_columns=(0, 1, 2, 4),
    )


def variant_comparison_table(comparisons: Sequence[VariantComparison], *, folded: bool) -> Table:
    """Every cell against itself in another study."""
    rows = tuple(
        tuple(
            Cell(text, strong=is_clear(one))
            for text in (
                f"{one.embedding}, {one.oov}, {one.model}",
                one.strategy,
                f"{one.n_train:,}",
                one.variant,
                one.baseline_variant,
                signed_difference(one.difference, one.difference_low, one.difference_high),
                p_value(one.p_corrected),
            )
        )
        for one in comparisons
    )
    return Table(
        "Differences in accuracy of the same cell between two studies, in percentage points with "
        "95% intervals and corrected p-values. Bold: clear differences.",
        ("Cell", "Strategy", "Labels", "Study", "Against", "Difference", "p"),
        rows,
        text_columns=(0, 1, 3, 4),
        folded=folded,
    )


def _columns(panel: Panel) -> tuple[str, ...]:
    key = short_key(panel.key).capitalize()
    return tuple(f"{key} {value:,.5g}" for value in panel.values)
