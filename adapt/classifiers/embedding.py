"""Embedding layers that start from pretrained vectors."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from adapt.errors import InputError

__all__ = ["PretrainedEmbedding"]


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

    Raises
    ------
    InputError
        If the matrix is not a table, or lacks the padding row.
    """

    def __init__(self, matrix: np.ndarray, *, freeze: bool = True, padding_idx: int = 0) -> None:
        super().__init__()
        if matrix.ndim != 2 or not 0 <= padding_idx < len(matrix):
            raise InputError(
                f"matrix of shape {matrix.shape} has no row {padding_idx} for the padding"
            )
        # a copy: training must never write into the caller's matrix, which may be a mapped file
        table = torch.tensor(matrix, dtype=torch.float32)
        table[padding_idx] = 0.0
        self.table = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            table, freeze=freeze, padding_idx=padding_idx
        )
        self.padding_idx = padding_idx

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return int(self.table.embedding_dim)

    def rows(self, rows: torch.Tensor) -> torch.Tensor:
        """Give the rows from which masks and weights come: those that the layer is called with."""
        return rows

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Look up ``(n, length)`` row numbers; gives ``(n, length, dim)``."""
        vectors: torch.Tensor = self.table(rows)
        return vectors
