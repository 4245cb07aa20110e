"""What a part of the benchmarks is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.results import Report
from benchmarks.settings import Settings

__all__ = ["Part"]


@dataclass(frozen=True)
class Part:
    """A part by name, and what measures it."""

    name: str
    measure: Callable[[Settings], Report]
