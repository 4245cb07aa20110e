"""What `run` and `report` print of grids of studies, and of studies that are only planned."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from adapt.cli.console import announce, emit, emit_table

if TYPE_CHECKING:
    from adapt.evaluation import GridResults
    from adapt.experiment import PlannedStudy, StudyConfig, StudyGrid

__all__ = ["emit_grid", "emit_plan"]


def emit_grid(results: GridResults) -> None:
    """Print accuracy, a row for each cell and a column for each study, and the verdict."""
    from adapt.report import grid_verdict

    cells = {
        (row.embedding, row.oov, row.model, row.strategy, row.n_train): None
        for variant in results.variants
        for row in variant.summary
    }
    accuracy = {
        (one.name, row.embedding, row.oov, row.model, row.strategy, row.n_train): row.accuracy
        for one in results.variants
        for row in one.summary
    }
    rows = []
    for cell in sorted(cells, key=lambda cell: cell[-1]):
        found = [accuracy.get((one.name, *cell)) for one in results.variants]
        told = ["" if value is None else f"{value:.3f}" for value in found]
        rows.append((", ".join(cell[:4]), f"{cell[4]:,}", *told))
    if len(results.keys) == 1:
        title = f"Accuracy by {results.keys[0]}"
        columns = [one.settings[0].value for one in results.variants]
    else:
        title, columns = "Accuracy by study", [one.name for one in results.variants]
    emit_table(title, ("cell", "labels", *columns), rows)
    for sentence in grid_verdict(results):
        sys.stdout.write(f"{sentence}\n")


def emit_plan(study: StudyConfig | StudyGrid, n_workers: int, *, as_json: bool) -> None:
    """Measure, and print what would be run and how long it would take."""
    from adapt.experiment import StudyConfig, plan_studies

    named = (
        [(study.name, study)]
        if isinstance(study, StudyConfig)
        else [(one.name, one.config) for one in study.variants]
    )
    announce("Measuring this machine; nothing is run or written")
    plan = plan_studies(named, n_workers=n_workers)
    if as_json:
        emit({**asdict(plan), "seconds": plan.seconds, "workers": n_workers})
        return
    rows = [
        (one.name, f"{one.n_cells:,}", f"{one.n_fits:,}", *map(_told, _stages(one)))
        for one in plan.studies
    ]
    cells = sum(one.n_cells for one in plan.studies)
    fits = sum(one.n_fits for one in plan.studies)
    seconds = (sum(stage) for stage in zip(*map(_stages, plan.studies), strict=True))
    total = ("total", f"{cells:,}", f"{fits:,}", *map(_told, seconds))
    emit_table(
        f"To run, with {n_workers} workers",
        ("study", "cells", "fits", "data", "word vectors", "alignment", "classifiers", "about"),
        [*rows, total] if len(rows) > 1 else rows,
    )
    sys.stdout.write("The estimate rests on this, measured now:\n")
    for line in plan.basis:
        sys.stdout.write(f"- {line}\n")


def _stages(one: PlannedStudy) -> tuple[float, ...]:
    return (
        one.data_seconds,
        one.training_seconds,
        one.alignment_seconds,
        one.classifier_seconds,
        one.seconds,
    )


def _told(seconds: float) -> str:
    """Write a time as roughly as it is known."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
