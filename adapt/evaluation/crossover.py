"""Where along a setting one system overtakes another, with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.evaluation.bootstrap import resample_weights

__all__ = ["Crossover", "crossover"]


@dataclass(frozen=True)
class Crossover:
    """The value from which on a system is ahead of another, with its 95 % bootstrap interval.

    `at` is None where the system is ahead at all values (`ahead_at_first`), or not ahead at the
    last one. An end of the interval is None where it lies outside of the values: `low` below the
    first, `high` beyond the last. The shares are those of resamples by where the crossover lies in
    them; they sum to 1.
    """

    at: float | None
    low: float | None
    high: float | None
    ahead_at_first: bool
    share_below: float
    share_within: float
    share_beyond: float


def crossover(
    values: Sequence[float], correct: np.ndarray, baseline: np.ndarray, *, seed: int = 0
) -> Crossover:
    """Find from which value on a system is more accurate than a baseline.

    Mean differences are joined by straight lines, over the logarithm of the values where all of
    them are positive; the crossover is the last point at which the line rises above zero. Test
    documents and seeds are resampled together, the same at every value. What else is drawn at
    random, such as the documents that word vectors are trained on, is not resampled.

    Parameters
    ----------
    values : sequence of float
        ``(n_values,)``, two or more, rising.
    correct, baseline : numpy.ndarray
        ``(n_values, n_seeds, n_documents)`` of 0 and 1: what either got right at each value.
    seed : int
        Of the resampling.

    Raises
    ------
    InputError
        If the values do not rise, or the shapes do not fit.

    Examples
    --------
    >>> behind, ahead = np.zeros((2, 1, 40)), np.ones((2, 1, 40))
    >>> ahead[0] = 0
    >>> behind[0, 0, :20] = 1
    >>> round(crossover([1, 100], ahead, behind).at, 2)  # a third of the way, in logarithms
    4.64
    """
    places = np.asarray(values, dtype=np.float64)
    if len(places) < 2 or not (np.diff(places) > 0).all():
        raise InputError(f"values are {list(values)}; give two or more that rise")
    if correct.shape != baseline.shape or correct.ndim != 3 or len(correct) != len(places):
        raise InputError(
            f"tables of shapes {correct.shape} and {baseline.shape} do not fit {len(places)} values"
        )
    logarithmic = places[0] > 0
    scale = np.log(places) if logarithmic else places
    difference = correct.astype(np.float32) - baseline.astype(np.float32)
    (found,) = _last_rise(scale, difference.mean(axis=(1, 2), dtype=np.float64)[None])
    drawn = _last_rise(scale, _resampled_means(difference, seed))
    # ends are resamples themselves: between a number and infinity there is nothing
    low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")

    def value(place: float) -> float:
        return float(np.exp(place)) if logarithmic else float(place)

    return Crossover(
        at=value(found) if math.isfinite(found) else None,
        low=None if low == -math.inf else value(min(low, scale[-1])),
        high=None if high == math.inf else value(max(high, scale[0])),
        ahead_at_first=bool(found == -math.inf),
        share_below=float((drawn == -math.inf).mean()),
        share_within=float(np.isfinite(drawn).mean()),
        share_beyond=float((drawn == math.inf).mean()),
    )


def _resampled_means(difference: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """Mean differences over resampled documents and seeds, ``(n_resamples, n_values)``."""
    _, n_seeds, n_documents = difference.shape
    of_documents = resample_weights(n_documents, seed=seed)
    of_seeds = resample_weights(n_seeds, seed=seed + 1)
    sums = np.einsum("vsr,rs->rv", difference @ of_documents.T, of_seeds, dtype=np.float64)
    means: NDArray[np.float64] = sums / (n_seeds * n_documents)
    return means


def _last_rise(scale: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each row of differences rises above zero for the last time.

    -inf where it is above zero from the first value on, inf where it is not at the last.
    """
    behind = rows <= 0
    found = np.full(len(rows), -np.inf)
    found[behind[:, -1]] = np.inf
    crossing = np.flatnonzero(behind.any(axis=1) & ~behind[:, -1])
    last = rows.shape[1] - 1 - behind[crossing, ::-1].argmax(axis=1)
    before, after = rows[crossing, last], rows[crossing, last + 1]
    step = scale[last + 1] - scale[last]
    found[crossing] = scale[last] + step * -before / (after - before)
    return found
