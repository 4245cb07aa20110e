"""Documents of three classes that the tests of classifiers learn from."""

from __future__ import annotations

import numpy as np
import pytest

from adapt.cores import one_torch_thread

N_ROWS, DIM, N_CLASSES = 60, 8, 3


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Spare small operations the wait for a second thread, as training does."""
    with one_torch_thread():
        yield


@pytest.fixture(scope="session")
def matrix():
    """Vectors of which rows 2 to 40 tell one of the classes, 13 each; row 0 is padding."""
    table = np.random.default_rng(0).normal(size=(N_ROWS, DIM)).astype(np.float32)
    table[0] = 0.0
    table[2:41] += 2 * np.repeat(np.eye(3, DIM, dtype=np.float32), 13, axis=0)
    table.setflags(write=False)
    return table


@pytest.fixture(scope="session")
def labels():
    classes = np.arange(120) % N_CLASSES
    classes.setflags(write=False)
    return classes


@pytest.fixture(scope="session")
def documents(labels):
    """Half of every document's words belong to its class; rows 50 and above never occur."""
    rng = np.random.default_rng(1)
    drawn = [
        np.concatenate([rng.integers(2 + 13 * label, 15 + 13 * label, 3), rng.integers(41, 50, 3)])
        for label in labels
    ]
    for rows in drawn:
        rows.setflags(write=False)
    return drawn
