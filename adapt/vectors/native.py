"""The native format: one ``.safetensors`` file that is mapped into memory, not read.

The tensors are

===============  =======  ===============  ==================================================
``matrix``       float32  (n_words, dim)   the vectors
``word_ends``    int64    (n_words,)       where each word ends in ``word_bytes``
``counts``       int64    (n_words,)       optional
``word_hashes``  uint32   (n_words,)       in the cache: CRC-32 of the words, ascending
``word_rows``    uint32   (n_words,)       in the cache: the rows of these words
``sources``      uint16   (n_words,)       optional; positions in the metadata's list ``sources``
``repeats``      uint8    (n_bytes,)       in the cache: what rows were left out (JSON)
``word_bytes``   uint8    (n_bytes,)       the words, UTF-8, one after the other
===============  =======  ===============  ==================================================

and the metadata ``format``, ``version``, ``origin`` and, with sources, ``sources`` (JSON).
The bytes depend on nothing but the vectors.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError, InputError
from adapt.vectors.lexicon import MappedWords, decode_words, hash_table
from adapt.vectors.streams import is_packed
from adapt.vectors.tensor_file import MappedTensors, TensorWriter
from adapt.vectors.word_vectors import WordVectors

__all__ = ["NativeWriter", "read_native", "read_own_native", "write_native"]

_FORMAT, _VERSION = "adapt-vectors", "1"
_MOST_SOURCES = 1 << 16
_MOST_TENSORS = 8


def read_native(
    path: Path, *, limit: int | None = None, words: Collection[str] | None = None
) -> WordVectors:
    """Read native vectors; the matrix stays a map of the file, unless only some words are taken.

    Parameters
    ----------
    path : Path
        A file that `write_native` wrote, or anybody else: it is checked in full.
    limit : int, optional
        Take only the first so many words.
    words : collection of str, optional
        Take only these, and check only their vectors.

    Raises
    ------
    FileFormatError
        If the file is cut off, damaged, or holds other tensors than these.
    """
    if is_packed(path):
        raise FileFormatError(
            path, "native vectors are mapped into memory and cannot be packed; unpack the file"
        )
    tensors = _open_tensors(path)
    matrix = tensors.take("matrix", "F32", 2)
    found = _read_words(tensors, path, matrix.shape[0])[:limit]
    taken: slice | list[int] = slice(len(found))
    if words is not None:
        taken = [row for row, word in enumerate(found) if word in words]
        found = tuple(found[row] for row in taken)
    counts = tensors.take("counts", "I64", 1) if "counts" in tensors.entries else None
    try:
        return WordVectors(
            found,
            matrix[taken],
            counts=None if counts is None else counts[taken],
            origin=tensors.metadata.get("origin", ""),
            sources=_read_sources(tensors, path, taken),
        )
    except FileFormatError:
        raise
    except (InputError, IndexError) as error:
        raise FileFormatError(path, f"{error}; the file is damaged") from error


def read_own_native(path: Path) -> tuple[WordVectors, MappedTensors]:
    """Map a file that this package wrote for itself after checking all of its content.

    Only the sizes are compared. No word is decoded and no value looked at before it is asked for.

    Returns
    -------
    vectors : WordVectors
        Without counts and sources, which no such file has.
    tensors : MappedTensors
        The file, with what else the writer noted in it.

    Raises
    ------
    FileFormatError
        If the sizes disagree, or a tensor is missing.
    """
    tensors = _open_tensors(path)
    lexicon = MappedWords(
        tensors.take("word_bytes", "U8", 1),
        tensors.take("word_ends", "I64", 1),
        tensors.take("word_hashes", "U32", 1),
        tensors.take("word_rows", "U32", 1),
    )
    return WordVectors.from_checked(lexicon, tensors.take("matrix", "F32", 2)), tensors


def _open_tensors(path: Path) -> MappedTensors:
    tensors = MappedTensors(path)
    kind = "a file of word vectors; such files are written by write_vectors"
    tensors.expect(_FORMAT, _VERSION, kind=kind)
    return tensors


def _read_words(tensors: MappedTensors, path: Path, n_words: int) -> tuple[str, ...]:
    word_bytes = tensors.take("word_bytes", "U8", 1)
    ends = tensors.take("word_ends", "I64", 1)
    starts = np.concatenate(([0], ends[:-1]))
    if len(ends) != n_words or (starts > ends).any() or (n_words and ends[-1] != len(word_bytes)):
        raise FileFormatError(
            path,
            f"the ends of its {len(ends)} words do not fit {n_words} vectors and "
            f"{len(word_bytes)} bytes of words; the file is damaged",
        )
    try:
        return decode_words(word_bytes, ends)
    except UnicodeDecodeError as error:
        raise FileFormatError(path, "holds words that are not UTF-8; it is damaged") from error


def _read_sources(
    tensors: MappedTensors, path: Path, taken: slice | list[int]
) -> tuple[str, ...] | None:
    if "sources" not in tensors.entries:
        return None
    try:
        codes = tensors.take("sources", "U16", 1)[taken]
        names = [str(name) for name in json.loads(tensors.metadata["sources"])]
        return tuple(names[code] for code in codes.tolist())
    except (LookupError, ValueError, TypeError, RecursionError) as error:
        raise FileFormatError(
            path, "its sources do not fit the list of their names; the file is damaged"
        ) from error


def write_native(vectors: WordVectors, path: Path) -> None:
    """Write `vectors` with counts, origin and sources; the file depends on nothing else.

    Raises
    ------
    InputError
        If there are more than 65,536 different sources.
    """
    metadata = {"origin": vectors.origin}
    tensors: dict[str, npt.NDArray[Any]] = {}
    if vectors.counts is not None:
        tensors["counts"] = vectors.counts.astype("<i8", copy=False)
    if vectors.sources is not None:
        names = {name: code for code, name in enumerate(dict.fromkeys(vectors.sources))}
        if len(names) > _MOST_SOURCES:
            raise InputError(
                f"{len(names)} different sources are more than the {_MOST_SOURCES} that a native "
                "file holds; use fewer names"
            )
        tensors["sources"] = np.array([names[name] for name in vectors.sources], dtype="<u2")
        metadata["sources"] = json.dumps(list(names), ensure_ascii=False)
    with open(path, "wb") as stream:
        writer = NativeWriter(stream, metadata)
        writer.append(vectors.matrix)
        writer.finish(vectors.words, tensors)


class NativeWriter:
    """Writes a native file, the rows of the matrix as they come.

    Parameters
    ----------
    stream : binary file
        New and writeable, standing at its start.
    metadata : dict of str to str
        What to note besides format and version.
    """

    def __init__(self, stream: BinaryIO, metadata: dict[str, str]) -> None:
        self._tensors = TensorWriter(
            stream,
            {"format": _FORMAT, "version": _VERSION, **metadata},
            n_tensors=_MOST_TENSORS,
        )

    def append(self, rows: npt.NDArray[np.float32]) -> None:
        """Add rows to the matrix."""
        self._tensors.append("matrix", rows.astype("<f4", copy=False))

    def finish(
        self,
        words: Iterable[str],
        tensors: Mapping[str, npt.NDArray[Any]],
        *,
        with_table: bool = False,
    ) -> None:
        """Add the words of all rows, more tensors and, `with_table`, that of `MappedWords`."""
        encoded = [word.encode("utf-8") for word in words]
        add = self._tensors.append
        add("word_ends", np.cumsum([len(word) for word in encoded], dtype="<i8"))
        for name, values in tensors.items():
            add(name, values)
        if with_table:
            hashes, rows = hash_table(encoded)
            add("word_hashes", hashes)
            add("word_rows", rows)
        add("word_bytes", np.frombuffer(b"".join(encoded), dtype="u1"))
        self._tensors.finish()
