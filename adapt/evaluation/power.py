"""How large a study would have to be to settle what this one left open."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import chdtri, ndtr, stdtrit
from scipy.stats.qmc import Sobol

from adapt.errors import InputError
from adapt.evaluation.comparison_results import NeededSize
from adapt.evaluation.crossed import CrossedVariances, satterthwaite
from adapt.evaluation.significance import PairedDifference

__all__ = ["needed_size", "power_of"]

_MOST_SEEDS = 1_000
_MOST_DOCUMENTS = 1_000_000
_DRAWS = 256


def power_of(difference: float, variances: CrossedVariances, alpha: float) -> float:
    """Return the probability that a study with these variances finds a difference significant.

    The test knows the variances from its own study alone, and few seeds tell little of theirs. The
    probability is therefore a mean over what the mean squares may turn out to be, each of them a
    chi-squared variable.

    Parameters
    ----------
    difference : float
        The true difference.
    variances : CrossedVariances
        The true mean squares, see `CrossedVariances.resized`.
    alpha : float
        The two-sided level of the test.

    Returns
    -------
    float
        In [0, 1].
    """
    error = math.sqrt(variances.of_mean().value)
    if error == 0.0:
        return 1.0 if difference else alpha
    parts = (variances.of_seeds, variances.of_documents, variances.rest)
    freedom = np.array([[part.freedom] for part in parts])
    expected = np.array([[part.value] for part in parts])
    found, found_freedom = satterthwaite(
        expected * chdtri(freedom, _quantiles()) / freedom, np.broadcast_to(freedom, (3, _DRAWS))
    )
    errors = np.sqrt(found / (variances.n_seeds * variances.n_documents))
    limits = stdtrit(found_freedom, 1 - alpha / 2) * errors
    above, below = (ndtr((sign * difference - limits) / error) for sign in (1, -1))
    return float((above + below).mean())


@lru_cache(maxsize=1)
def _quantiles() -> np.ndarray:
    """Evenly spread points of the unit cube, ``(3, _DRAWS)``."""
    points: np.ndarray = Sobol(3, rng=0).random(_DRAWS).T
    return points


def needed_size(tested: PairedDifference, *, alpha: float, power: float = 0.8) -> NeededSize:
    """Return how many seeds, or documents, would settle a difference of the size measured.

    Seeds are added while the documents stay as many as they are, and the other way round. Adding
    one does nothing about the variance of the other, which alone may be too large for any number;
    more than 1,000 seeds or 1,000,000 documents are not worth having either. The true difference is
    taken to be the measured one. It is an estimate like any other, and so is what is made of it
    here: a plan for the next study, and no further evidence about this one (Hoenig and Heisey
    2001).

    Parameters
    ----------
    tested : PairedDifference
        What was found, with its variances.
    alpha : float
        The two-sided level that the next study has to reach, in (0, 1).
    power : float
        How often it should, in (0, 1).

    Raises
    ------
    InputError
        If `alpha` or `power` is not between 0 and 1.

    References
    ----------
    Hoenig, J. M., and Heisey, D. M. (2001). The abuse of power: the pervasive fallacy of power
    calculations for data analysis. The American Statistician 55(1).
    Westfall, J., Kenny, D. A., and Judd, C. M. (2014). Statistical power and optimal design in
    experiments in which samples of participants respond to samples of stimuli. Journal of
    Experimental Psychology: General 143(5).
    """
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0 < value < 1:
            raise InputError(f"{name} is {value}; it must lie between 0 and 1")
    now = tested.variances

    def with_seeds(n: int) -> float:
        return power_of(tested.difference, now.resized(n, now.n_documents), alpha)

    def with_documents(n: int) -> float:
        return power_of(tested.difference, now.resized(now.n_seeds, n), alpha)

    def fewest(sizes: range, power_with: Callable[[int], float]) -> int | None:
        if not sizes or power_with(sizes[-1]) < power:
            return None
        return sizes[bisect_left(sizes, power, key=power_with)]

    seeds = range(now.n_seeds, _MOST_SEEDS + 1) if now.n_seeds > 1 else range(0)
    return NeededSize(
        n_seeds=fewest(seeds, with_seeds),
        n_documents=fewest(range(now.n_documents, _MOST_DOCUMENTS + 1), with_documents),
        alpha=alpha,
    )
