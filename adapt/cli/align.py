"""The command `align`: map one space into another, and test the map."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapt.cli.console import AsJson, announce, emit, emit_table
from adapt.cli.options import Out, Vectors, known_format
from adapt.errors import InputError

if TYPE_CHECKING:
    from adapt.evaluation import AlignmentQuality, Estimate

__all__ = ["align", "emit_alignment"]

_CURVE_POINTS = 5


def align(
    domain: Vectors,
    general: Vectors,
    out: Out,
    method: Annotated[
        str,
        typer.Option(
            help="How the map is found: procrustes, weighted-procrustes, robust-procrustes, ridge, "
            "cca, reweighted, rcsls, kernel-ridge, refined, refined:METHOD, auto or identity."
        ),
    ] = "procrustes",
    space: Annotated[
        str,
        typer.Option(
            help="The space both shall share: general, or domain (GloVe is embedded in it)."
        ),
    ] = "general",
    general_out: Annotated[
        Path | None,
        typer.Option(
            callback=known_format,
            help="Also write the general vectors in the shared space (for 'domain').",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a report: quality by frequency and number of anchors, how alike the "
            "spaces are, rejected anchors, words that changed meaning."
        ),
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(help="Word pairs, domain and general, one a line [default: shared words]."),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="At most so many anchors, most frequent first.")
    ] = 5000,
    min_count: Annotated[int, typer.Option(help="Least in-domain count of an anchor.")] = 1,
    max_general_rank: Annotated[
        int | None, typer.Option(help="Greatest rank of an anchor in the general vectors.")
    ] = None,
    exclude_stop_words: Annotated[
        bool, typer.Option("--exclude-stop-words", help="No English stop words as anchors.")
    ] = False,
    exclude_numbers: Annotated[
        bool, typer.Option("--exclude-numbers", help="No anchors without letters.")
    ] = False,
    min_overlap: Annotated[
        float | None,
        typer.Option(
            help="Least share of neighbours that an anchor has in common in both spaces, 0 to 1."
        ),
    ] = None,
    n_neighbors: Annotated[
        int, typer.Option(help="How many neighbours are compared for that.")
    ] = 100,
    held_out: Annotated[float, typer.Option(help="Share of the anchors kept for testing.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Seed of the held-out choice.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Map in-domain vectors to general ones, and test the map on words it was not fitted on.

    Example: adapt align notes.safetensors glove.6B.100d.txt --out aligned.safetensors
    """
    from adapt.alignment import Automatic, aligner_named
    from adapt.experiment import (
        AlignmentConfig,
        AnchorsConfig,
        align_spaces,
        check_report_folder,
        write_alignment_report,
    )
    from adapt.vectors import read_vectors, write_vectors

    if general_out is not None and general_out.absolute() == out.absolute():
        raise InputError(f"{out}: --out and --general-out are one file; name two")
    if held_out <= 0:
        raise InputError(f"--held-out is {held_out}; keep some anchors to test the map on")
    aligner_named(method, space=space)  # refuses what does not exist before anything is read
    if report is not None:
        check_report_folder(report)
        min_overlap = min_overlap or 0.0  # measured, if no reason to reject
    config = AlignmentConfig(
        method=method,
        space=space,
        curve_points=0 if report is None else _CURVE_POINTS,
        anchors=AnchorsConfig(
            file=None if anchors is None else str(anchors),
            limit=limit,
            min_count=min_count,
            max_general_rank=max_general_rank,
            exclude_stop_words=exclude_stop_words,
            exclude_numbers=exclude_numbers,
            min_overlap=min_overlap,
            n_neighbors=n_neighbors,
            held_out_share=held_out,
            seed=seed,
        ),
    )
    domain_vectors, general_vectors = read_vectors(domain), read_vectors(general)
    aligned = align_spaces(domain_vectors, general_vectors, config)
    aligner = aligned.aligner
    if isinstance(aligner, Automatic):
        announce(f"Chosen: {aligner.reason_}.")
    quality = aligned.quality()
    write_vectors(aligner.transform(domain_vectors), out)
    if general_out is not None:
        write_vectors(aligner.transform_general(general_vectors), general_out)
    elif space == "domain":
        announce("The general vectors in the shared space were not kept; --general-out FILE does.")
    if report is not None:
        announce("Measuring the learning curve and how alike the spaces are")
        write_alignment_report(aligned, quality, report, inputs=(domain, general))
    if as_json:
        emit(
            {
                "vectors": str(out),
                "anchors": asdict(aligned.anchors()),
                "alignment": [asdict(row) for row in quality],
            }
        )
        return
    emit_alignment(quality)
    sys.stdout.write(f"Aligned vectors: {out}\n")
    if report is not None:
        sys.stdout.write(f"Report: {report / 'report.html'}\n")


def emit_alignment(qualities: Sequence[AlignmentQuality]) -> None:
    """Print a table of the held-out words that each map found."""
    own = qualities[0]
    emit_table(
        f"{own.n_anchors:,} anchors, {own.n_held_out:,} others held out; with 95 % intervals",
        ("map", "mean cosine", "P@1", "P@10", "CSLS P@1", "CSLS P@10", "coverage"),
        [
            (
                row.method,
                f"{row.mean_cosine.value:.3f}",
                *(
                    _percent(row.precision(retrieval, k).scored)
                    for retrieval in ("nearest", "csls")
                    for k in (1, 10)
                ),
                f"{row.coverage:.1%}",
            )
            for row in qualities
        ],
    )


def _percent(estimate: Estimate) -> str:
    return f"{estimate.value:.1%} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
