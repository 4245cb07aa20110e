"""A linear head on fixed features: multinomial logistic regression, solved to its optimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

__all__ = ["LinearHead", "Standardization", "fit_heads"]


@dataclass(frozen=True)
class Standardization:
    """Mean and standard deviation of every feature, ``(dim,)`` each; constant features keep 1."""

    mean: torch.Tensor
    deviation: torch.Tensor

    @classmethod
    def fit(cls, features: torch.Tensor) -> Standardization:
        """Measure the statistics of ``(n, dim)`` features."""
        deviation = features.std(dim=0, correction=0)
        return cls(features.mean(dim=0), torch.where(deviation > 1e-12, deviation, 1.0))

    def to(self, device: str) -> Standardization:
        """Move to a device."""
        return Standardization(self.mean.to(device), self.deviation.to(device))

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        """Standardise ``(n, dim)`` features."""
        return (features - self.mean) / self.deviation


@dataclass(frozen=True)
class LinearHead:
    """Logits ``features @ weight.T + bias``, with weight ``(n_classes, dim)``."""

    weight: torch.Tensor
    bias: torch.Tensor

    def to(self, device: str) -> LinearHead:
        """Move to a device."""
        return LinearHead(self.weight.to(device), self.bias.to(device))

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        """Compute logits ``(n, n_classes)``."""
        return features @ self.weight.T + self.bias


def fit_heads(
    features: torch.Tensor, labels: torch.Tensor, n_classes: int, penalties: Sequence[float]
) -> list[LinearHead]:
    """Fit one head for each inverse penalty C.

    Minimises ``C Σ cross-entropy + |W|²/2``, the bias not penalised, as scikit-learn's
    `LogisticRegression` does. L-BFGS runs in the eigenbasis of the features, scaled by the
    approximate curvature of each direction: a handful of steps then suffices, and each C starts
    from the solution of the one before.

    Parameters
    ----------
    features : torch.Tensor
        ``(n, dim)``, standardised.
    labels : torch.Tensor
        ``(n,)`` int64 class numbers.
    n_classes : int
        How many classes there are; some may have no document here.
    penalties : sequence of float
        Values of C, smallest first for the best warm starts.

    Returns
    -------
    list of LinearHead
        In the order of `penalties`, float32.
    """
    n, dim = features.shape
    wide = features.double()
    spectrum, basis = torch.linalg.eigh(wide.T @ wide / n)
    rotated = torch.cat([wide @ basis, wide.new_ones(n, 1)], dim=1).float()
    curvature = torch.cat([spectrum.clamp(min=0), spectrum.new_ones(1)])
    share = torch.bincount(labels, minlength=n_classes).double() / n
    steepness = (share * (1 - share)).clamp(min=1 / (n + 1))[:, None]
    solution = torch.zeros(n_classes, dim + 1)
    heads = []
    for c in penalties:
        decay = wide.new_full((dim + 1,), 1 / (c * n))
        decay[-1] = 0.0
        scale = (steepness * curvature + decay).clamp(min=1e-8).rsqrt().float()
        solution = _minimise(rotated, labels, solution, scale, decay.float())
        weight = (solution[:, :-1].double() @ basis.T).float()
        heads.append(LinearHead(weight, solution[:, -1].clone()))
    return heads


def _minimise(
    features: torch.Tensor,
    labels: torch.Tensor,
    start: torch.Tensor,
    scale: torch.Tensor,
    decay: torch.Tensor,
) -> torch.Tensor:
    """Minimise the penalised loss over ``scale * unknowns``, from `start`."""
    unknowns = (start / scale).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [unknowns],
        max_iter=300,
        tolerance_grad=3e-4,
        tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        weights = unknowns * scale
        value = functional.cross_entropy(features @ weights.T, labels)
        value = value + 0.5 * (weights.square() * decay).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return (unknowns * scale).detach()
