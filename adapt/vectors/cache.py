"""Copies of vector files in the user's cache folder, so that a second opening is a memory map.

An entry is a native file with a table of its words' hashes. It belongs to one path, and notes
what the file at that path was when it was read: its size, the times of its last change to the
nanosecond, and its inode. A file whose times are so recent that a further change might not
advance them is not kept (file systems count time in steps of up to two seconds), so that no
change goes unnoticed. All entries are checked before they are written, and flushed to the disk
before they get their name: opening one compares sizes only.

Nothing here makes a reading fail that would succeed without a cache: where no copy can be kept
or opened, `NotKeptError` is raised or None returned, and the file itself is read.

Environment
-----------
ADAPT_CACHE
    The folder, or ``off``; see `adapt.files.cache_folder`.
ADAPT_CACHE_GIB
    Largest total size, 10 if it is not set; see `adapt.files.trim_cache`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError
from adapt.files import cache_folder, cache_limit, trim_cache
from adapt.vectors.native import NativeWriter, read_own_native
from adapt.vectors.row_buffer import Repeats, RowBuffer
from adapt.vectors.streams import stored_file
from adapt.vectors.word_vectors import WordVectors

__all__ = ["CopyInProgress", "Entry", "NotKeptError", "entry_for", "open_entry"]

READERS_VERSION = 1  # one more whenever any reader finds other words or numbers in some file
_LEAST_BYTES = 8 << 20  # smaller files are read in less than a tenth of a second
_SETTLED_NS = 2_000_000_000
_SUFFIX = ".safetensors"


class NotKeptError(Exception):
    """No copy can be kept here and now; never seen outside `adapt.vectors`."""


@dataclass(frozen=True)
class Entry:
    """The place of a file's copy.

    Parameters
    ----------
    place : Path
        Where it is, if there is one.
    stamp : str
        What the file is now; a copy with another stamp is out of date.
    settled : bool
        Whether any further change of the file will change the stamp.
    """

    place: Path
    stamp: str
    settled: bool


def entry_for(path: Path) -> Entry | None:
    """Return where a copy of the vectors `path` belongs; None if none is wanted or possible."""
    kept = cache_folder()
    folder = None if kept is None else kept / "vectors"
    file = stored_file(path)
    if folder is None or file is None:
        return None
    try:
        # opened, because only that makes network file systems ask for the file's present state
        with open(file, "rb") as stream:
            status = os.fstat(stream.fileno())
        resolved = os.path.abspath(path.resolve())
    except OSError:
        return None
    if status.st_size < _LEAST_BYTES:
        return None
    key = hashlib.sha256(os.fsencode(resolved)).hexdigest()[:32]
    stamp = [READERS_VERSION, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    newest = max(status.st_mtime_ns, status.st_ctime_ns)
    return Entry(
        folder / f"{key}{_SUFFIX}", json.dumps(stamp), time.time_ns() - newest > _SETTLED_NS
    )


def open_entry(entry: Entry, path: Path) -> tuple[WordVectors, Repeats | None] | None:
    """Map the copy of `path`; None if there is none, or only one of another state of the file."""
    try:
        owner = entry.place.stat().st_uid
        if hasattr(os, "getuid") and owner != os.getuid():
            return None  # whoever wrote it may not have checked it
        vectors, tensors = read_own_native(entry.place)
        if tensors.metadata.get("source") != entry.stamp:
            return None
        repeats = None
        if "repeats" in tensors.entries:
            repeats = Repeats(*json.loads(tensors.take("repeats", "U8", 1).tobytes()))
        os.utime(entry.place)  # for `trim_cache`
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return vectors.replace(origin=tensors.metadata.get("origin") or path.name), repeats


class CopyInProgress:
    """A copy that is written while its file is read: the vectors are never in memory together.

    Use it as the `MatrixStore` of a `RowBuffer`, then `finish`, and `abandon` in any case.

    Parameters
    ----------
    entry : Entry
        Where the copy belongs.
    path : Path
        The vectors that are read.
    origin : str
        Their origin if it is not the name of `path`.
    """

    def __init__(self, entry: Entry, path: Path, *, origin: str = "") -> None:
        self._entry, self._path = entry, path
        self._metadata = {"origin": origin, "source": entry.stamp}
        self._stream: BinaryIO | None = None

    def begin(self, dim: int, capacity: int) -> None:
        """Make the file, if it may be kept and the disk has room for twice what is expected."""
        folder = self._entry.place.parent
        expected = 4 * dim * capacity
        if not self._entry.settled or expected > cache_limit():
            raise NotKeptError
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if 2 * expected > shutil.disk_usage(folder).free:
                raise NotKeptError
            handle, name = tempfile.mkstemp(dir=folder, prefix=".", suffix=_SUFFIX)
        except OSError as error:
            raise NotKeptError from error
        self._temporary = Path(name)
        self._stream = os.fdopen(handle, "wb")
        self._writer = NativeWriter(self._stream, self._metadata)

    def append(self, block: npt.NDArray[np.float32]) -> None:
        """Add vectors, shape (n, dim)."""
        try:
            self._writer.append(block)
        except OSError as error:
            raise NotKeptError from error

    def finish(self, rows: RowBuffer) -> npt.NDArray[np.float32]:
        """Give the copy its name and return the matrix of `rows`, mapped from it.

        Raises
        ------
        NotKeptError
            If the file has changed meanwhile, or the copy cannot be written.
        """
        if self._stream is None:
            raise NotKeptError
        tensors = {}
        if rows.repeats is not None:
            tensors["repeats"] = np.frombuffer(json.dumps(astuple(rows.repeats)).encode(), "u1")
        try:
            self._writer.finish(rows.index, tensors, with_table=True)
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            if entry_for(self._path) != self._entry:
                raise NotKeptError
            os.replace(self._temporary, self._entry.place)
            vectors, _ = read_own_native(self._entry.place)
        except (OSError, FileFormatError) as error:
            raise NotKeptError from error
        trim_cache()
        return vectors.matrix

    def abandon(self) -> None:
        """Remove what has not got its name."""
        if self._stream is not None:
            with suppress(OSError):  # a full disk may not take what is still buffered
                self._stream.close()
            with suppress(OSError):
                self._temporary.unlink(missing_ok=True)
