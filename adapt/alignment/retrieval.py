"""Nearest neighbours by cosine, and by CSLS, which discounts words that are near to everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.progress import progress

if TYPE_CHECKING:
    from adapt.alignment.search import Best, Block, Engine, Tile, Vectors

__all__ = ["csls", "nearest"]

_WIDTH = 1024
"""Most candidates that are multiplied at once."""

_PRODUCT_BYTES = 512 * 2**20
"""Most memory that the products of all queries with some candidates may take."""


def nearest(
    queries: NDArray[np.floating[Any]],
    candidates: NDArray[np.floating[Any]],
    k: int,
    *,
    device: str = "cpu",
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` candidates nearest to every query by cosine.

    The cosine with a row of zeros is 0, and ties go to the earlier row. Rows that may be among the
    nearest are picked by float32 matrix products, a block at a time, and their cosines computed
    anew in float64, rounded to float32 and compared: the result depends on the vectors alone, not
    on the size of a block, the number of threads, the device or the library that multiplies.

    Parameters
    ----------
    queries : ndarray of float, shape (m, d)
        One query a row.
    candidates : ndarray of float, shape (n, d)
        One candidate a row.
    k : int
        How many to find, 1 <= k <= n.
    device : str
        Where the products are computed: ``cpu``, ``cuda``, or one of several, as ``cuda:1``.

    Returns
    -------
    indices : ndarray of int64, shape (m, k)
        Rows of `candidates`, nearest first.
    cosines : ndarray of float32, shape (m, k)
        Their cosines, in [-1, 1].

    Raises
    ------
    InputError
        If the dimensions differ, `k` is out of range, a row has no finite length, or there is no
        such device.
    """
    from adapt.alignment.engines import engine_on  # with numba, which takes long to import
    from adapt.alignment.search import Best

    _check(queries, candidates, k)
    x, y = _vectors(queries=queries, candidates=candidates)
    best = Best(len(x), k)
    with engine_on(device, len(x) * y.matrix.size) as engine:
        all_queries = engine.load(x)
        for block in _blocks(engine, y, len(x), "nearest neighbours"):
            engine.multiply(all_queries, block, partial(engine.scan_rows, best=best))
    return best.ordered()


def csls(
    queries: NDArray[np.floating[Any]],
    candidates: NDArray[np.floating[Any]],
    k: int,
    *,
    references: NDArray[np.floating[Any]] | None = None,
    n_neighbors: int = 10,
    device: str = "cpu",
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the `k` best candidates of every query by cross-domain similarity local scaling.

    ``CSLS(x, y) = 2 cos(x, y) - r(x) - r(y)``: r(x) is the mean cosine of x with its nearest
    candidates, r(y) that of y with its nearest references. All queries meet one block of
    candidates at a time, so that r(y) is known within the block, and one matrix product of every
    block is enough; the full matrix of similarities is never held.

    All cosines, those in the means too, are found as by `nearest`, and candidates are ordered by
    ``2 cos(x, y) - r(y)`` in float32, ties by row: the result depends on the vectors alone.

    Parameters
    ----------
    queries : ndarray of float, shape (m, d)
        One query a row.
    candidates : ndarray of float, shape (n, d)
        One candidate a row.
    k : int
        How many to find, 1 <= k <= n.
    references : ndarray of float, shape (l, d), optional
        All words of the queries' kind; without it, the queries.
    n_neighbors : int
        How many neighbours the means are taken over; all there are, if they are fewer.
    device : str
        Where the products are computed: ``cpu``, ``cuda``, or one of several, as ``cuda:1``.

    Returns
    -------
    indices : ndarray of int64, shape (m, k)
        Rows of `candidates`, best first.
    scores : ndarray of float32, shape (m, k)
        Their CSLS.

    Raises
    ------
    InputError
        If dimensions differ, `k` or `n_neighbors` is out of range, nothing is given, a row has no
        finite length, or there is no such device.

    References
    ----------
    A. Conneau, G. Lample, M. Ranzato, L. Denoyer, H. Jégou (2018). Word translation without
    parallel data. ICLR.
    """
    from adapt.alignment.engines import engine_on
    from adapt.alignment.search import Best

    others = queries if references is None else references
    for rows in (queries, others):
        _check(rows, candidates, k)
    if n_neighbors < 1 or not len(others):
        raise InputError("CSLS needs at least one neighbour and one reference; give some")
    x, y, z = _vectors(queries=queries, candidates=candidates, references=others)
    own = references is None
    best, near = Best(len(x), k, factor=2), Best(len(x), min(n_neighbors, len(y)))
    with engine_on(device, (len(x) + len(z)) * y.matrix.size) as engine:
        all_queries = engine.load(x)
        all_references = all_queries if own else engine.load(z)
        for block in _blocks(engine, y, max(len(x), len(z)), "neighbours by CSLS"):
            hubness = Best(len(block), min(n_neighbors, len(z)))
            hubness.values[block.vectors.inverses == 0] = 0  # whoever is nearest to them
            meet = partial(engine.scan_columns, best=hubness)
            tiles = engine.multiply(all_references, block, meet)
            rank = partial(_rank, engine, near=near, best=best, penalties=hubness.mean())
            if own:
                engine.look_again(tiles, rank)
            else:
                engine.multiply(all_queries, block, rank)
    indices, scores = best.ordered()
    return indices, scores - near.mean()[:, None]


def _rank(
    engine: Engine, tile: Tile, near: Best, best: Best, penalties: NDArray[np.float32]
) -> None:
    """Keep what is nearest to the queries of a tile, and what is best by CSLS."""
    engine.scan_rows(tile, near)
    engine.scan_rows(tile, best, penalties)


def _blocks(engine: Engine, candidates: Vectors, height: int, purpose: str) -> Iterator[Block]:
    """Load candidates, as many at a time as can meet `height` queries in bounded memory."""
    from adapt.alignment.scans import GROUP

    width = _PRODUCT_BYTES // (4 * max(1, height))
    width = max(GROUP, min(_WIDTH, width) // GROUP * GROUP)
    with progress(purpose, len(candidates)) as advance:
        for start in range(0, len(candidates), width):
            yield engine.load(candidates[start : start + width], start)
            advance(width)


def _check(
    queries: NDArray[np.floating[Any]], candidates: NDArray[np.floating[Any]], k: int
) -> None:
    if queries.ndim != 2 or candidates.ndim != 2 or queries.shape[1] != candidates.shape[1]:
        raise InputError(
            f"queries of shape {queries.shape} and candidates of shape {candidates.shape} are not "
            "rows of one space; map them to the same dimension first"
        )
    n = len(candidates)
    if not 1 <= k <= n:
        raise InputError(f"k is {k}, but there are {n} candidates; choose k from 1 to {n}")


def _vectors(**matrices: NDArray[np.floating[Any]]) -> list[Vectors]:
    """Give matrices one type, float32 where that holds them, and measure their rows."""
    from adapt.alignment.search import Vectors

    held = np.result_type(np.float32, *matrices.values()) == np.float32
    dtype = np.dtype(np.float32 if held else np.float64)
    return [Vectors.of(matrix, dtype, kind) for kind, matrix in matrices.items()]
