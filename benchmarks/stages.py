"""Single stages: what pytest-benchmark measures in `benchmarks.micro`, as a part of the table."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import run_once
from benchmarks.results import Report, Row
from benchmarks.settings import Settings

__all__ = ["PART"]


def measure_stages(settings: Settings) -> Report:
    """Run the micro benchmarks and read what pytest-benchmark wrote."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "benchmarks.json"
        command = [sys.executable, "-m", "pytest", "benchmarks/micro", "-q", "--rootdir=."]
        # a warning of a library that a peer uses is none of our business here
        command += ["-W", "default", "-p", "no:cacheprovider", f"--rounds={settings.repeats}"]
        command += [f"--benchmark-json={written}"] + ["--fast"] * settings.quick
        run_once(command)
        measured = json.loads(written.read_text(encoding="utf-8"))["benchmarks"]
    rows = tuple(
        Row(
            task=one["group"],
            contender=one["extra_info"]["contender"],
            seconds=tuple(one["stats"]["data"]),
            reference=one["extra_info"]["reference"],
        )
        for one in measured
    )
    return Report(
        name="micro",
        title="Single stages",
        machine=describe(),
        rows=rows,
        remarks=(
            "By pytest-benchmark, in one process, one after the other. What each contender looks "
            "words up in (a dict, or `WordVectors`) is made before the clock starts.",
            "Classifiers choose among six penalties (frozen) or the number of epochs (fine-tuned) "
            "on five folds, and then train on all documents; the torch versions stand in "
            "`straightforward_classifiers.py`, and each chooses for itself.",
        ),
    )


PART = Part("micro", measure_stages)
