"""Fine-tuning: word vectors and head trained together, with early stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch.nn import functional

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.head import LinearHead, Standardization
from adapt.errors import InputError

__all__ = ["FineTuned", "fine_tune"]


@dataclass(frozen=True)
class FineTuned:
    """The table ``(n_rows, dim)`` and the head after fine-tuning, and what validation saw."""

    table: torch.Tensor
    standardization: Standardization
    head: LinearHead
    validation_accuracy: float
    epochs: int


def fine_tune(
    table: torch.Tensor,
    operator: csr_matrix,
    labels: torch.Tensor,
    n_classes: int,
    fold: tuple[np.ndarray, np.ndarray],
    config: TrainingConfig,
) -> FineTuned:
    """Find the best number of epochs on a validation split, then train on all documents.

    Parameters
    ----------
    table : torch.Tensor
        ``(n_rows, dim)`` initial vectors of the rows that occur in the documents; not changed.
    operator : scipy.sparse.csr_matrix
        ``(n_documents, n_rows)`` weights of every document's words, summing to 1.
    labels : torch.Tensor
        ``(n_documents,)`` class numbers.
    n_classes : int
        Number of classes.
    fold : pair of numpy.ndarray
        Positions to train on and to validate on.
    config : TrainingConfig
        Rates, batch size, epochs, patience, seed.

    Raises
    ------
    InputError
        If the loss is not finite.
    """
    fitted, held_out = fold
    trial = _Trial(table, operator[fitted], labels[fitted], n_classes, config)
    best_loss, best_accuracy, best_epoch = float("inf"), 0.0, 1
    for epoch in range(1, config.max_epochs + 1):
        trial.train_epoch(epoch)
        loss, accuracy = trial.evaluate(operator[held_out], labels[held_out])
        if loss < best_loss:
            best_loss, best_accuracy, best_epoch = loss, accuracy, epoch
        elif epoch - best_epoch >= config.patience:
            break
    final = _Trial(table, operator, labels, n_classes, config)
    for epoch in range(1, best_epoch + 1):
        final.train_epoch(epoch)
    head = LinearHead(final.weight.detach(), final.bias.detach())
    return FineTuned(final.table.detach(), final.standardize, head, best_accuracy, best_epoch)


class _Trial:
    """One training run: its parameters, its optimisers, its order of documents."""

    def __init__(
        self,
        table: torch.Tensor,
        operator: csr_matrix,
        labels: torch.Tensor,
        n_classes: int,
        config: TrainingConfig,
    ) -> None:
        self.config = config
        self.device = config.torch_device()
        self.operator = operator
        self.labels = labels.to(self.device)
        self.table = table.clone().to(self.device).requires_grad_()
        self.standardize = Standardization.fit(self._pool(operator).detach())
        self.weight = torch.zeros(n_classes, table.shape[1], device=self.device, requires_grad=True)
        self.bias = torch.zeros(n_classes, device=self.device, requires_grad=True)
        # a step touches the rows of its own documents alone: sparse moments save most of the work
        self.optimizers = (
            torch.optim.SparseAdam([self.table], lr=config.embedding_learning_rate),
            torch.optim.AdamW(
                [self.weight, self.bias], lr=config.learning_rate, weight_decay=config.weight_decay
            ),
        )
        self.order = torch.Generator().manual_seed(config.seed)

    def train_epoch(self, epoch: int) -> None:
        """Visit every document once."""
        for batch in self._batches():
            logits = self._logits(self.operator[batch])
            loss = functional.cross_entropy(logits, self.labels[batch])
            if not torch.isfinite(loss):
                raise InputError(
                    f"the loss is {loss.item()} in epoch {epoch} at learning rates "
                    f"{self.config.learning_rate} (head) and "
                    f"{self.config.embedding_learning_rate} (vectors); choose lower ones"
                )
            for optimizer in self.optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in self.optimizers:
                optimizer.step()  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def evaluate(self, operator: csr_matrix, labels: torch.Tensor) -> tuple[float, float]:
        """Mean loss and accuracy."""
        logits, wanted = self._logits(operator), labels.to(self.device)
        right = (logits.argmax(dim=1) == wanted).float().mean().item()
        return functional.cross_entropy(logits, wanted).item(), right

    def _batches(self) -> Iterator[np.ndarray]:
        order = torch.randperm(len(self.labels), generator=self.order).numpy()
        for start in range(0, len(order), self.config.batch_size):
            yield order[start : start + self.config.batch_size]

    def _logits(self, operator: csr_matrix) -> torch.Tensor:
        return self.standardize(self._pool(operator)) @ self.weight.T + self.bias

    def _pool(self, operator: csr_matrix) -> torch.Tensor:
        """Weighted means of the table's rows, ``(n_documents, dim)``."""
        return functional.embedding_bag(
            torch.from_numpy(operator.indices.astype(np.int64)).to(self.device),
            self.table,
            torch.from_numpy(operator.indptr[:-1].astype(np.int64)).to(self.device),
            mode="sum",
            sparse=True,
            per_sample_weights=torch.from_numpy(operator.data).to(self.device),
        )
