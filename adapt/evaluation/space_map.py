"""Two spaces in one plane, before and after alignment, with the neighbours of every word."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import nearest
from adapt.errors import FileFormatError
from adapt.evaluation.records import build_record, read_record
from adapt.files import atomic_path

__all__ = [
    "MapNeighbors",
    "Plane",
    "SpaceMap",
    "WordKind",
    "map_neighbors",
    "read_space_map",
    "write_space_map",
]

MAP_VERSION = 1

WordKind = Literal["general", "domain", "both", "anchor"]
"""Which spaces hold a word; an anchor is in both, and the map was fitted on it."""

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Plane:
    """The two principal axes of a space.

    Parameters
    ----------
    mean : ndarray of float64, shape (dim,)
        The mean of the vectors that it was fitted on.
    axes : ndarray of float64, shape (2, dim)
        Orthonormal, or zero where nothing varies; that of most variance first; the largest
        coordinate of each is positive.
    shares : tuple of float
        The share of the variance of those vectors along either axis.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    shares: tuple[float, float]

    @classmethod
    def fit(cls, vectors: NDArray[np.floating[Any]]) -> Self:
        """Find the plane that shows most of the variance of vectors, shape (n, dim).

        Where they have a single dimension, or do not differ, an axis is zero.
        """
        mean = vectors.mean(axis=0, dtype=np.float64)
        centred = vectors - mean
        variances, directions = np.linalg.eigh(centred.T @ centred)
        kept = variances[::-1][:2] > 0
        axes, shares = np.zeros((2, len(mean))), np.zeros(2)
        axes[: len(kept)] = directions.T[::-1][:2] * kept[:, None]
        shares[: len(kept)] = (
            variances[::-1][:2] * kept / max(variances[variances > 0].sum(), 1e-300)
        )
        axes *= np.where(axes[[0, 1], np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
        return cls(mean, axes, (float(shares[0]), float(shares[1])))

    def project(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return the coordinates of vectors in the plane, shape (n, 2)."""
        return np.asarray((vectors - self.mean) @ self.axes.T)


@dataclass(frozen=True)
class MapNeighbors:
    """The nearest words of every word on a map within one space, nearest first.

    `rows` number the words of the map, and `cosines` are rounded; both are empty for a word that
    the space lacks.
    """

    rows: tuple[tuple[int, ...], ...]
    cosines: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class SpaceMap:
    """Words of two spaces in one plane, before and after alignment.

    The plane is fitted on general vectors alone (`n_fitted` of them, normalised as for comparison),
    and is the same before and after, so that what moves is moved by the alignment. `explained`
    holds the shares of their variance along both axes: all else is not seen.

    `words` are those on the map, followed by others that are only neighbours; `kinds`, `counts` in
    the domain, and coordinates are of the former. `general` is where the general vector of a word
    stands, `before` and `after` where its in-domain vector does; None where a space lacks it.
    """

    method: str
    n_fitted: int
    explained: Point
    words: tuple[str, ...]
    kinds: tuple[WordKind, ...]
    counts: tuple[int, ...]
    general: tuple[Point | None, ...]
    before: tuple[Point | None, ...]
    after: tuple[Point | None, ...]
    general_neighbors: MapNeighbors
    domain_neighbors: MapNeighbors
    merged_neighbors: MapNeighbors
    map_version: int = MAP_VERSION


def map_neighbors(
    vectors: NDArray[np.floating[Any]],
    queries: NDArray[np.int64],
    k: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the nearest other rows of some rows of a space, by cosine.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, dim)
        The space.
    queries : ndarray of int64, shape (n_queries,)
        Rows whose neighbours are wanted.
    k : int
        How many; fewer where the space has no more.

    Returns
    -------
    rows : ndarray of int64, shape (n_queries, min(k, n - 1))
        Nearest first.
    cosines : ndarray of float32, of the same shape
        Their cosines.
    """
    if not len(queries):
        return np.empty((0, 0), np.int64), np.empty((0, 0), np.float32)
    found, cosines = nearest(vectors[queries], vectors, min(k + 1, len(vectors)))
    kept = found != queries[:, None]
    kept[np.all(kept, axis=1), -1] = False  # copies of a row may crowd out the row itself
    shape = (len(queries), found.shape[1] - 1)
    return found[kept].reshape(shape), cosines[kept].reshape(shape)


def write_space_map(space_map: SpaceMap, path: Path | str) -> None:
    """Write a map as compact JSON, whole or not at all."""
    text = json.dumps(asdict(space_map), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    with atomic_path(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def read_space_map(path: Path | str) -> SpaceMap:
    """Read what `write_space_map` wrote; a folder stands for its `map.json`.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is no map, or one of another version.
    """
    file = Path(path)
    file, raw = read_record(file / "map.json" if file.is_dir() else file)
    version = raw.get("map_version") if isinstance(raw, dict) else None
    if version != MAP_VERSION:
        raise FileFormatError(
            file, f"is a map of version {version}, but this adapt reads {MAP_VERSION}; run again"
        )
    found: SpaceMap = build_record(SpaceMap, raw, file)
    return found
