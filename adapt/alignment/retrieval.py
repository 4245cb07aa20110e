"""Nearest neighbours by cosine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["nearest"]

_BLOCK_BYTES = 64 * 2**20
"""Most memory that the scores of one block of queries, and their sorted copy, may take."""


def nearest(
    queries: NDArray[np.floating[Any]], candidates: NDArray[np.floating[Any]], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` candidates nearest to every query by cosine.

    The cosine with a row of zeros is 0, and ties go to the earlier row. The rows that may be among
    the nearest are found by float32 matrix products and their cosines computed anew in float64, so
    that neither the block size nor the number of threads decides a tie.

    Parameters
    ----------
    queries : ndarray of float, shape (m, d)
        One query a row.
    candidates : ndarray of float, shape (n, d)
        One candidate a row.
    k : int
        How many to find, 1 <= k <= n.

    Returns
    -------
    indices : ndarray of int64, shape (m, k)
        Rows of `candidates`, nearest first.
    cosines : ndarray of float32, shape (m, k)
        Their cosines, in [-1, 1].

    Raises
    ------
    InputError
        If the dimensions differ or `k` is out of range.
    """
    if queries.ndim != 2 or candidates.ndim != 2 or queries.shape[1] != candidates.shape[1]:
        raise InputError(
            f"queries of shape {queries.shape} and candidates of shape {candidates.shape} are not "
            "rows of one space; map them to the same dimension first"
        )
    n, d = candidates.shape
    if not 1 <= k <= n:
        raise InputError(f"k is {k}, but there are {n} candidates; choose k from 1 to {n}")
    candidates32 = candidates.astype(np.float32, copy=False)
    inverse_lengths = _inverse_lengths(candidates).astype(np.float32)
    unit_queries = queries * _inverse_lengths(queries)[:, None]  # float64

    indices = np.empty((len(queries), k), dtype=np.int64)
    cosines = np.empty((len(queries), k), dtype=np.float32)
    # float32 cosines are off by at most about d roundings each; both sides of a comparison are
    margin = 2 * (d + 4) * np.finfo(np.float32).eps
    block = max(1, _BLOCK_BYTES // (2 * 4 * n))
    for start in range(0, len(queries), block):
        rows = unit_queries[start : start + block]
        scores = rows.astype(np.float32) @ candidates32.T
        scores *= inverse_lengths
        thresholds = np.partition(scores, n - k, axis=1)[:, n - k] - margin
        for i, query in enumerate(rows):
            if not query.any():  # everything ties, at 0
                indices[start + i], cosines[start + i] = np.arange(k), 0
                continue
            close = np.flatnonzero(scores[i] >= thresholds[i])
            exact = _cosines(query, candidates[close])
            order = np.argsort(-exact, kind="stable")[:k]
            indices[start + i], cosines[start + i] = close[order], exact[order]
    return indices, cosines


def _inverse_lengths(matrix: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """One over every row's length, and 0 for rows of zeros."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    inverse: NDArray[np.float64] = np.divide(
        1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0
    )
    return inverse


def _cosines(
    unit_query: NDArray[np.float64], candidates: NDArray[np.floating[Any]]
) -> NDArray[np.float32]:
    """Cosines that depend on nothing but the two rows: equal rows get equal cosines."""
    dots = (candidates * unit_query).sum(axis=1)
    # rounding to float32 joins what differs only by float64 noise, as a row and its double do
    cosines: NDArray[np.float32] = (dots * _inverse_lengths(candidates)).astype(np.float32)
    return np.clip(cosines, -1, 1)
