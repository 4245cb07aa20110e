"""Bars for what takes long: on stderr, and only where somebody wants and can see them.

Whatever takes long says so, with `progress`; whether anything is shown is up to the program, with
`show_progress`. Without that, and in worker processes, nothing is.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from adapt.progress.display import Display

__all__ = ["Advance", "TrackedFile", "progress", "show_progress", "unseen"]

Advance = Callable[[int], None]
"""Called with how much was done since the last call."""

_display: Display | None = None


def unseen(count: int) -> None:
    """Take note of `count` without showing anything."""


@contextmanager
def show_progress() -> Iterator[None]:
    """Show bars while the block runs, if stderr is a terminal that can move its cursor.

    A bar appears when something takes more than a second, and goes when it is done.

    Examples
    --------
    >>> from adapt import read_vectors
    >>> with show_progress():
    ...     vectors = read_vectors("glove.6B.50d")
    """
    global _display
    before = _display
    # imported only if it is used: rich costs more than everything else that is needed to start
    if before is None and sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        from adapt.progress.display import Display

        _display = Display()
    try:
        yield
    finally:
        _display = before


@contextmanager
def progress(
    description: str, total: int | None, *, unit: str = "", done: int = 0
) -> Iterator[Advance]:
    """Show how far the block has come, if anything is shown.

    Parameters
    ----------
    description : str
        What is going on.
    total : int or None
        How much there is to do, None when unknown.
    unit : str
        What is counted, if its speed means something to people, such as ``tokens`` or ``B``.
    done : int
        How much was done before, by an earlier run.

    Yields
    ------
    Advance
        To be called with how much was done since the last call, from any thread.
    """
    if _display is None:
        yield unseen
        return
    with _display.bar(description, total, unit, done) as advance:
        yield advance


class TrackedFile(io.RawIOBase):
    """A file open for reading that tells how many bytes were read of it.

    Parameters
    ----------
    raw : io.FileIO
        The file; closed with this one.
    advance : Advance
        Told the bytes of every reading. What is read again, counts again.
    """

    def __init__(self, raw: io.FileIO, advance: Advance) -> None:
        self._raw = raw
        self._advance = advance

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into `buffer`; return how many bytes."""
        count = self._raw.readinto(buffer) or 0
        self._advance(count)
        return count

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether the file is."""
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the file."""
        return self._raw.seek(offset, whence)

    def close(self) -> None:
        """Close the file, too."""
        self._raw.close()
        super().close()
