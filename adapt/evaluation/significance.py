"""Intervals and paired tests over test documents and seeds.

A correctness table has one row per seed and one column per test document, and holds 1 where that
seed's classifier was right. Two systems are compared on the same documents and the same seeds. Any
other score of single items, such as the cosine of a word's vector with another, may stand in place
of 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.special import stdtr, stdtrit  # of Student's t; far faster than scipy.stats

from adapt.errors import InputError
from adapt.evaluation.crossed import CrossedVariances, MeanSquare

__all__ = ["PairedDifference", "accuracy_interval", "holm", "paired_differences"]

_RESAMPLES = 2_000


@dataclass(frozen=True)
class PairedDifference:
    """A difference in accuracy with its 95 % interval and two-sided p-value.

    `variances` are those that both rest on.
    """

    difference: float
    low: float
    high: float
    p_value: float
    variances: CrossedVariances


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


def paired_differences(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]],
) -> list[PairedDifference]:
    """Compare pairs of systems, each on the same documents and seeds.

    Documents and seeds are both taken as drawn from many, so that the figures speak of other test
    documents and of other seeds: the variance of a mean difference is that of a design with two
    crossed random factors (Clark 1973), with Satterthwaite's degrees of freedom. Two or three seeds
    say little of how much a seed matters, and now and then agree by chance. That part of the
    variance is therefore never taken to be smaller than its average over all `pairs`, which should
    be alike in it: those of a study at one label budget. Where the average stands in, it brings the
    degrees of freedom of as many systems as there are; a pair that exceeds it keeps its own
    variance, and of these degrees of freedom as many as the average has part in it. A bootstrap
    over so few seeds takes chance for an effect more often than it says.

    Parameters
    ----------
    pairs : sequence of (numpy.ndarray, numpy.ndarray)
        Tables ``(n_seeds, n_documents)`` of 0 and 1, or of other scores, of two systems each. A
        deterministic system may have a single row, which then stands for every seed of the other.
        Where both have a single row, the figures speak of other documents alone.

    Returns
    -------
    list of PairedDifference
        The first of each pair minus the second.

    Raises
    ------
    InputError
        If the tables of a pair do not fit.

    References
    ----------
    Clark, H. H. (1973). The language-as-fixed-effect fallacy. Journal of Verbal Learning and Verbal
    Behavior 12(4).
    Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential
    expression in microarray experiments. Statistical Applications in Genetics and Molecular Biology
    3(1).
    """
    tables = [_difference(*pair) for pair in pairs]
    variances = [CrossedVariances.of(table) for table in tables]
    n_systems = len({id(table) for pair in pairs for table in pair})
    average = _average_of_seeds([one for one in variances if one.n_seeds > 1], n_systems)
    return [
        _tested(float(table.mean()), one, average)
        for table, one in zip(tables, variances, strict=True)
    ]


def _average_of_seeds(variances: Sequence[CrossedVariances], n_systems: int) -> MeanSquare:
    """Average the mean squares of seeds, with Satterthwaite's degrees of freedom."""
    found = np.array([one.of_seeds.value for one in variances])
    if not found.any():
        return MeanSquare(0.0, 1.0)
    freedom = variances[0].of_seeds.freedom * found.sum() ** 2 / (found**2).sum()
    # pairs that share a system repeat each other; there is no more to know than of all systems
    independent = min(1.0, (n_systems - 1) / len(found))
    return MeanSquare(float(found.mean()), max(1.0, float(freedom * independent)))


def _difference(correct: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    first, second = _checked(correct), _checked(baseline)
    try:
        difference: np.ndarray = first - second
    except ValueError:
        raise InputError(
            f"correctness tables of shapes {first.shape} and {second.shape} are not paired"
        ) from None
    return difference


def _moderated(own: MeanSquare, average: MeanSquare) -> MeanSquare:
    """Return the larger one, with degrees of freedom that pass smoothly from one to the other.

    A pair just above the average has its freedom, one far above it no more than its own few seeds
    give. In simulated null studies the square of the share holds the family-wise error for systems
    that differ fifteenfold in how much a seed matters. The posterior variance of an empirical Bayes
    method (Smyth 2004) does not: it draws such systems down to the others, and pairs that share a
    system look more alike than they are.
    """
    share = min(1.0, average.value / own.value) if own.value > 0 else 1.0
    freedom = own.freedom + (average.freedom - own.freedom) * share**2
    return MeanSquare(max(own.value, average.value), freedom)


def _tested(
    mean: float, variances: CrossedVariances, average_of_seeds: MeanSquare
) -> PairedDifference:
    """Give the interval and the p-value, with no less variance of seeds than on average."""
    if variances.n_seeds > 1:
        of_seeds = _moderated(variances.of_seeds, average_of_seeds)
        variances = replace(variances, of_seeds=of_seeds)
    of_mean = variances.of_mean()
    if of_mean.value == 0.0:  # every document differs alike, which is the sign test's extreme
        p_value = 1.0 if mean == 0.0 else min(1.0, 2.0 ** (1 - variances.n_documents))
        return PairedDifference(mean, mean, mean, p_value, variances)
    error = math.sqrt(of_mean.value)
    half = float(stdtrit(of_mean.freedom, 0.975)) * error
    p_value = 2 * float(stdtr(of_mean.freedom, -abs(mean) / error))
    return PairedDifference(mean, mean - half, mean + half, p_value, variances)


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
    from statsmodels.stats.multitest import multipletests  # here, as it loads pandas

    corrected: list[float] = multipletests(p_values, method="holm")[1].tolist()
    return corrected


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

    A study tests many systems on the same documents: drawn once, the counts make every further
    bootstrap one matrix product.
    """
    generator = np.random.default_rng(seed)
    of_seeds = generator.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=_RESAMPLES)
    of_documents = np.empty((_RESAMPLES, n_documents), dtype=np.float32)
    for row in range(_RESAMPLES):
        drawn = generator.integers(0, n_documents, size=n_documents)
        of_documents[row] = np.bincount(drawn, minlength=n_documents)
    return of_seeds, of_documents
