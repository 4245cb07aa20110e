"""What all aligners share: normalising, mapping, and keeping the general space as it is."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.anchors import Anchors
from adapt.alignment.normalization import UnitCentreUnit, unit_rows
from adapt.alignment.pairs import AnchorPairs
from adapt.errors import InputError, NotFittedError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["Aligner", "Space", "check_positive"]

Space = Literal["general", "domain"]
"""The space that both share after alignment; see `Aligner`."""

_BLOCK_ROWS = 8192
"""Rows mapped at a time: float64 copies of a whole space would double or triple its memory."""


class Aligner(ABC):
    """Base of the aligners, which learn from anchors where domain vectors stand in general space.

    Both spaces are normalised (unit, centre, unit) with means that are fitted on the anchors and
    kept for all other words; a subclass learns from the two normalised anchor matrices to predict
    normalised general vectors, by a function h. What `transform` returns, however, keeps the
    lengths of the vectors, for they carry information, and stands in raw coordinates, beside the
    general vectors as they are. With u the unit vector of the domain word x, m and n the means of
    the two spaces, g the ratio of the mean lengths and r that of the mean distances from the means
    (general to domain, over the anchors), x becomes

    - ``g |x| (r |u - m| h((u - m) / |u - m|) + n)`` in the general space,
    - ``g |x| (r (u - m) + n W')`` in the domain space, where a general vector y becomes ``y W'``;
      only for orthogonal maps W, ``h(x) = x W``.

    This is exact when the domain space is a rotated and uniformly scaled copy of the general one.

    Parameters
    ----------
    space : {"general", "domain"}
        The unified space: the general one, which then stays as it is, or the domain space, which
        must have as many dimensions or more: the general space is embedded in it, isometrically.

    Attributes
    ----------
    name : str
        What it is called on the command line and in TOML.
    orthogonal : bool
        Whether the map is orthogonal; only then may `space` be "domain".
    regularized : bool
        Whether fewer anchors than dimensions are enough.
    domain_normalization_, general_normalization_ : UnitCentreUnit
        With the means of the fitted anchors.
    scale_, spread_ : float
        g and r of the formulas.
    anchors_ : Anchors
        The anchors that were fitted on.
    n_anchors_ : int
        Their number.
    """

    name: str
    orthogonal: bool = False
    regularized: bool = False

    space: Space
    domain_normalization_: UnitCentreUnit
    general_normalization_: UnitCentreUnit
    scale_: float
    spread_: float
    anchors_: Anchors
    n_anchors_: int

    def __init__(self, *, space: Space = "general") -> None:
        if space not in get_args(Space):
            raise InputError(f"unknown space {space!r}; known are {', '.join(get_args(Space))}")
        if space == "domain" and not self.orthogonal:
            raise InputError(
                f"{self.name} is no orthogonal map, so the general space cannot be embedded by it; "
                "use the space 'general', or a method such as procrustes"
            )
        self.space = space

    def __repr__(self) -> str:
        names = inspect.signature(type(self).__init__).parameters.keys() - {"self"}
        options = ", ".join(f"{name}={getattr(self, name)!r}" for name in sorted(names))
        return f"{type(self).__name__}({options})"

    @abstractmethod
    def _solve(self, pairs: AnchorPairs) -> None:
        """Learn h from the anchors, and keep it only once nothing more can fail."""

    @abstractmethod
    def _predict(self, normalized: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Predict normalised general vectors (n, q) of the same dtype; zeros stay zeros."""

    @property
    def linear_map(self) -> NDArray[np.float64] | None:
        """The fitted W of shape (p, q), if one matrix is all there is to h; None for others."""
        return None

    def _embedding(self) -> NDArray[np.float64]:
        """Return the orthogonal map W, of shape (p, q)."""
        if self.linear_map is None:
            raise TypeError(f"{self.name} has no orthogonal map")
        return self.linear_map

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
        Aligner
            Itself.

        Raises
        ------
        InputError
            If too few anchors can be used (min(p, q); 2 for regularised methods), if all of a
            space's anchors point the same way, or if the domain space shall be the unified one
            and is the smaller.

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
        pairs = AnchorPairs.of(domain, general, anchors)
        if len(pairs) < (2 if self.regularized else min(p, q)):
            raise InputError(
                f"{len(pairs)} anchors cannot fix a map of {min(p, q)} dimensions; give at least "
                f"{min(p, q)} anchors (lower the minimum count or raise the limit), train vectors "
                "with a smaller --dim, or use a regularised method such as ridge"
            )
        pairs.check_spread()
        self._solve(pairs)
        self.domain_normalization_ = pairs.normalize_domain
        self.general_normalization_ = pairs.normalize_general
        self.scale_, self.spread_ = pairs.scale, pairs.spread
        self.anchors_, self.n_anchors_ = pairs.anchors, len(pairs)
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
        dim = len(self._mean("general" if self.space == "general" else "domain"))
        mapped = np.empty((len(domain), dim), dtype=np.float32)
        for start in range(0, len(domain), _BLOCK_ROWS):
            block = domain.matrix[start : start + _BLOCK_ROWS].astype(np.float64)
            with np.errstate(over="ignore"):  # what overflows is refused below, with its word
                mapped[start : start + _BLOCK_ROWS] = self._map_block(block)
        return domain.replace(matrix=mapped)

    def _map_block(self, block: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the formula of `space` for some raw domain vectors."""
        lengths = np.linalg.norm(block, axis=1, keepdims=True)
        centred = unit_rows(block) - self._mean("domain")
        if self.space == "general":
            distances = np.linalg.norm(centred, axis=1, keepdims=True)
            turned = distances * self._predict(unit_rows(centred))
            mean = self._mean("general")
        else:
            turned, mean = centred, self._mean("general") @ self._embedding().T
        return np.asarray(self.scale_ * lengths * (self.spread_ * turned + mean))

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
        W = self._embedding()
        embedded = np.empty((len(general), len(W)), dtype=np.float32)
        for start in range(0, len(general), _BLOCK_ROWS):
            rows = general.matrix[start : start + _BLOCK_ROWS]
            with np.errstate(over="ignore"):  # what overflows is refused below, with its word
                embedded[start : start + _BLOCK_ROWS] = rows.astype(np.float64) @ W.T
        return general.replace(matrix=embedded)

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
            If the vectors have other than p dimensions, or a row has no finite length.
        """
        matrix = self._check(vectors, "domain")
        return unit_rows(self._predict(self.domain_normalization_(matrix)))

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
            If the vectors have other than q dimensions, or a row has no finite length.
        """
        matrix = self._check(vectors, "general")
        return self.general_normalization_(matrix)

    def _mean(self, which: Space) -> NDArray[np.float64]:
        if which == "domain":
            return self.domain_normalization_.mean
        return self.general_normalization_.mean

    def check_fitted(self) -> None:
        """Raise NotFittedError before `fit`."""
        if not hasattr(self, "anchors_"):
            raise NotFittedError(f"this {type(self).__name__} is not fitted; call fit first")

    def _check(
        self, vectors: WordVectors | NDArray[Any], which: Space
    ) -> NDArray[np.floating[Any]]:
        """Return the matrix of `vectors` if they are of the fitted domain or general space."""
        self.check_fitted()
        matrix = vectors.matrix if isinstance(vectors, WordVectors) else vectors
        dim = len(self._mean(which))
        if matrix.ndim != 2 or matrix.shape[1] != dim:
            raise InputError(
                f"these {which} vectors have {matrix.shape[-1]} dimensions, but the aligner was "
                f"fitted on {which} vectors of {dim}; use vectors of that space"
            )
        return matrix


def check_positive(name: str, value: float) -> float:
    """Return an aligner's option `name` if it is a number above 0."""
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{name} is {value}; give a number above 0")
    return value
