"""Regularised linear maps into the general space; none of them is orthogonal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Space, check_positive
from adapt.alignment.linear import LinearAligner
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import InputError

__all__ = ["CCA", "Reweighted", "Ridge"]

_ALPHAS = np.logspace(-3, 3, 13)


class Ridge(LinearAligner):
    """Least squares with a penalty on the map (Mikolov et al. 2013).

    ``W = (X'X + αI)⁻¹ X'Y``; α has the least leave-one-out error among 13 values from 0.001 to
    1,000. W is scaled so that mapped anchors have length 1 on average: regression shrinks them.

    Parameters
    ----------
    space : {"general"}
        The unified space. The map deforms, so that the general space cannot be embedded by it.

    Attributes
    ----------
    alpha_ : float
        The chosen penalty. For the others see `Aligner`.

    References
    ----------
    T. Mikolov, Q. V. Le, I. Sutskever (2013). Exploiting similarities among languages for machine
    translation. arXiv:1309.4168.
    """

    name = "ridge"
    regularized = True

    alpha_: float

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        from sklearn.linear_model import RidgeCV

        model = RidgeCV(alphas=_ALPHAS, fit_intercept=False).fit(pairs.X, pairs.Y)
        self.alpha_ = float(model.alpha_)
        return _scaled(np.atleast_2d(model.coef_).T.astype(np.float64), pairs.X)


class CCA(LinearAligner):
    """Canonical variates of the domain, weighted by their correlations (Faruqui & Dyer 2014).

    With ``U ρ V' = svd(Σx^-½ X'Y/n Σy^-½)`` the map is ``W = Σx^-½ U ρ V'``: what both spaces
    share counts most. General vectors stay as they are; only the axes V are taken from them.

    Parameters
    ----------
    space : {"general"}
        The unified space; see `Ridge`.
    regularization : float
        Multiple of the mean variance that is added to the variances of both spaces.

    Attributes
    ----------
    correlations_ : ndarray of float64, shape (min(p, q),)
        ρ, in descending order. For the others see `Aligner`.

    References
    ----------
    M. Faruqui, C. Dyer (2014). Improving vector space word representations using multilingual
    correlation. EACL.
    """

    name = "cca"
    regularized = True

    correlations_: NDArray[np.float64]

    def __init__(self, *, space: Space = "general", regularization: float = 0.1) -> None:
        super().__init__(space=space)
        self.regularization = check_positive("regularization", regularization)

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        whiten, U, rho, Vt = _whitened_svd(pairs, self.regularization)
        self.correlations_ = rho
        return _scaled(whiten @ (U * rho) @ Vt, pairs.X)


class Reweighted(LinearAligner):
    """Whiten, rotate, re-weight, de-whiten (Artetxe, Labaka & Agirre 2018).

    With ``U s V' = svd(Σx^-½ X'Y/n Σy^-½)`` the domain side becomes ``X Σx^-½ U s (U' Σx^½ U)``:
    whitened, rotated, weighted, and de-whitened in the rotated basis. The general side would become
    ``Y Σy^-½ V (V' Σy^½ V) = Y V``, a mere rotation, since all weight is on the domain side; its
    inverse V' is folded into the map, so that general vectors stay as they are.

    Parameters
    ----------
    space : {"general"}
        The unified space; see `Ridge`.
    regularization : float
        Multiple of the mean variance that is added to the variances of both spaces; it keeps the
        map finite for fewer anchors than dimensions.

    References
    ----------
    M. Artetxe, G. Labaka, E. Agirre (2018). Generalizing and improving bilingual word embedding
    mappings with a multi-step framework of linear transformations. AAAI.
    """

    name = "reweighted"
    regularized = True

    def __init__(self, *, space: Space = "general", regularization: float = 0.1) -> None:
        super().__init__(space=space)
        self.regularization = check_positive("regularization", regularization)

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        whiten, U, s, Vt = _whitened_svd(pairs, self.regularization)
        dewhiten = U.T @ np.linalg.solve(whiten, U)
        return _scaled(whiten @ (U * s) @ dewhiten @ Vt, pairs.X)


def _whitened_svd(pairs: AnchorPairs, regularization: float) -> tuple[NDArray[np.float64], ...]:
    """Return Σx^-½ and the thin decomposition U, s, V' of the whitened cross-covariance."""
    n = len(pairs.X)
    whiten_x, whiten_y = (_inverse_root(M.T @ M / n, regularization) for M in (pairs.X, pairs.Y))
    U, s, Vt = np.linalg.svd(whiten_x @ (pairs.X.T @ pairs.Y / n) @ whiten_y, full_matrices=False)
    return whiten_x, U, s, Vt


def _inverse_root(covariance: NDArray[np.float64], regularization: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(covariance)
    values = np.maximum(values, 0) + regularization * values.mean()
    return np.asarray((vectors / np.sqrt(values)) @ vectors.T)


def _scaled(W: NDArray[np.float64], X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale W so that the rows of ``X W`` have length 1 on average."""
    length = float(np.linalg.norm(X @ W, axis=1).mean())
    if not length > 0:
        raise InputError("the anchors of the two spaces have nothing in common; check the pairs")
    return W / length
