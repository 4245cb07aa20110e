"""Batches of documents as sparse products, made for a whole epoch at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch.nn import functional

__all__ = ["Batch", "WeightedSums", "batches"]


@dataclass(frozen=True)
class WeightedSums:
    """A sparse matrix, ready for products with dense ones.

    Parameters
    ----------
    rows : torch.Tensor
        ``(n_entries,)`` int64, which row of the dense matrix an entry weighs.
    weights : torch.Tensor
        ``(n_entries,)`` float32.
    starts : torch.Tensor
        ``(n_sums,)`` int64, the first entry of every sum.
    """

    rows: torch.Tensor
    weights: torch.Tensor
    starts: torch.Tensor

    def __call__(self, dense: torch.Tensor) -> torch.Tensor:
        """Multiply with ``(n_rows, dim)``; gives ``(n_sums, dim)``."""
        return functional.embedding_bag(
            self.rows, dense, self.starts, mode="sum", per_sample_weights=self.weights
        )


@dataclass(frozen=True)
class Batch:
    """Documents, and the rows of the table that they read.

    Parameters
    ----------
    pool : WeightedSums
        Takes the table to the weighted means ``(n_documents, dim)``.
    spread : WeightedSums
        The transpose of `pool`, for the rows that are read: takes the gradient by the means to the
        gradient by those rows, ``(n_rows, dim)``. Being a product like the other, it gives the same
        sums on every run, on a GPU too, where adding up in any order would not.
    rows : torch.Tensor
        ``(n_rows,)`` int64, ascending numbers of the rows that are read.
    labels : torch.Tensor
        ``(n_documents,)`` class numbers.
    """

    pool: WeightedSums
    spread: WeightedSums
    rows: torch.Tensor
    labels: torch.Tensor


def batches(operator: csr_matrix, labels: torch.Tensor, size: int) -> Iterator[Batch]:
    """Cut documents into batches, in the order in which they stand.

    The entries are sorted for all batches together, in linear time; a batch is then but a view.

    Parameters
    ----------
    operator : scipy.sparse.csr_matrix
        ``(n_documents, n_rows)`` weights of every document's words.
    labels : torch.Tensor
        ``(n_documents,)`` class numbers, on the device where the batches shall be.
    size : int
        Documents in a batch; the last may have fewer.
    """
    by_row = operator.tocsc()  # entries in the order of their rows
    batch = by_row.indices // size
    # numpy sorts short integers by radix
    order = np.argsort(batch.astype(np.min_scalar_type(len(labels) // size)), kind="stable")
    rows = np.repeat(np.arange(operator.shape[1]), np.diff(by_row.indptr))[order]
    begins = (np.diff(rows, prepend=-1) != 0) | (np.diff(batch[order], prepend=-1) != 0)
    firsts = np.flatnonzero(begins)
    documents = range(0, len(labels), size)
    entries = [*operator.indptr[:-1:size].tolist(), operator.nnz]
    read = np.searchsorted(firsts, entries).tolist()

    def tensor(array: np.ndarray, kind: type = np.int64) -> torch.Tensor:
        return torch.from_numpy(array.astype(kind)).to(labels.device)

    pooled_rows, pooled_weights = tensor(operator.indices), tensor(operator.data, np.float32)
    document_starts = tensor(operator.indptr[:-1])
    spread_rows, spread_weights = (
        tensor(by_row.indices[order] % size),
        tensor(by_row.data[order], np.float32),
    )
    row_starts, read_rows = tensor(firsts), tensor(rows[firsts])
    for place, first in enumerate(documents):
        chosen = slice(first, first + size)
        some, distinct = slice(*entries[place : place + 2]), slice(*read[place : place + 2])
        yield Batch(
            WeightedSums(
                pooled_rows[some], pooled_weights[some], document_starts[chosen] - some.start
            ),
            WeightedSums(
                spread_rows[some], spread_weights[some], row_starts[distinct] - some.start
            ),
            read_rows[distinct],
            labels[chosen],
        )
