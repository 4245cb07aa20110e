"""What bars look like: one display for all that goes on, by rich."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
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

from adapt.progress import Advance

__all__ = ["Display"]

_PATIENCE = 1.0
"""Seconds that something may take before it is shown."""

_PREFIXES = ("", "k", "M", "G", "T")


class _Speed(ProgressColumn):
    """Units a second, where a task counts any."""

    def render(self, task: Task) -> Text:
        unit, speed = task.fields["unit"], task.finished_speed or task.speed
        if not unit or not speed:
            return Text()
        number, prefix = _short(speed)
        return Text(f"{number} {prefix}{unit}/s" if unit == "B" else f"{number}{prefix} {unit}/s")


class _Bars(Progress):
    """Bars of those tasks that take long enough to be of interest."""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield self.make_tasks_table(
            [task for task in self.tasks if (task.elapsed or 0.0) > _PATIENCE]
        )


class Display:
    """Bars on stderr, one below the other while what they stand for goes on."""

    def __init__(self) -> None:
        self._bars = _Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            _Speed(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._n_running = 0

    @contextmanager
    def bar(self, description: str, total: int | None, unit: str, done: int) -> Iterator[Advance]:
        """Show a bar while the block runs; see `adapt.progress.progress`."""
        task = self._bars.add_task(description, total=total, completed=done, unit=unit)
        self._n_running += 1
        self._bars.start()
        try:
            yield lambda count: self._bars.advance(task, count)
        finally:
            self._bars.remove_task(task)
            self._n_running -= 1
            if not self._n_running:
                self._bars.stop()  # so that what is printed next stands alone


def _short(speed: float) -> tuple[str, str]:
    """Write a number with three digits, and the decimal prefix that it then has."""
    place = 0
    while speed >= 999.5 and place < len(_PREFIXES) - 1:
        speed /= 1000
        place += 1
    return f"{speed:.3g}", _PREFIXES[place]
