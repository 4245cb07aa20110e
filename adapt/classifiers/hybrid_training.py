"""Training classifiers on words and their characters, frozen or fine-tuned."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.frozen import solve_head
from adapt.classifiers.head import LinearHead, Standardization
from adapt.classifiers.hybrid import HybridEmbedding, distinct_words
from adapt.classifiers.models import MeanPoolingClassifier
from adapt.classifiers.pooling import MaskedMean, mean_operator
from adapt.classifiers.training import (
    checked_labels,
    checked_matrix,
    checked_weights,
    validation_folds,
)
from adapt.cores import one_torch_thread
from adapt.errors import InputError
from adapt.oov.encoders import CharacterEncoder, adam
from adapt.text import Vocabulary, with_typos

__all__ = ["TrainedHybrid", "train_hybrid_classifier"]

_AT_ONCE = 1024
"""Distinct words that are represented together where no gradient is needed."""

Documents = Sequence[Sequence[str]]


@dataclass(frozen=True)
class TrainedHybrid:
    """A classifier of tokenised documents, ready to predict.

    Parameters
    ----------
    embedding : HybridEmbedding
        Represents the words, those that the vocabulary lacks too.
    token_weights : numpy.ndarray or None
        ``(len(vocabulary),)`` weights of the pooling. An unknown word weighs what the word does
        that is probably meant, if the encoder is a `RecallEncoder`, otherwise what row 1 does.
    standardization : Standardization
        Of the pooled features.
    head : LinearHead
        Weight ``(n_classes, embedding.dim)`` and bias.
    validation_accuracy : float
        Accuracy on the part of the training documents, and of their copies with typos, that chose
        the settings.
    chosen : float
        What validation chose: the penalty C (frozen) or the number of epochs (fine-tuned).
    """

    embedding: HybridEmbedding
    token_weights: np.ndarray | None
    standardization: Standardization
    head: LinearHead
    validation_accuracy: float
    chosen: float

    def decision_function(self, documents: Documents) -> np.ndarray:
        """Give logits ``(n_documents, n_classes)``, float32, for the words of documents."""
        with one_torch_thread():
            pooled = _pooled(self.embedding, documents, self.token_weights)
            logits: np.ndarray = self.head(self.standardization(pooled)).numpy()
        return logits

    def predict_proba(self, documents: Documents) -> np.ndarray:
        """Give class probabilities ``(n_documents, n_classes)``, float32."""
        logits = torch.from_numpy(self.decision_function(documents))
        probabilities: np.ndarray = logits.softmax(dim=1).numpy()
        return probabilities

    def predict(self, documents: Documents) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64."""
        classes: np.ndarray = self.decision_function(documents).argmax(axis=1)
        return classes

    def module(self) -> MeanPoolingClassifier:
        """Give a torch module with the same logits, called with what `embedding.batch` makes."""
        return MeanPoolingClassifier(
            deepcopy(self.embedding),
            _pooling(self.token_weights),
            self.standardization,
            self.head,
        )


