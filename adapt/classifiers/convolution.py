"""Convolution over words: the strongest match of each filter anywhere in a document."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from adapt.classifiers.batches import WordBatch
from adapt.classifiers.encoders import DocumentEncoder, greatest
from adapt.errors import InputError

__all__ = ["TextCNN"]


class TextCNN(DocumentEncoder):
    """Filters over windows of words, rectified, and the maximum of each over the document.

    Windows may reach beyond both ends of a document, into zeros, so that each word is the centre of
    one and documents shorter than a filter are no exception. What a word adds to a window depends
    on the word and its position in the window alone: it is worked out once for each distinct word
    of a batch, and windows are sums of rows that are looked up.

    Parameters
    ----------
    dim : int
        Of the word vectors.
    widths : sequence of int
        Words in a window.
    n_filters : int
        Filters of each width.

    Raises
    ------
    InputError
        If there is no width, or one without words.

    References
    ----------
    Kim (2014). Convolutional neural networks for sentence classification. EMNLP.
    """

    def __init__(self, dim: int, widths: Sequence[int] = (1, 2, 3), n_filters: int = 100) -> None:
        super().__init__()
        if not widths or min(widths) < 1 or n_filters < 1:
            raise InputError(
                f"widths are {tuple(widths)} with {n_filters} filters each; give at least one "
                "width, one word and one filter"
            )
        self.widths = tuple(widths)
        self.n_filters = n_filters
        self.n_features = n_filters * len(self.widths)
        # (position in any window, filter, dim), as many numbers as the filters of torch.nn.Conv1d
        self.filters = nn.ParameterList(
            nn.Parameter(torch.empty(width, n_filters, dim)) for width in self.widths
        )
        self.bias = nn.Parameter(torch.zeros(self.n_features))
        for width, filters in zip(self.widths, self.filters, strict=True):
            bound = (dim * width) ** -0.5
            nn.init.uniform_(filters, -bound, bound)

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        numbers = torch.arange(len(batch.places), device=vectors.device)
        strongest = [
            greatest(self._windows(filters, vectors, batch), numbers, batch.starts)
            for filters in self.filters
        ]
        # rectified after the maximum instead of before it: the same, and far less to do
        filled = (batch.lengths > 0).unsqueeze(1)
        return functional.relu(torch.cat(strongest, dim=1) + self.bias) * filled

    def _windows(
        self, filters: torch.Tensor, vectors: torch.Tensor, batch: WordBatch
    ) -> torch.Tensor:
        """Match the filters of one width with the window around each token."""
        width, n_filters, dim = filters.shape
        if width == 1:
            return functional.linear(vectors, filters[0])[batch.places]
        answers = functional.linear(vectors, filters.view(-1, dim))
        beyond = answers.new_zeros(1, width * n_filters)
        answers = torch.cat([answers, beyond]).view(-1, n_filters)
        places = _neighborhoods(batch, width, outside=len(vectors))
        positions = torch.arange(width, device=vectors.device)
        return functional.embedding_bag(places * width + positions, answers, mode="sum")


def _neighborhoods(batch: WordBatch, width: int, *, outside: int) -> torch.Tensor:
    """Give the places of the words around each token, ``(n_tokens, width)``.

    `outside` marks those beyond the ends of the document.
    """
    tokens = torch.arange(len(batch.places), device=batch.places.device)
    first = batch.starts[batch.documents].unsqueeze(1)
    last = first + batch.lengths[batch.documents].unsqueeze(1) - 1
    offsets = torch.arange(width, device=tokens.device) - (width - 1) // 2
    around = tokens.unsqueeze(1) + offsets
    inside = (around >= first) & (around <= last)
    return torch.where(inside, batch.places[around.clamp(0, max(0, len(tokens) - 1))], outside)
