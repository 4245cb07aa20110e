"""Nearest neighbours by cosine, and by CSLS, which discounts words that are near to everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.normalization import unit_rows
from adapt.errors import InputError

if TYPE_CHECKING:
    import torch

__all__ = ["csls", "nearest"]

_BLOCK_BYTES = 64 * 2**20
"""Most memory that the scores of one block of queries, and their sorted copy, may take."""

_CSLS_BYTES = 256 * 2**20
"""Most memory that the scores of all queries with one block of candidates may take."""

_SPARE = 16
"""Candidates kept beyond k by float32 scores, so that exact ones decide who is among the k."""

_GROUP = 64
"""Scores whose maximum is looked at first: the k best are in the k groups of highest maximum."""


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
    _check_shapes(queries, candidates)
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
    block is enough; the full matrix of similarities is never held. Ties go to the earlier row.

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
        Where the products are computed, as torch names it.

    Returns
    -------
    indices : ndarray of int64, shape (m, k)
        Rows of `candidates`, best first.
    scores : ndarray of float32, shape (m, k)
        Their CSLS.

    Raises
    ------
    InputError
        If dimensions differ, `k` or `n_neighbors` is out of range, or nothing is given.

    References
    ----------
    A. Conneau, G. Lample, M. Ranzato, L. Denoyer, H. Jégou (2018). Word translation without
    parallel data. ICLR.
    """
    own = references is None
    others = queries if references is None else references
    for rows in (queries, others):
        _check_shapes(rows, candidates)
    n = len(candidates)
    if not 1 <= k <= n:
        raise InputError(f"k is {k}, but there are {n} candidates; choose k from 1 to {n}")
    if n_neighbors < 1 or not len(others):
        raise InputError("CSLS needs at least one neighbour and one reference; give some")
    unit_queries = _unit_tensor(queries, device)
    unit_others = unit_queries if own else _unit_tensor(others, device)
    height = len(queries) + (0 if own else len(others))
    width = max(1, _CSLS_BYTES // (4 * height))
    best = _Best(len(queries), k + _SPARE, device)
    near = _Best(len(queries), n_neighbors, device)
    penalties = np.empty(n, dtype=np.float32)
    for start in range(0, n, width):
        block = _unit_tensor(candidates[start : start + width], device)
        scores = unit_queries @ block.T
        against = scores if own else unit_others @ block.T
        penalty = _largest_of_columns(against, min(n_neighbors, len(others))).mean(dim=0)
        penalties[start : start + width] = penalty.cpu().numpy()
        near.take(scores, start)
        best.take(scores.mul_(2).sub_(penalty), start)
    own_mean = near.scores[:, : min(n_neighbors, n)].mean(dim=1).cpu().numpy()
    kept = best.rows.cpu().numpy()[:, : min(k + _SPARE, n)]
    return _exact_best(queries, candidates, kept, penalties, own_mean, k)


class _Best:
    """The best candidates of every query so far, by float32 score, in no order."""

    def __init__(self, n_queries: int, k: int, device: str) -> None:
        import torch

        self.k = k
        self.scores = torch.full((n_queries, k), -torch.inf, device=device)
        self.rows = torch.zeros((n_queries, k), dtype=torch.int64, device=device)

    def take(self, scores: torch.Tensor, start: int) -> None:
        """Let a block of candidates compete, of which the first has the row `start`."""
        import torch

        lowest = self.scores.amin(dim=1)
        changed = torch.nonzero(scores.amax(dim=1) > lowest).squeeze(1)
        if not len(changed):
            return
        found, columns = _largest_of_rows(scores[changed], min(self.k, scores.shape[1]))
        all_scores = torch.cat([self.scores[changed], found], dim=1)
        all_rows = torch.cat([self.rows[changed], columns + start], dim=1)
        top, order = all_scores.topk(self.k, dim=1)
        self.scores[changed], self.rows[changed] = top, all_rows.gather(1, order)


def _largest_of_rows(scores: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the k largest values of every row and their columns, by way of group maxima."""
    n_rows, n_columns = scores.shape
    n_groups = n_columns // _GROUP
    if n_groups <= k:
        values, columns = scores.topk(k, dim=1)
        return values, columns
    import torch

    whole = n_groups * _GROUP
    groups = scores[:, :whole].reshape(n_rows, n_groups, _GROUP)
    chosen = groups.amax(dim=2).topk(k, dim=1).indices
    inside = groups.gather(1, chosen[:, :, None].expand(-1, -1, _GROUP)).reshape(n_rows, -1)
    offsets = torch.arange(_GROUP, device=scores.device)
    columns = (chosen[:, :, None] * _GROUP + offsets).reshape(n_rows, -1)
    rest = torch.arange(whole, n_columns, device=scores.device).expand(n_rows, -1)
    values, order = torch.cat([inside, scores[:, whole:]], dim=1).topk(k, dim=1)
    return values, torch.cat([columns, rest], dim=1).gather(1, order)


def _largest_of_columns(scores: torch.Tensor, k: int) -> torch.Tensor:
    """Return the k largest values of every column, shape (k, columns), by way of group maxima."""
    import torch

    n_rows, n_columns = scores.shape
    n_groups = n_rows // _GROUP
    if n_groups <= k:
        return scores.topk(k, dim=0).values
    whole = n_groups * _GROUP
    groups = scores[:whole].view(n_groups, _GROUP, n_columns)
    chosen = groups.amax(dim=1).T.topk(k, dim=1).indices.T  # (k, columns)
    inside = groups.gather(0, chosen[:, None, :].expand(-1, _GROUP, -1)).reshape(-1, n_columns)
    return torch.cat([inside, scores[whole:]]).T.topk(k, dim=1).values.T


def _exact_best(
    queries: NDArray[np.floating[Any]],
    candidates: NDArray[np.floating[Any]],
    kept: NDArray[np.int64],
    penalties: NDArray[np.float32],
    own_mean: NDArray[np.float32],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Order the kept candidates by cosines of float64, and equals by row."""
    indices = np.empty((len(queries), k), dtype=np.int64)
    scores = np.empty((len(queries), k), dtype=np.float32)
    for i, query in enumerate(queries * _inverse_lengths(queries)[:, None]):
        rows = np.sort(kept[i])
        exact = 2 * _cosines(query, candidates[rows]) - penalties[rows]
        order = np.argsort(-exact, kind="stable")[:k]
        indices[i], scores[i] = rows[order], exact[order] - own_mean[i]
    return indices, scores


def _unit_tensor(matrix: NDArray[np.floating[Any]], device: str) -> torch.Tensor:
    import torch

    return torch.from_numpy(unit_rows(matrix.astype(np.float32))).to(device)


def _check_shapes(
    queries: NDArray[np.floating[Any]], candidates: NDArray[np.floating[Any]]
) -> None:
    if queries.ndim != 2 or candidates.ndim != 2 or queries.shape[1] != candidates.shape[1]:
        raise InputError(
            f"queries of shape {queries.shape} and candidates of shape {candidates.shape} are not "
            "rows of one space; map them to the same dimension first"
        )


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
