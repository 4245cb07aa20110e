"""What studies computed, kept by content: nothing is computed twice that was asked twice.

A key is a SHA-256 of everything that decides a value: the stage, the content of its inputs, the
part of the configuration that matters to it, and the code, packages and machine that compute it.
So a key never means anything else, an entry is never out of date, and processes that write the
same entry at once write the same.

An entry is one safetensors file: the arrays of a value, and the rest of it as JSON in the tensor
``record``. The metadata hold the SHA-256 of all tensors, which is verified whenever an entry is
read. Entries are written whole or not at all. No pickle is involved.

Entries lie in the folder ``studies`` of the user's cache folder (see `adapt.files.cache_folder`),
which removes what was not used for longest when it grows too large; or, where the user keeps no
cache, in the folder of the run itself. Nothing here makes a study fail that would succeed without.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from adapt.errors import AdaptError, AdaptWarning, FileFormatError
from adapt.evaluation.records import from_record
from adapt.experiment.digests import content_digest
from adapt.experiment.environment import environment_digest
from adapt.files import cache_folder, cache_limit, trim_cache
from adapt.vectors import WordVectors
from adapt.vectors.tensor_file import MappedTensors, write_tensors

__all__ = ["Store", "open_store"]

_FORMAT, _VERSION = "adapt-kept", "1"
_RECORD = "record"
_ARRAY = "array of this entry"
_DAMAGE = (OSError, ValueError, LookupError, TypeError, RecursionError, OverflowError)
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class _Vectors:
    """Word vectors as a dataclass, so that they are kept as all else is."""

    words: tuple[str, ...]
    matrix: np.ndarray
    counts: np.ndarray | None
    origin: str
    sources: tuple[str, ...] | None


class Store:
    """Values of stages by what was asked of them.

    A store can be sent to other processes, which then write to the same folder.

    Parameters
    ----------
    folder : Path
        Of the entries. It need not exist.
    resume : bool
        Whether to read entries; if not, all that is computed replaces what is kept.
    gpu : bool
        Whether a graphics processor may compute values.

    Attributes
    ----------
    n_kept, n_computed : Counter of str
        How many values of each stage were found, and how many had to be computed.
    """

    def __init__(self, folder: Path, *, resume: bool = True, gpu: bool = False) -> None:
        self.folder, self._resume, self._gpu = folder, resume, gpu
        self._writes = True
        self._since_trim = 0
        self.n_kept: Counter[str] = Counter()
        self.n_computed: Counter[str] = Counter()

    def key(self, stage: str, *asked: object) -> str:
        """Return the key of a value: of the stage, what it depends on, and what computes it."""
        return content_digest(_VERSION, environment_digest(gpu=self._gpu), stage, asked)

    def keep(
        self, stage: str, asked: object, kind: type[_Value], compute: Callable[[], _Value]
    ) -> _Value:
        """Return the value of a stage: what is kept of it, or else what is computed, and kept.

        Parameters
        ----------
        stage : str
            Its name, for the key and for the counts.
        asked
            All that the value depends on, as `content_digest` takes it.
        kind : type
            Of the value: a dataclass, a tuple of these, or `WordVectors`.
        compute : callable
            Computes the value.
        """
        key = self.key(stage, asked)
        found = self.get(key, kind)
        self.count(stage, kept=found is not None)
        if found is None:
            found = compute()
            self.put(key, found)
        return found

    def count(self, stage: str, *, kept: bool) -> None:
        """Note that a value of a stage was found, or has to be computed."""
        (self.n_kept if kept else self.n_computed)[stage] += 1

    def get(self, key: str, kind: type[_Value]) -> _Value | None:
        """Return what is kept under a key; None if there is nothing, or nothing to be trusted.

        Warns
        -----
        AdaptWarning
            If the entry is damaged; it is removed then.
        """
        path = self._path(key)
        if not self._resume or not os.path.isfile(path):
            return None
        try:
            value: _Value = _from_tensors(kind, _verified(path))
            with suppress(OSError):  # in a folder that only can be read
                os.utime(path)  # for `trim_cache`
        except FileNotFoundError:
            return None  # another process has just removed it
        except _DAMAGE as error:
            warnings.warn(
                f"{path}: is damaged and will be computed again ({error})",
                AdaptWarning,
                stacklevel=2,
            )
            with suppress(OSError):
                path.unlink()
            return None
        return value

    def put(self, key: str, value: object) -> None:
        """Keep a value under a key; without effect where the folder takes no more.

        Warns
        -----
        AdaptWarning
            The first time that an entry cannot be written.
        """
        if not self._writes:
            return
        try:
            self._write(key, value)
        except (AdaptError, OSError) as error:
            self._writes = False
            warnings.warn(
                f"{error}; the study goes on, but cannot be resumed from here: make room in the "
                "folder, or set ADAPT_CACHE to another",
                AdaptWarning,
                stacklevel=2,
            )

    def try_put(self, key: str, value: object) -> None:
        """Keep a value as `put` does, but leave it to the process that asked to warn.

        Nothing is kept on a machine that does not see the folder.
        """
        if not self.folder.is_dir():
            return
        with suppress(AdaptError, OSError):
            self._write(key, value)

    def holds(self, key: str) -> bool:
        """Whether there is an entry, trustworthy or not."""
        return os.path.isfile(self._path(key))

    def trim(self) -> None:
        """Remove what was not used for longest, if this is a part of the user's cache folder."""
        if self.folder == _shared_folder():
            self._since_trim = 0
            trim_cache()

    def make_folder(self) -> None:
        """Make the folder, so that workers that see it keep what they compute."""
        with suppress(OSError):  # which is told of when something is written
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.safetensors"

    def _write(self, key: str, value: object) -> None:
        arrays = _to_tensors(value)
        metadata = {"format": _FORMAT, "version": _VERSION, "sha256": _checksum(arrays)}
        self.make_folder()
        write_tensors(self._path(key), arrays, metadata)
        self._since_trim += sum(array.nbytes for array in arrays.values())
        if self._since_trim > cache_limit() / 100:
            self.trim()


