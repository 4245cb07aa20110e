"""How far two spaces agree on the neighbours of a word, without any map between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.normalization import UnitCentreUnit
from adapt.alignment.retrieval import csls
from adapt.errors import InputError

__all__ = ["neighbor_overlap", "shared_neighbors", "without_self"]


def neighbor_overlap(
    X: NDArray[np.floating[Any]],
    Y: NDArray[np.floating[Any]],
    n_neighbors: int,
    *,
    references: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Share of the neighbours of every pair in one space that are its neighbours in the other.

    The neighbours of a pair are the others that are nearest to it by CSLS within one space, whose
    vectors are normalised (unit, centre, unit) first: both take the say from words that are near
    to everything. Where the spaces have nothing to do with each other, ``n_neighbors / (n - 1)`` is
    to be expected of a pair among n references, so that overlaps can be compared only where the
    references are the same.

    Parameters
    ----------
    X : ndarray of float, shape (n_pairs, p)
        Vectors of the pairs in one space, none of them zero.
    Y : ndarray of float, shape (n_pairs, q)
        Their vectors in the other.
    n_neighbors : int
        How many neighbours are compared, from 1 to below the number of references.
    references : ndarray of int64, shape (n,), optional
        Rows of the pairs that may be neighbours, each once; all, without it.

    Returns
    -------
    ndarray of float64, shape (n_pairs,)
        Shares in [0, 1].

    Raises
    ------
    InputError
        If `X` and `Y` differ in length, or there are too few references.

    References
    ----------
    H. Gonen, G. Jawahar, D. Seddah, Y. Goldberg (2020). Simple, interpretable and stable method
    for detecting words with usage change across corpora. ACL.
    """
    if len(X) != len(Y):
        raise InputError(f"there are {len(X)} vectors in one space, but {len(Y)} in the other")
    n_references = len(X) if references is None else len(references)
    if not 1 <= n_neighbors < n_references:
        raise InputError(
            f"{n_neighbors} neighbours cannot be found among {n_references} pairs; choose from 1 "
            f"to {n_references - 1}"
        )
    return shared_neighbors(*(_neighbors(M, n_neighbors, references) for M in (X, Y)))


def shared_neighbors(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the k neighbours in each row that two tables have in common.

    Parameters
    ----------
    first, second : ndarray of int64, shape (n, k)
        Neighbours, each once in a row.

    Returns
    -------
    ndarray of float64, shape (n,)
        Shares in [0, 1].
    """
    both = np.concatenate([first, second], axis=1)
    both.sort(axis=1)  # what is a neighbour in both tables now stands twice, side by side
    return np.asarray(np.count_nonzero(both[:, 1:] == both[:, :-1], axis=1) / first.shape[1])


def without_self(found: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take each row out of its own neighbours, or the last where it is none of them.

    Parameters
    ----------
    found : ndarray of int64, shape (n, k + 1)
        Neighbours, nearest first, each once in a row.
    rows : ndarray of int64, shape (n,)
        The rows whose neighbours they are.

    Returns
    -------
    ndarray of int64, shape (n, k)
        The others, in their order.
    """
    kept = found != rows[:, None]
    kept[np.all(kept, axis=1), -1] = False
    return np.asarray(found[kept].reshape(len(found), -1))


def _neighbors(
    matrix: NDArray[np.floating[Any]], k: int, references: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Find the k nearest other references of every row, shape (n_pairs, k)."""
    if references is None or len(references) == len(matrix):
        references = np.arange(len(matrix))
        normalized = UnitCentreUnit.fit(matrix)(matrix)
        found, _ = csls(normalized, normalized, k + 1)
    else:
        normalized = UnitCentreUnit.fit(matrix[references])(matrix)
        others = normalized[references]
        found, _ = csls(normalized, others, k + 1, references=others)
    return without_self(references[found], np.arange(len(matrix)))
