"""Views of the drift that its findings, tables and figures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapt.evaluation.drift_results import Drift
from adapt.evaluation.drift_summary import MeanDrift, MeanMovement, OverSeeds, mean_drift
from adapt.evaluation.results import Results, Summary
from adapt.report.views import variant_label

__all__ = [
    "REFERENCE",
    "Band",
    "DriftVariant",
    "Reading",
    "band_name",
    "drift_variants",
    "figure_in",
    "kept_neighbors",
    "mean_shift",
]

REFERENCE = "fine-tuned"
"""The strategy that the others are compared with."""

Band = tuple[int, int | None]
"""Lowest and highest count of the words in a band; None where there is no highest."""

Reading = Callable[[MeanMovement], OverSeeds]
"""Reads one of the figures of a movement."""


@dataclass(frozen=True)
class DriftVariant:
    """What is known of the drift of one embedding, with one filling and one model.

    `cells` are its label budgets and strategies, with the means over seeds: budgets ascending,
    strategies in the order of the study. `drifts` are those of single seeds.
    """

    label: str
    cells: tuple[MeanDrift, ...]
    drifts: tuple[Drift, ...]
    accuracies: tuple[Summary, ...]

    @property
    def budgets(self) -> tuple[int, ...]:
        """Label budgets, ascending."""
        return tuple(dict.fromkeys(cell.n_train for cell in self.cells))

    @property
    def strategies(self) -> tuple[str, ...]:
        """Training strategies, in the order of the study."""
        return tuple(dict.fromkeys(drift.strategy for drift in self.drifts))

    @property
    def n_seeds(self) -> int:
        """The most seeds that any cell has."""
        return max(cell.n_seeds for cell in self.cells)

    @property
    def bands(self) -> tuple[Band, ...]:
        """Bands that any cell has words in, ascending."""
        limits = dict.fromkeys((b.lowest, b.highest) for cell in self.cells for b in cell.bands)
        return tuple(sorted(limits, key=lambda band: band[0]))

    def at(self, n_train: int) -> tuple[MeanDrift, ...]:
        """Return the cells of a label budget."""
        return tuple(cell for cell in self.cells if cell.n_train == n_train)

    def of(self, strategy: str, n_train: int) -> tuple[Drift, ...]:
        """Return the drifts of a cell, one for each seed."""
        return tuple(
            one for one in self.drifts if (one.strategy, one.n_train) == (strategy, n_train)
        )

    def accuracy(self, strategy: str, n_train: int) -> Summary | None:
        """Return the accuracy of a cell, if it is known."""
        cell = (strategy, n_train)
        return next((s for s in self.accuracies if (s.strategy, s.n_train) == cell), None)


def drift_variants(results: Results) -> tuple[DriftVariant, ...]:
    """Sort the drift of a study by embedding, filling and model, in the order of the study."""
    names = dict.fromkeys((one.embedding, one.oov, one.model) for one in results.drift)
    return tuple(_variant(results, *name) for name in names)


def _variant(results: Results, embedding: str, oov: str, model: str) -> DriftVariant:
    name = (embedding, oov, model)
    drifts = tuple(one for one in results.drift if (one.embedding, one.oov, one.model) == name)
    return DriftVariant(
        label=variant_label(results.drift, *name),
        cells=tuple(sorted(mean_drift(drifts), key=lambda cell: cell.n_train)),
        drifts=drifts,
        accuracies=tuple(s for s in results.summary if (s.embedding, s.oov, s.model) == name),
    )


def band_name(lowest: int, highest: int | None) -> str:
    """Name a band of counts.

    Examples
    --------
    >>> band_name(1, 1), band_name(2, 4), band_name(100, None)
    ('1', '2–4', '100+')
    """
    if highest is None:
        return f"{lowest}+"
    return str(lowest) if lowest == highest else f"{lowest}\N{EN DASH}{highest}"


def mean_shift(movement: MeanMovement) -> OverSeeds:
    """Read how far the words move."""
    return movement.mean_shift


def kept_neighbors(movement: MeanMovement) -> OverSeeds:
    """Read which share of their neighbours the words keep."""
    return movement.neighbor_overlap


def figure_in(cell: MeanDrift, band: Band, figure: Reading) -> OverSeeds | None:
    """Return a figure of the words of a band, None where it has none."""
    own = (one.movement for one in cell.bands if (one.lowest, one.highest) == band)
    return next(map(figure, own), None)
