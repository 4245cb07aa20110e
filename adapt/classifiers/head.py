"""A linear head on fixed features: multinomial logistic regression, solved to its optimum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional

from adapt.errors import InputError

__all__ = ["LinearHead", "Standardization", "Targets", "fit_heads"]


@dataclass(frozen=True)
class Standardization:
    """Mean and standard deviation of every feature, ``(dim,)`` each; constant features keep 1."""

    mean: torch.Tensor
    deviation: torch.Tensor

    @classmethod
    def fit(cls, features: torch.Tensor) -> Standardization:
        """Measure the statistics of ``(n, dim)`` features.

        Raises
        ------
        InputError
            If they are too large for the features' precision.
        """
        mean, deviation = features.mean(dim=0), features.std(dim=0, correction=0)
        if not (mean.isfinite() & deviation.isfinite()).all():
            raise InputError("the mean of the features is not finite; scale the vectors down")
        return cls(mean, torch.where(deviation > 1e-12, deviation, 1.0))

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


@dataclass(frozen=True)
class Targets:
    """What a head shall answer: classes, the shares wanted of them, and how much each counts.

    Parameters
    ----------
    labels : torch.Tensor
        ``(n,)`` int64 class numbers.
    shares : torch.Tensor
        ``(n, n_classes)`` float32, each row summing to 1.
    weights : torch.Tensor
        ``(n,)`` float32, with a mean of 1.
    """

    labels: torch.Tensor
    shares: torch.Tensor
    weights: torch.Tensor

    @classmethod
    def of_labels(
        cls,
        labels: torch.Tensor,
        n_classes: int,
        *,
        smoothing: float = 0.0,
        weights: torch.Tensor | None = None,
    ) -> Targets:
        """Want the label of each document, but for a share `smoothing` spread over all classes.

        `weights` ``(n_classes,)`` say how much documents of a class count; all alike without.
        """
        shares = functional.one_hot(labels, n_classes).float()
        shares = shares * (1 - smoothing) + smoothing / n_classes
        own = shares.new_ones(len(labels)) if weights is None else weights.to(labels.device)[labels]
        return cls(labels, shares, own / own.mean())

    def subset(self, chosen: torch.Tensor) -> Targets:
        """Take some of the documents."""
        weights = self.weights[chosen]
        return Targets(self.labels[chosen], self.shares[chosen], weights / weights.mean())

    def loss(self, logits: torch.Tensor) -> float:
        """Give the mean cross-entropy of ``(n, n_classes)`` logits, the labels not smoothed."""
        losses = functional.cross_entropy(logits, self.labels, reduction="none")
        return float((losses * self.weights).mean())


def fit_heads(
    features: torch.Tensor,
    targets: Targets,
    penalties: Iterable[float],
    *,
    start: LinearHead | None = None,
) -> Iterator[LinearHead]:
    """Fit one head for each inverse penalty C, when it is asked for.

    Minimises ``C Σ weight · cross-entropy + |W|²/2``, the bias not penalised, as scikit-learn's
    `LogisticRegression` does. L-BFGS runs in the eigenbasis of the features, scaled by the
    approximate curvature of each direction: a handful of steps then suffices, and each C starts
    from the solution of the one before.

    Parameters
    ----------
    features : torch.Tensor
        ``(n, dim)`` float32, standardised; the heads lie on the same device.
    targets : Targets
        What is wanted of each document; some classes may have none.
    penalties : iterable of float
        Values of C, smallest first for the best warm starts.
    start : LinearHead, optional
        Where the first of them starts, such as the solution on a part of the documents; from zero
        without.

    Yields
    ------
    LinearHead
        In the order of `penalties`, float32.
    """
    n, dim = features.shape
    spectrum, basis = torch.linalg.eigh((features.T @ features).double() / n)
    rotated = torch.cat([basis.float().T @ features.T, features.new_ones(1, n)])
    curvature = torch.cat([spectrum.clamp(min=0), spectrum.new_ones(1)])
    weights = targets.weights / n
    wanted = targets.shares.T * weights
    solution = features.new_zeros(len(wanted), dim + 1)
    if start is not None:
        solution[:, :-1] = (start.weight.double() @ basis).float()
        solution[:, -1] = start.bias
    for c in penalties:
        decay = spectrum.new_full((dim + 1,), 1 / (c * n))
        decay[-1] = 0.0
        # how steep the loss is in a class depends on how sure of it the solution is already
        shares = (solution @ rotated).softmax(dim=0)
        steepness = (shares * (1 - shares)).mean(dim=1, keepdim=True).clamp(min=1 / (n + 1))
        scale = (steepness * curvature + decay).clamp(min=1e-8).rsqrt().float()
        solution = _minimise(rotated, wanted, weights, solution, scale, decay.float())
        weight = (solution[:, :-1].double() @ basis.T).float()
        yield LinearHead(weight, solution[:, -1].clone())


def _minimise(
    columns: torch.Tensor,
    wanted: torch.Tensor,
    weights: torch.Tensor,
    start: torch.Tensor,
    scale: torch.Tensor,
    decay: torch.Tensor,
) -> torch.Tensor:
    """Minimise the penalised loss over ``scale * unknowns``, from `start`.

    Documents are the columns, ``(dim + 1, n)`` of the features and ``(n_classes, n)`` of the shares
    that the classes shall have in the loss, which sum to the documents' ``(n,)`` weights.
    """
    unknowns = start / scale
    unknowns.grad = torch.zeros_like(unknowns)
    optimizer = torch.optim.LBFGS(
        [unknowns],
        max_iter=300,
        tolerance_grad=3e-4,
        tolerance_change=1e-9,
        history_size=10,
        line_search_fn="strong_wolfe",
    )

    @torch.no_grad()
    def loss() -> torch.Tensor:
        solution = unknowns * scale
        decayed = solution * decay
        log_shares = (solution @ columns).log_softmax(dim=0)
        value = 0.5 * (solution * decayed).sum() - (log_shares * wanted).sum()
        slope = (log_shares.exp_().mul_(weights).sub_(wanted)) @ columns.T
        unknowns.grad = (slope + decayed) * scale
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return unknowns * scale
