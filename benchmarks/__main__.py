"""The command ``python -m benchmarks``; see the package's documentation."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import (
    alignment,
    classifiers,
    growth,
    oov,
    partitioned,
    reading,
    stages,
    study,
    training,
)
from benchmarks.processes import ROOT, BenchmarkError
from benchmarks.results import Report, read_reports, write_reports
from benchmarks.settings import Settings

PARTS = {
    part.PART.name: part.PART
    for part in (
        reading,
        training,
        partitioned,
        alignment,
        oov,
        classifiers,
        stages,
        growth,
        study,
    )
}
"""In the order of the table."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts that were asked for; gives the exit status, 1 if one failed."""
    options = _parse(arguments)
    settings = Settings(
        repeats=options.repeats or (1 if options.quick else 3),
        quick=options.quick,
        work=options.work.resolve(),
        corpus=tuple(path.resolve() for path in options.corpus),
        pairs=options.pairs.resolve() if options.pairs else None,
    )
    settings.work.mkdir(parents=True, exist_ok=True)
    # a quick run is a rehearsal: its figures must not stand where others look for real ones
    table = options.out or (settings.work / "quick.md" if options.quick else _TABLE)
    reports = read_reports(table.with_suffix(".json"))
    failed = False
    for name in options.only:
        start = time.perf_counter()
        sys.stderr.write(f"{name}\n")
        try:
            reports[name] = PARTS[name].measure(settings)
        except BenchmarkError as error:
            sys.stderr.write(f"{name} failed: {error}\n")
            failed = True
            continue
        _write(reports, table)
        sys.stderr.write(f"{name}: {time.perf_counter() - start:.0f} s\n")
    sys.stdout.write(f"{table}\n")
    return int(failed)


_TABLE = ROOT / "benchmarks" / "results.md"


def _write(reports: dict[str, Report], table: Path) -> None:
    """Write what there is, after every part: a run that is broken off keeps what it measured."""
    write_reports([reports[name] for name in PARTS if name in reports], table)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure adapt.")
    parser.add_argument(
        "--only", type=_names, default=list(PARTS), metavar="PART,…", help=", ".join(PARTS)
    )
    parser.add_argument("--repeats", type=int, help="of short measurements [3, quick: 1]")
    parser.add_argument("--quick", action="store_true", help="small sizes: does everything run?")
    parser.add_argument("--out", type=Path, help="Markdown file [benchmarks/results.md]")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "benchmarks")
    parser.add_argument(
        "--corpus", type=Path, nargs="+", default=(), help="texts to train on [clinical dataset]"
    )
    parser.add_argument(
        "--pairs",
        type=Path,
        default=os.environ.get("ADAPT_SCORED_PAIRS"),
        help="scored pairs of terms, CSV or TSV [environment variable ADAPT_SCORED_PAIRS]",
    )
    options = parser.parse_args(arguments)
    options.pairs = Path(options.pairs) if options.pairs else None
    return options


def _names(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"{name!r} is no part; choose from {', '.join(PARTS)}")
    return [name for name in PARTS if name in names]


if __name__ == "__main__":
    sys.exit(main())
