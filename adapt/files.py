"""Writing files whole or not at all, and where what can be made again is kept."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapt.errors import AdaptError, FileAccessError, InputError

__all__ = [
    "atomic_path",
    "cache_folder",
    "cache_limit",
    "check_target",
    "trim_cache",
]

_DEFAULT_GIB = 10.0
_ABANDONED_SECONDS = 24 * 3600
_BOUNDED = ("vectors/*.safetensors", "studies/*.safetensors")
"""What may grow large in the cache folder; the compiled kernels beside it are small."""


def check_target(path: Path | str) -> None:
    """Refuse a place that no file can be written to, before any work is done for it.

    Raises
    ------
    FileAccessError
        If `path` is a folder, or the nearest folder above it that exists takes no files.
    """
    target = Path(path)
    if target.is_dir():
        raise FileAccessError(f"{target}: is a folder; name a file in it")
    nearest = next(parent for parent in target.absolute().parents if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise FileAccessError(f"{target}: {nearest} takes no files; choose another place")


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

    The temporary file lies in the folder of `path`, so that the final rename is atomic; if the
    block raises, it is deleted and `path` keeps what it held before.

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
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
        )
        os.close(handle)
    except OSError as error:
        raise FileAccessError(
            f"{target}: cannot be written ({error.strerror}); choose another place"
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; give the result the permissions of an ordinary new file
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, target)
    except AdaptError:
        raise  # already says what is wrong, perhaps about an input read in the block
    except OSError as error:
        raise FileAccessError(
            f"{target}: cannot be written ({error.strerror or error}); nothing was changed"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
