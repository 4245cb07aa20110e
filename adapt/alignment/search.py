"""What retrieval works with: vectors, their products tile by tile, and the best so far."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.scans import inverse_lengths
from adapt.errors import InputError

__all__ = ["Best", "Block", "Engine", "Tile", "Vectors"]


@dataclass(frozen=True, eq=False)
class Vectors:
    """Rows of a matrix, and one over their lengths.

    Parameters
    ----------
    matrix : ndarray of float32 or float64, shape (n, d)
        The rows as they were given.
    inverses : ndarray of float64, shape (n,)
        One over their lengths; 0 for rows of zeros.
    """

    matrix: NDArray[np.floating[Any]]
    inverses: NDArray[np.float64]

    @classmethod
    def of(cls, matrix: NDArray[np.floating[Any]], dtype: np.dtype[Any], kind: str) -> Vectors:
        """Measure the rows of a matrix, which is copied only where `dtype` or its order differ.

        Raises
        ------
        InputError
            If a row has no finite length; `kind` names the matrix in the message.
        """
        rows = np.ascontiguousarray(matrix, dtype=dtype).view()
        rows.flags.writeable = False  # one type of arrays, for which the passes are compiled
        inverses = np.empty(len(rows))
        bad: int = inverse_lengths(rows, inverses)
        if bad >= 0:
            raise InputError(
                f"row {bad} of the {kind} has no finite length; leave out what is not a number, "
                "and scale down what is too large"
            )
        return cls(rows, inverses)

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.matrix.shape[1])

    def __getitem__(self, part: slice) -> Vectors:
        return Vectors(self.matrix[part], self.inverses[part])

    def unit(self) -> NDArray[np.float32]:
        """Return rows of length 1, as float32; rows of zeros stay zeros."""
        rows = np.empty(self.matrix.shape, dtype=np.float32)
        np.multiply(self.matrix, self.inverses[:, None], out=rows, casting="same_kind")
        return rows


class Best:
    """The best so far of every row: a heap each, see `scans`.

    Parameters
    ----------
    n : int
        Number of rows.
    k : int
        How many are kept of each.
    factor : int
        What cosines are multiplied by, before penalties are subtracted.
    """

    def __init__(self, n: int, k: int, factor: int = 1) -> None:
        self.values = np.full((n, k), -np.inf, dtype=np.float32)
        self.rows = np.zeros((n, k), dtype=np.int64)
        self.factor = np.float32(factor)

    def __getitem__(self, part: slice) -> Best:
        some = copy.copy(self)
        some.values, some.rows = self.values[part], self.rows[part]
        return some

    def margin(self, dim: int) -> np.float32:
        """Bound the distance of a value by float32 products from one by float64 cosines.

        With u the unit roundoff, rounding the vectors and their cosine adds 3 u, and d products
        and sums, in whatever order, d u; the rest is for subtracting penalties, and margins.
        """
        return np.float32(self.factor * (dim + 16) * np.finfo(np.float32).eps / 2)

    def limits(self, inverses: NDArray[np.float64], dim: int) -> NDArray[np.float32]:
        """Give what a product's value must exceed to be worth a closer look, shape (n,)."""
        return self.values[:, 0] - np.where(inverses > 0, self.margin(dim), np.float32(0))

    def mean(self) -> NDArray[np.float32]:
        """Return the means of the rows' values, which depend on nothing but the values."""
        means: NDArray[np.float32] = np.sort(self.values, axis=1).mean(axis=1, dtype=np.float64)
        return means.astype(np.float32)

    def ordered(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and values, the best first and equals by row."""
        order = np.lexsort((self.rows, -self.values))
        return (
            np.take_along_axis(self.rows, order, axis=1),
            np.take_along_axis(self.values, order, axis=1),
        )


@dataclass(frozen=True, eq=False)
class Block:
    """Some of the rows of one side.

    Parameters
    ----------
    vectors : Vectors
        The rows as they were given.
    unit : ndarray or torch.Tensor, shape (n, d)
        Of length 1 in float32, where they are multiplied.
    first : int
        Row of the first among all.
    """

    vectors: Vectors
    unit: Any
    first: int = 0

    def __len__(self) -> int:
        return len(self.vectors)

    def part(self, start: int, stop: int) -> Block:
        """Return the rows from `start` to `stop`, or to the end."""
        rows = slice(start, stop)
        return Block(self.vectors[rows], self.unit[rows], self.first + start)


@dataclass(frozen=True, eq=False)
class Tile:
    """The products of some queries and some candidates.

    Parameters
    ----------
    queries, candidates : Block
        What was multiplied.
    products : ndarray or torch.Tensor, shape (m, n)
        Their cosines, roughly; see `scans`.
    tops : ndarray of float32, shape (m, n // GROUP)
        What no product of a group exceeds, for the processor.
    """

    queries: Block
    candidates: Block
    products: Any
    tops: Any = None

    def of(self, best: Best) -> Best:
        """Return the part of the best of all queries that belongs to those of the tile."""
        return best[self.queries.first : self.queries.first + len(self.queries)]


class Engine(ABC):
    """Multiplies blocks, tile by tile, and keeps what is best in the tiles."""

    @abstractmethod
    def load(self, vectors: Vectors, first: int = 0) -> Block:
        """Make a block of vectors of which the first has the row `first`."""

    @abstractmethod
    def multiply(
        self, queries: Block, candidates: Block, look: Callable[[Tile], None]
    ) -> list[Tile]:
        """Multiply all queries with the candidates, and look at each tile while it is fresh.

        Returns
        -------
        list of Tile
            All tiles, valid until the next call.
        """

    @abstractmethod
    def look_again(self, tiles: list[Tile], look: Callable[[Tile], None]) -> None:
        """Look at each of the tiles that `multiply` has returned."""

    @abstractmethod
    def scan_rows(
        self, tile: Tile, best: Best, penalties: NDArray[np.float32] | None = None
    ) -> None:
        """Keep the candidates that are best for every query of a tile.

        Parameters
        ----------
        tile : Tile
            Products; a query must meet its candidates in their order.
        best : Best
            Of all queries so far; changed.
        penalties : ndarray of float32, shape (n,), optional
            What is subtracted with every candidate from the cosines times the factor of `best`.
        """

    @abstractmethod
    def scan_columns(self, tile: Tile, best: Best) -> None:
        """Keep the queries that are nearest to every candidate of a tile.

        Parameters
        ----------
        tile : Tile
            Products.
        best : Best
            Of the candidates of the tile so far; changed.
        """
