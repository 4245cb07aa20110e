"""One reader under atheris: the process that `python -m tests.fuzzing` starts for each of them.

``python -m tests.fuzzing.target READER [FOLDER | -OPTION=VALUE]…``, as libFuzzer takes them.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from pathlib import Path

import atheris

os.environ["ADAPT_CACHE"] = "off"
with atheris.instrument_imports(include=["adapt"], enable_loader_override=False):
    from tests.fuzzing.readers import READERS, Reader

_ROOM_BYTES = 2 << 30
"""What a reader may reserve: more than files of a few KiB can hold, less than they can claim."""


def fuzz(reader: Reader, options: list[str]) -> None:
    """Give the reader one input after the other; does not return."""
    with tempfile.TemporaryDirectory(dir=_memory_folder()) as folder:
        for seed in reader.seeds():  # what is loaded or compiled once is not the reader's
            reader.withstands(seed, Path(folder))
        _limit_memory()

        def attempt(content: bytes) -> None:
            reader.withstands(content, Path(folder))

        atheris.Setup([sys.argv[0], *options], attempt)
        atheris.Fuzz()


def _memory_folder() -> str | None:
    """Return a folder that is in memory, where there is one."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


def _limit_memory() -> None:
    """Let an attempt to reserve what a file merely declares fail."""
    with open("/proc/self/statm", encoding="ascii") as file:
        in_use = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + _ROOM_BYTES,) * 2)


if __name__ == "__main__":
    fuzz(READERS[sys.argv[1]], sys.argv[2:])
