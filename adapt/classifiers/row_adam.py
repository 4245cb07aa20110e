"""Adam for a table of which a step touches a few rows, whatever model reads them."""

from __future__ import annotations

import math

import numpy as np
import torch
from numba import njit

__all__ = ["RowAdam"]


class RowAdam:
    """A table under training, with the moments of Adam for each of its rows.

    Any model may read rows of the table and work out its gradient by them; a step moves those rows
    alone, so that the work is that of the words in a batch, not of the vocabulary. The moments of
    the other rows rest, as in `torch.optim.SparseAdam`, which gives the same numbers but sorts and
    masks sparse gradients on the way.

    Parameters
    ----------
    table : torch.Tensor
        ``(n_rows, dim)`` float32 initial vectors, on the device to train on; copied.
    learning_rate : float
        Size of a step.
    betas : tuple of float
        Decay of the first and second moment.
    epsilon : float
        Keeps rows with tiny gradients from large steps.

    References
    ----------
    Kingma and Ba (2015). Adam: A method for stochastic optimization. ICLR.
    """

    def __init__(
        self,
        table: torch.Tensor,
        *,
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self.table = table.detach().clone(memory_format=torch.contiguous_format)
        self.learning_rate = learning_rate
        self.betas = betas
        self.epsilon = epsilon
        self.steps = 0
        self._first = torch.zeros_like(self.table)
        self._second = torch.zeros_like(self.table)

    def step(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        """Move rows against their gradient.

        Parameters
        ----------
        rows : torch.Tensor
            ``(n,)`` int64 row numbers, each once.
        gradient : torch.Tensor
            ``(n, dim)`` gradient of the loss by the rows.
        """
        self.steps += 1
        first_beta, second_beta = self.betas
        rate = self.learning_rate * math.sqrt(1 - second_beta**self.steps)
        rate /= 1 - first_beta**self.steps
        move = _move_compiled if self.table.device.type == "cpu" else _move
        move(
            *(self.table, self._first, self._second, rows, gradient),
            *(rate, first_beta, second_beta, self.epsilon),
        )


def _move(
    table: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    gradient: torch.Tensor,
    rate: float,
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
    moved = table.index_select(0, rows)
    table.index_copy_(0, rows, moved.addcdiv_(mean, square.sqrt_().add_(epsilon), value=-rate))


def _move_compiled(
    table: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    rows: torch.Tensor,
    gradient: torch.Tensor,
    rate: float,
    first_beta: float,
    second_beta: float,
    epsilon: float,
) -> None:
    """Update in place, in one pass over memory."""
    _move_rows(
        table.numpy(),
        first.numpy(),
        second.numpy(),
        rows.numpy(),
        gradient.contiguous().numpy(),
        np.float32(rate),
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
    rate: np.float32,
    first_rest: np.float32,
    second_rest: np.float32,
    epsilon: np.float32,
) -> None:
    for place in range(len(rows)):
        row = rows[place]
        for column in range(table.shape[1]):
            slope = gradient[place, column]
            mean = first[row, column] + first_rest * (slope - first[row, column])
            square = second[row, column] + second_rest * (slope * slope - second[row, column])
            first[row, column] = mean
            second[row, column] = square
            table[row, column] -= rate * mean / (np.sqrt(square) + epsilon)
