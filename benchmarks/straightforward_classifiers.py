"""Classifiers on word vectors in plain torch, as a tutorial would have them: see the study.

`nn.Embedding` from pretrained vectors, frozen or not; an encoder of padded documents that leaves
the padding out; scaled features and a linear layer; Adam, batches from a DataLoader, early
stopping on held-out documents.

The recipes are those of `adapt.classifiers`, so that both do the same work. Frozen vectors: fixed
scaling, and the penalty chosen among six. Fine-tuning: batch normalisation, dropout of features
and words, decaying rates, weight decay, and the number of epochs chosen, on the same folds.
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

BATCH_SIZE = 64
FROZEN_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FROZEN_RATE, FROZEN_EPOCHS, FROZEN_PATIENCE = 0.003, 100, 3
REST_RATE, TABLE_RATE, REST_DECAY = 2e-3, 1e-3, 0.1
DROPOUT, WORD_DROPOUT = 0.5, 0.1
FINE_TUNING_EPOCHS, FINE_TUNING_PATIENCE = 30, 4

Document = tuple[torch.Tensor, int]
"""Row numbers of the words, and the class."""


# ------------------------------------------------------------------------------- models


class WeightedMean(nn.Module):
    """Mean over the words, weighted by inverse document frequency."""

    def __init__(self, dim: int, idf: torch.Tensor) -> None:
        super().__init__()
        self.n_features = dim
        self.register_buffer("idf", idf)

    def forward(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Encode ``(n, length, dim)`` vectors of padded rows ``(n, length)``."""
        weights = self.idf[rows] * (rows != 0)
        total = weights.sum(dim=1, keepdim=True).clamp(min=1e-9)
        return (vectors * weights.unsqueeze(-1)).sum(dim=1) / total


class MeanAndMax(nn.Module):
    """Mean and maximum over the words, side by side."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.n_features = 2 * dim

    def forward(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Encode ``(n, length, dim)`` vectors of padded rows ``(n, length)``."""
        present = rows != 0
        n_words = present.sum(dim=1, keepdim=True)
        mean = vectors.sum(dim=1) / n_words.clamp(min=1)  # the padding's vector is zero
        greatest = vectors.masked_fill(~present.unsqueeze(-1), -math.inf).max(dim=1).values
        return torch.cat([mean, torch.where(n_words > 0, greatest, 0.0)], dim=1)


class KimCNN(nn.Module):
    """Convolutions of several widths, rectified, and the maximum of each filter (Kim 2014)."""

    def __init__(self, dim: int, widths: Sequence[int] = (1, 2, 3), n_filters: int = 100) -> None:
        super().__init__()
        self.n_features = n_filters * len(widths)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(dim, n_filters, width, padding=width // 2) for width in widths
        )

    def forward(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Encode ``(n, length, dim)`` vectors of padded rows ``(n, length)``."""
        columns, present = vectors.transpose(1, 2), (rows != 0).unsqueeze(1)
        found = [
            # an even width gives a window too many, the one before the first word
            nn.functional.relu(convolution(columns)[..., -rows.shape[1] :]) * present
            for convolution in self.convolutions
        ]
        return torch.cat([strengths.max(dim=2).values for strengths in found], dim=1)


class FixedScaling(nn.Module):
    """Features less their mean, by their deviation."""

    def __init__(self, features: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", features.mean(dim=0))
        deviation = features.std(dim=0)
        self.register_buffer("deviation", torch.where(deviation > 1e-8, deviation, 1.0))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Scale ``(n, n_features)``."""
        return (features - self.mean) / self.deviation


class Classifier(nn.Module):
    """Word vectors, an encoder, scaled features, and a linear layer."""

    def __init__(
        self,
        matrix: np.ndarray,
        model: str,
        idf: torch.Tensor,
        n_classes: int,
        *,
        freeze: bool,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(
            torch.tensor(matrix), freeze=freeze, padding_idx=0, sparse=True
        )
        dim = matrix.shape[1]
        self.encoder = {
            "mean-idf": lambda: WeightedMean(dim, idf),
            "mean+max": lambda: MeanAndMax(dim),
            "cnn": lambda: KimCNN(dim),
        }[model]()
        self.word_dropout = 0.0 if freeze else WORD_DROPOUT
        self.scaling: nn.Module = nn.BatchNorm1d(self.encoder.n_features, affine=False)
        self.dropout = nn.Dropout(0.0 if freeze else DROPOUT)
        self.linear = nn.Linear(self.encoder.n_features, n_classes)
        nn.init.zeros_(self.linear.weight)  # noise costs points where labels are few
        nn.init.zeros_(self.linear.bias)

    def features(self, rows: torch.Tensor) -> torch.Tensor:
        """Encode padded documents ``(n, length)``."""
        return self.encoder(self.embedding(rows), rows)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Give logits ``(n, n_classes)``."""
        if self.training and self.word_dropout:
            rows = rows.masked_fill(torch.rand(rows.shape) < self.word_dropout, 0)
        return self.linear(self.dropout(self.scaling(self.features(rows))))

    @torch.no_grad()
    def standardize(self, documents: Sequence[Document]) -> None:
        """Scale features by what they are in the training documents."""
        self.scaling = FixedScaling(
            torch.cat([self.features(rows) for rows, _ in batches(documents)])
        )


# ----------------------------------------------------------------------------- documents


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


def folds(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Five folds for up to 2,000 documents, one split for more."""
    n_folds = 5 if len(labels) <= 2000 else 7
    splits = list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(labels, labels))
    return splits if len(labels) <= 2000 else splits[:1]


# ------------------------------------------------------------------------------ training


class Training:
    """A model in training on documents; its rates may fall linearly, to 0 after `decay_to`."""

    def __init__(
        self,
        model: Classifier,
        optimizers: Sequence[torch.optim.Optimizer],
        documents: Sequence[Document],
        seed: int,
        decay_to: float = math.inf,
    ) -> None:
        self.model = model
        self.optimizers = optimizers
        self.decays = [
            torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / decay_to)
            for optimizer in optimizers
        ]
        self.documents = documents
        self.order = torch.Generator().manual_seed(seed)

    def epoch(self) -> None:
        """Visit every document once."""
        self.model.train()
        for rows, labels in batches(self.documents, shuffle=self.order):
            for optimizer in self.optimizers:
                optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(rows), labels).backward()
            for optimizer in self.optimizers:
                optimizer.step()
        for decay in self.decays:
            decay.step()

    @torch.no_grad()
    def loss(self, documents: Sequence[Document]) -> float:
        """Mean cross-entropy on other documents."""
        self.model.eval()
        total = 0.0
        for rows, labels in batches(documents):
            total += nn.functional.cross_entropy(self.model(rows), labels, reduction="sum").item()
        return total / len(documents)


