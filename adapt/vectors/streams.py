"""Opening vector files as streams of bytes, plain or compressed by gzip."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from adapt.errors import AdaptError, FileAccessError, FileFormatError

__all__ = ["GZIP_MAGIC", "largest_content", "open_stream"]

GZIP_MAGIC = b"\x1f\x8b"
_GZIP_LARGEST_RATIO = 1032  # deflate cannot compress more than this


@contextmanager
def open_stream(path: Path) -> Iterator[BinaryIO]:
    """Open `path` for reading bytes, through gzip if its content says so.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read, also when that shows only inside the block.
    FileFormatError
        If compressed data are damaged or cut off.
    """
    try:
        with open(path, "rb") as raw:
            compressed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            raw.seek(0)
            if compressed:
                with gzip.open(raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except AdaptError:
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFormatError(
            path, f"the gzip data are damaged or cut off ({error}); get the file again"
        ) from error
    except FileNotFoundError as error:
        raise FileAccessError(f"{path}: no such file; check the path") from error
    except OSError as error:
        raise FileAccessError(
            f"{path}: cannot be read ({error.strerror or error}); choose another file"
        ) from error


def largest_content(path: Path) -> int:
    """Return how many bytes `path` can hold at most, unpacked.

    This is the file's size, or for gzip the most that it can unpack to: sizes that a header
    declares are held against it before memory is reserved.
    """
    size = path.stat().st_size
    with open(path, "rb") as raw:
        return size * _GZIP_LARGEST_RATIO if raw.read(2) == GZIP_MAGIC else size
