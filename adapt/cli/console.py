"""What all commands share: errors, JSON, tables."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal, TextIO

import typer

from adapt.errors import AdaptError, AdaptWarning

__all__ = ["AsJson", "announce", "emit", "emit_table", "guarded"]

AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on stdout, for other programs.")
]

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def announce(message: str) -> None:
    """Tell on stderr what is going on."""
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(message, markup=False)


def emit(value: Any) -> None:
    """Print `value` as JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def emit_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    justify: Literal["left", "right"] = "right",
) -> None:
    """Print a table on stdout; the first column is left-aligned, the others as `justify` says."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, not str: rich would take [demo] for markup
    table = Table(box=box.SIMPLE_HEAD)
    for place, column in enumerate(columns):
        table.add_column(Text(column), justify="left" if place == 0 else justify)
    for row in rows:
        table.add_row(*map(Text, row))
    # a pipe or a file has no width of its own: never wrap what a program may read
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(Text(title, style="bold"))
    console.print(table)


@contextmanager
def _adapt_warnings() -> Iterator[None]:
    """Show `AdaptWarning`s as one line each on stderr, all others as usual."""
    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", AdaptWarning)

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, AdaptWarning):
                sys.stderr.write(f"adapt: warning: {message}\n")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def guarded(command: Callable[[], object]) -> int:
    """Run a command line; turn what goes wrong into one line on stderr and an exit status.

    Returns
    -------
    int
        0 on success, 2 for bad input or bad usage, 130 when interrupted.
    """
    try:
        with _adapt_warnings():
            status = command()
            sys.stdout.flush()
        if status == EXIT_INTERRUPTED:  # typer has caught it, and says nothing
            raise KeyboardInterrupt
        return status if isinstance(status, int) else 0
    except AdaptError as error:
        return _fail(str(error))
    except typer.Exit as stop:
        return int(stop.exit_code)
    except typer.TyperException as error:
        message = error.format_message().rstrip(".") or "name a command"
        return _fail(f"{message}; see `adapt --help`")
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("adapt: interrupted\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader of our output went away, as `head` does
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        return _fail(f"the output cannot be written ({error.strerror or error}); make room for it")


def _discard_output() -> None:
    """Send what is still buffered nowhere: python would try, and complain, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    sys.stderr.write(f"adapt: error: {' '.join(message.split())}\n")
    return EXIT_ERROR
