"""A recurrent document encoder."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from adapt.classifiers.batches import WordBatch
from adapt.classifiers.encoders import DocumentEncoder, greatest

__all__ = ["BiLSTM"]


class BiLSTM(DocumentEncoder):
    """A bidirectional LSTM, and the maximum of each of its outputs over the document.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    n_hidden : int
        Units of each direction.

    References
    ----------
    Conneau et al. (2017). Supervised learning of universal sentence representations from natural
    language inference data. EMNLP.
    """

    def __init__(self, dim: int, n_hidden: int = 128) -> None:
        super().__init__()
        self.n_features = 2 * n_hidden
        self.lstm = nn.LSTM(dim, n_hidden, bidirectional=True)

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        if not len(batch.places):
            return vectors.new_zeros(len(batch.starts), self.n_features)
        order, sizes = _by_time(batch)
        packed = PackedSequence(vectors[batch.places[order]], sizes)
        states = self.lstm(packed)[0].data
        return greatest(states, order.argsort(), batch.starts)


def _by_time(batch: WordBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """Order tokens as an LSTM reads them: the first of all documents, longest first, the second...

    Returns
    -------
    tuple of torch.Tensor
        ``(n_tokens,)`` the order, and ``(longest,)`` on the CPU, documents that reach so far.
    """
    lengths, documents = batch.lengths, batch.documents
    rank = torch.empty_like(lengths)
    rank[lengths.argsort(descending=True, stable=True)] = torch.arange(
        len(lengths), device=lengths.device
    )
    time = torch.arange(len(documents), device=lengths.device) - batch.starts[documents]
    order = (time * len(lengths) + rank[documents]).argsort()
    return order, torch.bincount(time).cpu()
