"""The report on a grid of studies: what they say together, and links to the report of each."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from adapt.evaluation.grid_results import GridResults
from adapt.evaluation.wording import listed
from adapt.report.grid_figures import draw_grid_figures
from adapt.report.grid_findings import grid_findings
from adapt.report.grid_tables import (
    crossover_table,
    line_table,
    merge_table,
    studies_table,
    variant_comparison_table,
)
from adapt.report.grid_verdicts import grid_verdict, grid_verdict_table
from adapt.report.grid_views import panels, short_key
from adapt.report.render import write_pages
from adapt.report.sections import Section

__all__ = ["write_grid_report"]


def write_grid_report(results: GridResults, folder: Path | str) -> Path:
    """Write `report.html`, `report.md` and `figures/` on a grid into its folder.

    Parameters
    ----------
    results : GridResults
        The outcome of all studies.
    folder : Path or str
        Where to write; the folders of the studies are beside.

    Returns
    -------
    Path
        The HTML report.

    Raises
    ------
    FileAccessError
        If the folder cannot be written.
    """
    drawings = draw_grid_figures(results)
    shown = panels(results)
    sections = []
    if (verdicts := grid_verdict_table(results)) is not None:
        sections.append(Section("Verdict", grid_verdict(results), tables=(verdicts,)))
    sections.append(Section("Findings", (_INTRO,), groups=tuple(grid_findings(results))))
    if shown:
        tables = [line_table(panel) for panel in shown]
        sections.append(Section("Accuracy along the grid", figures=drawings, tables=tuple(tables)))
    gains = tuple(table for panel in shown if (table := merge_table(panel)) is not None)
    if gains:
        sections.append(Section("Where merging helps", tables=gains))
    if results.crossovers:
        sections.append(Section("Crossovers", tables=(crossover_table(results.crossovers),)))
    if results.comparisons:
        tables = [variant_comparison_table(results.comparisons, folded=bool(shown))]
        sections.append(Section("Comparisons across studies", tables=tuple(tables)))
    links = tuple((one.name, f"{quote(one.name)}/report.html") for one in results.variants)
    sections.append(Section("The studies", tables=(studies_table(results),), links=links))
    sections.append(Section("How to read this", definitions=_DEFINITIONS))
    return write_pages(
        Path(folder),
        drawings,
        name=results.name,
        description=results.description,
        data=_summary(results),
        sections=sections,
    )


_INTRO = (
    "Derived from the results below. Intervals are 95%; p-values are corrected by Holm's method "
    "over all comparisons of all studies together."
)

_DEFINITIONS = (
    (
        "Comparisons across studies",
        "A cell of one study against the same cell of the study that has the first value of one "
        "setting and agrees in all others, on the same test documents and seeds. Studies with "
        "other test documents are not compared.",
    ),
    (
        "Where merging helps",
        "The difference in accuracy of merged vectors to general ones alone and to in-domain ones "
        "alone, in percentage points. They help where they are clearly better than both: intervals "
        "exclude 0, and corrected p-values are below 0.05.",
    ),
    (
        "Crossover",
        "The value of a setting from which on one embedding is ahead of another: where the line "
        "through the mean differences rises above zero for the last time, over the logarithm of "
        "the setting. The interval is a bootstrap over test documents and seeds together; word "
        "vectors are trained once a study, and how far those would differ with other unlabelled "
        "documents is not in it.",
    ),
)


def _summary(results: GridResults) -> str:
    keys = listed([short_key(key) for key in results.keys])
    n_cells = sum(len(one.summary) for one in results.variants)
    n_tests = len(results.comparisons) + sum(len(one.comparisons) for one in results.variants)
    return (
        f"{len(results.variants):,} studies that differ in {keys}: {n_cells:,} cells, "
        f"{n_tests:,} comparisons."
    )
