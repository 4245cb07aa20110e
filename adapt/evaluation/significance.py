"""Intervals and paired tests over test documents and seeds.

A correctness table has one row per seed and one column per test document, and holds 1 where that
seed's classifier was right. Two systems are compared on the same documents and the same seeds. Any
other score of single items, such as the cosine of a word's vector with another, may stand in place
of 0 and 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.optimize import nnls
from scipy.special import stdtr, stdtrit  # of Student's t; far faster than scipy.stats

from adapt.errors import InputError
from adapt.evaluation.crossed import CrossedVariances, MeanSquare

__all__ = ["PairedDifference", "accuracy_interval", "holm", "paired_differences"]

_RESAMPLES = 2_000
_CREDIT = 0.4  # the most that kept the family-wise error near 5 % in every simulated study
_TINY = np.finfo(np.float64).tiny


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
    be alike in it: those of a study at one label budget. The average also lends degrees of freedom
    to every pair, the fewer the more a pair exceeds it. A bootstrap over so few seeds takes chance
    for an effect more often than it says.

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
        If the tables of a pair do not fit, or pairs have different numbers of seeds, other than 1.

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
    average = _average_of_seeds(
        [(pair, one) for pair, one in zip(pairs, variances, strict=True) if one.n_seeds > 1]
    )
    return [
        _tested(float(table.mean()), one, average)
        for table, one in zip(tables, variances, strict=True)
    ]


def _average_of_seeds(
    tested: Sequence[tuple[tuple[np.ndarray, np.ndarray], CrossedVariances]],
) -> MeanSquare:
    """Average the mean squares of seeds over pairs, with Satterthwaite's degrees of freedom.

    Pairs that share a system repeat each other, all the more if its seeds matter most: there is no
    more to know than of what each system adds, weighted by the number of its pairs.
    """
    found = np.array([variances.of_seeds.value for _, variances in tested])
    if not found.any():
        return MeanSquare(0.0, 1.0)
    seeds = {variances.n_seeds for _, variances in tested}
    if len(seeds) > 1:
        raise InputError(
            f"pairs of {' and '.join(map(str, sorted(seeds)))} seeds have no average in common; "
            "test those of each number by themselves"
        )
    tables = {id(table): table for pair, _ in tested for table in pair}
    weights = Counter(id(table) for pair, _ in tested for table in pair)
    parts = _parts_of_seeds([np.mean(table, axis=1) for table in tables.values()], seeds.pop())
    parts *= [weights[one] for one in tables]
    freedom = tested[0][1].of_seeds.freedom * parts.sum() ** 2 / max((parts**2).sum(), _TINY)
    return MeanSquare(float(found.mean()), max(1.0, float(freedom)))


def _parts_of_seeds(accuracies: Sequence[np.ndarray], n_seeds: int) -> np.ndarray:
    """Return what the seeds of each system add to the variance of its differences to others.

    What all systems of a seed have in common is in no difference. `accuracies` are ``(n_seeds,)``
    each, or ``(1,)``; the result is ``(n_systems,)``.
    """
    rows = np.stack([np.broadcast_to(one, n_seeds) for one in accuracies])
    first, second = np.triu_indices(len(rows), k=1)
    members = np.eye(len(rows))[first] + np.eye(len(rows))[second]
    of_pairs = np.var(rows[first] - rows[second], axis=1, ddof=1)
    parts: np.ndarray = nnls(members, of_pairs, maxiter=100 * len(rows))[0]
    return parts


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
    """Return the larger one, with degrees of freedom between its own and those of the average.

    Of those that the average has beyond a pair's own, the pair gets the average's share in what it
    is tested with, so that nearly equal pairs are tested alike, times `_CREDIT`: where the seeds of
    one system matter far more than all others, and agree by chance, the average looks better known
    than it is. The posterior variance of an empirical Bayes method (Smyth 2004) is no way out: it
    draws such a system down to the others, and finds too much.
    """
    share = min(1.0, average.value / own.value) if own.value > 0 else 1.0
    freedom = own.freedom + _CREDIT * share * max(0.0, average.freedom - own.freedom)
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
    if not np.isfinite(table).all():
        raise InputError("correctness table holds numbers that are not finite; need 0 or 1 each")
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
