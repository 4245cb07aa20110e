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
from adapt.cli.options import with_quiet
from adapt.cli.reproduce import reproduce
from adapt.cli.similarity import similarity
from adapt.cli.spaces import merge_spaces, neighbors, train
from adapt.cli.study import report, run
from adapt.cli.words import convert, coverage, matrix

__all__ = ["app", "run_command_line"]

_EXIT_STATUS = (
    "Exit status: 0 if all is well, 1 if `adapt reproduce` finds numbers that differ, 2 if input "
    "or usage is no good, 130 if it was interrupted."
)

app = typer.Typer(
    name="adapt",
    help="Adapt general word vectors to a specialised domain, and measure whether it helped.",
    epilog=_EXIT_STATUS,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,  # it would take [default: ...] and the like for markup
    pretty_exceptions_enable=False,
)
for _name, _command in (
    ("run", run),
    ("train", train),
    ("align", align),
    ("merge", merge_spaces),
    ("matrix", matrix),
    ("coverage", coverage),
    ("classify", classify),
    ("similarity", similarity),
    ("neighbors", neighbors),
    ("explore", explore),
    ("convert", convert),
    ("report", report),
    ("reproduce", reproduce),
):
    # the first sentence whole: by itself, it would be cut off in the list of commands
    _summary = (_command.__doc__ or "").partition("\n")[0]
    app.command(_name, short_help=_summary)(with_quiet(_command))
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


def run_command_line(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit status."""
    return guarded(lambda: app(args=arguments, prog_name="adapt", standalone_mode=False))
