"""Fine-tuning: word vectors and head trained together, with early stopping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch.nn import functional

from adapt.classifiers.batches import Batch, batches
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.head import LinearHead, Standardization
from adapt.classifiers.row_adam import RowAdam
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
    device = config.torch_device()
    table, labels = table.to(device), labels.to(device)
    fitted, held_out = fold
    trial = _Trial(table, operator[fitted], labels[fitted], n_classes, config)
    (unseen,) = batches(operator[held_out], labels[held_out], len(held_out))
    best_loss, best_accuracy, best_epoch = float("inf"), 0.0, 1
    for epoch in range(1, config.max_epochs + 1):
        trial.train_epoch(epoch)
        loss, accuracy = trial.evaluate(unseen)
        if loss < best_loss:
            best_loss, best_accuracy, best_epoch = loss, accuracy, epoch
        elif epoch - best_epoch >= config.patience:
            break
    final = _Trial(table, operator, labels, n_classes, config)
    for epoch in range(1, best_epoch + 1):
        final.train_epoch(epoch)
    head = LinearHead(final.weight.detach(), final.bias.detach())
    return FineTuned(final.words.table, final.standardize, head, best_accuracy, best_epoch)


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
        self.operator = operator
        self.labels = labels
        self.words = RowAdam(table, learning_rate=config.embedding_learning_rate)
        (everything,) = batches(operator, labels, len(labels))
        self.standardize = Standardization.fit(everything.pool(table))
        self.weight = table.new_zeros(n_classes, table.shape[1]).requires_grad_()
        self.bias = table.new_zeros(n_classes).requires_grad_()
        self.head_optimizer = torch.optim.AdamW(
            [self.weight, self.bias],
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            fused=True,
        )
        self.order = torch.Generator().manual_seed(config.seed)

    def train_epoch(self, epoch: int) -> None:
        """Visit every document once."""
        total = self.bias.new_zeros(())
        for batch in self._batches():
            pooled = batch.pool(self.words.table).requires_grad_()
            loss = functional.cross_entropy(self._logits(pooled), batch.labels)
            self.head_optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            assert pooled.grad is not None
            self.words.step(batch.rows, batch.spread(pooled.grad))
            self.head_optimizer.step()
            total += loss.detach()
        # once an epoch: to look at every loss would make a GPU wait at every step
        if not torch.isfinite(total):
            raise InputError(
                f"the loss is {total.item()} in epoch {epoch} at learning rates "
                f"{self.config.learning_rate} (head) and "
                f"{self.config.embedding_learning_rate} (vectors); choose lower ones"
            )

    @torch.no_grad()
    def evaluate(self, batch: Batch) -> tuple[float, float]:
        """Mean loss and accuracy."""
        logits = self._logits(batch.pool(self.words.table))
        right = (logits.argmax(dim=1) == batch.labels).float().mean().item()
        return functional.cross_entropy(logits, batch.labels).item(), right

    def _batches(self) -> Iterator[Batch]:
        order = torch.randperm(len(self.labels), generator=self.order)
        labels = self.labels[order.to(self.labels.device)]
        return batches(self.operator[order.numpy()], labels, self.config.batch_size)

    def _logits(self, pooled: torch.Tensor) -> torch.Tensor:
        return functional.linear(self.standardize(pooled), self.weight, self.bias)
