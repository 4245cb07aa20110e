"""The command `explore`: a page that shows the same words in several spaces."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from adapt.cli.console import announce
from adapt.cli.options import complete_vectors
from adapt.errors import InputError

__all__ = ["explore"]


def explore(
    vectors: Annotated[
        list[str],
        typer.Argument(
            help="Vector files, matrices or installed names; each is a space.",
            autocompletion=complete_vectors,
        ),
    ],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 is any that is free.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Compare neighbours and analogies across spaces, on a page of this machine alone.

    Example: adapt explore glove.6B.50d merged.safetensors
    """
    from adapt.explorer.page import serve_page
    from adapt.merging import EmbeddingMatrix, holds_matrix
    from adapt.vectors import read_vectors

    twice = next((name for name in vectors if vectors.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{twice}: is given twice; name each space once")
    spaces = {
        name: EmbeddingMatrix.load(name).word_vectors()
        if holds_matrix(name)
        else read_vectors(name)
        for name in vectors
    }

    def ready(url: str) -> None:
        announce("Ctrl-C ends it.")
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()  # a program may wait for it

    serve_page(spaces, port=port, browser=browser, ready=ready)
