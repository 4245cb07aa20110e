"""One measured call in a process of its own: ``python -m benchmarks.worker MODULE:FUNCTION JSON``.

The function gets the JSON object as keyword arguments and returns a dict of facts, ``seconds``
among them, which is printed as the last line of stdout. It may give ``peak_mb`` too, if what it
does after the measured work should not count.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys

__all__ = ["main", "peak_mb"]


def peak_mb() -> float:
    """Largest resident memory of this process so far, in 10⁶ bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Import the function, call it, print what it returns."""
    module, _, function = sys.argv[1].partition(":")
    arguments = json.loads(sys.argv[2])
    facts = getattr(importlib.import_module(module), function)(**arguments)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
