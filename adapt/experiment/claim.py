"""The folder of a run: it belongs to one configuration, and to one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from adapt.errors import FileAccessError, InputError
from adapt.experiment.config import StudyConfig, config_digest
from adapt.experiment.manifest import read_manifest
from adapt.files import check_target

__all__ = ["check_free", "claimed_folder"]

_LOCK = ".lock"


@contextmanager
def claimed_folder(folder: Path, config: StudyConfig) -> Iterator[None]:
    """Keep other runs out of a folder that may receive the results of `config`.

    The lock is the operating system's: it ends with its process, however that ends. A folder that
    is still empty at the end is removed.

    Parameters
    ----------
    folder : Path
        Of the run. It need not exist.
    config : StudyConfig
        What is going to run.

    Raises
    ------
    InputError
        If it holds the results of another configuration, is not a folder, or if another run is
        writing to it.
    FileFormatError
        If its manifest is damaged, or of a newer version.
    FileAccessError
        If nothing can be written there.
    """
    check_free(folder, config)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(
            f"{folder}: another run is writing to it; wait for its end, or choose another --out"
        ) from error
    except OSError as error:
        raise FileAccessError(
            f"{folder}: cannot be written ({error.strerror}); choose another --out"
        ) from error
    try:
        check_free(folder, config)  # again: a run may just have ended
        yield
    finally:
        with suppress(OSError):  # some systems keep files that are open
            (folder / _LOCK).unlink()
        lock.release()
        with suppress(OSError):  # not empty
            for path in made:
                path.rmdir()


def check_free(folder: Path, config: StudyConfig) -> None:
    """Refuse a folder that is not of this configuration."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, not a folder; choose another --out")
    manifest = folder / "manifest.json"
    check_target(manifest)
    if not manifest.exists():
        if (folder / "results.json").exists():
            raise InputError(
                f"{folder}: holds results without a manifest; choose another --out or remove it"
            )
        return
    if read_manifest(manifest).get("config_digest") != config_digest(config):
        raise InputError(
            f"{folder}: holds results of another configuration; choose another --out or remove it"
        )
