"""Hubs: words that are near to very many others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew

from adapt.evaluation.bootstrap import Estimate, percentile_estimate

__all__ = ["hubness"]

_RESAMPLES = 1000


def hubness(neighbors: NDArray[np.int64], n_candidates: int, *, seed: int = 0) -> Estimate:
    """Measure the skewness of the k-occurrence distribution N_k.

    N_k of a candidate is the number of queries that have it among their k nearest; it is 0 in a
    space without hubs only if all candidates are chosen equally often, and grows with them.

    Parameters
    ----------
    neighbors : ndarray of int64, shape (n_queries, k)
        Rows of the candidates nearest to each query.
    n_candidates : int
        Number of candidates.
    seed : int
        Of the resamples of candidates that the interval comes from.

    Returns
    -------
    Estimate
        The skewness, 0 if all occur equally often.

    References
    ----------
    M. Radovanović, A. Nanopoulos, M. Ivanović (2010). Hubs in space: popular nearest neighbors in
    high-dimensional data. JMLR 11.
    """
    occurrences = np.bincount(neighbors.ravel(), minlength=n_candidates)
    values, frequencies = np.unique(occurrences, return_counts=True)
    if len(values) == 1:
        return Estimate(0.0, 0.0, 0.0)
    # resampling candidates is resampling how many have each of the few values
    drawn = np.random.default_rng(seed).multinomial(
        n_candidates, frequencies / n_candidates, size=_RESAMPLES
    )
    return percentile_estimate(float(skew(occurrences)), _skewness(values, drawn))


def _skewness(values: NDArray[np.int64], frequencies: NDArray[np.int64]) -> NDArray[np.float64]:
    """Skewness of samples given as how often each value occurs, one sample a row."""
    shares = frequencies / frequencies.sum(axis=1, keepdims=True)
    centred = values - (shares @ values)[:, None]
    second, third = (np.sum(shares * centred**power, axis=1) for power in (2, 3))
    skewness: NDArray[np.float64] = np.divide(
        third, second**1.5, out=np.zeros_like(second), where=second > 0
    )
    return skewness