def train_hybrid_classifier(
    matrix: np.ndarray,
    vocabulary: Vocabulary,
    encoder: CharacterEncoder,
    documents: Documents,
    labels: np.ndarray,
    *,
    join: str = "gated",
    typos: float = 0.2,
    config: TrainingConfig | None = None,
    token_weights: np.ndarray | None = None,
    n_classes: int | None = None,
) -> TrainedHybrid:
    """Train a mean-pooling classifier that reads words which the vocabulary lacks.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(len(vocabulary), dim)`` float32 word vectors. Never changed.
    vocabulary : Vocabulary
        The words that have a vector there. All others, also those of the training documents, are
        represented by their spelling.
    encoder : CharacterEncoder
        Of the same dimension, such as a `RecallEncoder` of the vocabulary, or what a fitted
        `Characters` strategy has. Never changed.
    documents : sequence of sequences of str
        The words of every training document.
    labels : numpy.ndarray
        ``(n_documents,)`` class numbers from 0.
    join : {"gated", "concatenated"}
        How words and characters become one; see `HybridEmbedding`.
    typos : float
        If not 0, a copy of every training document in which so large a share of the words is
        misspelt is learned from beside it, so that the head learns how far spelling can be trusted;
        in fine-tuning, with other typos in each epoch.
    config : TrainingConfig, optional
        How to train. Fine-tuning trains the encoder and the gate at the rate of the word vectors.
    token_weights : numpy.ndarray, optional
        ``(len(vocabulary),)`` weights of the pooling, such as `idf_weights`; plain means without.
    n_classes : int, optional
        Number of classes, if more than `labels` shows.

    Returns
    -------
    TrainedHybrid
        Trained on all documents, with the settings that validation on a part of them chose.

    Raises
    ------
    InputError
        If sizes disagree, there is nothing to learn, or the loss is not finite.
    """
    config = config or TrainingConfig()
    token_weights = checked_weights(token_weights, len(matrix))
    classes, count = checked_labels(labels, len(documents), n_classes)
    frozen = config.strategy == "frozen"
    train = _fit_frozen if frozen else _fit_fine_tuned
    with one_torch_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        embedding = HybridEmbedding(
            checked_matrix(matrix), vocabulary, encoder, join=join, freeze=frozen
        )
        return train(embedding, documents, classes, count, config, token_weights, typos)


def _pooling(token_weights: np.ndarray | None) -> MaskedMean:
    return MaskedMean(None if token_weights is None else torch.tensor(token_weights))


