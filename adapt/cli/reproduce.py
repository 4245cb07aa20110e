"""The command `reproduce`: run a study again from its manifest, and compare the numbers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapt.cli.console import AsJson, announce, emit, emit_table

if TYPE_CHECKING:
    from adapt.experiment.reproduce import Reproduction

__all__ = ["reproduce"]

EXIT_DIFFERENT = 1


def reproduce(
    results: Annotated[Path, typer.Argument(help="Folder that `adapt run` wrote.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the new results [default: RESULTS-reproduced]."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            help="Processes that train classifiers at the same time [default: a core each].",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a study again as its manifest says, and tell whether the numbers are the same.

    The inputs must be those that were recorded. Nothing that earlier runs kept is used. The exit
    status is 0 if all numbers agree, and 1 if any does not.

    Example: adapt reproduce runs/clinical --out runs/clinical-again
    """
    from adapt.cores import usable_cores
    from adapt.experiment import reproduce_study

    found = reproduce_study(
        results,
        out or results.absolute().with_name(f"{results.absolute().name}-reproduced"),
        n_workers=usable_cores() if workers is None else workers,
        announce=announce,
    )
    if as_json:
        emit({"agrees": found.agrees, **asdict(found)})
    else:
        _print_comparison(found)
    if not found.agrees:
        raise typer.Exit(EXIT_DIFFERENT)


def _print_comparison(found: Reproduction) -> None:
    """Print what has changed since, and the largest difference of every figure that differs."""
    if found.changes:
        emit_table(
            "Changed since",
            ("", "recorded", "present"),
            [(change.name, change.recorded, change.present) for change in found.changes],
            justify="left",
        )
    if found.differences:
        emit_table(
            "Figures that differ",
            ("figure", "differing", "largest difference", "recorded", "reproduced", "where"),
            [
                (
                    one.figure,
                    f"{one.n_differing:,} of {one.n_values:,}",
                    "" if one.largest is None else f"{one.largest:.3g}",
                    one.recorded,
                    one.reproduced,
                    one.where,
                )
                for one in found.differences
            ],
            justify="left",
        )
    names = f"{found.recorded} and {found.reproduced}"
    if found.identical:
        sys.stdout.write(f"The results in {names} agree, byte for byte.\n")
    elif found.agrees:
        sys.stdout.write(f"The results in {names} agree in every value.\n")
    else:
        hint = (
            "" if found.repeatable else " The study was run with training that is not repeatable."
        )
        sys.stdout.write(f"The results in {names} differ.{hint}\n")
