"""Who multiplies, and looks through the products: the processor, or a graphics device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.scans import GROUP, keep_pairs, scan_columns, scan_rows
from adapt.alignment.search import Best, Block, Engine, Tile, Vectors
from adapt.errors import InputError

if TYPE_CHECKING:
    import torch

__all__ = ["Device", "Processor", "engine_on"]

Product = Callable[[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]], None]
"""Multiplies the rows of two matrices, and writes what comes out into a third."""

_HEIGHT = 1024
"""Queries of a tile: few enough for the cache, enough for the product to be fast."""

_WORTH_TORCH = 10**10
"""Multiplications from which on torch, whose product is often the faster one, pays its import."""

_TORCH = threading.Lock()
"""Held by the one retrieval that has changed torch's settings and will restore them."""


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
    with _TORCH, _float32_products():
        if place.type != "cpu":
            yield Device(place)
            return
        n_threads = torch.get_num_threads()
        # a product on all threads would wait for the slowest of them, at every tile
        pool = ThreadPoolExecutor(n_threads, initializer=torch.set_num_threads, initargs=(1,))
        try:
            with pool:
                yield Processor(_by_torch, pool, n_threads)
        finally:
            torch.set_num_threads(n_threads)  # what threads set is passed on to new ones


@contextmanager
def _float32_products() -> Iterator[None]:
    """Let torch multiply float32 as such, for which the margins hold, not with fewer digits."""
    import torch

    try:
        before = torch.get_float32_matmul_precision()
    except RuntimeError as error:  # set for one kind of device, there is no word for it
        raise InputError(
            "torch's float32 products have another precision on one device than on others; "
            "call torch.set_float32_matmul_precision('highest')"
        ) from error
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


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
    n_threads : int
        How many they are.
    """

    def __init__(
        self, product: Product, pool: ThreadPoolExecutor | None = None, n_threads: int = 1
    ) -> None:
        self._product, self._pool = product, pool
        self._room = np.empty(0, dtype=np.float32)
        # one thread at a time may change the best of a candidate, which takes it an eighth of its
        # time: a lock for the candidates of two threads leaves them free most of it
        self._locks = [threading.Lock() for _ in range(max(1, n_threads // 2))]

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
        n, n_parts = len(candidates), len(self._locks)
        step = -(-n // (n_parts * GROUP)) * GROUP
        starts = range(0, n, step)
        turn = tile.queries.first // _HEIGHT % len(starts)  # each tile begins elsewhere
        for start in (*starts[turn:], *starts[:turn]):
            with self._locks[start // step]:
                scan_columns(
                    *(tile.products, tile.products.view(np.int32), tile.tops.view(np.int32)),
                    *(start, min(start + step, n), best.margin(queries.dim)),
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
        if penalties is None:
            penalties = np.zeros(len(tile.candidates), dtype=np.float32)
        values = tile.products * float(best.factor) - self._put(penalties)
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
