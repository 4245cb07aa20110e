"""Running a grid of studies, each into a folder of its own, and what they say together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapt.errors import InputError
from adapt.evaluation import (
    GridResults,
    Results,
    holds_grid,
    read_grid_results,
    write_grid_results,
)
from adapt.experiment.across import FinishedVariant, grid_results
from adapt.experiment.claim import check_free
from adapt.experiment.config import StudyConfig, config_digest
from adapt.experiment.predictions import read_predictions
from adapt.experiment.runner import run_study
from adapt.experiment.variants import StudyGrid
from adapt.files import check_target
from adapt.report import write_grid_report

__all__ = ["run_study_grid"]


def run_study_grid(
    grid: StudyGrid,
    folder: Path | str,
    *,
    run: Callable[[StudyConfig, Path], Results] = run_study,
    announce: Callable[[str], None] = lambda stage: None,
) -> GridResults:
    """Run the studies of a grid one after the other, and compare them.

    Parameters
    ----------
    grid : StudyGrid
        What to run.
    folder : Path or str
        Receives a folder for each study, `results.json` and the report on all of them. Results of
        the same grid are replaced, others are refused.
    run : callable
        Runs one study into a folder: `run_study`, perhaps with options.
    announce : callable
        Called with a line of text when a study begins.

    Returns
    -------
    GridResults
        What was written to `results.json`.

    Raises
    ------
    AdaptError
        If a study cannot be run; the folders of those before it are complete.
    """
    folder = Path(folder)
    _claim(folder, grid)
    finished = []
    for number, variant in enumerate(grid.variants, 1):
        announce(f"Study {number} of {len(grid.variants)}: {variant.name}")
        results = run(variant.config, folder / variant.name)
        predictions = read_predictions(folder / variant.name)
        finished.append(FinishedVariant.of(variant, results, predictions))
    announce("Comparing the studies and writing the report")
    together = grid_results(grid, finished)
    write_grid_report(together, folder)
    write_grid_results(together, folder / "results.json")
    return together


def _claim(folder: Path, grid: StudyGrid) -> None:
    """Make sure that `folder` may receive the results of `grid`, before any study is run."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, not a folder; choose another --out")
    results = folder / "results.json"
    check_target(results)
    if results.exists():
        known = read_grid_results(folder).variants if holds_grid(folder) else ()
        if [one.config_digest for one in known] != [config_digest(v.config) for v in grid.variants]:
            raise InputError(
                f"{folder}: holds results of another study; choose another --out or remove it"
            )
    for variant in grid.variants:
        check_free(folder / variant.name, variant.config)
