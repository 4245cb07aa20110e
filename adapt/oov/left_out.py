"""Ridge regression for noisy features: every choice is made on words that were left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import unit_rows

__all__ = ["ShrunkenRidge"]

_HALF_TRUSTED = 10  # observations that make a word half as good a teacher as can be
_PENALTIES = np.logspace(-4, 2, 13)
_LEAST_LEFT = 1e-6  # of a word's own weight, when it is left out of the few that there are
_HALVES = np.logspace(-2, 4, 121)


@dataclass(frozen=True, eq=False)
class ShrunkenRidge:
    """A linear map from features, each a mean of `n` observations, to vectors.

    Parameters
    ----------
    centre, scale : ndarray of float64, shape (n_features,)
        Mean and deviation of the features.
    coefficients : ndarray of float64, shape (n_features, dim)
        The map of the standardised features.
    intercept : ndarray of float64, shape (dim,)
        Weighted mean of the targets.
    penalty : float
        As a share of the variance of a feature.
    length, half_trusted : float
        Of the factor ``length * n / (n + k)`` that turns what the map says, a direction, into a
        vector, and makes up for means of few observations.
    """

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    coefficients: NDArray[np.float64]
    intercept: NDArray[np.float64]
    penalty: float
    length: float
    half_trusted: float

    @classmethod
    def learn(
        cls,
        features: NDArray[np.floating],
        targets: NDArray[np.floating],
        n_observed: NDArray[np.integer],
    ) -> ShrunkenRidge:
        """Fit the map, with the penalty, the length and the k of least error on left-out words.

        ``A = argmin Σ c |v / |v| - A u|² + λ |A|²`` with weights ``c = (n / (n + 10))²``. Long
        vectors are those of frequent words, which the unknown ones are not: the map learns
        directions. Leaving word i out divides its residual by ``1 - h_i``, h being the diagonal of
        the hat matrix, so that all of them cost one decomposition.

        Parameters
        ----------
        features : ndarray of float, shape (n_words, n_features)
            u, of two words or more.
        targets : ndarray of float, shape (n_words, dim)
            v.
        n_observed : ndarray of int, shape (n_words,)
            n, at least 1.
        """
        share = np.square(n_observed / (n_observed + _HALF_TRUSTED))
        share = share / share.sum()
        centre = share @ features
        deviation = np.sqrt(np.maximum(share @ np.square(features - centre), 0))
        scale = np.where(deviation > 0, deviation, 1.0)
        X = (features - centre) / scale
        directions = unit_rows(targets)
        intercept = share @ directions
        Y = directions - intercept
        values, axes = np.linalg.eigh(X.T @ (share[:, None] * X))
        rotated = X @ axes
        products = rotated.T @ (share[:, None] * Y)
        squares = np.square(rotated)
        best = (np.inf, 0.0, np.empty(0))
        for penalty in _PENALTIES:
            inverse = 1 / (np.maximum(values, 0) + penalty)
            left = np.maximum(1 - share * (1 + squares @ inverse), _LEAST_LEFT)
            residuals = (Y - rotated @ (inverse[:, None] * products)) / left[:, None]
            error = float(share @ np.square(residuals).sum(axis=1))
            if error < best[0]:
                best = (error, float(penalty), residuals)
        _, penalty, residuals = best
        coefficients = axes @ (products / (np.maximum(values, 0) + penalty)[:, None])
        length, half_trusted = _factor(directions - residuals, targets, n_observed)
        return cls(centre, scale, coefficients, intercept, penalty, length, half_trusted)

    def trust(self, n_observed: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return ``n / (n + k)``, between 0 and 1."""
        return np.asarray(n_observed / (n_observed + self.half_trusted))

    def apply(
        self, features: NDArray[np.floating], n_observed: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Map features of shape (n_words, n_features) to vectors of shape (n_words, dim)."""
        directions = (features - self.centre) / self.scale @ self.coefficients + self.intercept
        return np.asarray(self.length * self.trust(n_observed)[:, None] * directions)


def _factor(
    directions: NDArray[np.floating], targets: NDArray[np.floating], n_observed: NDArray[np.integer]
) -> tuple[float, float]:
    """Return the length and the k that bring the directions closest to the targets."""
    square = np.square(directions).sum(axis=1)
    product = (directions * targets).sum(axis=1)
    trust = n_observed / (n_observed + _HALVES[:, None])
    covered, wanted = trust @ product, np.square(trust) @ square
    length = np.maximum(covered, 0) / np.where(wanted > 0, wanted, 1)
    best = np.argmin(np.square(length) * wanted - 2 * length * covered)
    return float(length[best]), float(_HALVES[best])
