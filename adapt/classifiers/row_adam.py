"""Adam for a table of which a step touches a few rows, whatever model reads them."""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit

__all__ = ["RowAdam"]


class RowAdam:
    """Adam for a table with sparse gradients, and a learning rate for every row.

    A step moves the rows that were read alone, so that its work is that of the words in a batch,
    not of the vocabulary. The moments of the other rows rest, as in `torch.optim.SparseAdam`, which
    gives the same numbers but sorts and masks on the way, and has one rate for all rows.

    Parameters
    ----------
    table : torch.nn.Parameter
        ``(n_rows, dim)`` float32, on the device to train on. Its gradient is sparse, and holds each
        row at most once.
    pull : float
        Strength of a penalty toward the initial rows (Li et al. 2018), decoupled from the moments
        as weight decay is in AdamW. Like the moments, it rests while a row is not read.
    betas : tuple of float
        Decay of the first and second moment.
    epsilon : float
        Keeps rows with tiny gradients from large steps.

    Attributes
    ----------
    rates : torch.Tensor
        ``(n_rows,)`` float32 learning rate of every row, to be set before the first step.

    References
    ----------
    Kingma and Ba (2015). Adam: A method for stochastic optimization. ICLR.

    Li, Grandvalet and Davoine (2018). Explicit inductive bias for transfer learning with
    convolutional networks. ICML.
    """

    def __init__(
        self,
        table: torch.nn.Parameter,
        *,
        pull: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self.table = table
        self.rates = table.new_zeros(len(table))
        self.pull = pull
        self.betas = betas
        self.epsilon = epsilon
        self.steps = 0
        self._initial = table.detach().clone() if pull else table.new_empty(0, table.shape[1])
        self._first = torch.zeros_like(table, requires_grad=False)
        self._second = torch.zeros_like(table, requires_grad=False)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.table.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the rows that the gradient holds; without a gradient, as in a frozen table, none."""
        gradient = self.table.grad
        if gradient is None:
            return
        rows, slopes = gradient._indices()[0], gradient._values()
        rates = self.rates[rows]
        self.steps += 1
        first_beta, second_beta = self.betas
        correction = math.sqrt(1 - second_beta**self.steps) / (1 - first_beta**self.steps)
        if self.pull:
            initial = self._initial.index_select(0, rows)
            moved = self.table.index_select(0, rows)
            back = (rates * self.pull).clamp(max=1.0).unsqueeze(1)
            self.table.index_copy_(0, rows, torch.lerp(moved, initial, back))
        move = _move_compiled if self.table.device.type == "cpu" else _move
        move(
            *(self.table, self._first, self._second, rows, slopes),
            *(rates * correction, first_beta, second_beta, self.epsilon),
        )


def _move(
    table: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    gradient: torch.Tensor,
    rates: torch.Tensor,
    first_beta: float,
    second_beta: float,
    epsilon: float,
) -> None:
    """Update in place, an operation at a time: for devices that hide the cost of that."""
    mean = first.index_select(0, rows).lerp_(gradient, 1 - first_beta)
    square = second.index_select(0, rows).mul_(second_beta)
    square.addcmul_(gradient, gradient, value=1 - second_beta)
    first.index_copy_(0, rows, mean)
    second.index_copy_(0, rows, square)
    step = mean.div_(square.sqrt_().add_(epsilon)).mul_(rates.unsqueeze(1))
    table.index_copy_(0, rows, table.index_select(0, rows).sub_(step))


def _move_compiled(
    table: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    gradient: torch.Tensor,
    rates: torch.Tensor,
    first_beta: float,
    second_beta: float,
    epsilon: float,
) -> None:
    """Update in place, in one pass over memory."""
    _move_rows(
        table.detach().numpy(),
        first.numpy(),
        second.numpy(),
        rows.numpy(),
        gradient.contiguous().numpy(),
        rates.numpy(),
        np.float32(1 - first_beta),  # taken from 1 before rounding, which would cost digits after
        np.float32(1 - second_beta),
        np.float32(epsilon),
    )


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[misc, unused-ignore]
def _move_rows(
    table: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    rows: np.ndarray,
    gradient: np.ndarray,
    rates: np.ndarray,
    first_rest: np.float32,
    second_rest: np.float32,
    epsilon: np.float32,
) -> None:
    for place in range(len(rows)):
        row, rate = rows[place], rates[place]
        for column in range(table.shape[1]):
            slope = gradient[place, column]
            mean = first[row, column] + first_rest * (slope - first[row, column])
            square = second[row, column] + second_rest * (slope * slope - second[row, column])
            first[row, column] = mean
            second[row, column] = square
            table[row, column] -= rate * mean / (np.sqrt(square) + epsilon)
