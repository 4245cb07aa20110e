"""How alike two spaces are, judged by the distances of the same words within each of them.

No map is involved: where these figures are poor, no rotation can be good.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import laplacian
from scipy.spatial.distance import squareform

from adapt.alignment.anchors import Anchors
from adapt.alignment.normalization import UnitCentreUnit
from adapt.alignment.retrieval import nearest
from adapt.errors import InputError
from adapt.evaluation.alignment_results import Isometry
from adapt.evaluation.bootstrap import percentile_estimate, resample_weights
from adapt.vectors.word_vectors import WordVectors

__all__ = [
    "bottleneck_distance",
    "eigenvector_similarity",
    "isometry",
    "relational_similarity",
]

_N_WORDS = 1000
_N_DRAWN = 400
_DRAWS = 40
_FEWEST = 20


def isometry(
    domain: WordVectors, general: WordVectors, anchors: Anchors, *, seed: int = 0
) -> Isometry:
    """Compare two spaces over words that they share.

    Both are normalised (unit, centre, unit). Up to 1,000 anchors are drawn at random.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces, of any dimensions.
    anchors : Anchors
        Words that both hold, those that one lacks are left out.
    seed : int
        Of all draws.

    Raises
    ------
    InputError
        If there are fewer than 20 usable anchors.
    """
    present, _ = anchors.restrict(domain, general)
    rng = np.random.default_rng(seed)
    chosen = present.subset(np.sort(rng.permutation(len(present))[:_N_WORDS]).tolist())
    X = domain.matrix[domain.rows(chosen.domain)].astype(np.float64)
    Y = general.matrix[general.rows(chosen.general)].astype(np.float64)
    usable = X.any(axis=1) & Y.any(axis=1)
    if np.count_nonzero(usable) < _FEWEST:
        raise InputError(
            f"{np.count_nonzero(usable)} anchors are too few to compare two spaces; give at least "
            f"{_FEWEST} that both hold"
        )
    X, Y = (np.asarray(UnitCentreUnit.fit(Z[usable])(Z[usable])) for Z in (X, Y))
    n_drawn = min(_N_DRAWN, len(X) // 2)
    spectra, bottlenecks = np.empty(_DRAWS), np.empty(_DRAWS)
    for draw in range(_DRAWS):
        rows = rng.permutation(len(X))[:n_drawn]
        spectra[draw] = eigenvector_similarity(X[rows], Y[rows])
        bottlenecks[draw] = bottleneck_distance(X[rows], Y[rows])
    similarity, resampled = _relational(X, Y, seed)
    return Isometry(
        n_words=len(X),
        n_drawn=n_drawn,
        relational_similarity=percentile_estimate(similarity, resampled),
        eigenvector_similarity=percentile_estimate(float(spectra.mean()), spectra),
        gromov_hausdorff=percentile_estimate(float(bottlenecks.mean()), bottlenecks),
    )


def relational_similarity(X: NDArray[np.float64], Y: NDArray[np.float64]) -> float:
    """Correlate the cosines of all pairs of words in one space with those in the other (RSIM).

    Parameters
    ----------
    X, Y : ndarray of float64, shapes (n, p) and (n, q)
        The same words in both spaces, rows of length 1.

    Returns
    -------
    float
        Pearson's correlation over the n (n - 1) / 2 pairs, 1 for rotated copies.

    References
    ----------
    I. Vulić, S. Ruder, A. Søgaard (2020). Are all good word vector spaces isomorphic? EMNLP.
    """
    return _relational(X, Y, None)[0]


def _relational(
    X: NDArray[np.float64], Y: NDArray[np.float64], seed: int | None
) -> tuple[float, NDArray[np.float64]]:
    """Return the correlation, and its values in resamples of the words if there is a seed.

    A pair of words weighs as much as its two weights say; a word makes no pair with itself, nor
    with its own double.
    """
    A, B = X @ X.T, Y @ Y.T
    n = len(A)
    weights = np.ones((1, n)) if seed is None else resample_weights(n, seed=seed)
    weights = np.concatenate([np.ones((1, n)), weights.astype(np.float64)])
    products = [np.ones_like(A), A, B, A * A, B * B, A * B]
    for product in products:
        np.fill_diagonal(product, 0)
    # each sum over pairs is a quadratic form of the weights
    size, a, b, aa, bb, ab = (np.einsum("ri,ri->r", weights @ M, weights) for M in products)
    covariance = ab / size - (a / size) * (b / size)
    variances = (aa / size - (a / size) ** 2) * (bb / size - (b / size) ** 2)
    zeros = np.zeros_like(covariance)
    values = np.divide(covariance, np.sqrt(variances), out=zeros, where=variances > 0)
    return float(values[0]), values[1:]


def eigenvector_similarity(
    X: NDArray[np.float64], Y: NDArray[np.float64], *, n_neighbors: int = 10
) -> float:
    """Compare the Laplacian spectra of both spaces' graphs of nearest neighbours.

    The k largest eigenvalues of each are compared, where k is the smaller of the two numbers that
    hold 90 % of the sum of the eigenvalues of their graph.

    Parameters
    ----------
    X, Y : ndarray of float64, shapes (n, p) and (n, q)
        The same words in both spaces, rows of length 1.
    n_neighbors : int
        Words joined to each word; fewer if there are not so many.

    Returns
    -------
    float
        Sum of the squared differences: 0 for isometric spaces, larger for less alike ones.

    References
    ----------
    A. Søgaard, S. Ruder, I. Vulić (2018). On the limitations of unsupervised bilingual dictionary
    induction. ACL.
    """
    first, second = (_spectrum(Z, min(n_neighbors, len(Z) - 1)) for Z in (X, Y))
    k = min(_holding(first, 0.9), _holding(second, 0.9))
    return float(np.sum((first[:k] - second[:k]) ** 2))


def _spectrum(Z: NDArray[np.float64], n_neighbors: int) -> NDArray[np.float64]:
    """Eigenvalues of the Laplacian of the undirected graph of nearest neighbours, descending."""
    found, _ = nearest(Z, Z, n_neighbors + 1)
    joined = np.zeros((len(Z), len(Z)))
    joined[np.arange(len(Z))[:, None], found] = 1
    np.fill_diagonal(joined, 0)
    return np.asarray(np.linalg.eigvalsh(laplacian(np.maximum(joined, joined.T)))[::-1])


def _holding(values: NDArray[np.float64], share: float) -> int:
    """How many of the largest values hold a share of their sum."""
    return int(np.searchsorted(np.cumsum(values), share * values.sum()) + 1)


def bottleneck_distance(X: NDArray[np.float64], Y: NDArray[np.float64]) -> float:
    """Compare how both spaces' words join into clusters: a lower bound on Gromov-Hausdorff.

    The bottleneck distance between the persistence diagrams of the connected components of the
    Rips complexes: each component is born at 0 and dies at a height of the single-linkage tree.

    Parameters
    ----------
    X, Y : ndarray of float64, shapes (n, p) and (n, q)
        The same words in both spaces, rows of length 1; distances are Euclidean.

    Returns
    -------
    float
        0 for isometric spaces.

    References
    ----------
    B. Patra, J. R. A. Moniz, S. Garg, M. R. Gormley, G. Neubig (2019). Bilingual lexicon induction
    with semi-supervision in non-isometric embedding spaces. ACL.
    """
    first, second = (np.sort(_deaths(Z))[::-1] for Z in (X, Y))
    # the K longest-lived of either are matched in order, the others with their empty selves
    matched = np.concatenate([[0.0], np.maximum.accumulate(np.abs(first - second))])
    left = np.concatenate([np.maximum(first, second) / 2, [0.0]])
    return float(np.maximum(matched, left).min())


def _deaths(Z: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = np.maximum(2 - 2 * (Z @ Z.T), 0)  # rows have length 1
    np.fill_diagonal(squares, 0)
    heights: NDArray[np.float64] = linkage(
        squareform(np.sqrt(squares), checks=False), method="single"
    )[:, 2]
    return heights
