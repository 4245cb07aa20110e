"""A progress bar over bytes, on stderr, and only where somebody can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Advance", "byte_progress", "unseen"]

Advance = Callable[[int], object]
"""Called with the number of bytes dealt with since the last call."""


def unseen(count: int) -> None:
    """Take note of `count` bytes without showing anything."""


@contextmanager
def byte_progress(
    description: str, total: int | None, *, show: bool, completed: int = 0
) -> Iterator[Advance]:
    """Show a bar while the block runs, if asked to and if stderr is a terminal.

    Parameters
    ----------
    description : str
        What is going on.
    total : int or None
        Bytes there are in all, None when unknown.
    show : bool
        Whether a bar is wanted at all.
    completed : int, default 0
        Bytes dealt with before.

    Yields
    ------
    Advance
        To be called with the number of bytes of each step.
    """
    if not (show and sys.stderr.isatty()):
        yield unseen
        return
    # imported here: rich costs more than everything else this folder needs
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total, completed=completed)
        yield lambda count: bar.advance(task, count)
