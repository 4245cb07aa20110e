"""Collecting the rows of a vector file, block by block, without repeated words."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptWarning

__all__ = ["MatrixStore", "MemoryMatrix", "Repeats", "RowBuffer"]

FloatMatrix = npt.NDArray[np.float32]

_GROWTH = 1.125  # what is reserved too much may be in memory, and is then at most this part of it


class MatrixStore(Protocol):
    """Where the vectors go: to memory, or straight to a file."""

    def begin(self, dim: int, capacity: int) -> None:
        """Prepare for vectors of `dim` values, about `capacity` of them."""

    def append(self, block: FloatMatrix) -> None:
        """Add vectors, shape (n, dim)."""


class MemoryMatrix:
    """A matrix that grows in memory."""

    def begin(self, dim: int, capacity: int) -> None:
        """Reserve memory; what is not written to takes none yet."""
        self._matrix = np.empty((capacity, dim), dtype=np.float32)
        self._n_rows = 0

    def append(self, block: FloatMatrix) -> None:
        """Add vectors, shape (n, dim)."""
        start, end = self._n_rows, self._n_rows + len(block)
        if end > len(self._matrix):
            capacity = max(end, int(len(self._matrix) * _GROWTH))
            # in place, so that the rows are not in memory twice; nobody else has seen the array
            self._matrix.resize((capacity, self._matrix.shape[1]), refcheck=False)
        self._matrix[start:end] = block
        self._n_rows = end

    def finish(self) -> FloatMatrix:
        """Return the matrix, without what was reserved too much."""
        self._matrix.resize((self._n_rows, self._matrix.shape[1]), refcheck=False)
        return self._matrix


@dataclass(frozen=True)
class Repeats:
    """Rows that were left out because their words had occurred before.

    Parameters
    ----------
    rows_read, left_out : int
        How many rows there were, and how many of them were left out.
    word : str
        The word of the first one.
    row : int
        Its row in the file, counted from 1.
    """

    rows_read: int
    left_out: int
    word: str
    row: int

    def warn(self, path: Path) -> None:
        """Say so, as a warning that the function calling this one gives its caller."""
        warnings.warn(
            f"{path}: {self.left_out} of {self.rows_read} rows repeat an earlier word "
            f"({self.word!r} in row {self.row} is the first) and were left out; "
            "the first vector of a word counts",
            AdaptWarning,
            stacklevel=3,
        )


class RowBuffer:
    """The words that a reader has collected, of which the first occurrence counts.

    Parameters
    ----------
    store : MatrixStore
        Where the vectors go.
    limit : int, optional
        How many rows of the file are to be looked at.
    words : collection of str, optional
        The only words to collect; it answers ``in`` fast.

    Attributes
    ----------
    index : dict of str to int
        The row in the matrix of each word collected.
    rows_read : int
        Rows of the file looked at, those not collected included.
    """

    def __init__(
        self,
        store: MatrixStore,
        *,
        limit: int | None = None,
        words: Collection[str] | None = None,
    ) -> None:
        self.limit, self.words = limit, words
        self.index: dict[str, int] = {}
        self.rows_read = 0
        self._store = store
        self._left_out = 0
        self._first_repeated: tuple[str, int] | None = None

    def begin(self, dim: int, capacity: int) -> None:
        """Prepare for vectors of `dim` values, of at most about `capacity` rows of the file."""
        bounds = [capacity, self.limit, None if self.words is None else len(self.words)]
        self._store.begin(dim, min(bound for bound in bounds if bound is not None))

    def append(
        self,
        words: Sequence[str],
        block: FloatMatrix,
        *,
        n_rows: int | None = None,
        positions: Sequence[int] | None = None,
    ) -> None:
        """Add rows that stand one after the other in the file, or some of them.

        Parameters
        ----------
        words : sequence of str
            Their words.
        block : ndarray, shape (len(words), dim)
            Their vectors, finite.
        n_rows : int, optional
            How many rows of the file this is the outcome of, if not ``len(words)``.
        positions : sequence of int, optional
            Where among those rows the words stand, if they are not all of them.
        """
        start = len(self.index)
        expected = range(start, start + len(words))
        # one pass tells new words from repeated ones: those get the row of their first occurrence
        rows = list(map(self.index.setdefault, words, expected))
        if rows != list(expected):
            kept = [at for at, row in enumerate(rows) if row == start + at]
            for row, at in enumerate(kept, start):
                self.index[words[at]] = row
            if self._first_repeated is None:
                at = next(at for at, row in enumerate(rows) if row != start + at)
                place = at if positions is None else positions[at]
                self._first_repeated = (words[at], self.rows_read + place + 1)
            self._left_out += len(words) - len(kept)
            block = block[kept]
        self.rows_read += len(words) if n_rows is None else n_rows
        self._store.append(block)

    @property
    def repeats(self) -> Repeats | None:
        """What was left out; None if nothing was."""
        if self._first_repeated is None:
            return None
        return Repeats(self.rows_read, self._left_out, *self._first_repeated)
