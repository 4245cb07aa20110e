"""The native format: one ``.safetensors`` file that is mapped into memory, not read.

A safetensors file is the length of a JSON header (8 bytes, little-endian), the header, and the
tensors' bytes. The tensors here are

=============  =======  ===============  ====================================================
``matrix``     float32  (n_words, dim)   the vectors
``word_ends``  int64    (n_words,)       where each word ends in ``word_bytes``
``word_bytes`` uint8    (n_bytes,)       the words, UTF-8, one after the other
``counts``     int64    (n_words,)       optional
``sources``    uint16   (n_words,)       optional; positions in the metadata's list ``sources``
=============  =======  ===============  ====================================================

and the metadata ``format``, ``version``, ``origin`` and, with sources, ``sources`` (JSON).
The bytes depend on nothing but the vectors.

References
----------
Safetensors, format. https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError, InputError
from adapt.vectors.streams import GZIP_MAGIC
from adapt.vectors.word_vectors import WordVectors

__all__ = ["read_native", "write_native"]

_FORMAT, _VERSION = "adapt-vectors", "1"
_ALIGNMENT = 64  # of the first tensor in the file, and with it of all: widest types come first
_DTYPES = {"F32": "<f4", "I64": "<i8", "U16": "<u2", "U8": "u1"}
_NAMES = {np.dtype(numpy_name): name for name, numpy_name in _DTYPES.items()}
_MOST_SOURCES = 1 << 16


def read_native(path: Path, *, limit: int | None = None) -> WordVectors:
    """Read native vectors; the matrix stays a map of the file.

    Parameters
    ----------
    path : Path
        A file that `write_native` wrote.
    limit : int, optional
        Take only the first so many words.

    Raises
    ------
    FileFormatError
        If the file is cut off, damaged, or holds other tensors than these.
    """
    content = np.memmap(path, dtype=np.uint8, mode="r")
    if content[: len(GZIP_MAGIC)].tobytes() == GZIP_MAGIC:
        raise FileFormatError(path, "native vectors cannot be mapped through gzip; unpack the file")
    tensors = _Tensors(path, content)
    matrix = tensors.take("matrix", "F32", 2)
    n_words = matrix.shape[0]
    n_taken = n_words if limit is None else min(limit, n_words)
    counts = tensors.take("counts", "I64", 1) if "counts" in tensors.entries else None
    try:
        return WordVectors(
            _read_words(tensors, path, n_words)[:n_taken],
            matrix[:n_taken],
            counts=None if counts is None else counts[:n_taken],
            origin=tensors.metadata.get("origin", ""),
            sources=_read_sources(tensors, path, n_taken),
        )
    except FileFormatError:
        raise
    except InputError as error:
        raise FileFormatError(path, f"{error}; the file is damaged") from error


class _Tensors:
    """The tensors of a mapped safetensors file, each checked when it is taken."""

    def __init__(self, path: Path, content: npt.NDArray[np.uint8]) -> None:
        self._path, self._content = path, content
        self._start = 8 + int.from_bytes(content[:8].tobytes(), "little")
        if self._start > content.size:
            raise FileFormatError(
                path,
                f"the header ends at byte {self._start}, but the file has {content.size} bytes; "
                "it is cut off",
                byte=0,
            )
        try:
            entries = json.loads(content[8 : self._start].tobytes())
        except ValueError as error:
            raise FileFormatError(path, f"the header is not JSON ({error})", byte=8) from error
        metadata = entries.pop("__metadata__", {})
        self.entries: dict[str, Any] = entries
        self.metadata: dict[str, str] = metadata if isinstance(metadata, dict) else {}
        if self.metadata.get("format") != _FORMAT:
            raise FileFormatError(
                path,
                f"holds the tensors {', '.join(sorted(entries))}, but is not a file of word "
                "vectors; such files are written by write_vectors",
            )
        if self.metadata.get("version") != _VERSION:
            raise FileFormatError(
                path,
                f"is of version {self.metadata.get('version')}, but this adapt reads version "
                f"{_VERSION}; use the adapt that wrote it",
            )

    def take(self, name: str, dtype: str, ndim: int) -> Any:
        """Return a tensor as a view of the map, after comparing it with what it must be."""
        try:
            entry = self.entries[name]
            shape = tuple(int(size) for size in entry["shape"])
            begin, end = (int(offset) for offset in entry["data_offsets"])
            found = str(entry["dtype"])
        except (KeyError, TypeError, ValueError) as error:
            raise FileFormatError(
                self._path, f"the header lacks a proper entry for the tensor {name!r}", byte=8
            ) from error
        numpy_type = np.dtype(_DTYPES[dtype])
        n_bytes = math.prod(shape) * numpy_type.itemsize
        if found != dtype or len(shape) != ndim or min(shape) < 0 or not 0 <= begin <= end:
            raise FileFormatError(
                self._path,
                f"the tensor {name!r} is {found} of shape {shape}, not {dtype} in {ndim} "
                "dimensions; the file is damaged",
                byte=8,
            )
        if end - begin != n_bytes or self._start + end > self._content.size:
            raise FileFormatError(
                self._path,
                f"the tensor {name!r} takes {n_bytes} bytes and should end at byte "
                f"{self._start + end}, but the file has {self._content.size} bytes; it is cut off",
                byte=self._start + begin,
            )
        raw = self._content[self._start + begin : self._start + end]
        return np.asarray(raw).view(numpy_type).reshape(shape)


def _read_words(tensors: _Tensors, path: Path, n_words: int) -> tuple[str, ...]:
    blob = tensors.take("word_bytes", "U8", 1).tobytes()
    ends = tensors.take("word_ends", "I64", 1)
    starts = np.concatenate(([0], ends[:-1]))
    if len(ends) != n_words or (starts > ends).any() or (n_words and ends[-1] != len(blob)):
        raise FileFormatError(
            path,
            f"the ends of its {len(ends)} words do not fit {n_words} vectors and {len(blob)} "
            "bytes of words; the file is damaged",
        )
    try:
        return tuple(
            blob[start:end].decode("utf-8")
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        )
    except UnicodeDecodeError as error:
        raise FileFormatError(path, "holds words that are not UTF-8; it is damaged") from error


def _read_sources(tensors: _Tensors, path: Path, n_taken: int) -> tuple[str, ...] | None:
    if "sources" not in tensors.entries:
        return None
    codes = tensors.take("sources", "U16", 1)[:n_taken]
    try:
        names = [str(name) for name in json.loads(tensors.metadata["sources"])]
        return tuple(names[code] for code in codes.tolist())
    except (KeyError, ValueError, TypeError, IndexError) as error:
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
    encoded = [word.encode("utf-8") for word in vectors.words]
    metadata = {"format": _FORMAT, "origin": vectors.origin, "version": _VERSION}
    tensors: dict[str, npt.NDArray[Any]] = {
        "word_ends": np.cumsum([len(word) for word in encoded], dtype="<i8"),
        "matrix": vectors.matrix.astype("<f4", copy=False),
        "word_bytes": np.frombuffer(b"".join(encoded), dtype="u1"),
    }
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
    _write_safetensors(path, tensors, metadata)


def _write_safetensors(
    path: Path, tensors: dict[str, npt.NDArray[Any]], metadata: dict[str, str]
) -> None:
    # The safetensors package would copy a memory-mapped matrix, and it orders the metadata at
    # random; the format is simple enough to be written here.
    ordered = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name in ordered:
        begin, end = end, end + tensors[name].nbytes
        header[name] = {
            "dtype": _NAMES[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-(len(text) + 8) % _ALIGNMENT)
    with open(path, "wb") as stream:
        stream.write(len(text).to_bytes(8, "little"))
        stream.write(text)
        for name in ordered:
            stream.write(tensors[name].data)
