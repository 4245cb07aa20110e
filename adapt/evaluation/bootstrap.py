"""Bootstrap intervals of figures that are means over items, such as pairs of words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "mean_estimates", "percentile_estimate", "resample_weights"]

_RESAMPLES = 1000
_CACHED = 8


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


@lru_cache(maxsize=_CACHED)
def resample_weights(n: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Draw how often each of `n` items stands in each of 1,000 resamples.

    The same `n` and `seed` give the same resamples, so that figures of two systems on the same
    items are resampled together.

    Returns
    -------
    ndarray of float32, shape (1000, n)
        Read-only; every row sums to `n`.
    """
    drawn = np.random.default_rng(seed).integers(n, size=(_RESAMPLES, n))
    drawn += np.arange(_RESAMPLES)[:, None] * n
    weights = np.bincount(drawn.ravel(), minlength=_RESAMPLES * n).astype(np.float32)
    weights.flags.writeable = False
    return weights.reshape(_RESAMPLES, n)


def mean_estimates(
    values: NDArray[np.floating], counted: NDArray[np.bool_], *, seed: int = 0
) -> tuple[Estimate, ...]:
    """Average columns over the counted items, with 95 % intervals.

    Items are resampled whether or not they count: how many of them do is left to chance too.

    Parameters
    ----------
    values : ndarray of float, shape (n, m)
        One item a row, one figure a column.
    counted : ndarray of bool, shape (n,)
        Which items the means are taken over; at least one.
    seed : int
        Of the resamples.

    Returns
    -------
    tuple of Estimate
        One for each column.
    """
    weights = resample_weights(len(values), seed=seed)
    kept = np.where(counted[:, None], values, 0)
    sizes = weights @ counted.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):  # a resample may hold none that counts
        means = (weights @ kept) / sizes[:, None]
    observed = kept.sum(axis=0) / np.count_nonzero(counted)
    drawn = means[sizes > 0]
    return tuple(
        percentile_estimate(float(value), column)
        for value, column in zip(observed, drawn.T, strict=True)
    )


def percentile_estimate(value: float, drawn: NDArray[np.floating]) -> Estimate:
    """Give a figure its 95 % percentile interval, from its values in resamples, shape (n,)."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
