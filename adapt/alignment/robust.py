"""Orthogonal maps that do not believe all anchors alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.linear import LinearAligner, orthogonal_map
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import InputError

__all__ = ["RobustProcrustes", "WeightedProcrustes"]

_TURNS = 50
_CUT = 3.0
"""Robust standard deviations above the median at which an anchor loses all weight."""


class WeightedProcrustes(LinearAligner):
    """The orthogonal map of anchors weighted by the logarithm of their in-domain counts.

    ``U S V' = svd(X' diag(w) Y)``, ``W = U V'``, ``w = log(1 + count)``: vectors of frequent words
    are less noisy.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space; see `Aligner`, also for the attributes.

    Attributes
    ----------
    weights_ : ndarray of float64, shape (n_anchors,)
        The weights of `anchors_`, 1 on average.
    """

    name = "weighted-procrustes"
    orthogonal = True

    weights_: NDArray[np.float64]

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        if pairs.counts is None:
            raise InputError(
                "weighted-procrustes weights anchors by their in-domain counts, but the domain "
                "vectors have none; use vectors stored with them, or the method procrustes"
            )
        weights = np.log1p(pairs.counts.astype(np.float64))
        self.weights_ = weights / weights.mean()
        return orthogonal_map(pairs.X * self.weights_[:, None], pairs.Y)


class RobustProcrustes(LinearAligner):
    """The orthogonal map of the anchors that agree with it (iteratively reweighted).

    From the plain solution on, anchors are weighted by Tukey's biweight of how far their residual
    ``|x W - y|`` lies above the median one, in robust standard deviations (1.4826 times the median
    absolute deviation), and the map is fitted anew until the weights rest. Pairs that are wrong,
    or words that mean something else in the domain, lose their say.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space; see `Aligner`, also for the attributes.

    Attributes
    ----------
    weights_ : ndarray of float64, shape (n_anchors,)
        The weights of `anchors_` in [0, 1]; 0 for those that were rejected.

    References
    ----------
    P. J. Rousseeuw, A. M. Leroy (1987). Robust regression and outlier detection. Wiley.

    P. W. Holland, R. E. Welsch (1977). Robust regression using iteratively reweighted
    least-squares. Communications in Statistics 6.
    """

    name = "robust-procrustes"
    orthogonal = True

    weights_: NDArray[np.float64]

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        weights = np.ones(len(pairs.X))
        W = orthogonal_map(pairs.X, pairs.Y)
        for _ in range(_TURNS):
            before, weights = weights, _biweight(np.linalg.norm(pairs.X @ W - pairs.Y, axis=1))
            if np.count_nonzero(weights) < min(W.shape):
                raise InputError(
                    f"only {np.count_nonzero(weights)} of {len(weights)} anchors agree on one map "
                    f"of {min(W.shape)} dimensions; check the pairs, or use the method procrustes"
                )
            W = orthogonal_map(pairs.X * weights[:, None], pairs.Y)
            if np.abs(weights - before).max() < 1e-4:
                break
        self.weights_ = weights
        return W


def _biweight(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    excess = residuals - np.median(residuals)
    scale = 1.4826 * float(np.median(np.abs(excess)))
    # the smallest scale keeps pairs that all fit exactly, whose excess is rounding
    share = np.clip(excess / max(_CUT * scale, 1e-9), 0, 1)
    return np.asarray((1 - share**2) ** 2)
