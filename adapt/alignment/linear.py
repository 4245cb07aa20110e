"""Linear maps between a domain space and a general space; rows are words, maps act on the right."""

from __future__ import annotations

import copy
import warnings
from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import AdaptWarning, InputError

__all__ = [
    "Identity",
    "LinearAligner",
    "Procrustes",
    "orthogonal_factor",
    "orthogonal_map",
    "random_orthogonal_map",
]


def orthogonal_map(
    X: NDArray[np.floating[Any]], Y: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Solve the orthogonal Procrustes problem for row-wise pairs, of whatever dimensions.

    ``U S V' = svd(X' Y)``, ``W = U V'`` (thin). W maximises ``tr(W' X' Y)`` over the
    semi-orthogonal matrices: ``W' W = I`` for p >= q, ``W W' = I`` for p <= q. For p <= q it also
    minimises ``|X W - Y|``; for p > q that problem has no closed form, because the length of
    ``X W`` then depends on W, and the trace is what is solved.

    Parameters
    ----------
    X : ndarray of float, shape (n, p)
        Vectors to map, one a row.
    Y : ndarray of float, shape (n, q)
        Their partners, in the same order.

    Returns
    -------
    ndarray of float64, shape (p, q)
        The map W, to be used as ``X @ W``.

    Raises
    ------
    InputError
        If the numbers of rows differ, or a number is not finite.

    Warns
    -----
    AdaptWarning
        If the pairs span fewer than min(p, q) directions: W is arbitrary in the others.

    References
    ----------
    P. H. Schönemann (1966). A generalized solution of the orthogonal Procrustes problem.
    Psychometrika 31.

    C. Xing, D. Wang, C. Liu, Y. Lin (2015). Normalized word embedding and orthogonal transform for
    bilingual word translation. NAACL.

    M. Artetxe, G. Labaka, E. Agirre (2016). Learning principled bilingual mappings of word
    embeddings while preserving monolingual invariance. EMNLP.
    """
    if len(X) != len(Y):
        raise InputError(f"X has {len(X)} rows, but Y has {len(Y)}; give pairs")
    with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is refused below
        cross = X.T.astype(np.float64) @ Y.astype(np.float64)
    W, s = orthogonal_factor(cross)
    tolerance = s[0] * max(cross.shape) * np.finfo(np.float64).eps
    rank = int(np.count_nonzero(s > tolerance))
    if rank < len(s):
        warnings.warn(
            f"the anchors span only {rank} of {len(s)} directions, so the map is arbitrary in the "
            "others; use more anchors, or vectors of fewer dimensions",
            AdaptWarning,
            stacklevel=2,
        )
    return W


def orthogonal_factor(
    M: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the semi-orthogonal ``W = U V'`` of ``M = U S V'``, and the singular values.

    W maximises ``tr(W' M)``, whose value is the sum of the singular values.

    Raises
    ------
    InputError
        If a number is not finite.
    """
    if not np.isfinite(M).all():
        raise InputError(
            "the products of these vectors are not finite; leave out what is not a number, and "
            "scale down what is too large"
        )
    U, s, Vt = np.linalg.svd(M, full_matrices=False)
    return U @ Vt, s


def random_orthogonal_map(p: int, q: int, *, seed: int) -> NDArray[np.float64]:
    """Draw a semi-orthogonal map of shape (p, q), uniformly (by the Haar measure).

    References
    ----------
    F. Mezzadri (2007). How to generate random matrices from the classical compact groups.
    Notices of the AMS 54.
    """
    gaussian = np.random.default_rng(seed).standard_normal((max(p, q), min(p, q)))
    Q, R = np.linalg.qr(gaussian)
    Q = Q * np.sign(np.diag(R))  # without the signs, Q would not be uniform
    return Q if p >= q else Q.T


class LinearAligner(Aligner):
    """Base of the aligners whose map is one matrix; see `Aligner` for all else.

    Attributes
    ----------
    map_ : ndarray of float64, shape (p, q)
        W, from p domain dimensions to q general ones, for normalised vectors.
    """

    map_: NDArray[np.float64]

    @abstractmethod
    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        """Find the map (p, q) from the normalised anchors."""

    def _solve(self, pairs: AnchorPairs) -> None:
        self.map_ = self._fit_map(pairs)

    def _predict(self, normalized: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        return normalized @ self.map_.astype(normalized.dtype)

    @property
    def linear_map(self) -> NDArray[np.float64]:
        """The matrix `map_`."""
        return self.map_

    def with_map(self, W: NDArray[np.float64]) -> Self:
        """Return a fitted copy that maps by `W`, of shape (p, q), instead."""
        self.check_fitted()
        if W.shape != self.map_.shape:
            raise InputError(f"the map has shape {W.shape}; give one of shape {self.map_.shape}")
        if not np.isfinite(W).all():
            raise InputError("the map holds numbers that are not finite; every one must be")
        other = copy.copy(self)
        other.map_ = W
        return other


class Procrustes(LinearAligner):
    """The orthogonal map that brings the normalised anchors closest; see `orthogonal_map`.

    It turns but never stretches, which makes it hard to overfit: the right choice where nothing
    speaks for another.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space; see `Aligner`, also for the attributes.

    Examples
    --------
    >>> import numpy as np
    >>> from adapt.alignment.anchors import Anchors
    >>> from adapt.vectors.word_vectors import WordVectors
    >>> words = ("fever", "cough", "rash")
    >>> y = np.array([[1, 0], [0, 2], [3, 3]], dtype=np.float32)
    >>> quarter_turn = np.array([[0, 1], [-1, 0]], dtype=np.float32)
    >>> general, domain = WordVectors(words, y), WordVectors(words, y @ quarter_turn)
    >>> aligner = Procrustes().fit(domain, general, Anchors(words, words))
    >>> bool(np.allclose(aligner.transform(domain).matrix, y, atol=1e-5))
    True
    """

    name = "procrustes"
    orthogonal = True

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        return orthogonal_map(pairs.X, pairs.Y)


class Identity(LinearAligner):
    """No map at all: dimension k of one space is taken for dimension k of the other.

    The control of every comparison. Lengths and means are matched as by the other aligners, so that
    what they add is the map alone; where the dimensions differ, the smaller space fills the first.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space; see `Aligner`, also for the attributes.
    """

    name = "identity"
    orthogonal = True
    regularized = True  # nothing is learned but means and lengths

    def _fit_map(self, pairs: AnchorPairs) -> NDArray[np.float64]:
        return np.eye(pairs.X.shape[1], pairs.Y.shape[1])
