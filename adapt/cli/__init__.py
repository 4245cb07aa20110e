"""The command line: parse, call, print."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    try:
        from adapt.cli.app import run_command_line
    except KeyboardInterrupt:  # before there is anything that knows what to do
        sys.stderr.write("adapt: interrupted\n")
        sys.exit(130)
    sys.exit(run_command_line(arguments))
