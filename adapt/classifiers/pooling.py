"""Pooling: document encoders that have no or few parameters of their own (Shen et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from adapt.classifiers.batches import WordBatch, WordDocuments
from adapt.classifiers.encoders import DocumentEncoder, greatest, weighted_sums
from adapt.errors import InputError

__all__ = [
    "AttentionPooling",
    "HierarchicalPooling",
    "MaxPooling",
    "MeanPooling",
    "checked_weights",
    "idf_weights",
    "pool_documents",
    "sif_weights",
]

_UNK_ROW = 1


class MeanPooling(DocumentEncoder):
    """Mean over the words of each document, weighted by word or plain.

    A document in which no word weighs anything is the zero vector.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    weights : torch.Tensor, optional
        ``(n_rows,)`` float32 non-negative weight of every row of the vocabulary, such as
        `idf_weights` and `sif_weights` give; all alike without.
    """

    weights: torch.Tensor | None

    def __init__(self, dim: int, weights: torch.Tensor | None = None) -> None:
        super().__init__()
        self.n_features = dim
        self.register_buffer("weights", weights)

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        if self.weights is None:
            weights = vectors.new_ones(len(batch.places))
        else:
            weights = self.weights[batch.meant][batch.places]
        ones = weights.new_ones(1, 1)
        totals = weighted_sums(ones, torch.zeros_like(batch.places), batch.starts, weights)
        summed = weighted_sums(vectors, batch.places, batch.starts, weights)
        return summed / torch.where(totals > 0, totals, 1.0)


class MaxPooling(DocumentEncoder):
    """The greatest value of each dimension over the words of each document.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.n_features = dim

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        return greatest(vectors, batch.places, batch.starts)


class HierarchicalPooling(DocumentEncoder):
    """Means over windows of words, and the maximum over the windows: SWEM-hier.

    It keeps a little of the order of words. A document shorter than a window is one window.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    window : int
        Words in a window.

    Raises
    ------
    InputError
        If a window has no word.

    References
    ----------
    Shen et al. (2018). Baseline needs more love: On simple word-embedding-based models and
    associated pooling mechanisms. ACL.
    """

    def __init__(self, dim: int, window: int = 5) -> None:
        super().__init__()
        if window < 1:
            raise InputError(f"window is {window}; give at least 1 word")
        self.n_features = dim
        self.window = window

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        lengths = batch.lengths
        n_windows = (lengths - self.window + 1).clamp(min=1).minimum(lengths)
        sizes = lengths.clamp(max=self.window).repeat_interleave(n_windows)
        # every window starts one token behind the one before, or at the next document
        ends = n_windows.cumsum(0)
        shifts = (batch.starts - (ends - n_windows)).repeat_interleave(n_windows)
        begins = torch.arange(len(sizes), device=sizes.device) + shifts
        firsts = sizes.cumsum(0) - sizes
        inside = torch.arange(int(sizes.sum()), device=sizes.device)
        tokens = inside + (begins - firsts).repeat_interleave(sizes)
        weights = (1 / sizes.to(vectors.dtype)).repeat_interleave(sizes)
        means = weighted_sums(vectors, batch.places[tokens], firsts, weights)
        numbers = torch.arange(len(means), device=means.device)
        return greatest(means, numbers, ends - n_windows)


