"""Document encoders: from the vectors of the words in a document to one vector of features."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn
from torch.nn import functional

from adapt.classifiers.batches import WordBatch

__all__ = ["DocumentEncoder", "SideBySide", "greatest", "weighted_sums"]


class DocumentEncoder(nn.Module, ABC):
    """What stands between the word vectors and the head of a classifier.

    Documents come without padding (see `WordBatch`), so that no encoder has to mask any, and a
    document's features do not depend on what else is in its batch. An empty document is pooled to
    zeros.

    Attributes
    ----------
    n_features : int
        Length of the vector that a document becomes.
    """

    n_features: int

    @abstractmethod
    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents.

        Parameters
        ----------
        vectors : torch.Tensor
            ``(n_words, dim)`` float32, of the distinct words of the batch.
        batch : WordBatch
            Which of them stand where.

        Returns
        -------
        torch.Tensor
            ``(n_documents, n_features)``.
        """

    @property
    def learns(self) -> bool:
        """Whether there is anything to train in it."""
        return any(True for _ in self.parameters())


class SideBySide(DocumentEncoder):
    """The features of several encoders, one behind the other, such as mean⊕max.

    Parameters
    ----------
    encoders : sequence of DocumentEncoder
        At least one.
    """

    def __init__(self, *encoders: DocumentEncoder) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(encoders)
        self.n_features = sum(encoder.n_features for encoder in encoders)

    def forward(self, vectors: torch.Tensor, batch: WordBatch) -> torch.Tensor:
        """Encode documents; see `DocumentEncoder.forward`."""
        return torch.cat([encoder(vectors, batch) for encoder in self.encoders], dim=1)


def weighted_sums(
    vectors: torch.Tensor, places: torch.Tensor, starts: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Sum vectors over the tokens of each document: ``(n_documents, dim)``, zeros for empty ones.

    Parameters
    ----------
    vectors : torch.Tensor
        ``(n, dim)``.
    places : torch.Tensor
        ``(n_tokens,)`` int64, which vector each token has.
    starts : torch.Tensor
        ``(n_documents,)`` int64, the first token of each document.
    weights : torch.Tensor
        ``(n_tokens,)``, of each token.
    """
    return functional.embedding_bag(places, vectors, starts, mode="sum", per_sample_weights=weights)


def greatest(vectors: torch.Tensor, places: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Take the maximum of each dimension over the tokens of each document; see `weighted_sums`."""
    return functional.embedding_bag(places, vectors, starts, mode="max")
