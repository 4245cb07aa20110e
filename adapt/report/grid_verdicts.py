"""Where in a grid of studies adapting is worth it, as the first thing that its report says."""

from __future__ import annotations

from collections.abc import Iterator

from adapt.evaluation.grid_results import GridResults
from adapt.evaluation.verdict_results import Advice
from adapt.evaluation.wording import labels, listed
from adapt.report.grid_views import short_key
from adapt.report.tables import Table, row_of
from adapt.report.verdicts import VERDICT_COLUMNS, verdict_cells

__all__ = ["grid_verdict", "grid_verdict_table"]


def grid_verdict(results: GridResults) -> tuple[str, ...]:
    """Say for every label budget in which studies to adapt, and in which not.

    Every study has a verdict of its own, by comparisons that are corrected over the whole grid.
    """
    return tuple(_sentences(results))


def _sentences(results: GridResults) -> Iterator[str]:
    # studies that differ in one setting are told by its values
    shared = f"{short_key(results.keys[0])} " if len(results.keys) == 1 else ""
    given: dict[int, dict[Advice, list[str]]] = {}
    for study in results.variants:
        place = study.settings[0].value if shared else study.name
        for one in study.verdict.budgets if study.verdict else ():
            given.setdefault(one.n_train, {}).setdefault(one.advice, []).append(place)
    for n_train in sorted(given):
        advice = given[n_train]
        if len(advice) == 1:
            ((only, studies),) = advice.items()
            where = "in the only study" if len(studies) == 1 else f"in all {len(studies)} studies"
            yield f"With {labels(n_train)}: {only} {where}."
        else:
            parts = [f"{what} at {shared}{listed(places)}" for what, places in advice.items()]
            yield f"With {labels(n_train)}: {'; '.join(parts)}."


def grid_verdict_table(results: GridResults) -> Table | None:
    """Show what the verdicts rest on, a row for each study and label budget; None without any."""
    rows = tuple(
        row_of(study.name, *verdict_cells(one))
        for study in results.variants
        if study.verdict is not None
        for one in study.verdict.budgets
    )
    if not rows:
        return None
    return Table(
        "For every study: the adapted configuration that validation chooses, its test accuracy in "
        "percent, and by how many points it is ahead of what validation chooses of its rivals; 95% "
        "intervals, and p-values corrected over the whole grid.",
        ("Study", *VERDICT_COLUMNS),
        rows,
        text_columns=(0, 2, 3),
        folded=len(rows) > 12,
    )
