"""Ridge regression from features that are known more or less reliably."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import unit_rows

__all__ = ["ReliabilityRidge", "reliability"]

_HALF_TRUSTED = 10  # observations that make features half as good as they can be
_PENALTIES = np.logspace(-4, 2, 13)
_LEAST_LEFT = 1e-6  # of a word's own weight, when it is left out of the few that there are


@dataclass(frozen=True, eq=False)
class ReliabilityRidge:
    """A linear map from features, each a mean of `n` observations, to vectors.

    Parameters
    ----------
    centre, scale : ndarray of float64, shape (2 * n_features,)
        Mean and deviation of the features, and of the features times ``n / (n + 10)``.
    coefficients : ndarray of float64, shape (2 * n_features, dim)
        The map of both, standardised.
    intercept : ndarray of float64, shape (dim,)
        Weighted mean of the targets.
    penalty : float
        As a share of the variance of a feature.
    length : float
        Of the vectors: what is mapped is a direction.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercept: NDArray[np.float64]
    penalty: float
    length: float

    @classmethod
    def learn(
        cls,
        features: NDArray[np.floating],
        targets: NDArray[np.floating],
        n_observed: NDArray[np.integer],
    ) -> ReliabilityRidge:
        """Fit the map, with the penalty and the length of least error on left-out words.

        ``A, B = argmin Σ c |v / |v| - (A + c B) u|² + λ (|A|² + |B|²)`` with ``c = n / (n + 10)``:
        the fewer the observations, the more their noise calls for another map, and the less they
        teach. Long vectors are those of frequent words, which the unknown ones are not: the map
        learns directions. Leaving word i out divides its residual by ``1 - h_i``, h being the
        diagonal of the hat matrix, so that all of them cost one decomposition.

        Parameters
        ----------
        features : ndarray of float, shape (n_words, n_features)
            u, of two words or more.
        targets : ndarray of float, shape (n_words, dim)
            v.
        n_observed : ndarray of int, shape (n_words,)
            n, at least 1.
        """
        share = reliability(n_observed)
        share = share / share.sum()
        X = _with_products(features, n_observed)
        centre = share @ X
        X -= centre
        deviation = np.sqrt(share @ np.square(X))
        scale = np.where(deviation > 0, deviation, 1.0)
        X /= scale
        directions = unit_rows(targets)
        intercept = share @ directions
        Y = directions - intercept
        values, axes = np.linalg.eigh(X.T @ (share[:, None] * X))
        rotated = X @ axes
        products = rotated.T @ (share[:, None] * Y)
        best = (np.inf, 0.0, np.empty(0))
        for penalty in _PENALTIES:
            inverse = 1 / (np.maximum(values, 0) + penalty)
            leverage = share * (1 + np.einsum("ij,ij,j->i", rotated, rotated, inverse))
            residuals = Y - rotated @ (inverse[:, None] * products)
            residuals /= np.maximum(1 - leverage, _LEAST_LEFT)[:, None]
            error = float(share @ np.square(residuals).sum(axis=1))
            if error < best[0]:
                best = (error, float(penalty), residuals)
        _, penalty, residuals = best
        coefficients = axes @ (products / (np.maximum(values, 0) + penalty)[:, None])
        left_out = directions - residuals
        length = (left_out * targets).sum() / max(np.square(left_out).sum(), _LEAST_LEFT)
        # below 0 the map is wrong more often than right: then all is the mean
        return cls(centre, scale, coefficients, intercept, penalty, max(0.0, float(length)))

    def apply(
        self, features: NDArray[np.floating], n_observed: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Map features of shape (n_words, n_features) to vectors of shape (n_words, dim)."""
        standard = (_with_products(features, n_observed) - self.centre) / self.scale
        directions = standard @ self.coefficients + self.intercept
        return np.asarray(self.length * directions)


def reliability(n_observed: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return ``n / (n + 10)``, between 0 and 1."""
    return np.asarray(n_observed / (n_observed + _HALF_TRUSTED))


def _with_products(
    features: NDArray[np.floating], n_observed: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Put the features beside themselves times their reliability, shape (n_words, 2 n_features)."""
    reliable = reliability(n_observed)[:, None] * features
    return np.concatenate([features, reliable], axis=1, dtype=np.float64)
