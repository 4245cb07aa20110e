"""From the words of a document to one vector: means that padding does not dilute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import nn

from adapt.errors import InputError

__all__ = ["MaskedMean", "idf_weights", "mean_operator", "pool_documents"]


class MaskedMean(nn.Module):
    """Mean over the words of each document, weighted by row or plain.

    Parameters
    ----------
    weights : torch.Tensor, optional
        ``(n_rows,)`` non-negative weight of every row of the vocabulary; plain means without.
    padding_idx : int
        Row number that marks padding; it weighs nothing.
    """

    weights: torch.Tensor | None

    def __init__(self, weights: torch.Tensor | None = None, *, padding_idx: int = 0) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self.padding_idx = padding_idx

    def forward(self, rows: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Pool ``(n, length, dim)`` vectors of ``(n, length)`` rows; gives ``(n, dim)``.

        A document without words, or with none that weighs anything, is the zero vector.
        """
        mask = rows != self.padding_idx
        weights = mask.to(vectors.dtype)
        if self.weights is not None:
            weights = weights * self.weights[rows]
        total = weights.sum(dim=1, keepdim=True)
        summed = (weights.unsqueeze(-1) * vectors).sum(dim=1)
        return summed / torch.where(total > 0, total, 1.0)


def idf_weights(documents: Sequence[np.ndarray], n_rows: int) -> np.ndarray:
    """Inverse document frequencies, ``log((1 + n) / (1 + df)) + 1``.

    Parameters
    ----------
    documents : sequence of numpy.ndarray
        Row numbers of each training document.
    n_rows : int
        Rows of the vocabulary; those in no document get the largest weight.

    Returns
    -------
    numpy.ndarray
        ``(n_rows,)`` float32; 0 for the padding, row 0.
    """
    frequency = np.zeros(n_rows, dtype=np.int64)
    for rows in documents:
        frequency[np.unique(rows)] += 1
    weights = np.log((1 + len(documents)) / (1 + frequency)) + 1
    weights[0] = 0.0
    return weights.astype(np.float32)


def mean_operator(
    documents: Sequence[np.ndarray], n_rows: int, weights: np.ndarray | None = None
) -> csr_matrix:
    """Sparse matrix ``(n_documents, n_rows)`` whose product with a table is the pooled documents.

    Each row holds the weights of a document's words divided by their sum; row 0, the padding,
    weighs nothing.

    Raises
    ------
    InputError
        If a row number is not in the table.
    """
    lengths = np.asarray([len(rows) for rows in documents], dtype=np.int64)
    columns = np.concatenate([np.empty(0, dtype=np.int64), *documents])
    if columns.size and (columns.min() < 0 or columns.max() >= n_rows):
        raise InputError(
            f"documents hold rows {columns.min()} to {columns.max()}, but the table has {n_rows}"
        )
    values = np.ones(len(columns)) if weights is None else weights[columns].astype(np.float64)
    values[columns == 0] = 0.0
    starts = np.concatenate([[0], np.cumsum(lengths)])
    operator = csr_matrix((values, columns, starts), shape=(len(documents), n_rows))
    operator.sum_duplicates()
    totals = np.asarray(operator.sum(axis=1)).ravel()
    operator.data /= np.repeat(np.where(totals > 0, totals, 1.0), np.diff(operator.indptr))
    operator.eliminate_zeros()
    return operator.astype(np.float32)


def pool_documents(
    matrix: np.ndarray, documents: Sequence[np.ndarray], weights: np.ndarray | None = None
) -> np.ndarray:
    """Pool documents without padding or gradients: what a frozen table allows to do once.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(n_rows, dim)`` float32.
    documents : sequence of numpy.ndarray
        Row numbers of each document.
    weights : numpy.ndarray, optional
        ``(n_rows,)`` weights.

    Returns
    -------
    numpy.ndarray
        ``(n_documents, dim)`` float32; zeros for empty documents.
    """
    pooled = mean_operator(documents, len(matrix), weights) @ matrix
    return np.asarray(pooled, dtype=np.float32)