class AttentionPooling(DocumentEncoder):
    """A mean whose weights are learned: the softmax, within each document, of what words score.

    A word scores ``uᵀ tanh(A x + b)``; the first score of every word is 0, a plain mean.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    n_hidden : int
        Rows of ``A``.

    References
    ----------
    Yang et al. (2016). Hierarchical attention networks for document classification. NAACL.
    """

    def __init__(self, dim: int, n_hidden: int = 100) -> None:
        super().__init__()
        self.n_features = dim
        self.hidden = nn.Linear(dim, n_hidden)
        self.score = nn.Linear(n_hidden, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        scores = self.score(self.hidden(vectors).tanh()).squeeze(1)
        scores = scores.to(vectors.dtype)[batch.places]  # in full precision where products are not
        documents = batch.documents
        # less the greatest of the document: exponents neither overflow nor all vanish
        peaks = scores.new_zeros(len(batch.starts))
        peaks.scatter_reduce_(0, documents, scores.detach(), "amax", include_self=False)
        shares = (scores - peaks[documents]).exp()
        totals = shares.new_zeros(len(peaks)).index_add(0, documents, shares)
        return weighted_sums(vectors, batch.places, batch.starts, shares / totals[documents])


def idf_weights(documents: Sequence[np.ndarray], n_rows: int) -> np.ndarray:
    """Inverse document frequencies, ``log((1 + n) / (1 + df)) + 1``.

    Parameters
    ----------
    documents : sequence of numpy.ndarray
        Row numbers of each training document.
    n_rows : int
        Rows of the vocabulary; those in no document get the largest weight. Only `<unk>`, row 1,
        weighs nothing then: its vector says nothing of the words that it stands for.

    Returns
    -------
    numpy.ndarray
        ``(n_rows,)`` float32; 0 for the padding, row 0.
    """
    frequency = np.zeros(n_rows, dtype=np.int64)
    for rows in documents:
        frequency[np.unique(rows)] += 1
    weights = np.log((1 + len(documents)) / (1 + frequency)) + 1
    return _without_markers(weights, frequency)


def sif_weights(documents: Sequence[np.ndarray], n_rows: int, *, a: float = 1e-3) -> np.ndarray:
    """Smooth inverse frequencies, ``a / (a + p)``, for words of probability p.

    The second half of that method, to take the first principal component away, is left to the head:
    that is a linear map of the features.

    Parameters
    ----------
    documents, n_rows
        As for `idf_weights`.
    a : float
        The probability at which a word weighs one half.

    Returns
    -------
    numpy.ndarray
        ``(n_rows,)`` float32; 0 for the padding, row 0, and for an `<unk>` that no document has.

    References
    ----------
    Arora, Liang and Ma (2017). A simple but tough-to-beat baseline for sentence embeddings. ICLR.
    """
    if not 0 < a < float("inf"):
        raise InputError(f"a is {a}; give a positive number")
    counts = np.bincount(np.concatenate([np.empty(0, np.int64), *documents]), minlength=n_rows)
    return _without_markers(a / (a + counts / max(1, counts.sum())), counts)


def _without_markers(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    weights[0] = 0.0
    if len(weights) > _UNK_ROW and counts[_UNK_ROW] == 0:
        weights[_UNK_ROW] = 0.0
    return weights.astype(np.float32)


def checked_weights(weights: np.ndarray, n_rows: int) -> np.ndarray:
    """Return a float32 copy of the weights, if each row has one that is finite and not negative.

    Raises
    ------
    InputError
        If not.
    """
    if weights.shape != (n_rows,):
        raise InputError(f"{weights.size} token weights, but {n_rows} rows in the matrix")
    if not np.isfinite(weights).all():
        raise InputError("token weights are not finite; give one number for each row")
    if (weights < 0).any():
        raise InputError("token weights are negative somewhere; give 0 to leave a word out")
    return weights.astype(np.float32)


@torch.no_grad()
def pool_documents(
    matrix: np.ndarray, documents: Sequence[np.ndarray], weights: np.ndarray | None = None
) -> np.ndarray:
    """Pool documents by their mean.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(n_rows, dim)`` float32.
    documents : sequence of numpy.ndarray
        Row numbers of each document; row 0 is padding.
    weights : numpy.ndarray, optional
        ``(n_rows,)`` weights.

    Returns
    -------
    numpy.ndarray
        ``(n_documents, dim)`` float32; zeros for empty documents.

    Raises
    ------
    InputError
        If a row number is not in the matrix, or the weights are not one for each of its rows.
    """
    own = None if weights is None else torch.from_numpy(checked_weights(weights, len(matrix)))
    pooling = MeanPooling(matrix.shape[1], own)
    pooled = [
        pooling(torch.from_numpy(matrix[batch.words.numpy()]).float(), batch)
        for batch in WordDocuments.of_rows(documents, len(matrix)).large_batches()
    ]
    empty = torch.empty(0, matrix.shape[1])
    result: np.ndarray = torch.cat([empty, *pooled]).numpy()
    return result
