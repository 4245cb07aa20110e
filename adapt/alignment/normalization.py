"""Length normalisation and centring of the spaces to be aligned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["UnitCentreUnit", "row_lengths", "unit_rows"]


def row_lengths(matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the Euclidean length of every row, right for float32 of any magnitude.

    The squares of float32 overflow above 1e19 and vanish below 1e-19; rows whose length could have
    suffered from either are measured again in float64.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, d)
        Rows to measure.

    Returns
    -------
    ndarray of float64, shape (n,)
        Their lengths; 0 for rows of zeros alone.

    Raises
    ------
    InputError
        If a row has no finite length.
    """
    limits = np.finfo(matrix.dtype)
    with np.errstate(over="ignore", under="ignore"):
        lengths: NDArray[np.float64] = np.linalg.norm(matrix, axis=1).astype(np.float64)
        doubtful = ~np.isfinite(lengths) | (lengths < np.sqrt(limits.tiny) / limits.eps)
        lengths[doubtful] = np.linalg.norm(matrix[doubtful].astype(np.float64), axis=1)
    if not np.isfinite(lengths).all():
        raise InputError(
            f"row {int(np.isfinite(lengths).argmin())} has no finite length; leave out what is not "
            "a number, and scale down what is too large"
        )
    return lengths


def unit_rows(matrix: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Scale every row to length 1; rows of zeros stay zeros.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, d)
        Rows to scale; not changed.

    Returns
    -------
    ndarray, shape (n, d)
        A new array of the same dtype.

    Raises
    ------
    InputError
        If a row has no finite length.
    """
    lengths = row_lengths(matrix)[:, None]
    lengths[lengths == 0] = 1
    limits = np.finfo(matrix.dtype)
    representable = (lengths >= limits.tiny) & (lengths <= limits.max)
    units = matrix / np.where(representable, lengths, 1).astype(matrix.dtype)
    beyond = ~representable[:, 0]
    units[beyond] = matrix[beyond] / lengths[beyond]
    return np.asarray(units)


@dataclass(frozen=True, eq=False)
class UnitCentreUnit:
    """Unit length, minus a mean, unit length again (Artetxe et al. 2016).

    The mean is fitted once, on the anchors, and used for every other word.

    Parameters
    ----------
    mean : ndarray of float64, shape (d,)
        Mean of the anchors' rows after they were scaled to unit length.

    References
    ----------
    M. Artetxe, G. Labaka, E. Agirre (2016). Learning principled bilingual mappings of word
    embeddings while preserving monolingual invariance. EMNLP.
    """

    mean: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.mean.ndim != 1:
            raise InputError(
                f"a mean must have one axis, but this one has shape {self.mean.shape}; "
                "use UnitCentreUnit.fit(matrix)"
            )

    @classmethod
    def fit(cls, matrix: NDArray[np.floating[Any]]) -> UnitCentreUnit:
        """Fit the mean of the unit rows of `matrix`; rows of zeros have no say.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, d)
            The anchors' vectors.

        Raises
        ------
        InputError
            If no row differs from zero, or one has no finite length.
        """
        nonzero = matrix[np.any(matrix != 0, axis=1)].astype(np.float64)
        if not len(nonzero):
            raise InputError("no vector differs from zero; a mean needs at least one that does")
        mean = unit_rows(nonzero).mean(axis=0)
        mean.flags.writeable = False
        return cls(mean)

    def __call__(self, matrix: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """Normalise the rows of `matrix` with the fitted mean.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, d)
            Vectors of the space that the mean was fitted in; not changed.

        Returns
        -------
        ndarray, shape (n, d)
            Rows of length 1, of the same dtype; rows of zeros stay zeros.

        Raises
        ------
        InputError
            If `matrix` has another number of columns than the mean has, or a row without a finite
            length.
        """
        if matrix.ndim != 2 or matrix.shape[1] != len(self.mean):
            raise InputError(
                f"vectors of shape {matrix.shape} do not fit a normalisation that was fitted in "
                f"{len(self.mean)} dimensions; use vectors of the space that it was fitted on"
            )
        centred = unit_rows(matrix)
        centred -= self.mean.astype(matrix.dtype)
        centred[~np.any(matrix != 0, axis=1)] = 0
        return unit_rows(centred)