def open_store(folder: Path, *, resume: bool, gpu: bool) -> Store:
    """Open the user's store, or that of a run's `folder` where the user keeps no cache.

    Parameters
    ----------
    folder : Path
        Of the run.
    resume, gpu : bool
        See `Store`.
    """
    store = Store(_shared_folder() or folder / "kept", resume=resume, gpu=gpu)
    store.make_folder()
    store.trim()
    return store


def _shared_folder() -> Path | None:
    kept = cache_folder()
    return None if kept is None else kept / "studies"


def _verified(path: Path) -> dict[str, np.ndarray]:
    """Map the tensors of an entry, after comparing them with their checksum."""
    tensors = MappedTensors(path)
    tensors.expect(_FORMAT, _VERSION, kind="an entry of a study's store")
    arrays: dict[str, np.ndarray] = {
        name: tensors.take(name, str(entry["dtype"]), len(entry["shape"]))
        for name, entry in tensors.entries.items()
    }
    if tensors.metadata.get("sha256") != _checksum(arrays):
        raise FileFormatError(path, "does not have the content that was written")
    return arrays


def _checksum(arrays: dict[str, np.ndarray]) -> str:
    state = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        state.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        state.update(array.reshape(-1).view(np.uint8).data)
    return state.hexdigest()


def _to_tensors(value: object) -> dict[str, np.ndarray]:
    """Part a value into arrays, and all else as JSON in the array `record`."""
    arrays: dict[str, np.ndarray] = {}
    if isinstance(value, WordVectors):
        value = _Vectors(value.words, value.matrix, value.counts, value.origin, value.sources)
    record = json.dumps(_plain(value, arrays))
    # wide numbers first, so that all begin at a multiple of their size
    by_width = sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize)
    return {**dict(by_width), _RECORD: np.frombuffer(record.encode("ascii"), np.uint8)}


def _plain(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Turn dataclasses into mappings, and arrays into the names under which they are put aside."""
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = value
        return {_ARRAY: name}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), arrays) for f in fields(value) if f.init}
    if isinstance(value, list | tuple):
        return [_plain(item, arrays) for item in value]
    return value


def _from_tensors(kind: type[_Value], arrays: dict[str, np.ndarray]) -> _Value:
    def with_arrays(found: dict[str, Any]) -> Any:
        return arrays[found[_ARRAY]] if found.keys() == {_ARRAY} else found

    raw = json.loads(arrays[_RECORD].tobytes(), object_hook=with_arrays)
    if kind is WordVectors:
        kept: _Vectors = from_record(_Vectors, raw)
        vectors: Any = WordVectors(kept.words, kept.matrix, kept.counts, kept.origin, kept.sources)
        return vectors  # type: ignore[no-any-return]
    return from_record(kind, raw)  # type: ignore[no-any-return]
