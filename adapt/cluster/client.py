"""Reaching a Dask cluster: one on this machine, or one that is there already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapt.errors import InputError, MissingDependencyError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["dask_client"]

_CONNECT_SECONDS = 5


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
            client = Client(scheduler, timeout=_CONNECT_SECONDS)
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
            dashboard_address=None,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
