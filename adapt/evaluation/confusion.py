"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["Confusion", "confusion"]


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often documents of each class were put into each, over all seeds together.

    Parameters
    ----------
    classes : tuple of str
        Names of the classes.
    counts : ndarray of int64, shape (n_classes, n_classes)
        Predictions by true class (rows) and predicted class (columns).
    n_seeds : int
        How many predictions there are of each document.
    """

    classes: tuple[str, ...]
    counts: NDArray[np.int64]
    n_seeds: int

    def shares(self) -> NDArray[np.float64]:
        """Return shares of each true class, shape (n_classes, n_classes); 0 where it is empty."""
        totals = self.counts.sum(axis=1, keepdims=True)
        return np.asarray(self.counts / np.maximum(totals, 1))

    def mistakes(self, n: int) -> list[tuple[int, int]]:
        """Return the `n` most frequent pairs of true and wrongly predicted class, by number."""
        wrong = self.counts * ~np.eye(len(self.classes), dtype=bool)
        order = np.argsort(-wrong, axis=None, kind="stable")[:n]
        true, predicted = np.unravel_index(order, wrong.shape)
        return [(int(i), int(j)) for i, j in zip(true, predicted, strict=True) if wrong[i, j]]


def confusion(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], classes: Sequence[str]
) -> Confusion:
    """Count predictions by true and predicted class.

    Parameters
    ----------
    labels : ndarray of int, shape (n_documents,)
        Numbers of the true classes.
    predicted : ndarray of int, shape (n_seeds, n_documents)
        Numbers of the predicted ones.
    classes : sequence of str
        Their names.

    Raises
    ------
    InputError
        If shapes do not fit, or a number has no name.

    Examples
    --------
    >>> import numpy as np
    >>> confusion(np.array([0, 0, 1]), np.array([[0, 1, 1]]), ["heart", "eye"]).counts
    array([[1, 1],
           [0, 1]])
    """
    n = len(classes)
    if predicted.ndim != 2 or predicted.shape[1:] != labels.shape:
        raise InputError(
            f"predictions of shape {predicted.shape} are not of {len(labels)} documents"
        )
    for numbers in (labels, predicted):
        if numbers.size and not (numbers.min() >= 0 and numbers.max() < n):
            raise InputError(f"a class has number {numbers.max()}, but there are {n} names")
    cells = labels.astype(np.int64) * n + predicted.astype(np.int64)
    counts = np.bincount(cells.ravel(), minlength=n * n).reshape(n, n)
    return Confusion(tuple(classes), counts, len(predicted))
