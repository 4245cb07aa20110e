"""Files of installed packages that hold data."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from adapt.errors import FileAccessError, MissingDependencyError

__all__ = ["packaged_files"]


def packaged_files(package: str, pattern: str) -> tuple[Path, ...]:
    """Find the files of an installed package that match, without importing the package.

    Parameters
    ----------
    package : str
        Its import name.
    pattern : str
        As `pathlib.Path.glob` reads it, from the package's folder.

    Returns
    -------
    tuple of Path
        One file or more, in the order of their names.

    Raises
    ------
    MissingDependencyError
        If the package is not installed.
    FileAccessError
        If no file of it matches.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(
            f'the package {package} is not installed; run pip install "adapt-embeddings[demo]"'
        )
    files = tuple(
        file
        for folder in spec.submodule_search_locations
        for file in sorted(Path(folder).glob(pattern))
    )
    if not files:
        folder = spec.submodule_search_locations[0]
        raise FileAccessError(f"{folder}/{pattern}: no such file; install {package} again")
    return files
