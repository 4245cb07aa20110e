"""The area under a learning curve: what a system does at all label budgets, in one figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapt.errors import InputError

__all__ = ["area_table", "budget_weights"]


def budget_weights(budgets: Sequence[int]) -> np.ndarray:
    """Return the weight of each label budget in the area under a learning curve.

    The area is that under straight lines between the points, over the logarithm of the budgets and
    divided by its length: twice as many labels count the same anywhere. It is a mean of accuracies,
    and reads as one.

    Parameters
    ----------
    budgets : sequence of int
        At least two, ascending.

    Returns
    -------
    numpy.ndarray
        ``(n_budgets,)`` of float64, all positive; they sum to 1.

    Raises
    ------
    InputError
        If there are fewer than two budgets, or they do not ascend from at least 1.

    Examples
    --------
    >>> budget_weights([10, 100, 1000])
    array([0.25, 0.5 , 0.25])
    """
    if len(budgets) < 2:
        raise InputError("an area needs two label budgets; one is a point")
    if budgets[0] < 1 or (np.diff(budgets) <= 0).any():
        raise InputError(f"label budgets {tuple(budgets)} do not ascend from at least 1; sort them")
    steps = np.diff(np.log(budgets))
    weights: np.ndarray = (np.append(steps, 0.0) + np.append(0.0, steps)) / (2 * steps.sum())
    return weights


def area_table(tables: Sequence[np.ndarray], budgets: Sequence[int]) -> np.ndarray:
    """Average correctness over label budgets, document by document and seed by seed.

    The mean of the result is the area under the learning curve. Its parts stay paired: seed by
    seed, and on the same test documents, so that it can stand for a correctness table anywhere.

    Parameters
    ----------
    tables : sequence of numpy.ndarray
        ``(n_seeds, n_documents)`` of 0 and 1 at each budget; a single row stands for every seed.
    budgets : sequence of int
        The label budgets, ascending.

    Returns
    -------
    numpy.ndarray
        ``(n_seeds, n_documents)`` of float64 in [0, 1].

    Raises
    ------
    InputError
        If the tables do not fit each other or the budgets.
    """
    if len(tables) != len(budgets):
        raise InputError(f"{len(tables)} correctness tables do not fit {len(budgets)} budgets")
    weights = budget_weights(budgets)
    shapes = [np.shape(table) for table in tables]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise InputError(f"correctness tables of shapes {shapes} are not paired") from None
    area: np.ndarray = sum(
        (weight * np.asarray(table, float) for weight, table in zip(weights, tables, strict=True)),
        start=np.zeros((1, 1)),
    )
    return area
