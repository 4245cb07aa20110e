"""How many processor cores there are to share out, and how many to take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_thread", "one_torch_thread", "usable_cores"]


def usable_cores() -> int:
    """Count the cores that this process may run on, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch and the libraries of linear algebra to one thread, and restore what they had.

    Environment variables and cluster software decide how many they would take, and how many they
    take decides in which order they add up.
    """
    from threadpoolctl import threadpool_limits

    with one_torch_thread(), threadpool_limits(1):
        yield


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Keep torch to one thread, and restore the number it had.

    The sums of a step are then the same on every number of cores, and the operations on word
    vectors are mostly too small to gain from a second thread: on a busy machine they lose much by
    waiting for it.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