@torch.no_grad()
def _pooled(
    embedding: HybridEmbedding, documents: Documents, token_weights: np.ndarray | None
) -> torch.Tensor:
    """Pool documents without padding; every distinct word of them is represented once."""
    distinct, places = distinct_words(documents)
    device = embedding.words.table.weight.device
    vectors = np.zeros((len(distinct) + 1, embedding.dim), dtype=np.float32)
    meant = np.zeros(len(vectors), dtype=np.int64)
    for first in range(0, len(distinct), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        words, codes = embedding.spell(distinct[some])
        meant[1:][some] = embedding.meant(words, codes).numpy()
        vectors[1:][some] = embedding.distinct(words.to(device), codes.to(device)).cpu().numpy()
    weights = None if token_weights is None else token_weights[meant]
    operator = mean_operator([place + 1 for place in places], len(vectors), weights)
    return torch.from_numpy(np.asarray(operator @ vectors, dtype=np.float32))


def _with_copies(documents: Documents, typos: float, seed: int) -> list[Sequence[str]]:
    return [*documents, *(with_typos(documents, typos, seed=seed) if typos else [])]


def _fit_frozen(
    embedding: HybridEmbedding,
    documents: Documents,
    labels: torch.Tensor,
    n_classes: int,
    config: TrainingConfig,
    token_weights: np.ndarray | None,
    typos: float,
) -> TrainedHybrid:
    """Pool once, choose the penalty by validation, solve for the head on all documents."""
    shown = _with_copies(documents, typos, config.seed)
    n, n_copies = len(documents), len(shown) // len(documents)
    folds = [
        # a document and its copy stand on the same side
        (_repeated(fitted, n, n_copies), _repeated(held_out, n, n_copies))
        for fitted, held_out in validation_folds(labels.numpy(), config.seed)
    ]
    features = _pooled(embedding, shown, token_weights)
    solved = solve_head(features, labels.repeat(n_copies), n_classes, folds, config)
    return TrainedHybrid(
        embedding,
        token_weights,
        solved.standardization,
        solved.head,
        solved.validation_accuracy,
        solved.penalty,
    )


def _repeated(rows: np.ndarray, n: int, n_copies: int) -> np.ndarray:
    """Positions of documents and of their copies, which stand `n` places behind."""
    return np.concatenate([rows + copy * n for copy in range(n_copies)])


def _fit_fine_tuned(
    embedding: HybridEmbedding,
    documents: Documents,
    labels: torch.Tensor,
    n_classes: int,
    config: TrainingConfig,
    token_weights: np.ndarray | None,
    typos: float,
) -> TrainedHybrid:
    """Find the best number of epochs on a validation split, then train on all documents."""
    fitted, held_out = validation_folds(labels.numpy(), config.seed)[0]
    unseen = _with_copies([documents[row] for row in held_out], typos, config.seed)
    wanted = labels[held_out].repeat(len(unseen) // len(held_out))
    known = [documents[row] for row in fitted]
    trial = _Trial(embedding, known, labels[fitted], n_classes, config, token_weights, typos)
    best_loss, best_accuracy, best_epoch = float("inf"), 0.0, 1
    for epoch in range(1, config.max_epochs + 1):
        trial.train_epoch(epoch)
        loss, accuracy = trial.evaluate(unseen, wanted)
        if loss < best_loss:
            best_loss, best_accuracy, best_epoch = loss, accuracy, epoch
        elif epoch - best_epoch >= config.patience:
            break
    final = _Trial(embedding, documents, labels, n_classes, config, token_weights, typos)
    for epoch in range(1, best_epoch + 1):
        final.train_epoch(epoch)
    return final.result(best_accuracy, best_epoch)


class _Trial:
    """One training run: a model, its optimiser, its order of documents."""

    def __init__(
        self,
        embedding: HybridEmbedding,
        documents: Documents,
        labels: torch.Tensor,
        n_classes: int,
        config: TrainingConfig,
        token_weights: np.ndarray | None,
        typos: float,
    ) -> None:
        self.documents, self.labels = documents, labels
        self.config, self.token_weights, self.typos = config, token_weights, typos
        self.device = config.torch_device()
        shown = _with_copies(documents, typos, config.seed)
        self.standardization = Standardization.fit(_pooled(embedding, shown, token_weights))
        dim = embedding.dim
        self.model = MeanPoolingClassifier(
            deepcopy(embedding),
            _pooling(token_weights),
            self.standardization,
            LinearHead(torch.zeros(n_classes, dim), torch.zeros(n_classes)),
        ).to(self.device)
        self.optimizers = [
            *adam(self.model.embedding, config.embedding_learning_rate),
            torch.optim.AdamW(
                [self.model.weight, self.model.bias],
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
            ),
        ]
        self.order = torch.Generator().manual_seed(config.seed)

    def train_epoch(self, epoch: int) -> None:
        """Visit every document once, and its copy with typos."""
        self.model.train()
        typos_seed = int(np.random.default_rng([self.config.seed, epoch]).integers(2**32))
        shown = _with_copies(self.documents, self.typos, typos_seed)
        labels = self.labels.repeat(len(shown) // len(self.documents))
        total = torch.zeros((), device=self.device)
        order = torch.randperm(len(shown), generator=self.order)
        for rows in torch.split(order, self.config.batch_size):
            batch = self.embedding.batch([shown[row] for row in rows.tolist()]).to(self.device)
            loss = functional.cross_entropy(self.model(batch), labels[rows].to(self.device))
            for optimizer in self.optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in self.optimizers:
                optimizer.step()
            total += loss.detach()
        if not torch.isfinite(total):
            raise InputError(
                f"the loss is {total.item()} in epoch {epoch} at learning rates "
                f"{self.config.learning_rate} (head) and {self.config.embedding_learning_rate} "
                "(words and characters); choose lower ones"
            )

    def evaluate(self, documents: Documents, labels: torch.Tensor) -> tuple[float, float]:
        """Mean loss and accuracy."""
        self.model.eval()
        with torch.no_grad():
            pooled = _pooled(self.embedding, documents, self.token_weights).to(self.device)
            logits = self.model.classify(pooled).cpu()
        right = (logits.argmax(dim=1) == labels).float().mean().item()
        return functional.cross_entropy(logits, labels).item(), right

    def result(self, validation_accuracy: float, epochs: int) -> TrainedHybrid:
        """Give the classifier as it stands."""
        self.model.cpu().eval()
        head = LinearHead(self.model.weight.detach(), self.model.bias.detach())
        return TrainedHybrid(
            self.embedding.requires_grad_(False),
            self.token_weights,
            self.standardization,
            head,
            validation_accuracy,
            float(epochs),
        )

    @property
    def embedding(self) -> HybridEmbedding:
        """The layer under training."""
        assert isinstance(self.model.embedding, HybridEmbedding)
        return self.model.embedding
