"""Writing files whole or not at all, and where what can be made again is kept."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapt.errors import AdaptError, FileAccessError, InputError

__all__ = [
    "atomic_path",
    "cache_folder",
    "cache_limit",
    "check_target",
    "scratch_folder",
    "trim_cache",
]

_DEFAULT_GIB = 10.0
_ABANDONED_SECONDS = 24 * 3600
_N_RANDOM = 8
_RANDOM = "[0-9a-f]" * _N_RANDOM
_SCRATCH = "adapt-scratch-"
_BOUNDED = ("vectors/*.safetensors", "studies/*.safetensors")
"""What may grow large in the cache folder; the compiled kernels beside it are small."""


def check_target(path: Path | str) -> None:
    """Refuse a place that no file can be written to, before any work is done for it.

    Raises
    ------
    FileAccessError
        If `path` is a folder, a device, or a file that must not be changed, or if the nearest
        folder above it that exists takes no files.
    """
    target = Path(path)
    _check_replaceable(target)
    nearest = next(parent for parent in target.absolute().parents if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise FileAccessError(f"{target}: {nearest} takes no files; choose another place")


def _check_replaceable(target: Path) -> None:
    """Refuse to put a new file in the place of what is no file, or is read-only."""
    if target.is_dir():
        raise FileAccessError(f"{target}: is a folder; name a file in it")
    if target.exists() and not target.is_file():
        raise FileAccessError(f"{target}: is a device or a pipe; name a file")
    if target.exists() and not os.access(target, os.W_OK):
        raise FileAccessError(f"{target}: is read-only; choose another place")


def cache_folder() -> Path | None:
    """Return the user's folder for what can be made again, or None if nothing is to be kept.

    The environment variable ``ADAPT_CACHE`` names it, or is ``off``. Without it, it is ``adapt``
    in ``$XDG_CACHE_HOME`` (``~/.cache``; on macOS ``~/Library/Caches``, on Windows
    ``%LOCALAPPDATA%``). It need not exist.
    """
    chosen = os.environ.get("ADAPT_CACHE", "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.path.expanduser(base)) / "adapt"


def cache_limit() -> float:
    """Return how many bytes of large files the cache folder may hold, by ``ADAPT_CACHE_GIB``.

    Raises
    ------
    InputError
        If that is no number.
    """
    text = os.environ.get("ADAPT_CACHE_GIB") or str(_DEFAULT_GIB)
    try:
        return float(text) * (1 << 30)
    except ValueError as error:
        raise InputError(
            f"ADAPT_CACHE_GIB is {text!r}; set it to a number of GiB, or ADAPT_CACHE to off"
        ) from error


def trim_cache() -> None:
    """Remove files from the cache folder until the rest fits, those first not used for longest.

    What is not finished takes room, too; it is removed once its process must have died.
    """
    folder = cache_folder()
    if folder is None:
        return
    left = cache_limit()
    files = []
    for pattern in _BOUNDED:
        for file in folder.glob(pattern):
            with suppress(OSError):  # other processes remove files as well
                files.append((file.stat(), file))
    for status, file in sorted(files, key=lambda entry: -entry[0].st_mtime_ns):
        left -= status.st_size
        abandoned = time.time() - status.st_mtime > _ABANDONED_SECONDS
        if abandoned if file.name.startswith(".") else left < 0:
            with suppress(OSError):  # some systems keep files that are mapped
                file.unlink()


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` when the block succeeds.

    The temporary file lies in the folder of `path`, so that the final rename is atomic, and is
    flushed to the disk before; if the block raises, it is deleted and `path` keeps what it held
    before. What is left of it by a process that was killed is removed when `path` is next written.
    A link stays one, and the file that it leads to is written. A file that is replaced leaves its
    permissions to the new one.

    Parameters
    ----------
    path : Path or str
        Where the file shall be. Missing parent folders are made.

    Yields
    ------
    Path
        A path with the same suffix as `path`, to be written by the caller.

    Raises
    ------
    FileAccessError
        If the folder or the file cannot be written.
    """
    _check_replaceable(Path(path))
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        pattern = f".{glob.escape(target.stem)}-{_RANDOM}{glob.escape(target.suffix)}"
        for temporary in target.parent.glob(pattern):
            _remove_abandoned(temporary, Path.unlink)
        temporary, lock = _new_locked(
            lambda name: target.with_name(f".{target.stem}-{name}{target.suffix}")
        )
    except OSError as error:
        raise FileAccessError(
            f"{path}: cannot be written ({error.strerror}); choose another place"
        ) from error
    try:
        with os.fdopen(lock, "rb+") as held:
            yield temporary
            os.fsync(held.fileno())
            with suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            if sys.platform == "win32":
                held.close()  # what is open cannot be renamed there
            os.replace(temporary, target)
    except AdaptError:
        raise  # already says what is wrong, perhaps about an input read in the block
    except OSError as error:
        raise FileAccessError(
            f"{path}: cannot be written ({error.strerror or error}); nothing was changed"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder for files that only the block needs.

    It lies where the system has such folders (``TMPDIR`` names the place), and is removed at the
    end; what is left of it by a process that was killed is removed by the next one.

    Raises
    ------
    FileAccessError
        If it cannot be made, or takes no more.
    """
    base = Path(tempfile.gettempdir())
    for lock_file in base.glob(f"{_SCRATCH}{_RANDOM}.lock"):
        _remove_abandoned(lock_file, _remove_scratch)
    try:
        lock_file, lock = _new_locked(lambda name: base / f"{_SCRATCH}{name}.lock")
        try:
            lock_file.with_suffix("").mkdir(mode=0o700)
        except OSError:
            os.close(lock)
            lock_file.unlink()
            raise
    except OSError as error:
        raise FileAccessError(
            f"{base}: takes no files ({error.strerror}); make room, or set TMPDIR to another folder"
        ) from error
    try:
        with os.fdopen(lock, "rb+"):
            yield lock_file.with_suffix("")
    except OSError as error:
        if isinstance(error, AdaptError) or error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise FileAccessError(
            f"{base}: is full ({error.strerror}); make room, or set TMPDIR to another folder"
        ) from error
    finally:
        _remove_scratch(lock_file)


def _remove_scratch(lock_file: Path) -> None:
    shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
    lock_file.unlink(missing_ok=True)


def _new_locked(place: Callable[[str], Path]) -> tuple[Path, int]:
    """Make a file at the place of a random name, and lock it; return it with its descriptor.

    The lock lasts until the descriptor is closed, by this process or by its death.
    """
    while True:
        path = place(secrets.token_hex(_N_RANDOM // 2))
        try:
            # by the user's own umask, unlike the private files of `tempfile`
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        _lock(descriptor, wait=True)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)  # it was taken for abandoned before it was locked


def _remove_abandoned(path: Path, remove: Callable[[Path], None]) -> None:
    """Remove a file that `_new_locked` made if the process that made it is dead."""
    if sys.platform == "win32":
        return  # where no lock tells
    with suppress(OSError):  # another process may be at it as well
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if os.fstat(descriptor).st_uid == os.getuid() and _lock(descriptor, wait=False):
                remove(path)
        finally:
            os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> bool:
    """Lock an open file; tell whether that worked, as it does not on every file system."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True
