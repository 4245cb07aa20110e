"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapt.files import check_target
from adapt.text import Corpus, tokenizer_named
from adapt.vectors import format_for

__all__ = [
    "CorpusPaths",
    "Out",
    "TextColumn",
    "TextField",
    "TokenizerName",
    "Vectors",
    "known_format",
    "open_corpus",
]

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
    str, typer.Argument(help="Vector file of any known format, or the name of installed vectors.")
]


def known_format(path: Path | None) -> Path | None:
    """Refuse a file name that no format goes with, or no file, before any work is done."""
    if path is not None:
        format_for(path)
        check_target(path)
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
        progress=sys.stderr.isatty(),
    )
