"""Compiled passes over blocks of cosines that keep, of each row or column, the best.

A block holds cosines as a float32 matrix product gives them: off by roundings that depend on the
library and on the shape of the block. They only decide what is worth a closer look. Whatever could
be among the best is computed from the two vectors again, in float64, and kept or not by that; so
what is kept in the end depends on the vectors alone. Few come that far, since the least of the
best so far rises quickly, and the pass is as fast as memory gives the products.

The best of a row are a heap: the least of them, in the order of value and then of later row, comes
first. Both sides of a comparison must be offered in ascending order of their rows.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["GROUP", "inverse_lengths", "keep_pairs", "scan_columns", "scan_rows"]

GROUP = 64
"""Products of a row that are looked at together, most often in vain."""

_compiled = njit(nogil=True, cache=True, error_model="numpy")


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _dot(x: np.ndarray, y: np.ndarray) -> float:
    """Sum in whatever order is fastest, which is the same for all rows."""
    total = 0.0
    for i in range(len(x)):
        total += np.float64(x[i]) * np.float64(y[i])
    return total


@_compiled
def inverse_lengths(matrix: np.ndarray, inverses: np.ndarray) -> int:
    """Write one over every row's length, 0 for a row of zeros.

    Returns the first row that has no finite length, or -1.
    """
    for i in range(len(matrix)):
        square = _dot(matrix[i], matrix[i])
        if not np.isfinite(square):
            return i
        inverses[i] = 1 / np.sqrt(square) if square > 0 else 0
    return -1


@_compiled
def _cosine(x: np.ndarray, inverse_x: float, y: np.ndarray, inverse_y: float) -> np.float32:
    """Cosine that depends on nothing but the two rows.

    Rounding to float32 joins what differs only by float64 noise, as a row and its double do.
    """
    if inverse_x == 0 or inverse_y == 0:
        return np.float32(0)
    # one length after the other: the product of both can be too large or too small for a number
    cosine: float = _dot(x, y) * inverse_x * inverse_y
    return np.float32(min(1.0, max(-1.0, cosine)))


@_compiled
def _keep(values: np.ndarray, rows: np.ndarray, value: np.float32, row: int) -> None:
    """Put `value` in the place of the least of a heap, if it is better."""
    if value < values[0] or (value == values[0] and row > rows[0]):
        return
    place = 0
    while 2 * place + 1 < len(values):
        child = 2 * place + 1
        other = child + 1
        if other < len(values) and (
            values[other] < values[child]
            or (values[other] == values[child] and rows[other] > rows[child])
        ):
            child = other
        if value < values[child] or (value == values[child] and row > rows[child]):
            break
        values[place], rows[place] = values[child], rows[child]
        place = child
    values[place], rows[place] = value, row


@_compiled
def _settle_row(
    products: np.ndarray,
    start: int,
    stop: int,
    penalties: np.ndarray,
    factor: np.float32,
    margin: np.float32,
    query: np.ndarray,
    query_inverse: float,
    candidates: np.ndarray,
    candidate_inverses: np.ndarray,
    first: int,
    values: np.ndarray,
    rows: np.ndarray,
) -> np.float32:
    """Look closer at some products of one row; return the new limit."""
    limit: np.float32 = values[0] - margin
    for j in range(start, stop):
        if factor * products[j] - penalties[j] > limit:
            cosine = _cosine(query, query_inverse, candidates[j], candidate_inverses[j])
            _keep(values, rows, factor * cosine - penalties[j], first + j)
            limit = values[0] - margin
    return limit


@_compiled
def scan_rows(
    products: np.ndarray,
    tops: np.ndarray,
    penalties: np.ndarray,
    lows: np.ndarray,
    factor: np.float32,
    margin: np.float32,
    queries: np.ndarray,
    query_inverses: np.ndarray,
    candidates: np.ndarray,
    candidate_inverses: np.ndarray,
    first: int,
    values: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Keep the candidates that are best by ``factor * cosine - penalty``, for every query.

    Parameters
    ----------
    products : ndarray of float32, shape (m, n)
        Cosines of queries and candidates, roughly.
    tops : ndarray of float32, shape (m, n // GROUP)
        The largest product of every whole group, or more.
    penalties : ndarray of float32, shape (n,)
        Of the candidates.
    lows : ndarray of float32, shape (n // GROUP,)
        The least penalty of every whole group.
    factor : float32
        1 or 2.
    margin : float32
        How far ``factor * product - penalty`` may be off, or more.
    queries, candidates : ndarray of float, shapes (m, d) and (n, d)
        The vectors.
    query_inverses, candidate_inverses : ndarray of float64, shapes (m,) and (n,)
        One over their lengths; 0 for rows of zeros, whose products are not off at all.
    first : int
        Row of the first candidate among all.
    values, rows : ndarray of float32 and int64, shape (m, k)
        The best so far; changed.
    """
    n = products.shape[1]
    whole = n - n % GROUP
    for i in range(len(products)):
        own_margin = margin if query_inverses[i] > 0 else np.float32(0)
        limit = values[i, 0] - own_margin
        row = products[i]
        for group in range(whole // GROUP):
            if factor * tops[i, group] - lows[group] <= limit:
                continue
            start = group * GROUP
            found = False
            # slices of a fixed length, and no branch: such a loop is vectorised
            some, theirs = row[start : start + GROUP], penalties[start : start + GROUP]
            for j in range(GROUP):
                found |= factor * some[j] - theirs[j] > limit
            if found:
                limit = _settle_row(
                    *(row, start, start + GROUP, penalties, factor, own_margin),
                    *(queries[i], query_inverses[i], candidates, candidate_inverses),
                    *(first, values[i], rows[i]),
                )
        if whole < n:
            _settle_row(
                *(row, whole, n, penalties, factor, own_margin),
                *(queries[i], query_inverses[i], candidates, candidate_inverses),
                *(first, values[i], rows[i]),
            )


@_compiled
def _settle_columns(
    products: np.ndarray,
    start: int,
    stop: int,
    margin: np.float32,
    reference: np.ndarray,
    reference_inverse: float,
    row: int,
    candidates: np.ndarray,
    candidate_inverses: np.ndarray,
    limits: np.ndarray,
    values: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Look closer at some products of one row, each for its own column."""
    for j in range(start, stop):
        if products[j] > limits[j]:
            inverse = candidate_inverses[j]
            cosine = _cosine(reference, reference_inverse, candidates[j], inverse)
            _keep(values[j], rows[j], cosine, row)
            limits[j] = values[j, 0] - (margin if inverse > 0 else np.float32(0))


@_compiled
def scan_columns(
    products: np.ndarray,
    bits: np.ndarray,
    tops: np.ndarray,
    start: int,
    stop: int,
    margin: np.float32,
    references: np.ndarray,
    reference_inverses: np.ndarray,
    first: int,
    candidates: np.ndarray,
    candidate_inverses: np.ndarray,
    values: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Keep the references of the largest cosines for candidates `start` to `stop`; note the tops.

    Parameters
    ----------
    products : ndarray of float32, shape (m, n)
        Cosines of references and candidates, roughly.
    bits : ndarray of int32, shape (m, n)
        The same memory: what is not negative is in the same order as its bits, and the largest of
        integers is found several times as fast, for they know no NaN.
    tops : ndarray of int32, shape (m, n // GROUP)
        For the bits of every whole group's largest product, or of 0 if that is less.
    start, stop : int
        Columns to scan, one or more; `start` is a multiple of GROUP, and so is `stop` unless it is
        n.
    margin : float32
        How far the products may be off, or more.
    references, candidates : ndarray of float, shapes (m, d) and (n, d)
        The vectors.
    reference_inverses, candidate_inverses : ndarray of float64, shapes (m,) and (n,)
        One over their lengths, 0 for rows of zeros.
    first : int
        Row of the first reference among all.
    values, rows : ndarray of float32 and int64, shape (n, k)
        The best so far, by candidate; changed.
    """
    limits = np.empty(products.shape[1], dtype=np.float32)
    for j in range(start, stop):
        limits[j] = values[j, 0] - (margin if candidate_inverses[j] > 0 else np.float32(0))
    whole = stop - stop % GROUP
    for i in range(len(products)):
        row, row_bits = products[i], bits[i]
        for place in range(start, whole, GROUP):
            found = False
            top = np.int32(0)
            some, theirs = row[place : place + GROUP], limits[place : place + GROUP]
            some_bits = row_bits[place : place + GROUP]
            for j in range(GROUP):
                found |= some[j] > theirs[j]
                top = max(top, some_bits[j])
            tops[i, place // GROUP] = top
            if found:
                _settle_columns(
                    *(row, place, place + GROUP, margin),
                    *(references[i], reference_inverses[i], first + i),
                    *(candidates, candidate_inverses, limits, values, rows),
                )
        if whole < stop:
            _settle_columns(
                *(row, whole, stop, margin),
                *(references[i], reference_inverses[i], first + i),
                *(candidates, candidate_inverses, limits, values, rows),
            )


@_compiled
def keep_pairs(
    of: np.ndarray,
    to: np.ndarray,
    penalties: np.ndarray,
    factor: np.float32,
    queries: np.ndarray,
    query_inverses: np.ndarray,
    candidates: np.ndarray,
    candidate_inverses: np.ndarray,
    first: int,
    values: np.ndarray,
    rows: np.ndarray,
) -> None:
    """Keep the best as `scan_rows` does, of pairs that another pass has picked.

    Parameters
    ----------
    of, to : ndarray of int64, shape (n_pairs,)
        Rows of `queries` and of `candidates`.
    penalties, factor, queries, query_inverses, candidates, candidate_inverses, first, values, rows
        See `scan_rows`.
    """
    for place in range(len(of)):
        i, j = of[place], to[place]
        cosine = _cosine(queries[i], query_inverses[i], candidates[j], candidate_inverses[j])
        _keep(values[i], rows[i], factor * cosine - penalties[j], first + j)
