"""Opening vector files as streams of bytes: plain, compressed, or members of zip archives.

A member of an archive is named as if the archive were a folder, ``glove.6B.zip/glove.6B.50d.txt``:
a file has nothing below it, so that no other path is meant. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from adapt.errors import AdaptError, FileAccessError, FileFormatError, MissingDependencyError
from adapt.progress import TrackedFile, progress

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "is_packed",
    "largest_content",
    "members",
    "open_stream",
    "stored_file",
    "versions_seen",
]

_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_DEFLATE_LARGEST_RATIO = 1032
_LARGEST_RATIO = 1 << 15  # of the other methods: a zstd block of 4 bytes may hold 128 KiB
_ZSTD_CHUNK_BYTES = 1 << 12  # with that ratio, at most 128 MiB come out at once
_ENCRYPTED = 0x1
_DAMAGED_ZIP = (zipfile.BadZipFile, UnicodeDecodeError)  # the latter where a name is none
_NAMES_LISTED = 10

_seen: ContextVar[set[tuple[int, ...]] | None] = ContextVar("versions seen", default=None)


def stored_file(path: Path) -> Path | None:
    """Return the file on disk that `path` is or, as a member of an archive, lies in."""
    return next((file for file in (path, *path.parents) if os.path.isfile(file)), None)


def is_packed(path: Path) -> bool:
    """Return whether `path` is compressed or in an archive, and so cannot be mapped."""
    return stored_file(path) != path or bool(_magic(path))


def members(path: Path) -> tuple[Path, ...] | None:
    """Return the files in the zip archive `path`, as paths below it; None if it is no archive.

    Folders, hidden files, what macOS adds, and names that lead out of the archive are left out.

    Raises
    ------
    FileFormatError
        If the archive is damaged.
    """
    if stored_file(path) != path or _magic(path) not in _ZIP_MAGICS:
        return None
    with _explained(path), zipfile.ZipFile(path) as archive:
        names = [info.filename for info in archive.infolist()]
    found = [path / name for name in names if name and not name.endswith("/")]
    return tuple(
        member
        for member in found
        if member.is_relative_to(path)
        and not any(part.startswith((".", "__MACOSX")) for part in member.relative_to(path).parts)
    )


@contextmanager
def versions_seen() -> Iterator[set[tuple[int, ...]]]:
    """Collect, while the block runs, a mark of each version of a file that is opened here.

    If there are two, another process has replaced the file, and what was found out about the first
    may not be true of the second.
    """
    seen: set[tuple[int, ...]] = set()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def _note(descriptor: int) -> None:
    seen = _seen.get()
    if seen is not None:
        status = os.fstat(descriptor)
        seen.add((status.st_ino, status.st_size, status.st_mtime_ns))


@contextmanager
def open_stream(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading bytes, unpacked if it is compressed or in an archive.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read, also when that shows only inside the block.
    FileFormatError
        If packed data are damaged, cut off or encrypted, or an archive has no such member.
    MissingDependencyError
        If the file is compressed by zstd and the package zstandard is not installed.
    """
    file = stored_file(path) or path
    with _explained(path), _tracked(file) as raw:
        magic = _magic(file)
        if file != path and magic not in _ZIP_MAGICS:
            raise FileAccessError(f"{path}: no such file; {file} is no zip archive")
        if file != path:
            with zipfile.ZipFile(raw) as archive, archive.open(_member(archive, path)) as member:
                yield cast(BinaryIO, member)
        elif magic == _GZIP_MAGIC:
            with gzip.open(raw) as unpacked:
                yield cast(BinaryIO, unpacked)
        elif magic == _ZSTD_MAGIC:
            yield cast(BinaryIO, io.BufferedReader(_ZstdStream(raw, path)))
        else:
            yield raw


@contextmanager
def _tracked(file: Path) -> Iterator[BinaryIO]:
    """Open a file as it is, and show how much of it has been read."""
    with (
        progress(f"reading {file.name}", file.stat().st_size, unit="B") as advance,
        io.FileIO(file) as unbuffered,
        io.BufferedReader(TrackedFile(unbuffered, advance)) as raw,
    ):
        _note(unbuffered.fileno())
        yield cast(BinaryIO, raw)