def stop_early(
    trainings: Sequence[Training],
    unseen: Sequence[Sequence[Document]],
    max_epochs: int,
    patience: float,
) -> tuple[float, int]:
    """Train all folds until their mean loss has not fallen for `patience` epochs.

    Gives the least loss, and its epoch.
    """
    best_loss, best_epoch = math.inf, 1
    for epoch in range(1, max_epochs + 1):
        losses = []
        for training, documents in zip(trainings, unseen, strict=True):
            training.epoch()
            losses.append(training.loss(documents))
        if np.mean(losses) < best_loss:
            best_loss, best_epoch = float(np.mean(losses)), epoch
        elif epoch - best_epoch >= patience:
            break
    return best_loss, best_epoch


def train_frozen(
    matrix: np.ndarray,
    documents: Sequence[Document],
    idf: torch.Tensor,
    n_classes: int,
    seed: int,
) -> Classifier:
    """Train the head alone, with the penalty and the number of epochs that validation chooses."""

    def start(known: Sequence[Document], penalty: float) -> Training:
        torch.manual_seed(seed)
        model = Classifier(matrix, "mean-idf", idf, n_classes, freeze=True)
        model.standardize(known)
        decay = 1 / (penalty * len(known))  # the same objective as C in scikit-learn
        optimizer = torch.optim.Adam(model.linear.parameters(), lr=FROZEN_RATE, weight_decay=decay)
        return Training(model, [optimizer], known, seed)

    known, unseen = split(documents, seed)
    results = []
    for penalty in FROZEN_PENALTIES:
        trials = [start(some, penalty) for some in known]
        loss, epoch = stop_early(trials, unseen, FROZEN_EPOCHS, FROZEN_PATIENCE)
        results.append((loss, penalty, epoch))
    _, penalty, n_epochs = min(results)
    training = start(documents, penalty)
    for _ in range(n_epochs):
        training.epoch()
    return training.model


def train_fine_tuned(
    matrix: np.ndarray,
    documents: Sequence[Document],
    idf: torch.Tensor,
    n_classes: int,
    seed: int,
    model: str = "mean-idf",
    epochs: tuple[int, int] | None = None,
) -> Classifier:
    """Train everything together, for the number of epochs that validation chooses.

    Where `epochs` gives how many shall be trained in the search and after it, validation is done
    all the same, but chooses nothing: for comparing times.
    """

    def start(known: Sequence[Document]) -> Training:
        torch.manual_seed(seed)
        classifier = Classifier(matrix, model, idf, n_classes, freeze=False)
        rest = [*classifier.encoder.parameters(), *classifier.linear.parameters()]
        optimizers = [
            # a quarter faster on these tables than AdamW on dense gradients
            torch.optim.SparseAdam([*classifier.embedding.parameters()], lr=TABLE_RATE),
            torch.optim.AdamW(rest, lr=REST_RATE, weight_decay=REST_DECAY, fused=True),
        ]
        return Training(classifier, optimizers, known, seed, FINE_TUNING_EPOCHS)

    known, unseen = split(documents, seed)
    trials = [start(some) for some in known]
    if epochs is None:
        _, n_epochs = stop_early(trials, unseen, FINE_TUNING_EPOCHS, FINE_TUNING_PATIENCE)
    else:
        stop_early(trials, unseen, epochs[0], math.inf)
        n_epochs = epochs[1]
    training = start(documents)
    for _ in range(n_epochs):
        training.epoch()
    return training.model


def split(
    documents: Sequence[Document], seed: int
) -> tuple[list[list[Document]], list[list[Document]]]:
    """Give the documents of every fold to train on, and those to validate on."""
    places = folds(np.array([label for _, label in documents]), seed)
    known = [[documents[row] for row in fitted] for fitted, _ in places]
    unseen = [[documents[row] for row in held_out] for _, held_out in places]
    return known, unseen


@torch.no_grad()
def predict(model: Classifier, documents: Sequence[Document]) -> np.ndarray:
    """Give class numbers."""
    model.eval()
    return torch.cat([model(rows).argmax(dim=1) for rows, _ in batches(documents)]).numpy()
