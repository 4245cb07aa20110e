"""Writing vector files in any of their formats."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapt.errors import FileFormatError, InputError
from adapt.files import atomic_path
from adapt.vectors.glove_text import write_glove_text
from adapt.vectors.native import write_native
from adapt.vectors.sniffing import sniff
from adapt.vectors.word2vec_binary import write_word2vec_binary
from adapt.vectors.word2vec_text import write_word2vec_text
from adapt.vectors.word_vectors import WordVectors

__all__ = ["FORMATS", "format_for", "write_vectors"]

_WRITERS: dict[str, Callable[[WordVectors, Path], None]] = {
    "native": write_native,
    "word2vec-binary": write_word2vec_binary,
    "word2vec": write_word2vec_text,
    "glove": write_glove_text,
}
_SUFFIXES = {
    ".safetensors": "native",
    ".bin": "word2vec-binary",
    ".vec": "word2vec",
    ".w2v": "word2vec",
    ".txt": "glove",
}
FORMATS = tuple(_WRITERS)
"""The names of the formats that `write_vectors` knows."""


def write_vectors(vectors: WordVectors, path: Path | str, *, format: str | None = None) -> None:
    """Write word vectors to a file, whole or not at all.

    Every format gives the matrix back exactly. Only the native one keeps counts, origin and
    sources, holds any word, and can be mapped into memory.

    Parameters
    ----------
    vectors : WordVectors
        What to write; at least one word.
    path : Path or str
        The file. Its suffix tells the format: ``.safetensors`` native, ``.bin`` word2vec binary,
        ``.vec`` or ``.w2v`` word2vec text, ``.txt`` GloVe text.
    format : {"native", "word2vec-binary", "word2vec", "glove"}, optional
        The format, whatever the suffix.

    Raises
    ------
    InputError
        If the format is not clear, cannot hold a word, or there are no words.
    FileAccessError
        If the file cannot be written.
    """
    target = Path(path)
    chosen = format_for(target, format)
    if not len(vectors):
        raise InputError(f"{path}: there are no words to write")
    with atomic_path(target) as temporary:
        _WRITERS[chosen](vectors, temporary)
        _check_readable(temporary, target, vectors, chosen)


def format_for(path: Path | str, format: str | None = None) -> str:
    """Return the format that `write_vectors` would use.

    Raises
    ------
    InputError
        If neither the suffix nor `format` names one.
    """
    chosen = format or _SUFFIXES.get(Path(path).suffix.lower())
    if chosen not in _WRITERS:
        raise InputError(
            f"{path}: {f'no format is called {format!r}' if format else 'the suffix names none'}"
            f"; end the name in {', '.join(_SUFFIXES)}, or choose a format: {', '.join(FORMATS)}"
        )
    return chosen


def _check_readable(written: Path, target: Path, vectors: WordVectors, format: str) -> None:
    """Refuse files whose first words make them look like another format; they are few."""
    try:
        found = sniff(written)
        dim = found.layout.dim if found.layout else vectors.dim
        readable = found.format == format and dim == vectors.dim
    except FileFormatError:
        readable = False
    if not readable:
        raise InputError(
            f"{target}: these words, {vectors.words[0]!r} the first, make {format} look like "
            "another format or number of dimensions; write .safetensors instead"
        )
