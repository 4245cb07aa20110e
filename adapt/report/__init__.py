"""The report of a study, from its results alone: findings in words, tables, figures, HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapt.report.findings import Finding, findings
from adapt.report.headline import HeadlineCell, HeadlineRow, HeadlineTable, headline_table

if TYPE_CHECKING:
    from adapt.report.grid_report import write_grid_report
    from adapt.report.render import write_report

__all__ = [
    "Finding",
    "HeadlineCell",
    "HeadlineRow",
    "HeadlineTable",
    "findings",
    "headline_table",
    "write_grid_report",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Load what writes reports when first asked for: it brings matplotlib and jinja2."""
    if name == "write_report":
        from adapt.report.render import write_report

        return write_report
    if name == "write_grid_report":
        from adapt.report.grid_report import write_grid_report

        return write_grid_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
