"""word2vec's text format: a header "words dimensions", then a word and its values a line.

fastText writes its ``.vec`` files in this format too.

References
----------
T. Mikolov, K. Chen, G. Corrado, J. Dean. Efficient Estimation of Word Representations in Vector
Space. 2013. https://arxiv.org/abs/1301.3781
"""

from __future__ import annotations

import re
from pathlib import Path

from adapt.errors import FileFormatError, InputError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.streams import largest_content, open_stream
from adapt.vectors.text_rows import TextLayout, read_rows, write_rows
from adapt.vectors.word_vectors import WordVectors

__all__ = ["read_word2vec_text", "refuse_spaces", "write_word2vec_text"]

_UNWRITABLE = re.compile(r"[ \t\r\n]")


def read_word2vec_text(path: Path, layout: TextLayout, n_words: int, rows: RowBuffer) -> None:
    """Read word2vec text whose header declares `n_words` rows.

    Parameters
    ----------
    path : Path
        The file, plain or packed.
    layout : TextLayout
        Number of dimensions and separator, as `adapt.vectors.sniffing.sniff` finds them.
    n_words : int
        Number of words in the header.
    rows : RowBuffer
        What collects the rows; it says how many, and of which words.

    Raises
    ------
    FileFormatError
        If a line is damaged, or the file holds more or fewer rows than declared.
    """
    with open_stream(path) as stream:
        stream.readline()
        read_rows(stream, path, layout, rows, content_bytes=largest_content(path))
    found = rows.rows_read
    if found > n_words or found < min(n_words, rows.limit or n_words):
        raise FileFormatError(
            path,
            f"the header declares {n_words} words, but the file holds {found}"
            + ("; it is cut off" if found < n_words else "; correct the header"),
            line=1,
        )


def write_word2vec_text(vectors: WordVectors, path: Path) -> None:
    """Write `vectors` as word2vec text; counts, origin and sources are not kept.

    Raises
    ------
    InputError
        If a word contains a space, a tab or a line break, which the format cannot hold.
    """
    refuse_spaces(vectors)
    with open(path, "wb") as stream:
        stream.write(f"{len(vectors)} {vectors.dim}\n".encode("ascii"))
        write_rows(vectors, stream)


def refuse_spaces(vectors: WordVectors) -> None:
    """Raise InputError if a word cannot stand in a file of word2vec's formats."""
    word = next(filter(_UNWRITABLE.search, vectors.words), None)
    if word is not None:
        raise InputError(
            f"word2vec formats cannot hold the word {word!r}, because it contains a space or a "
            "line break; write .safetensors, or replace the space by '_'"
        )
