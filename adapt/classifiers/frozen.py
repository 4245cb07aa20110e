"""The head of a classifier whose features stay as they are: its penalty chosen, then solved for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.head import LinearHead, Standardization, Targets, fit_heads

__all__ = ["SolvedHead", "solve_head"]


@dataclass(frozen=True)
class SolvedHead:
    """The head on standardised features, and what validation chose and saw."""

    standardization: Standardization
    head: LinearHead
    validation_accuracy: float
    validation_loss: float
    penalty: float


def solve_head(
    features: torch.Tensor,
    labels: torch.Tensor,
    n_classes: int,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    config: TrainingConfig,
    class_weights: torch.Tensor | None = None,
) -> SolvedHead:
    """Choose the penalty by validation, then solve for the head on all documents.

    Parameters
    ----------
    features : torch.Tensor
        ``(n, dim)`` float32.
    labels : torch.Tensor
        ``(n,)`` int64 class numbers.
    n_classes : int
        Number of classes.
    folds : sequence of pairs of numpy.ndarray
        Positions to fit on and to validate on.
    config : TrainingConfig
        The candidates, the smoothing of labels, and the device.
    class_weights : torch.Tensor, optional
        ``(n_classes,)``, of the documents of each class.

    Returns
    -------
    SolvedHead
        On the CPU.
    """
    device = config.torch_device()
    features = features.to(device)
    targets = Targets.of_labels(
        labels.to(device), n_classes, smoothing=config.label_smoothing, weights=class_weights
    )
    penalty, accuracy, loss, start = _choose_penalty(features, targets, folds, config.penalties)
    standardize = Standardization.fit(features)
    (head,) = fit_heads(standardize(features), targets, [penalty], start=start)
    return SolvedHead(standardize.to("cpu"), head.to("cpu"), accuracy, loss, penalty)


def _choose_penalty(
    features: torch.Tensor,
    targets: Targets,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    candidates: Sequence[float],
) -> tuple[float, float, float, LinearHead]:
    """Find the penalty with the least loss on held-out documents.

    From strong decay to weak, the loss falls and then rises: once it has risen, the weaker ones,
    which cost most, are left out.

    Returns
    -------
    tuple of (float, float, float, LinearHead)
        The inverse penalty, its accuracy and loss on held-out documents, and the head of the first
        fold.
    """
    parts = [
        (torch.from_numpy(fitted).to(features.device), torch.from_numpy(unseen).to(features.device))
        for fitted, unseen in folds
    ]
    scales = [Standardization.fit(features[fitted]) for fitted, _ in parts]
    penalties = sorted(candidates)
    paths = [
        fit_heads(standardize(features[fitted]), targets.subset(fitted), penalties)
        for standardize, (fitted, _) in zip(scales, parts, strict=True)
    ]
    tried: list[tuple[float, float, float, LinearHead]] = []
    for penalty, *heads in zip(penalties, *paths, strict=True):
        loss, accuracy = 0.0, 0.0
        for head, standardize, (_, unseen) in zip(heads, scales, parts, strict=True):
            logits, wanted = head(standardize(features[unseen])), targets.subset(unseen)
            loss += wanted.loss(logits) / len(folds)
            accuracy += (logits.argmax(dim=1) == wanted.labels).float().mean().item() / len(folds)
        tried.append((loss, penalty, accuracy, heads[0]))
        if len(tried) > 1 and loss > tried[-2][0]:
            break
    loss, penalty, accuracy, head = min(tried, key=lambda candidate: candidate[0])
    return penalty, accuracy, loss, head
