"""Fits on a Dask cluster that is there already: on other machines, which need not share a disk.

Results are the same as in one process: workers with other code are refused, each fit has a seed of
its own, and a fit that is lost with its worker is begun again on another.
"""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from adapt.cluster import SharedFiles, Shipment, call, check_worker, dask_client, installation, pack
from adapt.errors import AdaptError, InputError

if TYPE_CHECKING:
    from distributed import Client, Future

    from adapt.experiment.executors import Executor

__all__ = ["open_scheduler"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_PATIENCE_SECONDS = 60
"""How long a cluster may be without any worker; one that is lost may come back, or be replaced."""

_GLANCE_SECONDS = 1
"""How often a look is taken, while results are awaited, whether there are workers at all."""


@contextmanager
def open_scheduler(scheduler: str) -> Iterator[Executor]:
    """Yield an executor whose items run on the workers of a Dask cluster.

    What is left when the block ends is cancelled. A worker finishes the item that it is at, and
    drops the result.

    Parameters
    ----------
    scheduler : str
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Raises
    ------
    MissingDependencyError
        If Dask is not installed.
    InputError
        If no scheduler answers at the address, if it has no workers and gets none within a minute,
        or if one of its workers might give other results than this process. A worker that joins
        later is looked at before each item.
    """
    with dask_client(scheduler=scheduler) as client:
        executor = _Cluster(client, scheduler)
        executor.check()
        yield executor


class _Cluster:
    """Hands all items to a scheduler at once, and what they share with them, once."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._address = address
        # Dask keeps what a future stands for, so that what is shipped goes with the last map of it
        self._shipped: WeakValueDictionary[SharedFiles, Future[Any]] = WeakValueDictionary()

    def check(self) -> None:
        """Wait for a worker, and look at all that are there."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_SECONDS)
        except TimeoutError as error:
            raise InputError(
                f"{self._address}: this scheduler has no workers, nor got any within "
                f"{_PATIENCE_SECONDS:.0f} s; start some"
            ) from error
        try:
            self._client.run_on_scheduler(installation)
        except (ImportError, AttributeError) as error:  # it takes tasks apart, which name our code
            raise InputError(
                f"{self._address}: the scheduler cannot import this adapt ({error}); install the "
                "same there"
            ) from error
        found = self._client.run(check_worker, installation(), on_error="return")
        for worker, problem in sorted(found.items()):
            if isinstance(problem, AdaptError):
                raise problem
            if isinstance(problem, Exception):
                raise InputError(
                    f"worker {worker}: cannot run this adapt ({problem}); install the same there"
                )

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], /
    ) -> Iterator[_Result]:
        futures, shipments = [], []
        with _large_tasks_allowed():
            for item in items:
                packed, shared = pack((function, item))
                shipped = [self._ship(one) for one in shared]
                # not pure: what is called does not say what is in the files
                future = self._client.submit(call, packed, shipped, installation(), pure=False)
                futures.append(future)
                shipments.extend(shipped)
        return self._results(futures, shipments)

    def _ship(self, shared: SharedFiles) -> Future[Any]:
        """Make a task that holds the files: unlike scattered data, it survives any worker."""
        shipped = self._shipped.get(shared)
        if shipped is None:
            content = pickle.dumps(Shipment.of(shared))
            shipped = self._client.submit(pickle.loads, content, pure=False)
            self._shipped[shared] = shipped
        return shipped

    def _results(self, futures: list[Future[Any]], shipments: list[Future[Any]]) -> Iterator[Any]:
        """Give the results in order, and let everything go as soon as it is not needed."""
        from distributed import KilledWorker

        futures.reverse()
        while futures:
            with self._loss_named():
                self._await(futures[-1])
            try:
                result = futures.pop().result()
            except KilledWorker as error:
                raise AdaptError(
                    f"{self._address}: several workers ended one after the other at the same fit, "
                    "perhaps for want of memory; give them more"
                ) from error
            if not futures:
                shipments.clear()
            yield result

    def _await(self, future: Future[Any]) -> None:
        """Wait until a future is done, as long as there are workers."""
        from distributed import wait

        last_seen = time.monotonic()
        while True:
            try:
                wait([future], timeout=_GLANCE_SECONDS)
                return
            except TimeoutError:
                now = time.monotonic()
                if self._client.nthreads():
                    last_seen = now
                elif now - last_seen > _PATIENCE_SECONDS:
                    raise AdaptError(
                        f"{self._address}: all workers are gone, and none came back within "
                        f"{_PATIENCE_SECONDS:.0f} s; start some, and run the study again"
                    ) from None

    @contextmanager
    def _loss_named(self) -> Iterator[None]:
        from distributed import CancelledError

        try:
            yield
        except (CancelledError, OSError) as error:
            raise AdaptError(
                f"{self._address}: the scheduler is gone; start it, and run the study again"
            ) from error


@contextmanager
def _large_tasks_allowed() -> Iterator[None]:
    """Let tasks be as large as the files that they ship, of which Dask would warn."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        yield
