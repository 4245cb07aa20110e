"""The command `align`: map one space into another, and test the map."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapt.cli.console import AsJson, announce, emit, emit_table
from adapt.cli.options import Out, Vectors, known_format
from adapt.errors import InputError

__all__ = ["align"]


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
    anchors: Annotated[
        Path | None,
        typer.Option(help="Word pairs, domain and general, one a line [default: shared words]."),
    ] = None,
    limit: Annotated[
        int, typer.Option(help="At most so many shared words, most frequent first.")
    ] = 5000,
    held_out: Annotated[float, typer.Option(help="Share of the anchors kept for testing.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Seed of the held-out choice.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Map in-domain vectors to general ones, and test the map on words it was not fitted on.

    Example: adapt align notes.safetensors glove.6B.100d.txt --out aligned.safetensors
    """
    from adapt.alignment import (
        AnchorSelection,
        Automatic,
        aligner_named,
        read_anchors,
        select_anchors,
        shared_anchors,
    )
    from adapt.evaluation import alignment_baselines, alignment_quality
    from adapt.vectors import read_vectors, write_vectors

    if general_out is not None and general_out.absolute() == out.absolute():
        raise InputError(f"{out}: --out and --general-out are one file; name two")
    if held_out <= 0:
        raise InputError(f"--held-out is {held_out}; keep some anchors to test the map on")
    domain_vectors, general_vectors = read_vectors(domain), read_vectors(general)
    if anchors is not None:
        pairs = read_anchors(anchors)
    else:
        shared = shared_anchors(domain_vectors, general_vectors)
        options = AnchorSelection(limit=limit)
        pairs = select_anchors(domain_vectors, general_vectors, shared, options).anchors
    fitted, kept = pairs.split(held_out, seed=seed)
    aligner = aligner_named(method, space=space).fit(domain_vectors, general_vectors, fitted)
    if isinstance(aligner, Automatic):
        announce(f"Chosen: {aligner.reason_}.")
    rows = [
        alignment_quality(aligner, domain_vectors, general_vectors, kept),
        *alignment_baselines(aligner, domain_vectors, general_vectors, kept, seed=seed),
    ]
    write_vectors(aligner.transform(domain_vectors), out)
    if general_out is not None:
        write_vectors(aligner.transform_general(general_vectors), general_out)
    elif space == "domain":
        announce("The general vectors in the shared space were not kept; --general-out FILE does.")
    if as_json:
        emit({"vectors": str(out), "alignment": [asdict(row) for row in rows]})
        return
    emit_table(
        f"{len(fitted):,} anchors, {len(kept):,} others held out",
        ("map", "mean cosine", "P@1", "P@5", "P@10", "coverage"),
        [
            (
                row.method,
                f"{row.mean_cosine:.3f}",
                f"{row.precision_at_1:.1%}",
                f"{row.precision_at_5:.1%}",
                f"{row.precision_at_10:.1%}",
                f"{row.coverage:.1%}",
            )
            for row in rows
        ],
    )
    sys.stdout.write(f"Aligned vectors: {out}\n")
