"""GloVe's text format: a word and its values a line, separated by spaces, without a header.

Words may contain spaces, as some of GloVe 840B do: the last values of a line are the vector.

References
----------
J. Pennington, R. Socher, C. D. Manning. GloVe: Global Vectors for Word Representation.
EMNLP 2014. https://aclanthology.org/D14-1162/
"""

from __future__ import annotations

import re
from pathlib import Path

from adapt.errors import InputError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.streams import largest_content, open_stream
from adapt.vectors.text_rows import TextLayout, is_number, read_rows, write_rows
from adapt.vectors.word_vectors import WordVectors

__all__ = ["read_glove_text", "write_glove_text"]

_UNWRITABLE = re.compile(r"[\t\r\n]|^ | $|  ")


def read_glove_text(path: Path, layout: TextLayout, rows: RowBuffer) -> None:
    """Read GloVe text whose lines have the given layout.

    Parameters
    ----------
    path : Path
        The file, plain or packed.
    layout : TextLayout
        Number of dimensions and separator, as `adapt.vectors.sniffing.sniff` finds them.
    rows : RowBuffer
        What collects the rows; it says how many, and of which words.

    Raises
    ------
    FileFormatError
        If a line is damaged; the message names it.
    """
    with open_stream(path) as stream:
        read_rows(stream, path, layout, rows, content_bytes=largest_content(path))


def write_glove_text(vectors: WordVectors, path: Path) -> None:
    """Write `vectors` as GloVe text; counts, origin and sources are not kept.

    Raises
    ------
    InputError
        If the format cannot hold a word: one with a tab or line break, with a space at its ends
        or two in a row, or with a last part that reads as a value.
    """
    for word in vectors.words:
        # one search for the few words that have any space at all keeps this loop fast
        if not word.isalnum() and (
            _UNWRITABLE.search(word)
            or (" " in word and is_number(word.rsplit(" ", 1)[1].encode("utf-8", "replace")))
        ):
            raise InputError(
                f"GloVe text cannot hold the word {word!r}, because of its spaces or line breaks; "
                "write .safetensors, or remove the word"
            )
    with open(path, "wb") as stream:
        write_rows(vectors, stream)
