"""Collecting the rows of a vector file, block by block, without repeated words."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptWarning
from adapt.vectors.word_vectors import WordVectors

__all__ = ["RowBuffer"]

_GROWTH = 1.5


class RowBuffer:
    """A growing matrix and its words, of which the first occurrence counts.

    Parameters
    ----------
    path : Path
        The file that is read, for the report.
    dim : int
        Number of dimensions.
    capacity : int
        Number of rows to reserve memory for; more than fit may be appended.
    """

    def __init__(self, path: Path, *, dim: int, capacity: int) -> None:
        self.path = path
        self.rows_read = 0
        self._matrix = np.empty((capacity, dim), dtype=np.float32)
        self._words: dict[str, None] = {}
        self._first_repeated: tuple[str, int] | None = None

    def append(self, words: list[str], block: npt.NDArray[np.float32]) -> None:
        """Add rows: `words`, and `block` of shape (len(words), dim)."""
        fresh = dict.fromkeys(words)
        n_rows = len(words)
        if len(fresh) != n_rows or not self._words.keys().isdisjoint(fresh):
            kept = self._rows_of_new_words(words)
            words, block = [words[row] for row in kept], block[kept]
            fresh = dict.fromkeys(words)
        self.rows_read += n_rows
        start, end = len(self._words), len(self._words) + len(words)
        if end > len(self._matrix):
            capacity = max(end, int(len(self._matrix) * _GROWTH))
            # in place, so that the rows are not in memory twice; nobody else has seen the array
            self._matrix.resize((capacity, self._matrix.shape[1]), refcheck=False)
        self._matrix[start:end] = block
        self._words.update(fresh)

    def _rows_of_new_words(self, words: list[str]) -> list[int]:
        here: set[str] = set()
        kept = []
        for row, word in enumerate(words):
            if word in here or word in self._words:
                self._first_repeated = self._first_repeated or (word, self.rows_read + row + 1)
            else:
                here.add(word)
                kept.append(row)
        return kept

    def finish(self) -> WordVectors:
        """Return what was collected, and warn of words that occurred more than once."""
        words = tuple(self._words)
        repeated = self.rows_read - len(words)
        if self._first_repeated is not None:
            word, row = self._first_repeated
            warnings.warn(
                f"{self.path}: {repeated} of {self.rows_read} rows repeat an earlier word "
                f"({word!r} in row {row} is the first) and were left out; "
                "the first vector of a word counts",
                AdaptWarning,
                stacklevel=2,
            )
        matrix = self._matrix
        matrix.resize((len(words), matrix.shape[1]), refcheck=False)
        return WordVectors(words, matrix, origin=self.path.name)
