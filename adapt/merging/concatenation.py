"""Policies that put the two vectors of a word side by side; the spaces need no alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.merging.policy import Merged, MergePolicy, Union

__all__ = ["Concat", "ConcatPCA"]

_PENALTIES = np.logspace(-3, 3, 13)


@dataclass(frozen=True)
class Concat(MergePolicy):
    """Both vectors of every word side by side, with zeros for the one that is missing."""

    name: ClassVar[str] = "concat"
    needs_one_space: ClassVar[bool] = False

    def combine(self, union: Union) -> Merged:
        """Join both vectors of every word."""
        split = union.general.shape[1]
        matrix = np.zeros((len(union.general_rows), split + union.domain.shape[1]), np.float32)
        matrix[union.in_general, :split] = union.general[union.general_rows[union.in_general]]
        matrix[union.in_domain, split:] = union.domain[union.domain_rows[union.in_domain]]
        return Merged(matrix, union.in_general, union.in_domain)


@dataclass(frozen=True)
class ConcatPCA(MergePolicy):
    """Both vectors side by side, then their first principal components (Yin & Schütze 2016).

    Mean and components are those of the words that both spaces have. What a word lacks is
    predicted from what it has by ridge regression over these words, the penalty chosen by
    leave-one-out: zeros, far from any true half, would put the words of one space in a corner of
    their own. Each component points to where its largest loading is positive, so that signs do
    not depend on the machine. The result has coordinates of its own, centred on the shared words,
    in which general vectors do not stay as they were.

    Parameters
    ----------
    dim : int, optional
        Number of components; without it, the dimension of the general vectors.

    Raises
    ------
    InputError
        If dim is below 1. While merging: if both spaces share fewer than two words, or have
        fewer dimensions together.

    References
    ----------
    W. Yin, H. Schütze (2016). Learning word meta-embeddings. ACL.
    """

    name: ClassVar[str] = "concat_pca"
    needs_one_space: ClassVar[bool] = False
    dim: int | None = None

    def __post_init__(self) -> None:
        if self.dim is not None and self.dim < 1:
            raise InputError(f"dim is {self.dim}; it must be at least 1")

    def combine(self, union: Union) -> Merged:
        """Join both vectors, predict those that are missing, and project."""
        side_by_side = Concat().combine(union)
        z, split = side_by_side.matrix, union.general.shape[1]
        both = union.in_both
        dim = split if self.dim is None else self.dim
        if dim > z.shape[1]:
            raise InputError(
                f"dim is {dim}, but both vectors side by side have {z.shape[1]}; give less"
            )
        if both.sum() < 2:
            raise InputError(
                f"policy {self.name!r} learns from words that both spaces have, but there are "
                f"{int(both.sum())}; use 'concat'"
            )
        shared = z[both]
        mean = shared.mean(axis=0, dtype=np.float64)
        _impute(z, ~union.in_domain, shared, mean, slice(0, split), slice(split, None))
        _impute(z, ~union.in_general, shared, mean, slice(split, None), slice(0, split))
        matrix = (z - mean.astype(np.float32)) @ _components(shared - mean, dim)
        return Merged(matrix, union.in_general, union.in_domain)


def _impute(
    z: NDArray[np.float32],
    rows: NDArray[np.bool_],
    shared: NDArray[np.float32],
    mean: NDArray[np.float64],
    present: slice,
    missing: slice,
) -> None:
    """Predict the missing half of some rows from their present half, in place."""
    from sklearn.linear_model import RidgeCV

    if not rows.any():
        return
    known = shared - mean
    model = RidgeCV(alphas=_PENALTIES, fit_intercept=False).fit(
        known[:, present], known[:, missing]
    )
    coefficients = np.atleast_2d(model.coef_).T.astype(np.float32)
    part = z[rows, present] - mean[present].astype(np.float32)
    z[rows, missing] = part @ coefficients + mean[missing].astype(np.float32)


def _components(centred: NDArray[np.floating], dim: int) -> NDArray[np.float32]:
    """Return the axes of most variance, shape (n_features, dim), most first."""
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dim]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    return np.asarray(axes * np.where(largest < 0, -1, 1), dtype=np.float32)
