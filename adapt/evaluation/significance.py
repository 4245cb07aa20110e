"""Intervals and paired tests over test documents and seeds.

A correctness table has one row per seed and one column per test document, and holds 1 where that
seed's classifier was right. Two systems are compared on the same documents and the same seeds. Any
other score of single items, such as the cosine of a word's vector with another, may stand in place
of 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from adapt.errors import InputError

__all__ = ["PairedDifference", "accuracy_interval", "holm", "paired_bootstrap"]

_RESAMPLES = 2_000


@dataclass(frozen=True)
class PairedDifference:
    """A difference in accuracy with its 95 % interval and two-sided p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def accuracy_interval(correct: np.ndarray, *, seed: int = 0) -> tuple[float, float, float]:
    """Mean accuracy with its 95 % percentile interval.

    Parameters
    ----------
    correct : numpy.ndarray
        ``(n_seeds, n_documents)`` of 0 and 1.
    seed : int
        Seed of the resampling.

    Returns
    -------
    tuple of float
        Mean, lower and upper end, all in [0, 1].
    """
    table = _checked(correct)
    low, high = np.quantile(_bootstrap_means(table, seed), [0.025, 0.975])
    return float(table.mean()), float(low), float(high)


def paired_bootstrap(
    correct: np.ndarray, baseline: np.ndarray, *, seed: int = 0
) -> PairedDifference:
    """Compare two systems on the same documents and seeds.

    Documents and seeds are resampled together, so that the interval speaks of other test documents
    and of other seeds. The p-value takes the difference, a mean over many documents, as normal with
    the standard error that the bootstrap finds: counting extreme resamples instead could not go
    below one in their number, which is too coarse for a family of a hundred comparisons.

    Parameters
    ----------
    correct, baseline : numpy.ndarray
        ``(n_seeds, n_documents)`` of 0 and 1. A deterministic system may have a single row, which
        then stands for every seed of the other.
    seed : int
        Seed of the resampling.

    Returns
    -------
    PairedDifference
        `correct` minus `baseline`.

    Raises
    ------
    InputError
        If the tables do not fit.

    References
    ----------
    Koehn, P. (2004). Statistical significance tests for machine translation evaluation. EMNLP.
    Berg-Kirkpatrick, T., Burkett, D., Klein, D. (2012). An empirical investigation of statistical
    significance in NLP. EMNLP.
    """
    first, second = _checked(correct), _checked(baseline)
    try:
        difference = first - second
    except ValueError:
        raise InputError(
            f"correctness tables of shapes {first.shape} and {second.shape} are not paired"
        ) from None
    means = _bootstrap_means(difference, seed)
    observed = float(difference.mean())
    low, high = np.quantile(means, [0.025, 0.975])
    return PairedDifference(
        difference=observed,
        low=float(low),
        high=float(high),
        p_value=_two_sided_p(observed, float(means.std()), difference.shape[1]),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct a family of p-values by Holm's step-down method.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6(2).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _two_sided_p(difference: float, standard_error: float, n_documents: int) -> float:
    """Probability of a difference at least as large, were the true one zero."""
    if difference == 0.0:
        return 1.0
    if standard_error == 0.0:  # every document differs alike, which is the sign test's extreme
        return min(1.0, 2.0 ** (1 - n_documents))
    return math.erfc(abs(difference) / (standard_error * math.sqrt(2)))


def _checked(correct: np.ndarray) -> np.ndarray:
    table = np.asarray(correct, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise InputError(f"correctness table has shape {table.shape}; need (n_seeds, n_documents)")
    return table


def _bootstrap_means(table: np.ndarray, seed: int) -> np.ndarray:
    """Means of `table` over resampled documents and seeds, ``(_RESAMPLES,)``."""
    of_seeds, of_documents = _resamples(*table.shape, seed)
    sums = (of_documents @ table.T.astype(np.float32)).astype(np.float64)
    means: np.ndarray = (sums * of_seeds).sum(axis=1) / table.size
    return means


@lru_cache(maxsize=2)
def _resamples(n_seeds: int, n_documents: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw how often each resample holds each seed and each document.

    A study compares many systems on the same documents: drawn once, the counts make every further
    bootstrap one matrix product.
    """
    generator = np.random.default_rng(seed)
    of_seeds = generator.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=_RESAMPLES)
    of_documents = np.empty((_RESAMPLES, n_documents), dtype=np.float32)
    for row in range(_RESAMPLES):
        drawn = generator.integers(0, n_documents, size=n_documents)
        of_documents[row] = np.bincount(drawn, minlength=n_documents)
    return of_seeds, of_documents
