"""Reaching a Dask cluster: one on this machine, or one that is there already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapt.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["dask_client"]

_CONNECT_SECONDS = 4


@contextmanager
def dask_client(*, workers: int = 1, scheduler: str | None = None) -> Iterator[Client]:
    """Connect to a Dask cluster, and leave it when the block ends.

    Parameters
    ----------
    workers : int
        Worker processes of one thread each to start on this machine.
    scheduler : str, optional
        Address of a running scheduler, such as ``tcp://10.0.0.1:8786``, in place of that. Its
        workers need this package in the same version, and the files of the corpus under the same
        paths.

    Raises
    ------
    MissingDependencyError
        If Dask is not installed.
    InputError
        If `workers` is not positive, or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MissingDependencyError(
            "Dask is not installed; run `pip install adapt-embeddings[distributed]`"
        ) from error
    if workers < 1:
        raise InputError(f"workers is {workers}; it must be at least 1")
    if scheduler is not None:
        try:
            with ThreadPoolExecutor(1) as thread:  # this one may have a loop, as in a notebook
                thread.submit(asyncio.run, _greet(scheduler)).result()
            client = Client(scheduler, timeout=_CONNECT_SECONDS)
        except TimeoutError as error:
            raise InputError(
                f"{scheduler}: no Dask scheduler answers there; check the address"
            ) from error
        except (OSError, ValueError) as error:
            raise InputError(
                f"{scheduler}: no Dask scheduler answers there ({error}); check the address"
            ) from error
        with client:
            yield client
        return
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # its usual port may be taken
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


async def _greet(scheduler: str) -> None:
    """Connect and leave, in limited time: a client waits forever for who listens in silence."""
    from distributed.comm.core import connect
    from distributed.security import Security

    options = Security().get_connection_args("client")
    connection = connect(scheduler, timeout=_CONNECT_SECONDS, **options)
    await (await asyncio.wait_for(connection, _CONNECT_SECONDS)).close()
