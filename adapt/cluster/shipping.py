"""Files that many tasks share, on workers that do not see this machine's disk.

Tasks name them instead of holding them. What they hold travels once to each worker, as the result
of a task of its own: Dask passes it on from worker to worker, makes it again where the only worker
that had it is lost, and forgets it when nobody waits for a task with it any more. A worker writes
it to its own disk when it is first used, and deletes it when it is forgotten.
"""

from __future__ import annotations

import io
import pickle
import shutil
import tempfile
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from adapt.cluster.agreement import Installation, installation
from adapt.errors import FileAccessError, InputError

if TYPE_CHECKING:
    from distributed import Worker

__all__ = ["SharedFiles", "Shipment", "call", "check_worker", "pack"]


class SharedFiles(ABC):
    """Something that lies in files on this machine, and can lie in copies of them elsewhere.

    It has to be hashable; equal ones have the same files.
    """

    @abstractmethod
    def files(self) -> tuple[Path, ...]:
        """All of its files; no two have the same name."""

    @abstractmethod
    def at(self, folder: Path) -> Self:
        """Give the same from copies of the files in `folder`, under the names that they have."""


class Shipment:
    """Shared files on their way, or where they arrived.

    Parameters
    ----------
    shared : SharedFiles
        As it was where it comes from.
    contents : mapping of str to bytes
        Of its files, by name.
    """

    def __init__(self, shared: SharedFiles, contents: Mapping[str, bytes]) -> None:
        self._shared = shared
        self._contents = contents
        self._arrived: SharedFiles | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, shared: SharedFiles) -> Shipment:
        """Read the files of something shared."""
        return cls(shared, _contents(shared))

    def arrived(self) -> SharedFiles:
        """Give what was shipped, from files of this worker; they last as long as the shipment."""
        with self._lock:
            if self._arrived is None:
                folder = Path(tempfile.mkdtemp(prefix="adapt-", dir=_worker_folder()))
                weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
                self._write(folder)
                self._arrived = self._shared.at(folder)
                self._contents = {}
            return self._arrived

    def _write(self, folder: Path) -> None:
        try:
            for name, content in self._contents.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            raise FileAccessError(
                f"{folder}: a worker cannot write there ({error.strerror}); give workers another "
                "--local-directory"
            ) from error

    def __reduce__(self) -> tuple[Any, ...]:
        with self._lock:
            contents = self._contents if self._arrived is None else _contents(self._arrived)
        return Shipment, (self._shared, contents)


def pack(value: Any) -> tuple[bytes, tuple[SharedFiles, ...]]:
    """Pickle a value, but for the shared files in it, which are returned in the order of use."""
    buffer = io.BytesIO()
    pickler = _Pickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dump(value)
    return buffer.getvalue(), tuple(pickler.places)


def call(packed: bytes, shipments: Sequence[Shipment], wanted: Installation) -> Any:
    """Call what was packed as a function with its argument; this is what workers run.

    Raises
    ------
    InputError
        If this worker is none that gives the same results as `wanted`.
    """
    from distributed import get_worker

    check_worker(wanted, get_worker())
    function, item = _Unpickler(io.BytesIO(packed), shipments).load()
    return function(item)


def check_worker(wanted: Installation, dask_worker: Worker) -> None:
    """Refuse a worker on which something else might come out than on others.

    Parameters
    ----------
    wanted : Installation
        That of the process that asks.
    dask_worker : distributed.Worker
        The worker that this runs on; Dask gives it, by this name, to what `Client.run` runs.

    Raises
    ------
    InputError
        If its code differs, or it runs several tasks at a time.
    """
    differences = wanted.differences(installation())
    if differences:
        raise InputError(
            f"worker {dask_worker.address}: {', '.join(differences)}; install the same on both"
        )
    if dask_worker.state.nthreads > 1:
        # generators of random numbers belong to the process: tasks would take from one another
        raise InputError(
            f"worker {dask_worker.address}: runs {dask_worker.state.nthreads} tasks at a time; "
            "start it with --nthreads 1, and several processes with --nworkers"
        )


class _Pickler(pickle.Pickler):
    """Puts a number in the place of each thing that is shared."""

    def __init__(self, file: io.BytesIO, **options: Any) -> None:
        super().__init__(file, **options)
        self.places: dict[SharedFiles, int] = {}

    def persistent_id(self, obj: Any) -> int | None:
        if not isinstance(obj, SharedFiles):
            return None
        return self.places.setdefault(obj, len(self.places))


class _Unpickler(pickle.Unpickler):
    """Puts what arrived in the places of those numbers."""

    def __init__(self, file: io.BytesIO, shipments: Sequence[Shipment]) -> None:
        super().__init__(file)
        self._shipments = shipments

    def persistent_load(self, place: int) -> SharedFiles:
        return self._shipments[place].arrived()


def _contents(shared: SharedFiles) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shared.files()}


def _worker_folder() -> str | None:
    """Name the folder of this worker, which it deletes in the end; None in no worker."""
    from distributed import get_worker

    try:
        folder: str = get_worker().local_directory
    except ValueError:
        return None
    return folder
