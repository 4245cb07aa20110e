"""The `adapt` program: its commands in one place."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from adapt.cli.align import align
from adapt.cli.classify import classify
from adapt.cli.console import guarded
from adapt.cli.data import data_app
from adapt.cli.explore import explore
from adapt.cli.reproduce import reproduce
from adapt.cli.similarity import similarity
from adapt.cli.spaces import merge_spaces, neighbors, train
from adapt.cli.study import report, run
from adapt.cli.words import convert, coverage, matrix

__all__ = ["app", "main"]

app = typer.Typer(
    name="adapt",
    help="Adapt general word vectors to a specialised domain, and measure whether it helped.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("run")(run)
app.command("train")(train)
app.command("align")(align)
app.command("merge")(merge_spaces)
app.command("matrix")(matrix)
app.command("coverage")(coverage)
app.command("classify")(classify)
app.command("similarity")(similarity)
app.command("neighbors")(neighbors)
app.command("explore")(explore)
app.command("convert")(convert)
app.command("report")(report)
app.command("reproduce")(reproduce)
app.add_typer(data_app, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"adapt {version('adapt-embeddings')}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Adapt general word vectors to a specialised domain, and measure whether it helped."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(guarded(lambda: app(args=arguments, standalone_mode=False)))
