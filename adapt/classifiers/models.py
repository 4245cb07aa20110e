"""Classifiers on top of an embedding matrix."""

from __future__ import annotations

import torch
from torch import nn

from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.head import LinearHead, Standardization
from adapt.classifiers.hybrid import HybridEmbedding, SpelledBatch
from adapt.classifiers.pooling import MaskedMean

__all__ = ["MeanPoolingClassifier"]


class MeanPoolingClassifier(nn.Module):
    """Masked mean of the word vectors, standardised, and a linear head.

    Parameters
    ----------
    embedding : PretrainedEmbedding or HybridEmbedding
        Represents the words.
    pooling : MaskedMean
        Plain or weighted.
    standardization : Standardization
        Fitted on the training documents.
    head : LinearHead
        Where the head starts.
    """

    def __init__(
        self,
        embedding: PretrainedEmbedding | HybridEmbedding,
        pooling: MaskedMean,
        standardization: Standardization,
        head: LinearHead,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.pooling = pooling
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        self.register_buffer("mean", standardization.mean.float())
        self.register_buffer("deviation", standardization.deviation.float())
        self.weight = nn.Parameter(head.weight.clone())
        self.bias = nn.Parameter(head.bias.clone())

    def forward(self, documents: torch.Tensor | SpelledBatch) -> torch.Tensor:
        """Give logits ``(n, n_classes)`` for padded documents, as the embedding takes them."""
        rows = self.embedding.rows(documents)  # type: ignore[arg-type]  # the embedding's own kind
        return self.classify(self.pooling(rows, self.embedding(documents)))

    def classify(self, pooled: torch.Tensor) -> torch.Tensor:
        """Give logits for pooled documents ``(n, dim)``."""
        return ((pooled - self.mean) / self.deviation) @ self.weight.T + self.bias
