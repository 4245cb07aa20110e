"""Anchors as two normalised matrices: what an aligner learns from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.anchors import Anchors
from adapt.alignment.normalization import UnitCentreUnit, unit_rows
from adapt.errors import AdaptWarning, InputError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["AnchorPairs"]


@dataclass(frozen=True, eq=False)
class AnchorPairs:
    """The usable anchors, their vectors, and the spaces that they come from.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces, as they are.
    anchors : Anchors
        Those that both spaces have a vector for that is not zero.
    X : ndarray of float64, shape (n_anchors, p)
        Normalised domain vectors of the anchors.
    Y : ndarray of float64, shape (n_anchors, q)
        Normalised general vectors.
    normalize_domain, normalize_general : UnitCentreUnit
        What made X and Y.
    scale : float
        Mean length of the general anchors over that of the domain anchors, raw.
    spreads : tuple of float
        Mean distance of the unit vectors from their mean, domain and general.
    """

    domain: WordVectors
    general: WordVectors
    anchors: Anchors
    X: NDArray[np.float64]
    Y: NDArray[np.float64]
    normalize_domain: UnitCentreUnit
    normalize_general: UnitCentreUnit
    scale: float
    spreads: tuple[float, float]

    @classmethod
    def of(cls, domain: WordVectors, general: WordVectors, anchors: Anchors) -> AnchorPairs:
        """Look the anchors up and normalise them.

        Warns
        -----
        AdaptWarning
            If a space lacks anchors, or has only vectors of zeros for them.
        """
        used = _usable(domain, general, anchors)
        X = domain.matrix[domain.rows(used.domain)].astype(np.float64)
        Y = general.matrix[general.rows(used.general)].astype(np.float64)
        if not len(used):
            raise InputError(
                f"none of the {len(anchors)} anchors has a vector in both spaces; give pairs of "
                "words that both know"
            )
        normalize_x, normalize_y = UnitCentreUnit.fit(X), UnitCentreUnit.fit(Y)
        return cls(
            domain=domain,
            general=general,
            anchors=used,
            X=np.asarray(normalize_x(X), dtype=np.float64),
            Y=np.asarray(normalize_y(Y), dtype=np.float64),
            normalize_domain=normalize_x,
            normalize_general=normalize_y,
            scale=_mean_length(Y) / _mean_length(X),
            spreads=(
                _mean_length(unit_rows(X) - normalize_x.mean),
                _mean_length(unit_rows(Y) - normalize_y.mean),
            ),
        )

    def __len__(self) -> int:
        return len(self.anchors)

    @property
    def spread(self) -> float:
        """Ratio of the spreads, general to domain."""
        return self.spreads[1] / self.spreads[0]

    @property
    def counts(self) -> NDArray[np.int64] | None:
        """In-domain counts of the anchors, shape (n_anchors,); None if they are not known."""
        counts = self.domain.counts
        return None if counts is None else counts[self.domain.rows(self.anchors.domain)]

    def frequent(self, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Normalise the first n words of either space, shapes (<= n, p) and (<= n, q)."""
        X, Y = (space.matrix[:n].astype(np.float64) for space in (self.domain, self.general))
        return np.asarray(self.normalize_domain(X)), np.asarray(self.normalize_general(Y))

    def check_spread(self) -> None:
        """Refuse anchors that all point the same way."""
        for which, spread in zip(("domain", "general"), self.spreads, strict=True):
            if spread < 1e-9:
                raise InputError(
                    f"the {which} vectors of all {len(self)} anchors point the same way, which "
                    "fixes no map; check that these vectors were trained"
                )


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
            stacklevel=4,
        )
    return present.subset(np.flatnonzero(nonzero))


def _mean_length(matrix: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(matrix, axis=1).mean())
