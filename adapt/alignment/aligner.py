"""What all linear aligners share: normalising, mapping, and keeping the general space as it is."""

from __future__ import annotations

import copy
import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.anchors import Anchors
from adapt.alignment.normalization import UnitCentreUnit, unit_rows
from adapt.errors import AdaptWarning, InputError, NotFittedError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["LinearAligner", "Space"]

Space = Literal["general", "domain"]

_BLOCK_ROWS = 8192
"""Rows mapped at a time: float64 copies of a whole space would double or triple its memory."""


class LinearAligner(ABC):
    """Base of the aligners that learn one matrix W from normalised anchors.

    Both spaces are normalised (unit, centre, unit) with means that are fitted on the anchors and
    kept for all other words; a subclass finds W from the two normalised anchor matrices. What
    `transform` returns, however, keeps the lengths of the vectors, for they carry information, and
    stands in raw coordinates, beside the general vectors as they are. With u the unit vector of
    the domain word x, m and n the means of the two spaces, g the ratio of the mean lengths and r
    that of the mean distances from the means (general to domain, over the anchors), x becomes

    - ``g |x| (r (u - m) W + n)`` in the general space,
    - ``g |x| (r (u - m) + n W')`` in the domain space, where a general vector y becomes ``y W'``.

    This is exact when the domain space is a rotated and uniformly scaled copy of the general one.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space: the general one, which then stays as it is, or the domain space, which
        must have as many dimensions or more: the general space is embedded in it.

    Attributes
    ----------
    map_ : ndarray of float64, shape (p, q)
        W, from p domain dimensions to q general ones.
    domain_normalization_, general_normalization_ : UnitCentreUnit
        With the means of the fitted anchors.
    scale_, spread_ : float
        g and r of the formulas.
    anchors_ : Anchors
        The anchors that the map was fitted on.
    n_anchors_ : int
        Their number.
    """

    name: ClassVar[str]

    space: Space
    map_: NDArray[np.float64]
    domain_normalization_: UnitCentreUnit
    general_normalization_: UnitCentreUnit
    scale_: float
    spread_: float
    anchors_: Anchors
    n_anchors_: int

    def __init__(self, *, space: Space = "general") -> None:
        if space not in get_args(Space):
            raise InputError(f"unknown space {space!r}; known are {', '.join(get_args(Space))}")
        self.space = space

    def __repr__(self) -> str:
        return f"{type(self).__name__}(space={self.space!r})"

    @abstractmethod
    def _fit_map(
        self, X: NDArray[np.floating[Any]], Y: NDArray[np.floating[Any]]
    ) -> NDArray[np.float64]:
        """Find the map (p, q) from the normalised anchors (n, p) and (n, q)."""

    def fit(self, domain: WordVectors, general: WordVectors, anchors: Anchors) -> Self:
        """Fit the normalisations and the map on the anchors.

        Parameters
        ----------
        domain : WordVectors
            The space to map, of p dimensions.
        general : WordVectors
            The space to map it to, of q dimensions.
        anchors : Anchors
            Word pairs; those that a space lacks, or has only a vector of zeros for, are left out.

        Returns
        -------
        LinearAligner
            Itself.

        Raises
        ------
        InputError
            If fewer than min(p, q) anchors can be used, if all of a space's anchors point the same
            way, or if the domain space shall be the unified one and is the smaller.

        Warns
        -----
        AdaptWarning
            If anchors were left out, or do not determine the map.
        """
        p, q = domain.dim, general.dim
        if self.space == "domain" and p < q:
            raise InputError(
                f"the domain vectors have {p} dimensions and cannot hold the {q} of the general "
                f"ones; train domain vectors with --dim {q} or more, or use the space 'general'"
            )
        used = _usable(domain, general, anchors)
        if len(used) < min(p, q):
            raise InputError(
                f"{len(used)} anchors cannot fix a map of {min(p, q)} dimensions; give at least "
                f"{min(p, q)} anchors (lower the minimum count or raise the limit) or train "
                "vectors with a smaller --dim"
            )
        X = domain.matrix[domain.rows(used.domain)].astype(np.float64)
        Y = general.matrix[general.rows(used.general)].astype(np.float64)
        normalize_x, normalize_y = UnitCentreUnit.fit(X), UnitCentreUnit.fit(Y)
        spread = _spread(Y, normalize_y, "general") / _spread(X, normalize_x, "domain")
        self.map_ = self._fit_map(normalize_x(X), normalize_y(Y))
        self.domain_normalization_, self.general_normalization_ = normalize_x, normalize_y
        self.scale_, self.spread_ = _mean_length(Y) / _mean_length(X), spread
        self.anchors_, self.n_anchors_ = used, len(used)
        return self

    def transform(self, domain: WordVectors) -> WordVectors:
        """Map domain vectors into the unified space.

        Parameters
        ----------
        domain : WordVectors
            Vectors of the fitted domain space, of p dimensions.

        Returns
        -------
        WordVectors
            The same words, of q dimensions in the general space and p in the domain space, to
            stand beside what `transform_general` returns. Vectors of zeros stay zeros.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If the vectors have other than p dimensions.
        """
        self._check(domain, "domain")
        W, g, r = self.map_, self.scale_, self.spread_
        m, n = self.domain_normalization_.mean, self.general_normalization_.mean
        if self.space == "general":
            A, b = g * r * W, g * (n - r * (m @ W))
        else:
            A, b = g * r * np.eye(len(m)), g * (n @ W.T - r * m)
        return domain.replace(matrix=_map_rows(domain.matrix, A, b))

    def transform_general(self, general: WordVectors) -> WordVectors:
        """Bring general vectors into the unified space, without deforming them.

        Parameters
        ----------
        general : WordVectors
            Vectors of the fitted general space, of q dimensions.

        Returns
        -------
        WordVectors
            `general` itself in the general space; in the domain space its isometric image, with
            all lengths and cosines kept.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If the vectors have other than q dimensions.
        """
        self._check(general, "general")
        if self.space == "general":
            return general
        return general.replace(
            matrix=_map_rows(general.matrix, self.map_.T, np.zeros(len(self.map_)))
        )

    def normalized_domain(self, vectors: WordVectors | NDArray[Any]) -> NDArray[np.floating[Any]]:
        """Map domain vectors to where they are compared with general ones by cosine.

        Parameters
        ----------
        vectors : WordVectors or ndarray of float, shape (n, p)
            Domain vectors.

        Returns
        -------
        ndarray, shape (n, q)
            Rows of length 1, to be compared with those of `normalized_general`; rows of zeros stay
            zeros.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If the vectors have other than p dimensions.
        """
        matrix = self._check(vectors, "domain")
        normalized = self.domain_normalization_(matrix)
        return unit_rows(normalized @ self.map_.astype(normalized.dtype))

    def normalized_general(self, vectors: WordVectors | NDArray[Any]) -> NDArray[np.floating[Any]]:
        """Normalise general vectors for comparison with `normalized_domain`.

        Parameters
        ----------
        vectors : WordVectors or ndarray of float, shape (n, q)
            General vectors.

        Returns
        -------
        ndarray, shape (n, q)
            Rows of length 1; rows of zeros stay zeros.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If the vectors have other than q dimensions.
        """
        matrix = self._check(vectors, "general")
        return self.general_normalization_(matrix)

    def with_map(self, W: NDArray[np.float64]) -> Self:
        """Return a fitted copy that maps by `W`, of shape (p, q), instead."""
        if not hasattr(self, "map_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted; call fit first")
        if W.shape != self.map_.shape:
            raise InputError(f"the map has shape {W.shape}; give one of shape {self.map_.shape}")
        other = copy.copy(self)
        other.map_ = W
        return other

    def _check(
        self, vectors: WordVectors | NDArray[Any], which: Space
    ) -> NDArray[np.floating[Any]]:
        """Return the matrix of `vectors` if they are of the fitted domain or general space."""
        if not hasattr(self, "map_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted; call fit first")
        matrix = vectors.matrix if isinstance(vectors, WordVectors) else vectors
        dim = self.map_.shape[0 if which == "domain" else 1]
        if matrix.ndim != 2 or matrix.shape[1] != dim:
            raise InputError(
                f"these {which} vectors have {matrix.shape[-1]} dimensions, but the aligner was "
                f"fitted on {which} vectors of {dim}; use vectors of that space"
            )
        return matrix


