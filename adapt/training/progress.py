"""A progress bar for training: tokens a second and time left, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["token_progress"]


@contextmanager
def token_progress(total: int, *, show: bool, done: int = 0) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes note of tokens trained on; the bar moves when `show`.

    Parameters
    ----------
    total : int
        Tokens to train on, over all epochs.
    show : bool
        Whether anything is shown.
    done : int
        Tokens trained on before, by an earlier run.
    """
    if not show:
        yield lambda n_tokens: None
        return
    # imported here: rich costs more than everything else this module needs
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Speed(ProgressColumn):
        """Tokens a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{decimal(int(task.speed or 0)).split()[0]} tokens/s")

    columns = (TextColumn("training"), BarColumn(), TaskProgressColumn(), Speed())
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("training", total=total, completed=done)
        yield lambda n_tokens: bar.advance(task, n_tokens)
