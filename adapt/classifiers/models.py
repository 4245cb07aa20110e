"""Classifiers on top of an embedding layer, whatever encodes the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from adapt.classifiers.batches import WordBatch
from adapt.classifiers.convolution import TextCNN
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.encoders import DocumentEncoder, SideBySide
from adapt.classifiers.head import LinearHead, Standardization
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.classifiers.pooling import (
    AttentionPooling,
    HierarchicalPooling,
    MaxPooling,
    MeanPooling,
)
from adapt.classifiers.recurrent import BiLSTM
from adapt.errors import InputError, check_choice

__all__ = ["WEIGHTINGS", "TextClassifier", "document_encoder", "encoder_names", "weighting_of"]

WEIGHTINGS = ("idf", "sif")
_ENCODERS: Mapping[str, Callable[[int], DocumentEncoder]] = {
    "mean": MeanPooling,
    "max": MaxPooling,
    "hierarchical": HierarchicalPooling,
    "attention": AttentionPooling,
    "cnn": TextCNN,
    "bilstm": BiLSTM,
}


class TextClassifier(nn.Module):
    """Word vectors, a document encoder, scaled features, and a linear head.

    Parameters
    ----------
    embedding : PretrainedEmbedding or HybridEmbedding
        Represents the words.
    encoder : DocumentEncoder
        Makes one vector of those of a document.
    n_classes : int
        Logits to give.
    scaling : Standardization, optional
        Fixed statistics of the features; without, features are normalised by those of each batch
        in training, and by their running averages after it.
    dropout : float
        Share of the features that are left out in each step of training.
    """

    def __init__(
        self,
        embedding: PretrainedEmbedding | HybridEmbedding,
        encoder: DocumentEncoder,
        n_classes: int,
        *,
        scaling: Standardization | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedding: PretrainedEmbedding | HybridEmbedding = embedding
        self.encoder: DocumentEncoder = encoder
        self.scaling = (
            nn.BatchNorm1d(encoder.n_features, affine=False)
            if scaling is None
            else FixedScaling(scaling)
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.n_features, n_classes)
        # logits of 0 are the honest start, and one seed less for results to depend on
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, documents: WordBatch | torch.Tensor) -> torch.Tensor:
        """Give logits ``(n, n_classes)``.

        Parameters
        ----------
        documents : WordBatch or torch.Tensor
            A batch as the embedding makes it, or ``(n, length)`` int64 rows with padding.
        """
        if isinstance(documents, torch.Tensor):
            documents = WordBatch.of_padded(documents, self.embedding.padding_idx)
        return self.classify(self.features(documents))

    def features(self, batch: WordBatch) -> torch.Tensor:
        """Encode documents; gives ``(n, n_features)``, not scaled yet."""
        encoded: torch.Tensor = self.encoder(self.embedding.vectors(batch), batch)
        return encoded

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        """Give logits for encoded documents ``(n, n_features)``."""
        logits: torch.Tensor = self.head(self.dropout(self.scaling(features)))
        return logits

    @torch.no_grad()
    def set_head(self, standardization: Standardization, head: LinearHead) -> None:
        """Take the solution for the head on standardised features."""
        self.scaling = FixedScaling(standardization)
        self.head.weight.copy_(head.weight)
        self.head.bias.copy_(head.bias)


class FixedScaling(nn.Module):
    """Features less their mean, divided by their deviation, as they once were measured."""

    def __init__(self, standardization: Standardization) -> None:
        super().__init__()
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        self.register_buffer("mean", standardization.mean.clone())
        self.register_buffer("deviation", standardization.deviation.clone())

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Scale ``(n, n_features)``."""
        return (features - self.mean) / self.deviation


def encoder_names() -> tuple[str, ...]:
    """List the document encoders that `document_encoder` puts together."""
    return (*_ENCODERS, *(f"mean-{kind}" for kind in WEIGHTINGS))


def document_encoder(
    name: str, dim: int, token_weights: torch.Tensor | None = None
) -> DocumentEncoder:
    """Make a document encoder.

    Parameters
    ----------
    name : str
        One of `encoder_names`, or several with plus signs between them, whose features then stand
        side by side: ``mean+max``, ``cnn+mean-idf``.
    dim : int
        Of the word vectors.
    token_weights : torch.Tensor, optional
        ``(n_rows,)`` float32, for the names that weigh words.

    Raises
    ------
    InputError
        If there is no such encoder, or weights are needed and missing.
    """
    parts = [_part(part, dim, token_weights) for part in name.split("+")]
    return parts[0] if len(parts) == 1 else SideBySide(*parts)


def weighting_of(name: str) -> str | None:
    """Tell which of `WEIGHTINGS` a document encoder needs, if any.

    Raises
    ------
    InputError
        If there is no such encoder, or it needs two of them.

    Examples
    --------
    >>> weighting_of("mean-idf+max")
    'idf'
    """
    parts = name.split("+")
    for part in parts:
        _check_part(part)
    found = {part.partition("-")[2] for part in parts} - {""}
    if len(found) > 1:
        raise InputError(f"model {name!r} weighs words in two ways; choose one")
    return found.pop() if found else None


def _part(name: str, dim: int, token_weights: torch.Tensor | None) -> DocumentEncoder:
    _check_part(name)
    kind, _, weighting = name.partition("-")
    if not weighting:
        return _ENCODERS[kind](dim)
    if token_weights is None:
        raise InputError(f"model {name!r} weighs words, but no weights are given")
    return MeanPooling(dim, token_weights)


def _check_part(name: str) -> None:
    check_choice("model", name, encoder_names())
