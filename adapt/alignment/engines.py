"""Who multiplies, and looks through the products: the processor, or a graphics device."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.scans import GROUP, keep_pairs, scan_columns, scan_rows
from adapt.alignment.search import Best, Vectors
from adapt.errors import InputError

if TYPE_CHECKING:
    import torch

__all__ = ["Block", "Engine", "Tile", "engine_on"]

Product = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], None]
"""Multiplies the rows of two matrices, and writes what comes out into a third."""

_HEIGHT = 1024
"""Queries of a tile: few enough for the cache, enough for the product to be fast."""

_LOCKED = 8 * GROUP
"""Candidates of a tile whose best one thread at a time may change."""

_WORTH_TORCH = 10**10
"""Multiplications for which importing torch pays, whose product is often the faster one."""


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


@contextmanager
def engine_on(device: str, work: int) -> Iterator[Engine]:
    """Give what multiplies on a device.

    Parameters
    ----------
    device : str
        ``cpu``, ``cuda``, or one of several, as ``cuda:1``.
    work : int
        How many multiplications there will be, roughly.

    Raises
    ------
    InputError
        If there is no such device.
    """
    if device == "cpu" and work < _WORTH_TORCH:
        yield Processor(_by_numpy)
        return
    import torch

    place = _torch_device(device)
    n_threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    # margins are those of float32, which torch can be told to multiply with fewer digits
    torch.set_float32_matmul_precision("highest")
    # a product on all threads would wait for the slowest of them, at every tile
    torch.set_num_threads(1)
    try:
        if place.type == "cpu":
            with ThreadPoolExecutor(
                n_threads, initializer=torch.set_num_threads, initargs=(1,)
            ) as pool:
                yield Processor(_by_torch, pool)
        else:
            yield Device(place)
    finally:
        torch.set_num_threads(n_threads)
        torch.set_float32_matmul_precision(precision)


def _torch_device(name: str) -> torch.device:
    import torch

    kind, _, number = name.partition(":")
    if kind not in ("cpu", "cuda") or not (number or "0").isdecimal():
        raise InputError(f"device is {name!r}; choose cpu, cuda, or one of several, as cuda:1")
    n_there = torch.cuda.device_count() if kind == "cuda" else 1
    if int(number or 0) >= n_there:
        raise InputError(f"device is {name!r}, but torch finds {n_there} of the kind; use 'cpu'")
    return torch.device(name)


class Processor(Engine):
    """Compiled passes over products, each thread at a tile of its own.

    Parameters
    ----------
    product : callable
        Multiplies, on the thread that calls it.
    pool : ThreadPoolExecutor, optional
        The threads; without, the one that calls.
    """

    def __init__(self, product: Product, pool: ThreadPoolExecutor | None = None) -> None:
        self._product, self._pool = product, pool
        self._room = np.empty(0, dtype=np.float32)
        self._locks: dict[int, threading.Lock] = defaultdict(threading.Lock)

    def load(self, vectors: Vectors, first: int = 0) -> Block:
        """Make a block; see `Engine.load`."""
        return Block(vectors, vectors.unit(), first)

    def multiply(
        self, queries: Block, candidates: Block, look: Callable[[Tile], None]
    ) -> list[Tile]:
        """Multiply and look; see `Engine.multiply`."""
        n = len(candidates)
        if len(self._room) < len(queries) * n:  # memory that is new is slow: it is used again
            self._room = np.empty(len(queries) * n, dtype=np.float32)
        tops = np.ones((len(queries), n // GROUP), dtype=np.float32)

        def tile_at(start: int) -> Tile:
            some = queries.part(start, start + _HEIGHT)
            stop = start + len(some)
            products = self._room[start * n : stop * n].reshape(len(some), n)
            self._product(some.unit, candidates.unit, products)
            tile = Tile(some, candidates, products, tops[start:stop])
            look(tile)
            return tile

        map_ = self._pool.map if self._pool else map
        return list(map_(tile_at, range(0, len(queries), _HEIGHT)))

    def look_again(self, tiles: list[Tile], look: Callable[[Tile], None]) -> None:
        """Look at tiles; see `Engine.look_again`."""
        list(self._pool.map(look, tiles) if self._pool else map(look, tiles))

    def scan_rows(
        self, tile: Tile, best: Best, penalties: NDArray[np.float32] | None = None
    ) -> None:
        """Keep what is best for the queries; see `Engine.scan_rows`."""
        queries, candidates, own = tile.queries.vectors, tile.candidates.vectors, tile.of(best)
        n = len(candidates)
        if penalties is None:
            penalties = np.zeros(n, dtype=np.float32)
        lows = penalties[: n - n % GROUP].reshape(-1, GROUP).min(axis=1)
        scan_rows(
            *(tile.products, tile.tops, penalties, lows),
            best.factor,
            best.margin(queries.dim),
            *(queries.matrix, queries.inverses),
            *(candidates.matrix, candidates.inverses),
            tile.candidates.first,
            *(own.values, own.rows),
        )

    def scan_columns(self, tile: Tile, best: Best) -> None:
        """Keep what is nearest to the candidates; see `Engine.scan_columns`."""
        queries, candidates = tile.queries.vectors, tile.candidates.vectors
        starts = range(0, len(candidates), _LOCKED)
        turn = tile.queries.first // _HEIGHT % len(starts)
        for start in (*starts[turn:], *starts[:turn]):  # threads seldom meet at a lock
            with self._locks[start]:
                scan_columns(
                    *(tile.products, tile.products.view(np.int32), tile.tops.view(np.int32)),
                    *(start, min(start + _LOCKED, len(candidates)), best.margin(queries.dim)),
                    *(queries.matrix, queries.inverses),
                    tile.queries.first,
                    *(candidates.matrix, candidates.inverses),
                    *(best.values, best.rows),
                )


class Device(Engine):
    """Passes by torch, which pick what the processor then looks at.

    Parameters
    ----------
    device : torch.device
        Where to multiply.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def load(self, vectors: Vectors, first: int = 0) -> Block:
        """Make a block; see `Engine.load`."""
        return Block(vectors, self._put(vectors.unit()), first)

    def multiply(
        self, queries: Block, candidates: Block, look: Callable[[Tile], None]
    ) -> list[Tile]:
        """Multiply and look, all at once; see `Engine.multiply`."""
        tile = Tile(queries, candidates, queries.unit @ candidates.unit.T)
        look(tile)
        return [tile]

    def look_again(self, tiles: list[Tile], look: Callable[[Tile], None]) -> None:
        """Look at tiles; see `Engine.look_again`."""
        for tile in tiles:
            look(tile)

    def scan_rows(
        self, tile: Tile, best: Best, penalties: NDArray[np.float32] | None = None
    ) -> None:
        """Keep what is best for the queries; see `Engine.scan_rows`."""
        values = tile.products
        if penalties is None:
            penalties = np.zeros(len(tile.candidates), dtype=np.float32)
        else:
            values = values * float(best.factor) - self._put(penalties)
        self._keep(values, tile.queries, tile.candidates, tile.of(best), penalties)

    def scan_columns(self, tile: Tile, best: Best) -> None:
        """Keep what is nearest to the candidates; see `Engine.scan_columns`."""
        penalties = np.zeros(len(tile.queries), dtype=np.float32)
        self._keep(tile.products.T, tile.candidates, tile.queries, best, penalties)

    def _keep(
        self,
        values: torch.Tensor,
        queries: Block,
        candidates: Block,
        best: Best,
        penalties: NDArray[np.float32],
    ) -> None:
        """Pick pairs by the values of their products, and keep by cosines of float64."""
        import torch

        dim, k = queries.vectors.dim, best.values.shape[1]
        limits = self._put(best.limits(queries.vectors.inverses, dim))
        rising = torch.nonzero(values.amax(dim=1) > limits).squeeze(1)
        values, limits = values[rising], limits[rising]
        if k <= len(candidates):  # nor can what is far below the k best of this tile alone be kept
            kth = values.topk(k, dim=1).values[:, -1]
            limits = torch.maximum(limits, kth - 2 * float(best.margin(dim)))
        of, to = torch.nonzero(values > limits[:, None], as_tuple=True)
        keep_pairs(
            *(rising[of].cpu().numpy(), to.cpu().numpy(), penalties),
            best.factor,
            *(queries.vectors.matrix, queries.vectors.inverses),
            *(candidates.vectors.matrix, candidates.vectors.inverses),
            candidates.first,
            *(best.values, best.rows),
        )

    def _put(self, array: NDArray[np.float32]) -> torch.Tensor:
        import torch

        return torch.from_numpy(array).to(self._device)


def _by_numpy(
    queries: NDArray[np.float32], candidates: NDArray[np.float32], products: NDArray[np.float32]
) -> None:
    np.matmul(queries, candidates.T, out=products)


def _by_torch(
    queries: NDArray[np.float32], candidates: NDArray[np.float32], products: NDArray[np.float32]
) -> None:
    import torch

    torch.mm(
        torch.from_numpy(queries),
        torch.from_numpy(candidates).T,
        out=torch.from_numpy(products),
    )
