"""How accuracy holds where words are unknown: documents with many of them, and misspelt text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adapt.errors import InputError
from adapt.evaluation.significance import accuracy_interval

__all__ = ["OovStratum", "RobustnessPoint", "accuracy_by_oov", "robustness_curve"]

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution, for 95 % intervals."""

TYPO_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)

Documents = Sequence[Sequence[str]]


class Misspell(Protocol):
    """Anything that misspells a share of the words, such as `adapt.text.with_typos`."""

    def __call__(self, documents: Documents, share: float, *, seed: int) -> list[list[str]]:
        """Return the documents with that share of their words misspelt."""


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


@dataclass(frozen=True)
class RobustnessPoint:
    """Accuracy on documents of which a share of the words is misspelt, with its 95 % interval.

    The interval is the study's: a bootstrap over documents and seeds together.
    """

    typo_share: float
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
        If the shapes do not fit, there are no documents, a share is not in [0, 1], or the
        thresholds do not ascend.

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


def robustness_curve(
    predict: Callable[[list[list[str]]], NDArray[Any]],
    documents: Documents,
    labels: ArrayLike,
    *,
    misspell: Misspell,
    typo_shares: Sequence[float] = TYPO_SHARES,
    seed: int = 0,
) -> tuple[RobustnessPoint, ...]:
    """Measure accuracy on text with more and more misspelt words.

    Parameters
    ----------
    predict : callable
        From the words of every document to the classes, shape (n_documents,), or
        (n_seeds, n_documents) for several classifiers.
    documents : sequence of sequence of str
        The words of each test document.
    labels : array_like, shape (n_documents,)
        The true classes, as `predict` names them.
    misspell : callable
        Called as ``misspell(documents, share, seed=seed)``; such as `adapt.text.with_typos`.
    typo_shares : sequence of float
        Shares of misspelt words, in [0, 1].
    seed : int
        Of the misspellings and of the intervals. The same for every share, so that the curve
        is not rougher than it must be.

    Returns
    -------
    tuple of RobustnessPoint
        One for each share, in the order given.

    Raises
    ------
    InputError
        If a share is out of range, or predictions or misspelt documents do not fit the labels.
    """
    for share in typo_shares:
        if not 0 <= share <= 1:
            raise InputError(f"a share of misspelt words is {share}; give numbers from 0 to 1")
    truth = np.asarray(labels)
    points = []
    for share in typo_shares:
        predicted = np.atleast_2d(predict(misspell(documents, share, seed=seed)))
        if predicted.shape[1:] != truth.shape:
            raise InputError(
                f"predictions of shape {predicted.shape} do not fit {truth.shape[0]} labels; need "
                "one for each document"
            )
        accuracy, low, high = accuracy_interval(predicted == truth, seed=seed)
        points.append(RobustnessPoint(float(share), accuracy, low, high))
    return tuple(points)
