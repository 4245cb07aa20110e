"""The map of a study's two spaces: which words it shows, where they stand, what is near them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import Aligner, aligner_named
from adapt.evaluation import MapNeighbors, Plane, Results, SpaceMap, map_neighbors
from adapt.evaluation.space_map import WordKind
from adapt.experiment.environment import linear_algebra_threads
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.experiment.store import Store
from adapt.vectors import WordVectors

__all__ = ["map_spaces", "named_words"]

_N_SHARED = 1500
_N_DOMAIN_ONLY = 600
_N_GENERAL_ONLY = 200
_N_FITTED = 20_000
_N_CANDIDATES = 50_000
_N_NEIGHBORS = 10

_Points = tuple[tuple[float, float] | None, ...]


def map_spaces(spaces: EmbeddingSpaces, results: Results, store: Store) -> SpaceMap:
    """Map the spaces of a study, before and after its own alignment.

    On the map are the most frequent words of both spaces, of the domain alone and of the general
    space alone, and those that the results name. Neighbours are by the cosine of the vectors as
    they are, among the 50,000 most frequent words of a space.

    Parameters
    ----------
    spaces : EmbeddingSpaces
        The spaces.
    results : Results
        Name words that shall be on the map.
    store : Store
        Keeps the map.
    """
    named = named_words(results)
    asked = (spaces.digest, named, linear_algebra_threads())
    return store.keep("space map", asked, SpaceMap, lambda: _mapped(spaces, named))


def named_words(results: Results) -> tuple[str, ...]:
    """List the words that the report names one by one, each once, in its order."""

    def named() -> Iterator[str]:
        for entry in results.neighbors:
            yield entry.word
            yield from (word for word, _ in entry.neighbors)
        for one in results.anchors.changed if results.anchors is not None else ():
            yield from (one.domain, one.general, *one.domain_neighbors, *one.general_neighbors)
        for drift in results.drift:
            yield from (moved.word for moved in (*drift.moved, *drift.moved_once))

    return tuple(dict.fromkeys(named()))


def _mapped(spaces: EmbeddingSpaces, named: Sequence[str]) -> SpaceMap:
    domain = spaces.domain
    general = spaces.general.head(_N_CANDIDATES)
    aligner = spaces.aligner
    words = _shown(domain, general, named)
    in_domain, in_general = domain.rows(words), general.rows(words)
    plane = Plane.fit(aligner.normalized_general(general.head(_N_FITTED)))
    identity = aligner_named("identity").fit(domain, spaces.general, aligner.anchors_)
    counts = np.zeros(len(domain), np.int64) if domain.counts is None else domain.counts
    near = _Neighborhoods(words)
    tables = (
        near.within(general),
        near.within(domain.head(_N_CANDIDATES)),
        near.within(_merged(spaces, general, domain)),
    )
    return SpaceMap(
        method=aligner.name,
        n_fitted=min(len(general), _N_FITTED),
        explained=plane.shares,
        words=tuple(near.words),
        kinds=tuple(_kinds(words, in_domain, in_general, aligner)),
        counts=tuple(int(counts[row]) if row >= 0 else 0 for row in in_domain),
        general=_points(plane, in_general, aligner.normalized_general, general),
        before=_points(plane, in_domain, identity.normalized_domain, domain),
        after=_points(plane, in_domain, aligner.normalized_domain, domain),
        general_neighbors=tables[0],
        domain_neighbors=tables[1],
        merged_neighbors=tables[2],
    )


def _shown(domain: WordVectors, general: WordVectors, named: Sequence[str]) -> tuple[str, ...]:
    """Choose the words of the map: frequent ones first, then what is named elsewhere."""
    known = general.rows(domain.words) >= 0
    shared = np.flatnonzero(known)[:_N_SHARED].tolist()
    added = np.flatnonzero(~known)[:_N_DOMAIN_ONLY].tolist()
    lacking = np.flatnonzero(domain.rows(general.words) < 0)[:_N_GENERAL_ONLY].tolist()
    words = dict.fromkeys(domain.words[row] for row in (*shared, *added))
    words |= dict.fromkeys(general.words[row] for row in lacking)
    words |= dict.fromkeys(word for word in named if word in domain or word in general)
    return tuple(words)


def _kinds(
    words: Sequence[str],
    in_domain: NDArray[np.int64],
    in_general: NDArray[np.int64],
    aligner: Aligner,
) -> Iterator[WordKind]:
    anchors = {
        one
        for one, other in zip(aligner.anchors_.domain, aligner.anchors_.general, strict=True)
        if one == other
    }
    for word, row, general_row in zip(words, in_domain, in_general, strict=True):
        if row < 0:
            yield "general"
        elif general_row < 0:
            yield "domain"
        else:
            yield "anchor" if word in anchors else "both"


def _points(
    plane: Plane,
    rows: NDArray[np.int64],
    normalize: Callable[[NDArray[Any]], NDArray[Any]],
    vectors: WordVectors,
) -> _Points:
    """Project the vectors of words, None for those that have no row."""
    known = rows >= 0
    projected = plane.project(normalize(vectors.matrix[rows[known]])).round(3)
    points = iter(map(tuple, (projected + 0.0).tolist()))  # no negative zeros
    return tuple(next(points) if is_known else None for is_known in known)


def _merged(spaces: EmbeddingSpaces, general: WordVectors, domain: WordVectors) -> WordVectors:
    """Return the merged vectors of the words that the map has from either space."""
    words = dict.fromkeys((*general.words, *domain.head(_N_CANDIDATES).words))
    return spaces.embedding("aligned", (), seed=0).select(list(words))


class _Neighborhoods:
    """Finds neighbours, and numbers the words among them that are not on the map."""

    def __init__(self, shown: Sequence[str]) -> None:
        self._shown = tuple(shown)
        self._numbers = {word: number for number, word in enumerate(shown)}

    @property
    def words(self) -> tuple[str, ...]:
        """All words so far, by their numbers."""
        return tuple(self._numbers)

    def within(self, space: WordVectors) -> MapNeighbors:
        """Find the nearest words of every word on the map that a space holds."""
        rows = space.rows(self._shown)
        found, cosines = map_neighbors(space.matrix, rows[rows >= 0], _N_NEIGHBORS)
        pairs = iter(zip(found.tolist(), cosines.round(2).tolist(), strict=True))
        numbers, values = [], []
        for row in rows:
            near, similar = next(pairs) if row >= 0 else ((), ())
            numbers.append(tuple(self._number(space.words[other]) for other in near))
            values.append(tuple(round(value, 2) for value in similar))
        return MapNeighbors(tuple(numbers), tuple(values))

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))