def largest_content(path: Path) -> int:
    """Return how many bytes `path` can hold at most, unpacked.

    This is the file's size, or the most that packed data of its size can unpack to: sizes that a
    header declares are held against it before memory is reserved.
    """
    file = stored_file(path) or path
    magic = _magic(file)
    if file != path:
        with _explained(path), zipfile.ZipFile(file) as archive:
            info = _member(archive, path)
        ratio = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: _DEFLATE_LARGEST_RATIO}
        return min(
            info.file_size, info.compress_size * ratio.get(info.compress_type, _LARGEST_RATIO)
        )
    ratios = {_GZIP_MAGIC: _DEFLATE_LARGEST_RATIO, _ZSTD_MAGIC: _LARGEST_RATIO}
    return file.stat().st_size * ratios.get(magic, 1)


def _magic(file: Path) -> bytes:
    """Return the first bytes of `file` if they tell a kind of packing that is read here."""
    with _explained(file), open(file, "rb") as raw:
        _note(raw.fileno())
        start = raw.read(4)
    kinds = (_GZIP_MAGIC, _ZSTD_MAGIC, *_ZIP_MAGICS)
    return next((magic for magic in kinds if start.startswith(magic)), b"")


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    file = stored_file(path) or path
    wanted = path.relative_to(file).as_posix()
    # by comparison, not by getinfo: the names are an archive's own and only looked at as text
    info = next(
        (info for info in archive.infolist() if PurePosixPath(info.filename).as_posix() == wanted),
        None,
    )
    if info is None:
        raise FileAccessError(
            f"{path}: no such file; the archive {file.name} holds {_listed(archive.namelist())}"
        )
    if info.flag_bits & _ENCRYPTED:
        raise FileFormatError(path, "is encrypted; unpack it with its password, then read the file")
    if info.compress_type == zipfile.ZIP_BZIP2:
        # zipfile unpacks blocks of it whole, and 40 bytes may hold 45 MB
        raise FileFormatError(path, "is compressed by bzip2, which is not read here; unpack it")
    return info


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMES_LISTED
    return ", ".join(names[:_NAMES_LISTED]) + (f" and {more} more" if more > 0 else "")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong inside the block into errors of this package."""
    try:
        yield
    except AdaptError:
        raise
    except FileNotFoundError as error:
        raise FileAccessError(f"{path}: no such file; check the path") from error
    except NotImplementedError as error:
        raise FileFormatError(
            path, f"is compressed in a way that is not read here ({error}); unpack it"
        ) from error
    except (OSError, EOFError, zlib.error, lzma.LZMAError, *_DAMAGED_ZIP) as error:
        # what the system refuses has a number, what a decompressor finds has none
        if isinstance(error, OSError) and error.errno is not None:
            raise FileAccessError(
                f"{path}: cannot be read ({error.strerror}); choose another file"
            ) from error
        kind = "zip" if isinstance(error, _DAMAGED_ZIP) or stored_file(path) != path else "gzip"
        raise FileFormatError(
            path, f"the {kind} data are damaged or cut off ({error}); get the file again"
        ) from error


class _ZstdStream(io.RawIOBase):
    """The unpacked content of zstd frames, one after the other.

    The package's own stream takes a frame that is cut off for a whole one, hence this one.
    """

    def __init__(self, packed: BinaryIO, path: Path) -> None:
        try:
            import zstandard
        except ImportError as error:
            raise MissingDependencyError(
                f"{path}: is compressed by zstd, which needs the package zstandard; run "
                "`pip install zstandard`, or compress the file with gzip"
            ) from error
        self._error = zstandard.ZstdError
        self._decompressor = zstandard.ZstdDecompressor()
        self._frame = self._decompressor.decompressobj()
        self._packed, self._path = packed, path
        self._between_frames = True
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready:
            packed = self._frame.unused_data or self._packed.read(_ZSTD_CHUNK_BYTES)
            if not packed and self._between_frames:
                return 0
            self._ready = memoryview(self._unpacked(packed))
        target = memoryview(buffer).cast("B")
        n_bytes = min(len(target), len(self._ready))
        target[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes

    def _unpacked(self, packed: bytes) -> bytes:
        if not packed:
            raise FileFormatError(self._path, "the zstd data are cut off; get the file again")
        if self._frame.eof:
            self._frame = self._decompressor.decompressobj()
        try:
            content = self._frame.decompress(packed)
        except self._error as error:
            raise FileFormatError(
                self._path, f"the zstd data are damaged ({error}); get the file again"
            ) from error
        self._between_frames = self._frame.eof
        return content
