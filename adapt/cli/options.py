"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from adapt.cli.console import talkative
from adapt.files import check_target
from adapt.text import Corpus, tokenizer_named
from adapt.vectors import format_for, installed_names

__all__ = [
    "CorpusPaths",
    "Out",
    "TextColumn",
    "TextField",
    "TokenizerName",
    "Vectors",
    "complete_vectors",
    "known_format",
    "open_corpus",
    "with_quiet",
]

Quiet = Annotated[
    bool, typer.Option("--quiet", help="No announcements and no progress; warnings stay.")
]


def with_quiet(command: Callable[..., None]) -> Callable[..., None]:
    """Add to a command the option that all have, and let it say what is going on or not."""

    @wraps(command)
    def run(*, quiet: bool, **options: Any) -> None:
        with talkative(not quiet):
            command(**options)

    own = inspect.signature(command, eval_str=True)
    added = inspect.Parameter(
        "quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet
    )
    every = [*own.parameters.values(), added]
    run.__signature__ = own.replace(parameters=every)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in every}
    return run


def complete_vectors(incomplete: str) -> list[str]:
    """Complete the names of installed vectors; where none fits, the shell completes files."""
    return [name for name in installed_names() if name.startswith(incomplete)]


CorpusPaths = Annotated[
    list[Path],
    typer.Argument(
        help="Plain text (a document a line), .gz, JSON Lines, CSV, TSV, or folders of these."
    ),
]
TextField = Annotated[str, typer.Option(help="Field that holds the text, in JSON Lines.")]
TextColumn = Annotated[str, typer.Option(help="Column that holds the text, in CSV and TSV.")]
TokenizerName = Annotated[str, typer.Option(help="word, word-cased or whitespace.")]

Vectors = Annotated[
    str,
    typer.Argument(
        help="Vector file of any known format, or the name of installed vectors.",
        autocompletion=complete_vectors,
    ),
]


def known_format(path: Path | None) -> Path | None:
    """Refuse a file name that no format goes with, or no file, before any work is done."""
    if path is not None:
        check_target(path)
        format_for(path)
    return path


Out = Annotated[
    Path,
    typer.Option(
        "--out",
        callback=known_format,
        help="File to write: .safetensors, .txt, .vec or .bin.",
    ),
]


def open_corpus(paths: list[Path], text_field: str, text_column: str, tokenizer: str) -> Corpus:
    """Open a corpus as the command line describes it."""
    return Corpus.read(
        *paths,
        tokenizer=tokenizer_named(tokenizer),
        text_field=text_field,
        text_column=text_column,
    )
