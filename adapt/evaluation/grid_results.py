"""The outcome of a grid of studies: one schema, written to and read from its `results.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adapt.errors import FileFormatError
from adapt.evaluation.comparison_results import Comparison
from adapt.evaluation.crossover import Crossover
from adapt.evaluation.records import build_record, read_record, write_record
from adapt.evaluation.results import DatasetSummary, Summary
from adapt.evaluation.verdict_results import StudyVerdict

__all__ = [
    "GRID_SCHEMA_VERSION",
    "GridResults",
    "GridVariant",
    "Setting",
    "SettingCrossover",
    "VariantComparison",
    "holds_grid",
    "read_grid_results",
    "write_grid_results",
]

GRID_SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Setting:
    """A setting of a study by its dotted key, as text and, if it is one, as a number."""

    key: str
    value: str
    number: float | None = None


@dataclass(frozen=True)
class GridVariant:
    """One study of a grid.

    Its folder, beside these results, is called like it. `comparisons` are those of the study, but
    their `p_corrected` is Holm's correction over all comparisons of the grid. So is what `verdict`
    rests on, which may say less than the study's own.
    """

    name: str
    settings: tuple[Setting, ...]
    config_digest: str
    dataset: DatasetSummary
    summary: tuple[Summary, ...]
    comparisons: tuple[Comparison, ...]
    verdict: StudyVerdict | None


@dataclass(frozen=True)
class VariantComparison:
    """Paired difference in accuracy of one cell between two studies, with its 95 % interval.

    It is that of `variant` minus `baseline_variant`, on the same test documents and seeds; the two
    differ in one setting. `p_corrected` is Holm's correction over all comparisons of the grid.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    variant: str
    baseline_variant: str
    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    p_corrected: float


@dataclass(frozen=True)
class SettingCrossover:
    """Where along a numeric setting one embedding overtakes another for good.

    `settings` are those that are the same at all points.
    """

    key: str
    settings: tuple[Setting, ...]
    embedding: str
    baseline: str
    oov: str
    model: str
    strategy: str
    n_train: int
    crossover: Crossover


@dataclass(frozen=True)
class GridResults:
    """Everything that a report on a grid needs."""

    name: str
    description: str
    keys: tuple[str, ...]
    variants: tuple[GridVariant, ...]
    comparisons: tuple[VariantComparison, ...]
    crossovers: tuple[SettingCrossover, ...]
    kind: Literal["grid"] = "grid"
    schema_version: int = GRID_SCHEMA_VERSION


def write_grid_results(results: GridResults, path: Path | str) -> None:
    """Write `results` as JSON, whole or not at all."""
    write_record(results, path)


def holds_grid(path: Path | str) -> bool:
    """Tell whether a results file, or the one of a folder, is that of a grid.

    Raises
    ------
    FileAccessError, FileFormatError
        If there is no such file, or it is not JSON.
    """
    _, raw = read_record(path)
    return isinstance(raw, dict) and raw.get("kind") == "grid"


def read_grid_results(path: Path | str) -> GridResults:
    """Read what `write_grid_results` wrote; a folder stands for its `results.json`.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is not a results file of a grid, or one of another schema version.
    """
    file, raw = read_record(path)
    if not isinstance(raw, dict) or raw.get("kind") != "grid":
        raise FileFormatError(file, "holds no results of a grid; run it again")
    version = raw.get("schema_version")
    if version != GRID_SCHEMA_VERSION:
        raise FileFormatError(
            file,
            f"has schema version {version}, but this adapt reads {GRID_SCHEMA_VERSION}; run again",
        )
    results: GridResults = build_record(GridResults, raw, file)
    return results
