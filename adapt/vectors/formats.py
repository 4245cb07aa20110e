"""Reading and writing vector files, whatever their format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.files import atomic_path
from adapt.vectors.glove_text import read_glove_text, write_glove_text
from adapt.vectors.installed import installed_files, installed_names, read_installed
from adapt.vectors.native import read_native, write_native
from adapt.vectors.sniffing import sniff
from adapt.vectors.word2vec_binary import read_word2vec_binary, write_word2vec_binary
from adapt.vectors.word2vec_text import read_word2vec_text, write_word2vec_text
from adapt.vectors.word_vectors import WordVectors

__all__ = ["FORMATS", "format_for", "read_vectors", "vector_files", "write_vectors"]

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


def read_vectors(path: Path | str, *, limit: int | None = None) -> WordVectors:
    """Read word vectors from a file, or from an installed package.

    The format is found from the content, not from the name: native ``.safetensors`` (mapped into
    memory), word2vec binary, word2vec text (with a header; fastText's ``.vec`` too) and GloVe
    text (without). Binary and text may be compressed by gzip.

    Parameters
    ----------
    path : Path or str
        The file; or one of `adapt.vectors.installed_names`, such as ``"glove.6B.50d"``, unless
        there is a file of that name.
    limit : int, optional
        Read only the first so many rows.

    Returns
    -------
    WordVectors
        With the file's name as origin. Native files also keep their own origin, counts, sources.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it is damaged, or in a format that is not read here.
    MissingDependencyError
        If `path` names vectors whose package is not installed.

    Warns
    -----
    AdaptWarning
        If words occur more than once in a text or word2vec binary file: the first counts.

    Examples
    --------
    >>> read_vectors("glove.6B.50d", limit=1000)
    WordVectors(1000 words x 50, origin='glove.6B.50d')
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; at least 1 row has to be read")
    file = Path(path)
    if not file.exists():
        if str(path) in installed_names():
            return read_installed(str(path), limit=limit)
        raise FileAccessError(
            f"{path}: no such file; check the path, or name installed vectors: "
            f"{', '.join(installed_names())}"
        )
    if not file.is_file():
        raise FileAccessError(f"{path}: is not a file; name a file of vectors")
    found = sniff(file)
    if found.layout is None:
        if found.declared is None:
            return read_native(file, limit=limit)
        return read_word2vec_binary(file, *found.declared, limit=limit)
    if found.declared is None:
        return read_glove_text(file, found.layout, limit=limit)
    return read_word2vec_text(file, found.layout, found.declared[0], limit=limit)


def vector_files(path: Path | str) -> tuple[Path, ...]:
    """Return the files that `read_vectors` reads for a path or the name of installed vectors."""
    if not Path(path).exists() and str(path) in installed_names():
        return installed_files(str(path))
    return (Path(path),)


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
            f"; end the name in {', '.join(_SUFFIXES)}, or pass format= {', '.join(FORMATS)}"
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
