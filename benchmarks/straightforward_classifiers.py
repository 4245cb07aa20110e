"""Classifiers on word vectors in plain torch, as a tutorial would have them: see the study.

`nn.Embedding` from pretrained vectors, frozen or not, an IDF-weighted mean that leaves padding
out, a linear layer; Adam, padded batches from a DataLoader, early stopping on a validation split.
Penalties and numbers of epochs are chosen with the same care as in `adapt.classifiers`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

__all__ = [
    "Classifier",
    "Document",
    "folds",
    "idf_of",
    "predict",
    "train_fine_tuned",
    "train_frozen",
]

FROZEN_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
BATCH_SIZE = 64
FROZEN_RATE, FROZEN_EPOCHS, FROZEN_PATIENCE = 0.003, 100, 3
HEAD_RATE, TABLE_RATE, HEAD_DECAY = 2e-3, 1e-3, 0.01
FINE_TUNING_EPOCHS, FINE_TUNING_PATIENCE = 40, 3

Document = tuple[torch.Tensor, int]
"""Row numbers of the words, and the class."""


class Classifier(nn.Module):
    """IDF-weighted mean of the word vectors, standardised, and a linear layer."""

    def __init__(
        self, matrix: np.ndarray, idf: torch.Tensor, n_classes: int, *, freeze: bool
    ) -> None:
        super().__init__()
        table = torch.tensor(matrix)
        self.embedding = nn.Embedding.from_pretrained(table, freeze=freeze, padding_idx=0)
        self.register_buffer("idf", idf)
        self.register_buffer("mean", torch.zeros(matrix.shape[1]))
        self.register_buffer("deviation", torch.ones(matrix.shape[1]))
        self.linear = nn.Linear(matrix.shape[1], n_classes)

    def pool(self, rows: torch.Tensor) -> torch.Tensor:
        """Average the vectors of padded documents ``(n, length)``."""
        weights = self.idf[rows] * (rows != 0)
        total = weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
        return (self.embedding(rows) * weights.unsqueeze(-1)).sum(dim=1) / total

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Give logits ``(n, n_classes)``."""
        return self.linear((self.pool(rows) - self.mean) / self.deviation)

    @torch.no_grad()
    def standardize(self, documents: Sequence[Document]) -> None:
        """Measure mean and deviation of the pooled training documents."""
        pooled = torch.cat([self.pool(rows) for rows, _ in batches(documents)])
        self.mean.copy_(pooled.mean(dim=0))
        deviation = pooled.std(dim=0)
        self.deviation.copy_(torch.where(deviation > 1e-8, deviation, 1.0))


def idf_of(documents: Sequence[Document], n_words: int) -> torch.Tensor:
    """Inverse document frequency of every row of the vocabulary."""
    frequency = torch.zeros(n_words)
    for rows, _ in documents:
        frequency[rows.unique()] += 1
    return torch.log((1 + len(documents)) / (1 + frequency)) + 1


def batches(
    documents: Sequence[Document], *, shuffle: torch.Generator | None = None
) -> DataLoader[Document]:
    """Give padded batches of row numbers with their labels."""

    def collate(batch: list[Document]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = pad_sequence([rows for rows, _ in batch], batch_first=True, padding_value=0)
        return rows, torch.tensor([label for _, label in batch])

    return DataLoader(
        documents,
        batch_size=BATCH_SIZE,
        shuffle=shuffle is not None,
        generator=shuffle,
        collate_fn=collate,
    )


def train_epoch(
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    documents: Sequence[Document],
    order: torch.Generator,
) -> None:
    """Visit every document once."""
    model.train()
    for rows, labels in batches(documents, shuffle=order):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(rows), labels).backward()
        optimizer.step()


@torch.no_grad()
def validation_loss(model: Classifier, documents: Sequence[Document]) -> float:
    """Mean cross-entropy."""
    model.eval()
    total = 0.0
    for rows, labels in batches(documents):
        total += nn.functional.cross_entropy(model(rows), labels, reduction="sum").item()
    return total / len(documents)


