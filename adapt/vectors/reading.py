"""Reading vector files, whatever their format and packing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptError, FileAccessError, FileFormatError, InputError
from adapt.vectors.cache import CopyInProgress, Entry, NotKeptError, entry_for, open_entry
from adapt.vectors.fasttext_binary import read_fasttext_binary
from adapt.vectors.glove_text import read_glove_text
from adapt.vectors.installed import installed_files, installed_names, read_installed
from adapt.vectors.lexicon import HeldWords
from adapt.vectors.native import read_native
from adapt.vectors.row_buffer import MemoryMatrix, Repeats, RowBuffer
from adapt.vectors.sniffing import Sniffed, sniff
from adapt.vectors.streams import is_packed, members, stored_file, versions_seen
from adapt.vectors.word2vec_binary import read_word2vec_binary
from adapt.vectors.word2vec_text import read_word2vec_text
from adapt.vectors.word_vectors import WordVectors

__all__ = ["read_vectors", "vector_files"]

Wanted = Collection[str] | None
Outcome = tuple[WordVectors, Repeats | None]

_MOST_MEMBERS = 1000
_MOST_VERSIONS = 10
_MEMBERS_LISTED = 10


def read_vectors(
    path: Path | str,
    *,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    cache: bool = True,
) -> WordVectors:
    """Read word vectors from a file, or from an installed package.

    The format is found from the content, not from the name: native ``.safetensors`` (mapped into
    memory), fastText models (``.bin``, the vectors of their words), word2vec binary, word2vec
    text (with a header; fastText's ``.vec`` too) and GloVe text (without). All but native files
    and fastText models may be compressed by gzip or zstd, or be in a zip archive; they are read
    as streams, and nothing is unpacked to the disk.

    Parameters
    ----------
    path : Path or str
        The file; or one of `adapt.vectors.installed_names`, such as ``"glove.6B.50d"``, unless
        there is a file of that name. Of a zip archive with more than one file of vectors, name
        one as if the archive were a folder: ``"glove.6B.zip/glove.6B.100d.txt"``.
    limit : int, optional
        Read the file as if it ended after so many rows.
    words : iterable of str, optional
        Read only the vectors of these words, in the order of the file; those that it does not
        hold are missing from the result. Vectors of other words are neither parsed nor held, and
        damage in them goes unnoticed unless it hides where a row ends.
    cache : bool
        Whether a copy in the user's cache folder may be opened instead of the file, and kept
        there when the file is read whole; see `adapt.vectors.cache`. No copy is kept of native
        files, nor of files below 8 MiB.

    Returns
    -------
    WordVectors
        With the file's name as origin. Native files also keep their own origin, counts, sources.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it is damaged, encrypted, in a format that is not read here, or an archive in which
        not exactly one file holds vectors.
    MissingDependencyError
        If `path` names vectors whose package is not installed, or is compressed by zstd and the
        package zstandard is not.

    Warns
    -----
    AdaptWarning
        If words occur more than once in a text or word2vec binary file: the first counts.

    Notes
    -----
    Memory for a whole reading of n words in d dimensions: 4 n d bytes for the matrix (1/8 more at
    most for packed files, whose length is not known), about 250 bytes a word for words and index,
    and up to 300 MB for libraries and the blocks in work, whatever n and d. When a copy is kept
    in the cache, the vectors go straight to that file and are mapped from it: the matrix takes no
    memory of its own then, nor when a copy is opened.

    Examples
    --------
    >>> read_vectors("glove.6B.50d", limit=1000)
    WordVectors(1000 words x 50, origin='glove.6B.50d')
    >>> read_vectors("glove.6B.50d", words=["fever", "the", "no such word"]).words
    ('the', 'fever')
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit is {limit}; at least 1 row has to be read")
    wanted = None if words is None else _wanted(words)
    file = Path(path)
    if stored_file(file) is None:
        return _read_without_file(path, limit, wanted)
    vectors, repeats = _read_one_version(file, limit, wanted, cache)
    if repeats is not None:
        repeats.warn(file)
    return vectors


def vector_files(path: Path | str) -> tuple[Path, ...]:
    """Return the files that `read_vectors` reads for a path or the name of installed vectors."""
    file = stored_file(Path(path))
    if file is None and str(path) in installed_names():
        return installed_files(str(path))
    return (file or Path(path),)


def _read_one_version(file: Path, limit: int | None, wanted: Wanted, cache: bool) -> Outcome:
    """Read a file again if it was replaced between two looks at it, which do not fit then."""
    for _ in range(_MOST_VERSIONS):
        with versions_seen() as seen:
            entry = entry_for(file) if cache else None
            outcome = None if entry is None else _opened_copy(entry, file, limit, wanted)
            try:
                if outcome is None:
                    outcome = _read(file, limit, wanted, entry)
            except NotKeptError:
                cache = False  # read into memory instead
            except AdaptError:
                with suppress(AdaptError):
                    is_packed(file)  # a look at what is there now
                if len(seen) <= 1:
                    raise
            else:
                if len(seen) <= 1:
                    return outcome
    raise FileAccessError(f"{file}: is replaced again and again; read it when that has ended")


def _wanted(words: Iterable[str]) -> dict[str, None]:
    if isinstance(words, str):
        raise InputError("words is one string; pass a collection of words")
    wanted = dict.fromkeys(words)
    for word in wanted:
        if not isinstance(word, str):
            raise InputError(f"words holds {word!r}, a {type(word).__name__}, not a str")
    return wanted


def _read_without_file(path: Path | str, limit: int | None, wanted: Wanted) -> WordVectors:
    if Path(path).exists():
        raise FileAccessError(f"{path}: is not a file; name a file of vectors")
    if str(path) in installed_names():
        return read_installed(str(path), limit=limit, words=wanted)
    raise FileAccessError(
        f"{path}: no such file; check the path, or name installed vectors: "
        f"{', '.join(installed_names())}"
    )


def _opened_copy(entry: Entry, file: Path, limit: int | None, wanted: Wanted) -> Outcome | None:
    copy = open_entry(entry, file)
    if copy is None or (limit is None and wanted is None):
        return copy
    vectors, repeats = copy
    if repeats is not None:
        return None  # which rows are repeated depends on which are read: the file itself tells
    return _selected(vectors if limit is None else vectors.head(limit), wanted), None


def _selected(vectors: WordVectors, wanted: Wanted) -> WordVectors:
    """Return the vectors of wanted words, in the order of their rows."""
    if wanted is None:
        return vectors
    words = list(wanted)
    rows = vectors.rows(words)
    order = np.argsort(rows)
    order = order[rows[order] >= 0]
    index = {words[at]: row for row, at in enumerate(order.tolist())}
    return WordVectors.from_checked(
        HeldWords(index), vectors.matrix[rows[order]], origin=vectors.origin
    )


def _read(file: Path, limit: int | None, wanted: Wanted, entry: Entry | None) -> Outcome:
    """Read the file itself, and keep a copy where `entry` says if that is the whole file.

    Raises
    ------
    NotKeptError
        If that copy cannot be kept.
    """
    chosen, found = _sniffed(file)
    if found.format == "native":
        return read_native(chosen, limit=limit, words=wanted), None
    if entry is not None and limit is None and wanted is None:
        copy = CopyInProgress(entry, file, origin=chosen.name if chosen != file else "")
        try:
            rows = RowBuffer(copy)
            _collect(chosen, found, rows)
            return _outcome(rows, copy.finish(rows), chosen)
        finally:
            copy.abandon()
    memory = MemoryMatrix()
    rows = RowBuffer(memory, limit=limit, words=wanted)
    _collect(chosen, found, rows)
    return _outcome(rows, memory.finish(), chosen)


def _collect(path: Path, found: Sniffed, rows: RowBuffer) -> None:
    layout, declared = found.layout, found.declared
    if found.format == "fasttext":
        read_fasttext_binary(path, rows)
    elif layout is not None and declared is not None:
        read_word2vec_text(path, layout, declared[0], rows)
    elif layout is not None:
        read_glove_text(path, layout, rows)
    elif declared is not None:
        read_word2vec_binary(path, *declared, rows)


def _outcome(rows: RowBuffer, matrix: npt.NDArray[np.float32], path: Path) -> Outcome:
    # the readers look at every word and value they pass on
    vectors = WordVectors.from_checked(HeldWords(rows.index), matrix, origin=path.name)
    return vectors, rows.repeats


def _sniffed(file: Path) -> tuple[Path, Sniffed]:
    """Find the format of a file, or of the one file of vectors in a zip archive."""
    candidates = members(file)
    if candidates is None:
        return file, sniff(file)
    if not 0 < len(candidates) <= _MOST_MEMBERS:
        raise FileFormatError(
            file, f"is a zip archive of {len(candidates)} files; name one, as {file.name}/NAME"
        )
    if len(candidates) == 1:
        return candidates[0], sniff(candidates[0])
    vectors = []
    for member in candidates:
        # a member of another kind, such as a licence, is no vector file and not meant
        with suppress(FileFormatError):
            vectors.append((member, sniff(member)))
    if len(vectors) == 1:
        return vectors[0]
    listed = [path.relative_to(file).as_posix() for path, _ in vectors] or [
        path.relative_to(file).as_posix() for path in candidates
    ]
    raise FileFormatError(
        file,
        f"is a zip archive of {len(vectors)} vector files: {', '.join(listed[:_MEMBERS_LISTED])}; "
        f"name one, as {file.name}/{listed[0]}",
    )
