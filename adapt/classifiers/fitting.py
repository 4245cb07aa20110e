"""One training run of a classifier by gradient, epoch after epoch, as its schedule says."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from adapt.classifiers.batches import WordBatch
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.models import TextClassifier
from adapt.classifiers.row_adam import RowAdam
from adapt.classifiers.schedules import LearningRates, Schedule
from adapt.classifiers.shown import ShownDocuments
from adapt.errors import InputError
from adapt.oov.encoders import adam

__all__ = ["Fitting", "balanced_weights"]

_UNSET_RATE = 1.0
"""Of optimisers before the first epoch gives them theirs; not all can be made with 0."""


class Fitting:
    """A model under training, with its optimisers and its order of documents.

    Parameters
    ----------
    model : TextClassifier
        Where to start; copied.
    shown : ShownDocuments
        To learn from.
    schedule : Schedule
        Learning rates.
    config : TrainingConfig
        Everything else.
    made_up : numpy.ndarray, optional
        ``(n_rows,)`` bool, vectors that are trusted as little as those of rare words.
    """

    def __init__(
        self,
        model: TextClassifier,
        shown: ShownDocuments,
        schedule: Schedule,
        config: TrainingConfig,
        made_up: np.ndarray | None = None,
    ) -> None:
        self.device = config.torch_device()
        self.model = deepcopy(model).to(self.device)
        self.shown, self.schedule, self.config = shown, schedule, config
        self.labels = torch.from_numpy(shown.shown_labels).to(self.device)
        n_classes = self.model.head.out_features
        self.class_weights = balanced_weights(self.labels, n_classes, config)
        self.random = np.random.default_rng(config.seed)
        self._make_optimizers(made_up)

    def _make_optimizers(self, made_up: np.ndarray | None) -> None:
        embedding = self.model.embedding
        self.table: nn.Parameter = embedding.table.weight  # type: ignore[assignment]
        self.rows = RowAdam(self.table, pull=self.schedule.pull)
        rare = self.shown.counts() < self.config.rare_count
        if made_up is not None:
            rare |= made_up
        self.rare = torch.from_numpy(rare).to(self.device)
        self.parts: dict[str, tuple[nn.Module, list[torch.optim.Optimizer]]] = {
            "embedding": (embedding.spelling, adam(embedding.spelling, _UNSET_RATE)),
            "encoder": (self.model.encoder, self._adamw(self.model.encoder)),
            "head": (self.model.head, self._adamw(self.model.head)),
        }
        self.optimizers: list[RowAdam | torch.optim.Optimizer] = [
            self.rows,
            *(optimizer for _, optimizers in self.parts.values() for optimizer in optimizers),
        ]

    def _adamw(self, part: nn.Module) -> list[torch.optim.Optimizer]:
        parameters = list(part.parameters())
        if not parameters:
            return []
        decay = self.config.weight_decay
        return [torch.optim.AdamW(parameters, lr=_UNSET_RATE, weight_decay=decay, fused=True)]

    def train_epoch(self, epoch: int) -> None:
        """Visit every document once, and its copies.

        Raises
        ------
        InputError
            If the loss is not finite.
        """
        rates = self.schedule.rates(epoch)
        self._set_rates(rates)
        self.model.train()
        documents = self.shown.in_epoch(epoch)
        if self.config.word_dropout:
            documents = documents.without_words(self.config.word_dropout, self.random)
        order = self.random.permutation(len(documents))
        labels = self.labels[torch.from_numpy(order).to(self.device)]
        losses, first = [], 0
        for batch in documents.batches(order, self.config.batch_size):
            last = first + len(batch.starts)
            losses.append(self._step(batch.to(self.device), labels[first:last]))
            first = last
        # looked at once an epoch: to look at every loss would make a GPU wait at every step
        finite = torch.stack(losses).isfinite().cpu()
        if not finite.all():
            step = int(finite.int().argmin())
            raise InputError(
                f"the loss is {losses[step].item()} in epoch {epoch}, step {step + 1}, at learning "
                f"rates {rates.head:g} (head) and {rates.embedding:g} (vectors); choose lower ones"
            )

    def _step(self, batch: WordBatch, labels: torch.Tensor) -> torch.Tensor:
        mixed = self.config.mixed_precision and self.device.type == "cuda"
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=mixed):
            losses = functional.cross_entropy(
                self.model(batch),
                labels,
                label_smoothing=self.config.label_smoothing,
                reduction="none",
            )
            loss = losses.mean()
            if self.class_weights is not None:
                # of documents, as in a head that is solved for; torch would weigh what is
                # smoothed by the class that it goes to
                weights = self.class_weights[labels]
                loss = (losses * weights).sum() / weights.sum()
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.detach()

    def _set_rates(self, rates: LearningRates) -> None:
        """Give every part its rate; a part without one is frozen, and costs no gradient."""
        self.rows.rates = torch.where(self.rare, rates.rare, rates.embedding)
        self.table.requires_grad_(bool(rates.embedding or rates.rare))
        for name, (part, optimizers) in self.parts.items():
            rate = getattr(rates, name)
            part.requires_grad_(rate > 0)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate

    @torch.no_grad()
    def evaluate(self, batches: Iterable[WordBatch], labels: torch.Tensor) -> tuple[float, float]:
        """Mean loss and accuracy on other documents."""
        self.model.eval()
        logits = torch.cat([self.model(batch.to(self.device)) for batch in batches]).cpu()
        weights = None if self.class_weights is None else self.class_weights.cpu()
        right = (logits.argmax(dim=1) == labels).float().mean().item()
        return functional.cross_entropy(logits, labels, weight=weights).item(), right

    def result(self) -> TextClassifier:
        """Give a copy of the model as it stands, ready to predict, on the CPU.

        Raises
        ------
        InputError
            If the last step led to weights that are not finite.
        """
        model = deepcopy(self.model).cpu().eval().requires_grad_(False)
        model.zero_grad()
        if not all(parameter.isfinite().all() for parameter in model.parameters()):
            raise InputError("weights are not finite after training; choose lower learning rates")
        return model


def balanced_weights(
    labels: torch.Tensor, n_classes: int, config: TrainingConfig
) -> torch.Tensor | None:
    """Weigh classes by the inverse of their number of documents, if the configuration says so.

    Returns
    -------
    torch.Tensor or None
        ``(n_classes,)`` float32, 1 for a class of average size or without documents.
    """
    if config.class_weights is None:
        return None
    counts = torch.bincount(labels, minlength=n_classes).float()
    average = len(labels) / (counts > 0).sum()
    return torch.where(counts > 0, average / counts.clamp(min=1), 1.0)
