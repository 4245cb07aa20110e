"""The report of a study from what lies in its folder."""

from __future__ import annotations

from pathlib import Path

from adapt.evaluation import Results, read_results, read_space_map
from adapt.experiment.manifest import read_manifest
from adapt.experiment.predictions import chosen_confusion, read_predictions
from adapt.report import FinishedRun, write_report

__all__ = ["read_finished_run", "report_on"]


def report_on(results: Results, folder: Path) -> Path:
    """Write the report of a study into its folder, from its results and the files there.

    Parameters
    ----------
    results : Results
        Its outcome.
    folder : Path
        With `manifest.json`, `map.json` and `predictions.npz`; what the report says of those that
        are missing is left out.

    Returns
    -------
    Path
        The HTML report.

    Raises
    ------
    FileFormatError
        If one of these files is damaged.
    FileAccessError
        If the folder cannot be written.
    """
    manifest, places, predictions = (
        folder / name for name in ("manifest.json", "map.json", "predictions.npz")
    )
    return write_report(
        results,
        folder,
        manifest=read_manifest(manifest) if manifest.is_file() else None,
        space_map=read_space_map(places) if places.is_file() else None,
        confusion=chosen_confusion(results, read_predictions(predictions))
        if predictions.is_file()
        else None,
    )


def read_finished_run(path: Path) -> FinishedRun:
    """Read the outcome of a study and how it was run, to be set beside others.

    It is called as its folder is given.

    Raises
    ------
    FileAccessError, FileFormatError
        If it has no results that can be read, or a damaged file beside them.
    """
    folder = path if path.is_dir() else path.parent
    manifest, predictions = folder / "manifest.json", folder / "predictions.npz"
    return FinishedRun(
        name=str(folder),
        folder=folder,
        results=read_results(path),
        manifest=read_manifest(manifest) if manifest.is_file() else None,
        documents=read_predictions(predictions).documents if predictions.is_file() else None,
    )
