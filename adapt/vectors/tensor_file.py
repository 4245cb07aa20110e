"""Safetensors files: tensors mapped into memory, and written without being held.

A safetensors file is the length of a JSON header (8 bytes, little-endian), the header, and the
tensors' bytes.

References
----------
Safetensors, format. https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError
from adapt.files import atomic_path

__all__ = ["MappedTensors", "TensorWriter", "write_tensors"]

_ALIGNMENT = 64  # of the first tensor in the file
_DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "I64": "<i8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}
_NAMES = {np.dtype(numpy_name): name for name, numpy_name in _DTYPES.items()}
_ENTRY_BYTES = 128  # a header's entry for one tensor takes fewer


class MappedTensors:
    """The tensors of a mapped safetensors file, each checked when it is taken.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileFormatError
        If the header is damaged.
    """

    def __init__(self, path: Path) -> None:
        if path.stat().st_size < 8:
            raise FileFormatError(path, "is too short for a safetensors file; it is cut off")
        content = np.memmap(path, dtype=np.uint8, mode="r")
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
            entries = dict(json.loads(content[8 : self._start].tobytes()))
        except (ValueError, TypeError, RecursionError) as error:
            raise FileFormatError(
                path, f"the header is not a JSON object ({error})", byte=8
            ) from error
        metadata = entries.pop("__metadata__", {})
        self.entries: dict[str, Any] = entries
        self.metadata: dict[str, str] = metadata if isinstance(metadata, dict) else {}

    def expect(self, format: str, version: str, *, kind: str) -> None:
        """Refuse a file whose metadata do not name this format and version.

        Parameters
        ----------
        format, version : str
            What the metadata must say.
        kind : str
            For people: what such a file is called, and what writes it.

        Raises
        ------
        FileFormatError
            If they say something else.
        """
        if self.metadata.get("format") != format:
            raise FileFormatError(
                self._path,
                f"holds the tensors {', '.join(sorted(self.entries))}, but is not {kind}",
            )
        if self.metadata.get("version") != version:
            raise FileFormatError(
                self._path,
                f"is of version {self.metadata.get('version')}, but this adapt reads version "
                f"{version}; use the adapt that wrote it",
            )

    def take(self, name: str, dtype: str, ndim: int) -> Any:
        """Return a tensor as a view of the map, after comparing it with what it must be."""
        try:
            entry = self.entries[name]
            shape = tuple(int(size) for size in entry["shape"])
            begin, end = (int(offset) for offset in entry["data_offsets"])
            found = str(entry["dtype"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
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


class TensorWriter:
    """Writes tensors one after the other, each in as many blocks of rows as its source has.

    The safetensors package would hold or copy them whole, and it orders the metadata at random;
    here the bytes depend on nothing but the content.

    Parameters
    ----------
    stream : binary file
        New and writeable, standing at its start.
    metadata : dict of str to str
        What the header says besides the tensors.
    n_tensors : int
        How many tensors to leave room for in the header, at most.
    """

    def __init__(self, stream: BinaryIO, metadata: dict[str, str], *, n_tensors: int) -> None:
        self._stream = stream
        self._header: dict[str, Any] = {"__metadata__": metadata}
        # the header comes first, but sizes are known only at the end: its room is filled then
        room = 8 + len(_json(self._header)) + n_tensors * _ENTRY_BYTES
        self._start = room + -room % _ALIGNMENT
        self._end = 0
        stream.seek(self._start)

    def append(self, name: str, rows: npt.NDArray[Any]) -> None:
        """Begin the tensor `name`, or add rows to it if it is the last one begun."""
        if name not in self._header:
            self._header[name] = {
                "dtype": _NAMES[rows.dtype],
                "shape": [0, *rows.shape[1:]],
                "data_offsets": [self._end, self._end],
            }
        entry = self._header[name]
        self._stream.write(np.ascontiguousarray(rows).data)
        self._end += rows.nbytes
        entry["shape"][0] += len(rows)
        entry["data_offsets"][1] = self._end

    def finish(self) -> None:
        """Write the header."""
        text = _json(self._header).ljust(self._start - 8)
        self._stream.seek(0)
        self._stream.write(len(text).to_bytes(8, "little") + text)


def write_tensors(
    path: Path | str, tensors: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> None:
    """Write tensors to a file, whole or not at all; equal ones give equal bytes.

    Parameters
    ----------
    path : Path or str
        The file.
    tensors : mapping of str to ndarray
        At least one-dimensional, in the order of the file.
    metadata : mapping of str to str
        What the header says besides them.

    Raises
    ------
    FileAccessError
        If it cannot be written; what it held before stays.
    """
    with atomic_path(path) as temporary, open(temporary, "wb") as stream:
        # names may be long, so there is room for twice the tensors in the header
        writer = TensorWriter(stream, dict(metadata), n_tensors=2 * len(tensors))
        for name, values in tensors.items():
            writer.append(name, values.astype(values.dtype.newbyteorder("<"), copy=False))
        writer.finish()


def _json(header: dict[str, Any]) -> bytes:
    return json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
