"""How much memory a reader of small files may have."""

from __future__ import annotations

import resource

__all__ = ["memory_limit"]

_ROOM_BYTES = 2 * 1024**3


def memory_limit() -> int:
    """Return what this process has in use and two GiB, in bytes: a limit for `RLIMIT_AS`."""
    with open("/proc/self/statm", encoding="ascii") as file:
        in_use = int(file.read().split()[0]) * resource.getpagesize()
    return in_use + _ROOM_BYTES
