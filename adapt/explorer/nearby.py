"""Neighbours and analogies of words, in one space and in several side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import nearest
from adapt.errors import InputError, UnknownWordError
from adapt.vectors import WordVectors

__all__ = ["Neighbor", "Neighborhood", "analogy", "common_words", "neighborhoods", "neighbors"]

Search = Callable[[WordVectors], tuple["Neighbor", ...]]
"""Finds words in a space; raises `UnknownWordError` where it lacks one to start from."""


@dataclass(frozen=True)
class Neighbor:
    """A word near to what was looked for, and what its space knows of it.

    Parameters
    ----------
    word : str
        The word.
    cosine : float
        With what was looked for, in [-1, 1].
    count : int or None
        How often it occurred in the text of its space, if the space says so.
    source : str or None
        Where its vector comes from, if the space says so.
    """

    word: str
    cosine: float
    count: int | None = None
    source: str | None = None


@dataclass(frozen=True)
class Neighborhood:
    """What one of several spaces has near to what was looked for.

    Parameters
    ----------
    space : str
        Name of the space.
    neighbors : tuple of Neighbor
        The nearest first; none if the space lacks a word.
    lacking : str
        Why there are none, or nothing.
    """

    space: str
    neighbors: tuple[Neighbor, ...]
    lacking: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words, the nearest first."""
        return tuple(one.word for one in self.neighbors)


def neighbors(
    space: WordVectors, words: Sequence[str], k: int = 10
) -> tuple[tuple[Neighbor, ...], ...]:
    """Find the `k` other words nearest to each of some words by cosine; fewer if there are no more.

    Parameters
    ----------
    space : WordVectors
        Where to look.
    words : sequence of str
        Whose neighbours; distinct.
    k : int
        How many of each.

    Returns
    -------
    tuple of tuple of Neighbor
        For each word, the nearest first.

    Raises
    ------
    UnknownWordError
        If `space` lacks a word.
    InputError
        If `k` is not positive, or a word is given twice.
    """
    queries = space.select(words)
    excluded = [(row,) for row in space.rows(words).tolist()]
    return _nearest_others(space, queries.matrix, excluded, k)


def analogy(space: WordVectors, a: str, b: str, c: str, k: int = 10) -> tuple[Neighbor, ...]:
    """Find the words nearest to a - b + c by cosine, without these three.

    The three vectors have unit length first, as in 3CosAdd: *king - man + woman*.

    Parameters
    ----------
    space : WordVectors
        Where to look.
    a, b, c : str
        The words.
    k : int
        How many to find; fewer if there are no more.

    Returns
    -------
    tuple of Neighbor
        The nearest first.

    Raises
    ------
    UnknownWordError
        If `space` lacks a word.
    InputError
        If `k` is not positive, or the three cancel each other out.

    References
    ----------
    T. Mikolov, W. Yih, G. Zweig (2013). Linguistic regularities in continuous space word
    representations. NAACL.

    O. Levy, Y. Goldberg (2014). Linguistic regularities in sparse and explicit word
    representations. CoNLL.
    """
    rows = [space.index(word) for word in (a, b, c)]
    plus, minus, also = (_unit(space.matrix[row]) for row in rows)
    target = (plus - minus + also).astype(np.float32)  # as the space, which is not converted then
    if not target.any():
        raise InputError(f"{a} - {b} + {c} is zero, which is near to nothing; choose other words")
    (found,) = _nearest_others(space, target[None], [tuple(sorted(set(rows)))], k)
    return found


def neighborhoods(spaces: Mapping[str, WordVectors], search: Search) -> tuple[Neighborhood, ...]:
    """Look for the same in several spaces; one that lacks a word says so.

    Parameters
    ----------
    spaces : mapping of str to WordVectors
        Spaces by name.
    search : callable
        What to look for, such as ``lambda space: neighbors(space, ["ataxia"])[0]``.

    Returns
    -------
    tuple of Neighborhood
        In the order of the spaces.
    """
    return tuple(_neighborhood(name, space, search) for name, space in spaces.items())


def common_words(found: Sequence[Neighborhood]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the words that two neighbourhoods have in common, for all pairs that have any words.

    Parameters
    ----------
    found : sequence of Neighborhood
        Of spaces with different names.

    Returns
    -------
    dict of pair of str to tuple of str
        The words by the names of both spaces, in the order of the first.
    """
    return {
        (one.space, other.space): tuple(word for word in one.words if word in other.words)
        for one, other in combinations(found, 2)
        if one.words and other.words
    }


def _neighborhood(name: str, space: WordVectors, search: Search) -> Neighborhood:
    try:
        return Neighborhood(name, search(space))
    except UnknownWordError as error:
        return Neighborhood(name, (), str(error))


def _nearest_others(
    space: WordVectors,
    queries: NDArray[np.float32],
    excluded: Sequence[tuple[int, ...]],
    k: int,
) -> tuple[tuple[Neighbor, ...], ...]:
    """Find the `k` rows nearest to every query, without those excluded for it."""
    if k < 1:
        raise InputError(f"k is {k}; look for 1 neighbour or more")
    most = max(map(len, excluded), default=0)
    rows, cosines = nearest(queries, space.matrix, min(k + most, len(space)))
    return tuple(
        tuple(
            _neighbor(space, row, cosine)
            for row, cosine in zip(near, values, strict=True)
            if row not in own
        )[:k]
        for near, values, own in zip(rows.tolist(), cosines.tolist(), excluded, strict=True)
    )


def _neighbor(space: WordVectors, row: int, cosine: float) -> Neighbor:
    return Neighbor(
        space.words[row],
        cosine,
        None if space.counts is None else int(space.counts[row]),
        None if space.sources is None else space.sources[row],
    )


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the vector with length 1, or zeros."""
    length = float(np.linalg.norm(vector.astype(np.float64)))
    return vector.astype(np.float64) / (length or 1.0)
