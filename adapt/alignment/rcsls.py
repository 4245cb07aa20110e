"""RCSLS: the map that retrieval by CSLS asks for, found by gradient descent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Space
from adapt.alignment.linear import LinearAligner, orthogonal_map
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import InputError

__all__ = ["RCSLS", "rcsls_loss"]

_BLOCK_ROWS = 1024


class RCSLS(LinearAligner):
    """Minimise the relaxed CSLS criterion from the Procrustes solution on (Joulin et al. 2018).

    Full gradient steps; when a step raises the loss, the map before it is restored and the step
    halved. The steps are few: run to the minimum, the map fits the anchors too well and finds fewer
    other words than where it starts. General vectors stay as they are.

    Parameters
    ----------
    space : {"general"}
        The unified space; see `Aligner`, also for the attributes. The map is not orthogonal.
    n_neighbors : int
        Neighbours that the criterion takes the mean over.
    n_words : int
        How many of the first words of either space the neighbours are looked for in.
    max_turns : int
        Most steps.
    spectral : bool
        Keep all singular values of the map at 1 or below, which makes the problem convex.

    Attributes
    ----------
    losses_ : tuple of float
        The loss of Procrustes, then that after every accepted step; it falls.

    References
    ----------
    A. Joulin, P. Bojanowski, T. Mikolov, H. Jégou, E. Grave (2018). Loss in translation: learning
    bilingual word mapping with a retrieval criterion. EMNLP.
    """

    name = "rcsls"

    losses_: tuple[float, ...]

    def __init__(
        self,
        *,
        space: Space = "general",
        n_neighbors: int = 10,
        n_words: int = 10_000,
        max_turns: int = 10,
        spectral: bool = False,
    ) -> None:
        super().__init__(space=space)
        for option, value in (("n_neighbors", n_neighbors), ("n_words", n_words)):
            if value < 1:
                raise InputError(f"{option} is {value}; give 1 or more")
        self.n_neighbors, self.n_words = n_neighbors, n_words
        self.max_turns, self.spectral = max_turns, spectral

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        sources, targets = pairs.frequent(self.n_words)
        W = orthogonal_map(pairs.X, pairs.Y)
        loss, gradient = rcsls_loss(W, pairs.X, pairs.Y, sources, targets, self.n_neighbors)
        losses, rate = [loss], 1.0
        for _ in range(self.max_turns):
            tried = W - rate * gradient
            if self.spectral:
                tried = _clipped(tried)
            loss, tried_gradient = rcsls_loss(
                tried, pairs.X, pairs.Y, sources, targets, self.n_neighbors
            )
            if loss < losses[-1]:
                W, gradient = tried, tried_gradient
                losses.append(loss)
            else:
                rate /= 2
        self.losses_ = tuple(losses)
        return W


def rcsls_loss(
    W: NDArray[np.float64],
    X: NDArray[np.float64],
    Y: NDArray[np.float64],
    sources: NDArray[np.float64],
    targets: NDArray[np.float64],
    n_neighbors: int,
) -> tuple[float, NDArray[np.float64]]:
    """Compute the relaxed CSLS loss of a map, and its gradient.

    ``-1/n Σ_i [2 x_i W·y_i - mean over the k targets y of largest x_i W·y
    - mean over the k sources x of largest x W·y_i]``, by dot products.

    Parameters
    ----------
    W : ndarray of float64, shape (p, q)
        The map.
    X, Y : ndarray of float64, shapes (n, p) and (n, q)
        The normalised anchors.
    sources, targets : ndarray of float64, shapes (m, p) and (l, q)
        Where neighbours are looked for.
    n_neighbors : int
        k; all there are, if they are fewer.

    Returns
    -------
    loss : float
        Its value.
    gradient : ndarray of float64, shape (p, q)
        Where the k nearest do not change, the exact one.
    """
    n = len(X)
    mapped = X @ W
    near_targets, from_targets = _largest(mapped, targets, targets, n_neighbors)
    near_sources, from_sources = _largest(Y, sources @ W, sources, n_neighbors)
    loss = -2 * np.sum(mapped * Y) + near_targets.sum() + near_sources.sum()
    gradient = -2 * X.T @ Y + X.T @ from_targets + from_sources.T @ Y
    return float(loss) / n, gradient / n


def _largest(
    queries: NDArray[np.float64],
    candidates: NDArray[np.float64],
    rows: NDArray[np.float64],
    k: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return every query's mean of the k largest products, and the mean of the `rows` of those."""
    k = min(k, len(candidates))
    means, rows_means = np.empty(len(queries)), np.empty((len(queries), rows.shape[1]))
    for start in range(0, len(queries), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        scores = queries[block] @ candidates.T
        best = np.argpartition(scores, len(candidates) - k, axis=1)[:, len(candidates) - k :]
        means[block] = np.take_along_axis(scores, best, axis=1).mean(axis=1)
        rows_means[block] = rows[best].mean(axis=1)
    return means, rows_means


def _clipped(W: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project onto the unit ball of the spectral norm."""
    U, s, Vt = np.linalg.svd(W, full_matrices=False)
    return np.asarray((U * np.minimum(s, 1)) @ Vt)