def folds(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Five folds for up to 2,000 documents, one split for more."""
    n_folds = 5 if len(labels) <= 2000 else 7
    splits = list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(labels, labels))
    return splits if len(labels) <= 2000 else splits[:1]


def train_frozen(
    matrix: np.ndarray,
    documents: Sequence[Document],
    idf: torch.Tensor,
    n_classes: int,
    seed: int,
) -> Classifier:
    """Train the head alone, with the penalty and the number of epochs that validation chooses."""

    def trial(penalty: float, n: int) -> tuple[Classifier, torch.optim.Optimizer]:
        torch.manual_seed(seed)
        model = Classifier(matrix, idf, n_classes, freeze=True)
        decay = 1 / (penalty * n)  # the same objective as C in scikit-learn
        return model, torch.optim.Adam(
            model.linear.parameters(), lr=FROZEN_RATE, weight_decay=decay
        )

    splits = folds(np.array([label for _, label in documents]), seed)
    results = []
    for penalty in FROZEN_PENALTIES:
        losses, epochs = [], []
        for fitted, held_out in splits:
            known = [documents[row] for row in fitted]
            unseen = [documents[row] for row in held_out]
            model, optimizer = trial(penalty, len(known))
            model.standardize(known)
            loss, epoch = stop_early(
                model, optimizer, known, unseen, FROZEN_EPOCHS, FROZEN_PATIENCE, seed
            )
            losses.append(loss)
            epochs.append(epoch)
        results.append((np.mean(losses), penalty, round(np.mean(epochs))))
    _, penalty, n_epochs = min(results)
    model, optimizer = trial(penalty, len(documents))
    model.standardize(documents)
    order = torch.Generator().manual_seed(seed)
    for _ in range(n_epochs):
        train_epoch(model, optimizer, documents, order)
    return model


def train_fine_tuned(
    matrix: np.ndarray,
    documents: Sequence[Document],
    idf: torch.Tensor,
    n_classes: int,
    seed: int,
) -> Classifier:
    """Train vectors and head together, for the number of epochs that one validation split chooses.

    The penalty is fixed, as in `adapt`.
    """

    def trial() -> tuple[Classifier, torch.optim.Optimizer]:
        torch.manual_seed(seed)
        model = Classifier(matrix, idf, n_classes, freeze=False)
        groups = [
            {"params": model.embedding.parameters(), "lr": TABLE_RATE, "weight_decay": 0.0},
            {"params": model.linear.parameters(), "lr": HEAD_RATE, "weight_decay": HEAD_DECAY},
        ]
        return model, torch.optim.AdamW(groups)

    fitted, held_out = folds(np.array([label for _, label in documents]), seed)[0]
    known = [documents[row] for row in fitted]
    unseen = [documents[row] for row in held_out]
    model, optimizer = trial()
    model.standardize(known)
    _, n_epochs = stop_early(
        model, optimizer, known, unseen, FINE_TUNING_EPOCHS, FINE_TUNING_PATIENCE, seed
    )
    model, optimizer = trial()
    model.standardize(documents)
    order = torch.Generator().manual_seed(seed)
    for _ in range(n_epochs):
        train_epoch(model, optimizer, documents, order)
    return model


def stop_early(
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    known: Sequence[Document],
    unseen: Sequence[Document],
    max_epochs: int,
    patience: int,
    seed: int,
) -> tuple[float, int]:
    """Train until the validation loss has not fallen for `patience` epochs; gives loss, epoch."""
    order = torch.Generator().manual_seed(seed)
    best_loss, best_epoch = math.inf, 1
    for epoch in range(1, max_epochs + 1):
        train_epoch(model, optimizer, known, order)
        loss = validation_loss(model, unseen)
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
        elif epoch - best_epoch >= patience:
            break
    return best_loss, best_epoch


@torch.no_grad()
def predict(model: Classifier, documents: Sequence[Document]) -> np.ndarray:
    """Give class numbers."""
    model.eval()
    return torch.cat([model(rows).argmax(dim=1) for rows, _ in batches(documents)]).numpy()
