"""Spaces that nobody trains on purpose, and that turn up all the same."""

from __future__ import annotations

import numpy as np
import pytest

from adapt.vectors import WordVectors

N_WORDS, DIM = 80, 6


def _scaled(by):
    return lambda matrix: matrix * np.float32(by)


def _a_few(rows, by):
    def change(matrix):
        changed = matrix.copy()
        changed[rows] *= np.float32(by)
        return changed

    return change


def _all_alike(matrix):
    return np.repeat(matrix[:1], len(matrix), axis=0)


def _on_a_line(matrix):
    return np.outer(matrix[:, 0], matrix[0]).astype(np.float32)


def _on_a_plane(matrix):
    return (matrix[:, :2] @ matrix[:2]).astype(np.float32)


EXTREMES = {
    "half zeros": _a_few(slice(None, None, 2), 0),
    "all zeros": _scaled(0),
    "one word, many times": lambda matrix: matrix[np.arange(len(matrix)) // 2],
    "all alike": _all_alike,
    "on a line": _on_a_line,
    "on a plane": _on_a_plane,
    "a column of zeros": lambda matrix: matrix * np.r_[0, np.ones(DIM - 1)].astype(np.float32),
    "opposites": lambda matrix: np.concatenate([matrix[: N_WORDS // 2], -matrix[: N_WORDS // 2]]),
    "subnormal": _scaled(1e-41),
    "tiny": _scaled(1e-30),
    "huge": _scaled(1e30),
    "close to overflow": lambda matrix: matrix / np.abs(matrix).max() * np.float32(3e38),
    "some subnormal": _a_few(slice(3, 9), 1e-41),
    "some huge": _a_few(slice(3, 9), 1e30),
    "half precision": lambda matrix: matrix.astype(np.float16),
}
"""What makes an ordinary matrix of shape (N_WORDS, DIM) an extreme one."""


@pytest.fixture(params=EXTREMES)
def extreme(request):
    """Each way to be extreme, as a function of a matrix."""
    return EXTREMES[request.param]


@pytest.fixture
def ordinary():
    """An ordinary matrix of shape (N_WORDS, DIM), by its seed."""
    return lambda seed: (
        np.random.default_rng(seed).normal(0.1, 1, size=(N_WORDS, DIM)).astype(np.float32)
    )


@pytest.fixture
def space():
    """Word vectors of a matrix, with the counts that Zipf's law would give them."""

    def make(matrix, **options):
        words = tuple(f"word{i}" for i in range(len(matrix)))
        counts = 1000 // np.arange(1, len(matrix) + 1)
        return WordVectors(words, matrix, counts=counts, **options)

    return make
