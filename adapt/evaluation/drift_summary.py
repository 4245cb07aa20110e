"""Drift over the seeds of a cell: means, and how far the seeds are apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from adapt.evaluation.drift_results import Drift, Movement

__all__ = ["MeanBand", "MeanDrift", "MeanMovement", "MeanSource", "OverSeeds", "mean_drift"]


@dataclass(frozen=True)
class OverSeeds:
    """A figure's mean over seeds, and its lowest and highest value under one of them."""

    mean: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> OverSeeds:
        """Sum up the values of a figure, one for each seed and at least one."""
        return cls(float(np.mean(values)), float(min(values)), float(max(values)))


@dataclass(frozen=True)
class MeanMovement:
    """The figures of `Movement` over seeds."""

    n_words: OverSeeds
    mean_shift: OverSeeds
    median_shift: OverSeeds
    high_shift: OverSeeds
    mean_cosine: OverSeeds
    neighbor_overlap: OverSeeds

    @classmethod
    def of(cls, movements: Sequence[Movement]) -> MeanMovement:
        """Sum up movements of the same group of words, one for each seed and at least one."""
        return cls(
            **{
                one.name: OverSeeds.of([getattr(movement, one.name) for movement in movements])
                for one in fields(cls)
            }
        )


@dataclass(frozen=True)
class MeanBand:
    """Movement of a band over seeds; see `DriftBand`."""

    lowest: int
    highest: int | None
    movement: MeanMovement


@dataclass(frozen=True)
class MeanSource:
    """Movement of the words of a source over seeds; see `DriftSource`."""

    source: str
    movement: MeanMovement


@dataclass(frozen=True)
class MeanDrift:
    """Drift of a cell over its seeds.

    Seeds choose other training documents, so that a word may be in another band under each. A band
    that has no words under some seeds is summed up over the others. `n_candidates` is the same
    under all.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    n_seeds: int
    bands: tuple[MeanBand, ...]
    sources: tuple[MeanSource, ...]
    n_from_zero: OverSeeds
    n_candidates: int


def mean_drift(drifts: Iterable[Drift]) -> tuple[MeanDrift, ...]:
    """Sum up drift over the seeds of each cell.

    Parameters
    ----------
    drifts : iterable of Drift
        Of any cells and seeds.

    Returns
    -------
    tuple of MeanDrift
        One for each cell, in the order of their first drifts; bands by count, sources by the number
        of their words.
    """
    cells: dict[tuple[str, str, str, str, int], list[Drift]] = {}
    for one in drifts:
        cell = (one.embedding, one.oov, one.model, one.strategy, one.n_train)
        cells.setdefault(cell, []).append(one)
    return tuple(
        MeanDrift(
            *cell,
            n_seeds=len(own),
            bands=_mean_bands(own),
            sources=_mean_sources(own),
            n_from_zero=OverSeeds.of([one.n_from_zero for one in own]),
            n_candidates=own[0].n_candidates,
        )
        for cell, own in cells.items()
    )


def _mean_bands(drifts: Sequence[Drift]) -> tuple[MeanBand, ...]:
    groups: dict[tuple[int, int | None], list[Movement]] = {}
    for band in (band for drift in drifts for band in drift.bands):
        groups.setdefault((band.lowest, band.highest), []).append(band.movement)
    means = [MeanBand(*limits, MeanMovement.of(found)) for limits, found in groups.items()]
    return tuple(sorted(means, key=lambda band: band.lowest))


def _mean_sources(drifts: Sequence[Drift]) -> tuple[MeanSource, ...]:
    groups: dict[str, list[Movement]] = {}
    for source in (source for drift in drifts for source in drift.sources):
        groups.setdefault(source.source, []).append(source.movement)
    means = [MeanSource(name, MeanMovement.of(found)) for name, found in groups.items()]
    return tuple(sorted(means, key=lambda one: (-one.movement.n_words.mean, one.source)))
