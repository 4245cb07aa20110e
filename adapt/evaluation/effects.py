"""Two more looks at a pair of systems: the size of the effect, and McNemar's test."""

from __future__ import annotations

import math

import numpy as np

from adapt.errors import InputError
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.comparison_results import McNemar
from adapt.evaluation.significance import PairedDifference

__all__ = ["cohens_h", "effect_size", "mcnemar_test"]

_FEW_DISCORDANT = 25  # below which the chi-squared approximation is not to be trusted


def cohens_h(first: float, second: float) -> float:
    """Return Cohen's h of two shares in [0, 1]: how far apart their arcsines are.

    It grows where there is little left to gain: from .97 to .98 is about as far as from .48 to .51.
    That makes differences comparable across studies of tasks that are easy or hard. By Cohen's
    convention .2 is small, .5 medium and .8 large.

    References
    ----------
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 6.

    Examples
    --------
    >>> round(cohens_h(0.98, 0.97), 2), round(cohens_h(0.51, 0.48), 2)
    (0.06, 0.06)
    """
    return 2 * (math.asin(math.sqrt(first)) - math.asin(math.sqrt(second)))


def effect_size(correct: np.ndarray, baseline: np.ndarray, tested: PairedDifference) -> Estimate:
    """Return Cohen's h of two correctness tables, with the interval of their paired difference.

    The ends of the interval are those of the difference, taken around the mean of both accuracies:
    h includes 0 where the difference does. That the mean itself is an estimate matters little, as
    both systems share it.

    Parameters
    ----------
    correct, baseline : numpy.ndarray
        ``(n_seeds, n_documents)`` of 0 and 1.
    tested : PairedDifference
        Of these tables.
    """
    middle = (float(np.mean(correct)) + float(np.mean(baseline))) / 2

    def around(difference: float) -> float:
        first, second = np.clip([middle + difference / 2, middle - difference / 2], 0.0, 1.0)
        return cohens_h(first, second)

    return Estimate(around(tested.difference), around(tested.low), around(tested.high))


def mcnemar_test(correct: np.ndarray, baseline: np.ndarray) -> McNemar:
    """Test the documents that only one of two systems gets right.

    A system gets a document right where more than half of its seeds do; where just half do, it has
    no majority, and counts as wrong, whichever system it is. The test is exact for less than 25
    such documents, and chi-squared with Edwards' correction for more.

    Parameters
    ----------
    correct, baseline : numpy.ndarray
        ``(n_seeds, n_documents)`` of 0 and 1, on the same documents.

    Raises
    ------
    InputError
        If the documents are not as many.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions
    or percentages. Psychometrika 12(2).

    Examples
    --------
    >>> mcnemar_test(np.array([[1, 1, 1, 0, 1]]), np.array([[1, 0, 0, 0, 0]]))
    McNemar(n_first=3, n_second=0, odds_ratio=None, p_value=0.25)
    """
    from statsmodels.stats.contingency_tables import mcnemar  # here, as it loads pandas

    first, second = (np.mean(table, axis=0) > 0.5 for table in (correct, baseline))
    if first.shape != second.shape:
        raise InputError(
            f"tables of {len(first):,} and {len(second):,} documents are not paired; "
            "give both systems the same test documents"
        )
    n_first, n_second = int((first & ~second).sum()), int((second & ~first).sum())
    exact = n_first + n_second < _FEW_DISCORDANT
    p_value = float(mcnemar([[0, n_first], [n_second, 0]], exact=exact).pvalue)
    return McNemar(n_first, n_second, n_first / n_second if n_second else None, p_value)
