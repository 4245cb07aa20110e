"""What all commands share: errors, JSON, tables."""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Annotated, Any, Literal, TextIO

import typer

from adapt.errors import AdaptError, AdaptWarning
from adapt.progress import show_progress

__all__ = ["AsJson", "announce", "emit", "emit_table", "guarded", "talkative"]

AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on stdout, for other programs.")
]

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130

_LESS = "close other programs, or ask for less: fewer words, dimensions or workers"

_quiet = False


def announce(message: str) -> None:
    """Tell on stderr what is going on, unless that is not wanted."""
    if not _quiet:
        _tell(message)


def _tell(message: str) -> None:
    """Write a line on stderr; if nobody reads that any more, the work goes on all the same."""
    try:
        # plain text at this very moment: a display of progress may have put itself in its place
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


@contextmanager
def talkative(wanted: bool) -> Iterator[None]:
    """Say what is going on while the block runs, by announcements and bars; or only warn."""
    global _quiet
    before, _quiet = _quiet, not wanted
    try:
        with show_progress() if wanted else nullcontext():
            yield
    finally:
        _quiet = before


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
    if not sys.stdout.isatty():
        _emit_plain_table(title, [columns, *rows], justify)
        return
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
    console = Console()
    console.print(Text(title, style="bold"))
    console.print(table)


def _emit_plain_table(title: str, rows: Sequence[Sequence[str]], justify: str) -> None:
    """Print a table for a pipe or a file, which have no width: a row a line, and only spaces."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    sys.stdout.write(f"{title}\n")
    for row in rows:
        cells = [
            cell.ljust(width) if place == 0 or justify == "left" else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.write("\n")


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
                _tell(f"adapt: warning: {message}")
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
        with _stoppable(), _heard(), _adapt_warnings():
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
        return _fail(_usage(error))
    except (KeyboardInterrupt, typer.Abort):
        _tell("adapt: interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # the reader of our output went away, as `head` does
        _discard(sys.stdout)
        return 0
    except SystemExit as stop:
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        _discard(sys.stdout)  # typer has turned it into an exit
        return 0
    except MemoryError as error:
        return _fail(f"there is not enough memory ({error or 'none is left'}); {_LESS}")
    except OSError as error:
        _discard(sys.stdout)
        why = error.strerror or error
        if error.filename is None:
            return _fail(f"the output cannot be written ({why}); make room for it")
        return _fail(f"{error.filename}: cannot be read or written ({why}); choose another place")


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let the block be interrupted by whatever asks a program to end, so that it clears away."""
    asked = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    usual = [one for one in asked if signal.getsignal(one) is signal.SIG_DFL]  # nohup ignores one
    if threading.current_thread() is not threading.main_thread():
        usual = []  # others cannot say what a signal does
    for one in usual:
        signal.signal(one, signal.default_int_handler)
    try:
        yield
    finally:
        for one in usual:
            signal.signal(one, signal.SIG_DFL)


@contextmanager
def _heard() -> Iterator[None]:
    """Ask again where an interruption falls into what Python does by itself, and is lost there.

    What clears away objects may not raise: Python would tell of it with a traceback, and go on.
    """
    usual, ended = sys.unraisablehook, threading.Event()

    def ask_again() -> None:
        if not ended.wait(0.05):  # what may not raise is over by then
            _thread.interrupt_main()

    def hook(lost: Any) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            _thread.start_new_thread(ask_again, ())  # it takes no lock that may be held here
        else:
            usual(lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        ended.set()
        sys.unraisablehook = usual


def _usage(error: typer.TyperException) -> str:
    """Say what is wrong with a command line, what was meant perhaps, and where to read on."""
    context = getattr(error, "ctx", None)
    near: Sequence[str] = getattr(error, "possibilities", None) or ()
    message = error.message if near else error.format_message()
    if context is not None and message == context.get_help():  # of a group, without a command
        sys.stdout.write(f"{message}\n")
        message = "name a command"
    if near:
        message += f"; did you mean {near[0]}?"
    path = "adapt" if context is None else context.command_path
    return f"{message.rstrip('.')}{'' if message.endswith('?') else ';'} see `{path} --help`"


def _discard(stream: TextIO) -> None:
    """Send what is still buffered nowhere: python would try, and complain, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fail(message: str) -> int:
    _tell(f"adapt: error: {' '.join(message.split())}")
    return EXIT_ERROR
