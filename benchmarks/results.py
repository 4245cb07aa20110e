"""What was measured: rows of comparisons and fitted growth, kept as JSON, shown as Markdown."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Fit", "Report", "Row", "fit_power", "read_reports", "write_reports"]

_SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One contender at one task.

    Parameters
    ----------
    task : str
        What was done; rows of one task are compared with each other.
    contender : str
        Who did it.
    seconds : tuple of float
        One time a repeat.
    reference : bool
        Whether this is the peer that the others of the task are compared with.
    peak_mb : float, optional
        Median peak memory of the process, in 10⁶ bytes.
    work, unit : float, str
        How much was done, for the throughput: ``work`` units a median.
    quality : dict
        Figures to stand beside the speed, by name, ready for the table.
    """

    task: str
    contender: str
    seconds: tuple[float, ...]
    reference: bool = False
    peak_mb: float | None = None
    work: float = 0.0
    unit: str = ""
    quality: dict[str, str] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Growth of time with size: ``seconds ~ size ** exponent``, with the standard error."""

    subject: str
    size: str
    sizes: tuple[float, ...]
    seconds: tuple[float, ...]
    exponent: float
    standard_error: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """One part of the benchmarks, with the machine that it was measured on.

    Parameters
    ----------
    name, title : str
        For ``--only`` and for the heading.
    machine : dict
        See `machine.describe`.
    rows : tuple of Row
        Comparisons.
    fits : tuple of Fit
        Growth.
    remarks : tuple of str
        What a reader has to know: settings, threads, what is left out.
    """

    name: str
    title: str
    machine: dict[str, str]
    rows: tuple[Row, ...]
    fits: tuple[Fit, ...] = ()
    remarks: tuple[str, ...] = ()


def fit_power(subject: str, size: str, sizes: Sequence[float], seconds: Sequence[float]) -> Fit:
    """Fit the exponent by least squares of log seconds on log size; needs three sizes or more."""
    import numpy as np

    x, y = np.log(sizes), np.log(seconds)
    centred = x - x.mean()
    exponent = float(centred @ y / (centred @ centred))
    residuals = y - y.mean() - exponent * centred
    variance = float(residuals @ residuals) / (len(x) - 2)
    return Fit(
        subject=subject,
        size=size,
        sizes=tuple(sizes),
        seconds=tuple(seconds),
        exponent=exponent,
        standard_error=(variance / float(centred @ centred)) ** 0.5,
    )


def read_reports(path: Path) -> dict[str, Report]:
    """Read the reports of earlier runs, by name; there may be none."""
    if not path.is_file():
        return {}
    raw = json.loads(path.read_text(encoding="utf-8"))
    if raw["schema"] != _SCHEMA:
        return {}
    return {report["name"]: _report(report) for report in raw["parts"]}


def write_reports(reports: Sequence[Report], table: Path) -> None:
    """Write the Markdown table and, beside it, the JSON."""
    raw = {"schema": _SCHEMA, "parts": [asdict(report) for report in reports]}
    table.parent.mkdir(parents=True, exist_ok=True)
    table.with_suffix(".json").write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    table.write_text("\n".join(_markdown(reports)) + "\n", encoding="utf-8")


def _report(raw: dict[str, Any]) -> Report:
    return Report(
        name=raw["name"],
        title=raw["title"],
        machine=raw["machine"],
        rows=tuple(Row(**{**row, "seconds": tuple(row["seconds"])}) for row in raw["rows"]),
        fits=tuple(
            Fit(**{**fit, "sizes": tuple(fit["sizes"]), "seconds": tuple(fit["seconds"])})
            for fit in raw["fits"]
        ),
        remarks=tuple(raw["remarks"]),
    )


def _markdown(reports: Sequence[Report]) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield (
        "Written by `make bench`; the raw times stand in the JSON file beside this one. Seconds "
        "are medians, with the range over the repeats. *Faster* compares with the row marked "
        "*peer* of the same task: its median over this one's. Peak memory is that of a process "
        "of its own."
    )
    for report in reports:
        yield ""
        yield f"## {report.title}"
        yield ""
        yield "; ".join(f"{key} {value}" for key, value in report.machine.items()) + "."
        yield from _comparisons(report.rows)
        yield from _growth(report.fits)
        for remark in report.remarks:
            yield ""
            yield f"- {remark}" if remark else ""


def _comparisons(rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        return
    qualities = list(dict.fromkeys(name for row in rows for name in row.quality))
    yield ""
    yield _line("task", "contender", "seconds", "faster", "throughput", "peak MB", *qualities)
    yield _line("---", "---", "---:", "---:", "---:", "---:", *("---:" for _ in qualities))
    for task in dict.fromkeys(row.task for row in rows):
        of_task = [row for row in rows if row.task == task]
        peer = next((row for row in of_task if row.reference), None)
        for place, row in enumerate(of_task):
            yield _line(
                "" if place else task,
                row.contender,
                _seconds(row),
                _ratio(row, peer),
                f"{_short(row.work / row.median)} {row.unit}/s" if row.work else "",
                "" if row.peak_mb is None else f"{row.peak_mb:,.0f}",
                *(row.quality.get(name, "") for name in qualities),
            )


def _growth(fits: Sequence[Fit]) -> Iterator[str]:
    if not fits:
        return
    yield ""
    yield _line("what grows", "with", "sizes", "seconds", "exponent")
    yield _line("---", "---", "---", "---", "---:")
    for fit in fits:
        yield _line(
            fit.subject,
            fit.size,
            ", ".join(_short(size) for size in fit.sizes),
            ", ".join(_digits(seconds) for seconds in fit.seconds),
            f"{fit.exponent:.2f} ± {fit.standard_error:.2f}",
        )


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(row: Row, peer: Row | None) -> str:
    if peer is None:
        return ""
    return "peer" if row is peer else f"{_digits(peer.median / row.median)} ×"


def _seconds(row: Row) -> str:
    if len(row.seconds) == 1:
        return f"{_digits(row.median)} (once)"
    low, high = _digits(min(row.seconds)), _digits(max(row.seconds))
    return f"{_digits(row.median)} ({low}–{high})"


def _digits(number: float) -> str:
    """Write a number with three digits, or all that stand before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:#.3g}".rstrip(".")


def _short(number: float) -> str:
    """Write a large number with M or k."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number:.3g}"
