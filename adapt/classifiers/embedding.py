"""Embedding layers that start from pretrained vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from adapt.classifiers.batches import WordBatch, WordDocuments
from adapt.errors import InputError

__all__ = ["PretrainedEmbedding", "checked_matrix"]


class PretrainedEmbedding(nn.Module):
    """A table of word vectors, frozen or fine-tuned.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(n_rows, dim)`` float32.
    freeze : bool
        Whether the vectors stay as they are.
    padding_idx : int
        The row of the padding: it is zero whatever `matrix` says, and never gets a gradient.
    sparse : bool
        Whether gradients hold only the rows that were read, which optimisers for sparse gradients
        need and others refuse.

    Raises
    ------
    InputError
        If the matrix is not a table of finite numbers, or lacks the padding row.
    """

    def __init__(
        self,
        matrix: np.ndarray,
        *,
        freeze: bool = True,
        padding_idx: int = 0,
        sparse: bool = False,
    ) -> None:
        super().__init__()
        if matrix.ndim != 2 or not 0 <= padding_idx < len(matrix):
            raise InputError(
                f"matrix of shape {matrix.shape} has no row {padding_idx} for the padding"
            )
        # a copy: training must never write into the caller's matrix, which may be a mapped file
        table = torch.tensor(checked_matrix(matrix))
        table[padding_idx] = 0.0
        self.table = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            table, freeze=freeze, padding_idx=padding_idx, sparse=sparse
        )
        self.padding_idx = padding_idx

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return int(self.table.embedding_dim)

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return int(self.table.num_embeddings)

    @property
    def spelling(self) -> nn.ModuleList:
        """What represents words beside the table: nothing."""
        return nn.ModuleList()

    def documents(self, documents: Sequence[np.ndarray]) -> WordDocuments:
        """Take documents as row numbers, for training and prediction."""
        return WordDocuments.of_rows(documents, self.n_rows, padding_idx=self.padding_idx)

    def vectors(self, batch: WordBatch) -> torch.Tensor:
        """Represent the distinct words of a batch; gives ``(n_words, dim)``."""
        return self.forward(batch.words)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Look row numbers up, of any shape; gives one vector more of that shape."""
        vectors: torch.Tensor = self.table(rows)
        return vectors


def checked_matrix(matrix: np.ndarray) -> np.ndarray:
    """Return the matrix as float32, if it is a table of finite numbers."""
    if matrix.ndim != 2:
        raise InputError(f"matrix has shape {matrix.shape}; need (n_rows, dim)")
    with np.errstate(over="ignore"):  # what overflows is found below
        table = np.asarray(matrix, dtype=np.float32)
    finite = np.isfinite(table).all(axis=1)
    if not finite.all():
        raise InputError(f"row {int(finite.argmin())} of the matrix is not finite; mend its vector")
    return table