def _usable(domain: WordVectors, general: WordVectors, anchors: Anchors) -> Anchors:
    """Leave out, with a warning, anchors that a space lacks or has only zeros for."""
    present, n_absent = anchors.restrict(domain, general)
    nonzero = np.any(domain.matrix[domain.rows(present.domain)] != 0, axis=1) & np.any(
        general.matrix[general.rows(present.general)] != 0, axis=1
    )
    n_zero = int(np.count_nonzero(~nonzero))
    if n_absent or n_zero:
        warnings.warn(
            f"left out {n_absent + n_zero} of {len(anchors)} anchors: {n_absent} are absent from a "
            f"space, {n_zero} have a vector of zeros",
            AdaptWarning,
            stacklevel=3,
        )
    return present.subset(np.flatnonzero(nonzero))


def _mean_length(matrix: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(matrix, axis=1).mean())


def _spread(matrix: NDArray[np.float64], normalization: UnitCentreUnit, which: str) -> float:
    """Mean distance of the unit rows from their mean."""
    spread = _mean_length(unit_rows(matrix) - normalization.mean)
    if spread < 1e-9:
        raise InputError(
            f"the {which} vectors of all {len(matrix)} anchors point the same way, which fixes no "
            "map; check that these vectors were trained"
        )
    return spread


def _map_rows(
    matrix: NDArray[np.floating[Any]], A: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Compute ``x A + |x| b`` for every row x, in float64, block by block; zeros stay zeros."""
    mapped = np.empty((len(matrix), A.shape[1]), dtype=np.float32)
    for start in range(0, len(matrix), _BLOCK_ROWS):
        block = matrix[start : start + _BLOCK_ROWS].astype(np.float64)
        lengths = np.linalg.norm(block, axis=1, keepdims=True)
        mapped[start : start + _BLOCK_ROWS] = block @ A + lengths * b
    return mapped
