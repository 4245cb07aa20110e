"""How accuracy holds in documents with few and with many unknown words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adapt.errors import InputError

__all__ = ["OovStratum", "accuracy_by_oov"]

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, for 95 % intervals."""


@dataclass(frozen=True)
class OovStratum:
    """Accuracy on the documents whose share of unknown tokens lies between two bounds.

    `lowest` and `highest` are the smallest and the largest share in the stratum. The 95 % interval
    is Wilson's, over documents.
    """

    lowest: float
    highest: float
    n_documents: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float


def accuracy_by_oov(
    correct: ArrayLike, oov_shares: ArrayLike, *, thresholds: Sequence[float] | None = None
) -> tuple[OovStratum, ...]:
    """Compare the accuracy on documents with few and with many unknown tokens.

    Parameters
    ----------
    correct : array_like, shape (n_seeds, n_documents)
        1 where that seed's classifier was right, 0 elsewhere.
    oov_shares : array_like, shape (n_documents,)
        Share of unknown tokens in each document; see `adapt.evaluation.oov_shares`.
    thresholds : sequence of float, optional
        Where to cut, ascending: a stratum holds the shares above one and up to the next. Without
        them, the terciles of the shares.

    Returns
    -------
    tuple of OovStratum
        From few to many. Strata without documents are left out: where more than a third of the
        documents have no unknown token at all, two terciles may be one.

    Raises
    ------
    InputError
        If the shapes do not fit, there are no documents, a number is not finite, a share is not in
        [0, 1], or the thresholds do not ascend.

    Notes
    -----
    A stratum may be small and its documents all right, where a bootstrap would give an interval of
    no width; Wilson's does not collapse. Its variance, that of single answers, bounds the variance
    of answers that are averaged over seeds.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22(158).
    """
    table, shares = np.asarray(correct, dtype=np.float64), np.asarray(oov_shares, dtype=np.float64)
    if table.ndim != 2 or not table.size or shares.shape != table.shape[1:]:
        raise InputError(
            f"correctness of shape {table.shape} and shares of shape {shares.shape} do not fit; "
            "need (n_seeds, n_documents) and (n_documents,)"
        )
    if not np.isfinite(table).all():
        raise InputError("correctness table holds numbers that are not finite; need 0 or 1 each")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise InputError("a share of unknown tokens is not between 0 and 1")
    cuts = np.quantile(shares, [1 / 3, 2 / 3]) if thresholds is None else np.asarray(thresholds)
    if thresholds is not None and not (np.diff(cuts) > 0).all():
        raise InputError(f"thresholds are {list(thresholds)}; give them in ascending order")
    stratum_of = np.searchsorted(cuts, shares, side="left")
    return tuple(
        _stratum(table[:, stratum_of == number], shares[stratum_of == number])
        for number in np.unique(stratum_of)
    )


def _stratum(correct: NDArray[np.float64], shares: NDArray[np.float64]) -> OovStratum:
    accuracy = float(correct.mean())
    low, high = _wilson_interval(accuracy, len(shares))
    return OovStratum(
        lowest=float(shares.min()),
        highest=float(shares.max()),
        n_documents=len(shares),
        accuracy=accuracy,
        accuracy_low=low,
        accuracy_high=high,
    )


def _wilson_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share found in `n` trials."""
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2)
    return max(0.0, centre - reach), min(1.0, centre + reach)
