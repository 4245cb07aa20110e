"""Where the fits of a study run: in this process, in others beside it, or on a Dask cluster.

An executor is anything with the `map` of `concurrent.futures.Executor`: results come in the order
of the items, whichever is done first, so that they do not depend on the number of workers.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Protocol, TypeVar

from adapt.errors import AdaptError, InputError
from adapt.experiment.scheduler import open_scheduler

__all__ = ["Executor", "check_workers", "open_executor", "prepare_workers"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
"""Never plain fork: a process with threads, as libraries start them, is not safe to copy."""

_IMPORTS = ["adapt.experiment.fits", "sklearn.feature_extraction.text", "sklearn.svm"]


class Executor(Protocol):
    """Calls a function for every item, here or elsewhere; items and results can be pickled."""

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], /
    ) -> Iterator[_Result]:
        """Give the results in the order of the items; all may begin before the first is asked for.

        Raises
        ------
        AdaptError
            If a worker fails, or whatever `function` raises.
        """
        ...


def check_workers(n_workers: int, scheduler: str | None = None) -> None:
    """Refuse workers that cannot be, before there is any work for them.

    Raises
    ------
    InputError
        If `n_workers` is not positive, or there is a scheduler, and its workers cannot be used.
    MissingDependencyError
        If there is a scheduler, but Dask is not installed.
    """
    if n_workers < 1:
        raise InputError(f"{n_workers} workers cannot do anything; give 1 or more")
    if scheduler is not None:
        if n_workers > 1:
            raise InputError("a scheduler has workers of its own; leave out their number")
        with open_scheduler(scheduler):
            pass


def prepare_workers(n_workers: int) -> None:
    """Begin, in the background, to import what workers need; call it well before they are used.

    One process does it for all of them, and they begin as copies of it: PyTorch alone takes
    seconds to import, and a good part of the memory of a worker.

    Raises
    ------
    AdaptError
        If that process cannot be started.
    """
    if n_workers > 1 and _METHOD == "forkserver":
        from multiprocessing import forkserver, resource_tracker

        multiprocessing.get_context(_METHOD).set_forkserver_preload(_IMPORTS)
        try:
            resource_tracker.ensure_running()  # which lets signals through again when it begins
            # the process that starts the others shall not complain of Ctrl-C, nor need they hear it
            usual = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            try:
                forkserver.ensure_running()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, usual)
        except OSError as error:  # its socket lies in the folder for temporary files
            raise AdaptError(
                f"worker processes cannot be started ({error.strerror or error}); set TMPDIR to a "
                "folder with room and a short name, or use 1 worker"
            ) from error


@contextmanager
def open_executor(n_workers: int = 1, scheduler: str | None = None) -> Iterator[Executor]:
    """Yield an executor with `n_workers` processes; with 1, everything runs in this one.

    The workers end with the block. Where it ends by an exception, such as an interruption, or where
    this process dies, they stop at once, in the middle of what they do.

    Parameters
    ----------
    n_workers : int
        How many items are worked on at a time. What a script runs must stand below
        ``if __name__ == "__main__":`` for more than 1, as with any use of `multiprocessing`.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers are used in place of that.
    """
    check_workers(n_workers)
    if scheduler is not None:
        with open_scheduler(scheduler) as executor:
            yield executor
        return
    if n_workers == 1:
        yield _InProcess()
        return
    prepare_workers(n_workers)
    context = multiprocessing.get_context(_METHOD)
    end_here, end_there = context.Pipe()
    pool = ProcessPoolExecutor(n_workers, context, _begin_worker, (end_there,))
    try:
        yield _WorkerProcesses(pool)
    except BaseException:
        end_here.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        end_here.close()
        end_there.close()


class _InProcess:
    """Runs each item when its result is asked for."""

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], /
    ) -> Iterator[_Result]:
        return map(function, items)


class _WorkerProcesses:
    """Hands all items to a pool of processes at once."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def map(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item], /
    ) -> Iterator[_Result]:
        # Ctrl-C interrupts the main thread alone: in another, workers begin wholly or not at all,
        # and the pool knows of every one that it has to end
        with _lost_workers_named(), ThreadPoolExecutor(1) as beginning:
            results = beginning.submit(self._pool.map, function, items).result()
        return self._checked(results)

    def _checked(self, results: Iterator[_Result]) -> Iterator[_Result]:
        with _lost_workers_named():
            yield from results


@contextmanager
def _lost_workers_named() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise AdaptError(
            "a worker process ended before its work was done, perhaps for want of memory; "
            "use fewer workers"
        ) from error


def _begin_worker(lifeline: Connection) -> None:
    """Let the process that started this one decide when it ends."""
    # Ctrl-C reaches every process of a terminal; the one that started us hears it too
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """Wait until the other end is closed, by its process or by the death of that, and end too."""
    lifeline.poll(None)
    os._exit(1)
