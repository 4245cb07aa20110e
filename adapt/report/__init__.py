"""The report of a study, from its results alone: findings in words, tables, figures, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapt.report.conclusions import conclusion
from adapt.report.findings import Finding, findings
from adapt.report.grid_verdicts import grid_verdict
from adapt.report.headline import HeadlineCell, HeadlineRow, HeadlineTable, headline_table

if TYPE_CHECKING:
    from adapt.report.grid_report import write_grid_report
    from adapt.report.render import write_report
    from adapt.report.run_comparison import FinishedRun, write_run_comparison

__all__ = [
    "Finding",
    "FinishedRun",
    "HeadlineCell",
    "HeadlineRow",
    "HeadlineTable",
    "conclusion",
    "findings",
    "grid_verdict",
    "headline_table",
    "write_grid_report",
    "write_report",
    "write_run_comparison",
]


def __getattr__(name: str) -> Any:
    """Load what writes reports when first asked for: it brings matplotlib and jinja2."""
    if name == "write_report":
        from adapt.report.render import write_report

        return write_report
    if name == "write_grid_report":
        from adapt.report.grid_report import write_grid_report

        return write_grid_report
    if name in ("FinishedRun", "write_run_comparison"):
        from adapt.report import run_comparison

        return getattr(run_comparison, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
