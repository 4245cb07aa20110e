"""The tables about an alignment: retrieval, the maps themselves, the spaces, the anchors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    AnchorOverlap,
    AnchorSelectionSummary,
    Isometry,
    Precision,
)
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.results import Results
from adapt.evaluation.wording import decimal, interval, percent, percent_interval
from adapt.report.tables import ABSENT, Cell, Table, row_of
from adapt.report.views import is_control

__all__ = ["alignment_tables", "anchor_tables", "changed_table", "isometry_table"]


def alignment_tables(results: Results) -> Iterator[Table]:
    """Precision with intervals, the same with missing words as errors, bands, and the maps."""
    qualities = results.alignment
    yield _precision_table(
        qualities,
        lambda precision: precision.scored,
        "Held-out words found, in percent of those that both spaces hold, with 95% intervals.",
    )
    yield _precision_table(
        qualities,
        lambda precision: precision.all,
        "The same with words that a space lacks counted as errors",
        folded=True,
    )
    shown = [quality for quality in qualities if not is_control(quality.method)]
    for quality in shown[:1]:
        yield _band_table(quality)
    yield _map_table(qualities)


def _precision_table(
    qualities: tuple[AlignmentQuality, ...],
    of: Callable[[Precision], Estimate],
    caption: str,
    *,
    folded: bool = False,
) -> Table:
    kinds = [(p.retrieval, p.k) for p in qualities[0].precisions]
    best = {
        kind: max(of(quality.precision(*kind)).value for quality in qualities) for kind in kinds
    }
    rows = tuple(
        (
            Cell(quality.method),
            *(
                Cell(
                    _percent(of(quality.precision(*kind))),
                    strong=0 < of(quality.precision(*kind)).value == best[kind],
                )
                for kind in kinds
            ),
        )
        for quality in qualities
    )
    return Table(caption, ("Method", *(_heading(*kind) for kind in kinds)), rows, folded=folded)


def _heading(retrieval: str, k: int) -> str:
    return f"P@{k}" if retrieval == "nearest" else f"CSLS P@{k}"


def _band_table(quality: AlignmentQuality) -> Table:
    unit = "In-domain count" if quality.bands[0].by == "count" else "In-domain rank"
    kinds = [(p.retrieval, p.k) for p in quality.bands[0].precisions if p.k in (1, 10)]
    rows = tuple(
        row_of(
            f"{band.lowest:,} to {band.highest:,}",
            f"{band.n_pairs:,}",
            _decimal(band.mean_cosine),
            *(
                _percent(precision.scored)
                for precision in band.precisions
                if (precision.retrieval, precision.k) in kinds
            ),
        )
        for band in quality.bands
    )
    return Table(
        f"{quality.method} by how often the word occurs in the domain, in percent.",
        (unit, "Pairs", "Mean cosine", *(_heading(*kind) for kind in kinds)),
        rows,
    )


def _map_table(qualities: tuple[AlignmentQuality, ...]) -> Table:
    rows = tuple(
        row_of(
            quality.method,
            quality.space,
            f"{quality.domain_dim} / {quality.general_dim}",
            _decimal(quality.mean_cosine),
            _decimal(quality.hubness, 1),
            ABSENT if quality.condition_number is None else decimal(quality.condition_number, 1),
            ABSENT
            if quality.orthogonality_error is None
            else decimal(quality.orthogonality_error, 3),
            percent(quality.coverage),
            f"{quality.n_anchors:,}",
            f"{quality.n_held_out:,}",
            f"{quality.n_candidates:,}",
            quality.note or ABSENT,
        )
        for quality in qualities
    )
    return Table(
        "The maps, and what they were tested on.",
        (
            "Method", "Unified space", "Dimensions, in-domain / general", "Mean cosine", "Hubness",
            "Condition number", "Orthogonality error", "Coverage", "Anchors fitted",
            "Anchors held out", "Candidates", "Remark",
        ),
        rows,
        text_columns=(0, 1, 11),
    )  # fmt: skip


def isometry_table(isometry: Isometry) -> Table:
    """How alike both spaces are in themselves."""
    drawn = f"mean over draws of {isometry.n_drawn:,} words"
    return Table(
        f"How alike the two spaces are, over {isometry.n_words:,} words of both; no map involved.",
        ("Measure", "Value", "Copies would have", "Taken as"),
        (
            row_of(
                "Relational similarity", _decimal(isometry.relational_similarity), "1",
                "correlation of all cosines among these words",
            ),
            row_of(
                "Eigenvector similarity", _decimal(isometry.eigenvector_similarity, 0), "0", drawn,
            ),
            row_of(
                "Gromov\N{EN DASH}Hausdorff, lower bound",
                _decimal(isometry.gromov_hausdorff), "0", drawn,
            ),
        ),
        text_columns=(0, 3),
    )  # fmt: skip


def anchor_tables(anchors: AnchorSelectionSummary) -> Iterator[Table]:
    """Why candidates were rejected."""
    if anchors.rejected:
        yield Table(
            f"Of {anchors.n_candidates:,} candidates {anchors.n_kept:,} became anchors and "
            f"{anchors.n_held_out:,} were held out; why the others are neither.",
            ("Reason", "Candidates"),
            tuple(
                row_of(reason.replace("_", " "), f"{count:,}") for reason, count in anchors.rejected
            ),
        )


def changed_table(anchors: AnchorSelectionSummary) -> Table | None:
    """List the words whose neighbours differ most; None where that was not measured."""
    if not anchors.changed or anchors.chance_overlap is None:
        return None
    return Table(
        "Words that may mean another thing here: frequent in both spaces, with the least overlap "
        f"of their neighbours among the anchors (by chance {percent(anchors.chance_overlap)}).",
        (
            "Word", "Overlap", "Count", "General rank", "Nearest in the domain",
            "Nearest in general",
        ),
        tuple(map(_changed_row, anchors.changed)),
        text_columns=(0, 4, 5),
    )  # fmt: skip


def _changed_row(one: AnchorOverlap) -> tuple[Cell, ...]:
    return row_of(
        one.domain if one.domain == one.general else f"{one.domain} / {one.general}",
        ABSENT if one.overlap is None else percent(one.overlap),
        ABSENT if one.count is None else f"{one.count:,}",
        ABSENT if one.general_rank is None else f"{one.general_rank:,}",
        ", ".join(one.domain_neighbors),
        ", ".join(one.general_neighbors),
    )


def _percent(estimate: Estimate) -> str:
    value = percent(estimate.value).removesuffix("%")
    return f"{value} {percent_interval(estimate.low, estimate.high)}"


def _decimal(estimate: Estimate, places: int = 3) -> str:
    ends = interval(decimal(estimate.low, places), decimal(estimate.high, places))
    return f"{decimal(estimate.value, places)} {ends}"
