"""A map that bends: kernel ridge regression from the domain space into the general one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner, Space, check_positive
from adapt.alignment.normalization import unit_rows
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import InputError

__all__ = ["KernelRidge"]

_MOST_ANCHORS = 10_000
_BLOCK_ROWS = 2048
"""Rows whose kernel values are held at a time."""


class KernelRidge(Aligner):
    """Kernel ridge regression: a smooth map that bends, for spaces that are not copies.

    The direction of a word is that of ``Σ k(x, xᵢ) aᵢ`` over the anchors i, with
    ``k(x, z) = exp(γ (cos(x, z) - 1))`` and ``a = (K + αI)⁻¹ Y Σy^-w``. Near an anchor the map
    follows the anchor, so that parts of the domain space are turned each in its own way. With
    w > 0 directions in which general vectors vary little have more of a say, as in part-whitened
    targets; regression alone is drawn to the few in which they vary most, where all words are
    near. The general vectors themselves stay as they are.

    Parameters
    ----------
    space : {"general"}
        The unified space; see `Ridge`.
    gamma : float
        How fast the influence of an anchor falls with the cosine.
    alpha : float
        The penalty.
    whitening : float
        w, from 0 (none) to 0.5 (entire).

    Attributes
    ----------
    emphasis_ : ndarray of float64, shape (q, q)
        Σy^-w of the normalised general anchors, their variances kept from 0.
    regressor_ : sklearn.kernel_ridge.KernelRidge
        The regression from normalised domain vectors to normalised general ones. For the others
        see `Aligner`.

    References
    ----------
    C. Saunders, A. Gammerman, V. Vovk (1998). Ridge regression learning algorithm in dual
    variables. ICML.
    """

    name = "kernel-ridge"
    regularized = True

    def __init__(
        self,
        *,
        space: Space = "general",
        gamma: float = 3.0,
        alpha: float = 0.5,
        whitening: float = 0.25,
    ) -> None:
        super().__init__(space=space)
        if not 0 <= whitening <= 0.5:
            raise InputError(f"whitening is {whitening}; give a number from 0 to 0.5")
        self.whitening = whitening
        self.gamma = check_positive("gamma", gamma)
        self.alpha = check_positive("alpha", alpha)

    def _solve(self, pairs: AnchorPairs) -> None:
        from sklearn.kernel_ridge import KernelRidge as Regressor

        if len(pairs.X) > _MOST_ANCHORS:
            raise InputError(
                f"{len(pairs.X):,} anchors need a kernel of {len(pairs.X):,} x {len(pairs.X):,} "
                f"numbers; give at most {_MOST_ANCHORS:,} (lower the limit)"
            )
        # |x - z|² = 2 - 2 cos(x, z) for vectors of length 1
        regressor = Regressor(kernel="rbf", gamma=self.gamma / 2, alpha=self.alpha)
        emphasis = _negative_power(pairs.Y.T @ pairs.Y / len(pairs), self.whitening)
        regressor.fit(pairs.X, pairs.Y @ emphasis)
        self.regressor_, self.emphasis_ = regressor, emphasis

    def _predict(self, normalized: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        dim = self.regressor_.dual_coef_.shape[1]
        predicted = np.empty((len(normalized), dim), dtype=normalized.dtype)
        for start in range(0, len(normalized), _BLOCK_ROWS):
            rows = normalized[start : start + _BLOCK_ROWS]
            predicted[start : start + _BLOCK_ROWS] = self.regressor_.predict(rows)
        predicted[~np.any(normalized != 0, axis=1)] = 0
        return unit_rows(predicted)


def _negative_power(covariance: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    # directions without variance, of which the anchors say nothing, are not blown up
    values = np.maximum(values, 0) + 1e-3 * values.mean()
    return np.asarray((vectors * values**-exponent) @ vectors.T)
