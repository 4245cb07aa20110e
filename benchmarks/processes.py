"""Whole processes, measured: seconds and peak memory, contenders taking turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["BenchmarkError", "Contender", "Outcome", "call", "measure", "median_peak", "run_once"]

ROOT = Path(__file__).resolve().parent.parent
_TAIL = 1_500
"""Characters of a failed process's last words that are shown."""


class BenchmarkError(RuntimeError):
    """A measured process failed, so that there is nothing to report."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one process did.

    Parameters
    ----------
    seconds : float
        What it says itself, which leaves imports out, or else from its start to its end.
    peak_mb : float
        Largest resident memory, in 10⁶ bytes.
    facts : mapping
        What else a measured function returned; empty for programs.
    stdout : str
        What it printed.
    """

    seconds: float
    peak_mb: float
    facts: Mapping[str, Any]
    stdout: str


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One of those that are compared.

    Parameters
    ----------
    name : str
        For the table.
    command : callable
        Gives the command line of repeat number 0, 1, 2, …
    reference : bool
        Whether the others are compared with this one.
    environment : mapping
        Variables to set.
    before : sequence of str
        A command to run first, unmeasured; none if it is empty.
    """

    name: str
    command: Callable[[int], Sequence[str]]
    reference: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()


def call(function: str, **arguments: Any) -> Callable[[int], Sequence[str]]:
    """Give the command that calls ``module:function`` in a fresh process; see `worker`.

    An argument ``"{repeat}"`` becomes the number of the repeat.
    """

    def command(repeat: int) -> Sequence[str]:
        filled = {
            name: repeat if value == "{repeat}" else value for name, value in arguments.items()
        }
        return (sys.executable, "-m", "benchmarks.worker", function, json.dumps(filled))

    return command


def measure(
    contenders: Sequence[Contender], repeats: int, announce: Callable[[str], None]
) -> dict[str, list[Outcome]]:
    """Run the contenders in turns, A B C A B C …, so that a slow minute hits all of them.

    Raises
    ------
    BenchmarkError
        If a process fails.
    """
    outcomes: dict[str, list[Outcome]] = {contender.name: [] for contender in contenders}
    for repeat in range(repeats):
        for contender in contenders:
            if contender.before:
                run_once(contender.before, contender.environment)
            outcome = run_once(contender.command(repeat), contender.environment)
            announce(f"{contender.name}: {outcome.seconds:.3f} s, {outcome.peak_mb:,.0f} MB")
            outcomes[contender.name].append(outcome)
    return outcomes


def run_once(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Outcome:
    """Run one process to its end.

    Raises
    ------
    BenchmarkError
        If it fails; the message holds its last words.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        # the usage of this one child; that of all children together would be the largest so far.
        # A child starts from the peak of its parent, so the parent must import nothing large.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read().decode(), err.read().decode(errors="replace")
    if process.returncode:
        raise BenchmarkError(
            f"{' '.join(command)} ended with status {process.returncode}: {stderr[-_TAIL:].strip()}"
        )
    facts = json.loads(stdout.splitlines()[-1]) if "benchmarks.worker" in command else {}
    unit = 1 if sys.platform == "darwin" else 1024
    return Outcome(
        seconds=facts.pop("seconds", seconds),
        peak_mb=facts.pop("peak_mb", usage.ru_maxrss * unit / 1e6),
        facts=facts,
        stdout=stdout,
    )


def median_peak(outcomes: Sequence[Outcome]) -> float:
    """Median of the peaks, in 10⁶ bytes."""
    return statistics.median(outcome.peak_mb for outcome in outcomes)
