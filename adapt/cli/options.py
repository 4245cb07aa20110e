"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapt.text import Corpus, tokenizer_named

__all__ = ["CorpusPaths", "TextColumn", "TextField", "TokenizerName", "open_corpus"]

CorpusPaths = Annotated[
    list[Path],
    typer.Argument(
        help="Plain text (a document a line), .gz, JSON Lines, CSV, TSV, or folders of these."
    ),
]
TextField = Annotated[str, typer.Option(help="Field that holds the text, in JSON Lines.")]
TextColumn = Annotated[str, typer.Option(help="Column that holds the text, in CSV and TSV.")]
TokenizerName = Annotated[str, typer.Option(help="word, word-cased or whitespace.")]


def open_corpus(paths: list[Path], text_field: str, text_column: str, tokenizer: str) -> Corpus:
    """Open a corpus as the command line describes it."""
    return Corpus.read(
        *paths,
        tokenizer=tokenizer_named(tokenizer),
        text_field=text_field,
        text_column=text_column,
        progress=sys.stderr.isatty(),
    )
