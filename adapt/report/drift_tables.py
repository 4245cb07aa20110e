"""The tables about drift: strategies by band with their accuracy, sources, and single words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from adapt.evaluation.drift_results import Drift, MovedWord, most_drifted
from adapt.evaluation.drift_summary import MeanDrift, MeanMovement, OverSeeds
from adapt.evaluation.results import Results
from adapt.evaluation.wording import decimal, labels, percent, percent_interval
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
from adapt.report.tables import ABSENT, Cell, Table, row_of

__all__ = ["drift_tables"]


def drift_tables(results: Results) -> Iterator[Table]:
    """How far every strategy moves the words, beside its accuracy, for each embedding."""
    for variant in drift_variants(results):
        yield _shift_table(variant)
        yield _neighbor_table(variant)
        yield _group_table(variant)
        told = [drift for drift in variant.drifts if drift.moved or drift.moved_once]
        if told:
            yield _word_table(variant, most_drifted(told))


def _shift_table(variant: DriftVariant) -> Table:
    """Set the movement of the words of each band beside the accuracy."""
    over = ", over seeds with the lowest and the highest of a seed" if variant.n_seeds > 1 else ""
    trained = [band for band in variant.bands if band[0] > 0]
    return Table(
        f"{variant.label}: mean movement of the words, in percent of their vectors' length before "
        f"training{over}, by how often they occur in the training documents; words that occur in "
        "none stay where they are. Bold: the highest accuracy and the least movement of a label "
        "budget.",
        _band_header(trained),
        tuple(_band_rows(variant, trained, mean_shift, min)),
    )


def _neighbor_table(variant: DriftVariant) -> Table:
    """Set the share of neighbours that words of each band keep beside the accuracy."""
    return Table(
        f"{variant.label}: share of its 10 nearest neighbours that a word keeps, in percent, among "
        f"{variant.cells[0].n_candidates:,} words that had a vector",
        _band_header(variant.bands),
        tuple(_band_rows(variant, variant.bands, kept_neighbors, max)),
        folded=True,
    )


def _band_header(bands: Sequence[Band]) -> tuple[str, ...]:
    return ("Strategy", "Labels", "Accuracy", *(f"Seen {band_name(*band)}" for band in bands))


def _band_rows(
    variant: DriftVariant,
    bands: Sequence[Band],
    figure: Reading,
    preferred: Callable[[list[float]], float],
) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for every label budget and strategy; the preferred figures are bold."""
    for n_train in variant.budgets:
        cells = variant.at(n_train)
        found = [[figure_in(cell, band, figure) for band in bands] for cell in cells]
        best = [
            preferred([one.mean for one in column if one is not None] or [0.0])
            for column in zip(*found, strict=True)
        ]
        for cell, own in zip(cells, found, strict=True):
            yield (
                Cell(cell.strategy),
                Cell(f"{n_train:,}"),
                _accuracy_cell(variant, cell),
                *(
                    Cell(_over_seeds(one), strong=one is not None and one.mean == top)
                    for one, top in zip(own, best, strict=True)
                ),
            )


def _over_seeds(figure: OverSeeds | None) -> str:
    if figure is None:
        return ABSENT
    text = _percent(figure.mean)
    if figure.lowest == figure.highest:
        return text
    return f"{text} {percent_interval(figure.lowest, figure.highest)}"


def _accuracy_cell(variant: DriftVariant, cell: MeanDrift) -> Cell:
    own = variant.accuracy(cell.strategy, cell.n_train)
    if own is None:
        return Cell(ABSENT)
    beside = [variant.accuracy(other.strategy, other.n_train) for other in variant.at(cell.n_train)]
    highest = max(one.accuracy for one in beside if one is not None)
    return Cell(
        f"{_percent(own.accuracy)} {percent_interval(own.accuracy_low, own.accuracy_high)}",
        strong=own.accuracy == highest,
    )


def _group_table(variant: DriftVariant) -> Table:
    """Give more figures, and those of the words by the source of their vectors."""
    return Table(
        f"{variant.label}: movement by band, and by source of the vectors of the words in the "
        "training documents; movement and neighbours in percent, means over seeds",
        ("Strategy", "Labels", "Words", "Number", "Mean", "Median", "90% quantile", "Mean cosine",
         "Neighbours kept"),
        tuple(row for cell in variant.cells for row in _group_rows(cell)),
        text_columns=(0, 2),
        folded=True,
    )  # fmt: skip


def _group_rows(cell: MeanDrift) -> Iterator[tuple[Cell, ...]]:
    heading = (cell.strategy, f"{cell.n_train:,}")
    groups: list[tuple[str, MeanMovement]] = [
        *((f"seen {band_name(one.lowest, one.highest)}", one.movement) for one in cell.bands),
        *((f"from {one.source}", one.movement) for one in cell.sources),
    ]
    for name, movement in groups:
        yield row_of(
            *heading,
            name,
            f"{movement.n_words.mean:,.0f}",
            _percent(movement.mean_shift.mean),
            _percent(movement.median_shift.mean),
            _percent(movement.high_shift.mean),
            decimal(movement.mean_cosine.mean, 3),
            _percent(movement.neighbor_overlap.mean),
        )
    if cell.n_from_zero.mean:
        n_from_zero = f"{cell.n_from_zero.mean:,.0f}"
        yield row_of(*heading, "seen, but zero before", n_from_zero, *[ABSENT] * 5)


def _word_table(variant: DriftVariant, leader: Drift) -> Table:
    """List the words that moved most, and how far the other strategies moved them."""
    others = [one for one in variant.drifts if one.is_beside(leader) and one is not leader]
    shifts = [dict(other.followed) for other in others]

    def row(entry: MovedWord) -> tuple[Cell, ...]:
        return row_of(
            entry.word,
            f"{entry.count:,}",
            entry.source,
            _percent(entry.shift),
            *(_percent(known[entry.word]) if entry.word in known else ABSENT for known in shifts),
            decimal(entry.cosine, 2),
            ", ".join(entry.neighbors_before),
            ", ".join(entry.neighbors_after),
        )

    n_columns = 5 + len(others)
    return Table(
        f"{variant.label}: the words that {leader.strategy} moves most with "
        f"{labels(leader.n_train)} (seed {leader.seed}), of those seen at least twice in the "
        "training documents and of those seen once; and how far the other strategies move them. "
        "Movement in percent of the vector's length before; the cosine is that of before and "
        f"after under {leader.strategy}.",
        ("Word", "Count", "Source", leader.strategy, *(other.strategy for other in others),
         "Cosine", "Nearest before", "Nearest after"),
        tuple(map(row, (*leader.moved, *leader.moved_once))),
        text_columns=(0, 2, n_columns, n_columns + 1),
        fitted=True,
    )  # fmt: skip


def _percent(share: float) -> str:
    return percent(share).removesuffix("%")
