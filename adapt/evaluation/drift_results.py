"""How far fine-tuning moved the words, once it has been measured: plain data, for files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["Drift", "DriftBand", "DriftSource", "MovedWord", "Movement", "most_drifted"]


@dataclass(frozen=True)
class Movement:
    """How far the words of a group moved.

    A word's shift is the length of its movement over the length that its vector had before; of the
    shifts there are mean, median and 90 % quantile. `mean_cosine` is that of the vectors before
    and after. `neighbor_overlap` is the share of a word's nearest neighbours that are so before
    and after, averaged over `n_sampled` of the words.
    """

    n_words: int
    mean_shift: float
    median_shift: float
    high_shift: float
    mean_cosine: float
    neighbor_overlap: float
    n_sampled: int


@dataclass(frozen=True)
class DriftBand:
    """Movement of the words that occur from `lowest` to `highest` times in the training documents.

    `highest` is None where there is no limit.
    """

    lowest: int
    highest: int | None
    movement: Movement


@dataclass(frozen=True)
class DriftSource:
    """Movement of the words in the training documents whose vectors came from one source."""

    source: str
    movement: Movement


@dataclass(frozen=True)
class MovedWord:
    """A word that moved, with the words nearest to it before and after."""

    word: str
    count: int
    source: str
    shift: float
    cosine: float
    neighbors_before: tuple[str, ...]
    neighbors_after: tuple[str, ...]


@dataclass(frozen=True)
class Drift:
    """How far one classifier's training moved the word vectors: a cell of the grid, of one seed.

    Bands and sources without words are left out, and so are `n_from_zero` words in the training
    documents whose vectors were zero before: there is no length that their shift could be relative
    to. Neighbours were sought among `n_candidates` words. `moved` are words seen twice or more that
    moved most, and `moved_once` those seen once. `followed` are the shifts of the words that moved
    most under the strategy that moved them most, for the sake of comparison.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int
    seed: int
    bands: tuple[DriftBand, ...]
    sources: tuple[DriftSource, ...]
    n_from_zero: int
    n_candidates: int
    moved: tuple[MovedWord, ...] = ()
    moved_once: tuple[MovedWord, ...] = ()
    followed: tuple[tuple[str, float], ...] = ()

    def mean_shift(self, lowest: int = 1, highest: int | None = None) -> float | None:
        """Return the mean shift of the words in the bands from one count to another.

        Bands that reach beyond either count are left out; None if no band is left.
        """
        limit = np.inf if highest is None else highest
        chosen = [
            band.movement
            for band in self.bands
            if band.lowest >= lowest and (np.inf if band.highest is None else band.highest) <= limit
        ]
        if not chosen:
            return None
        sizes = [movement.n_words for movement in chosen]
        return float(np.average([movement.mean_shift for movement in chosen], weights=sizes))

    def is_beside(self, other: Drift) -> bool:
        """Whether both began with the same vectors and saw the same documents."""
        return (self.embedding, self.oov, self.model, self.n_train, self.seed) == (
            other.embedding, other.oov, other.model, other.n_train, other.seed
        )  # fmt: skip


def most_drifted(drifts: Iterable[Drift]) -> Drift:
    """Return the drift of the highest mean shift of the words in training; of equals the first.

    Raises
    ------
    ValueError
        If there are none.
    """
    return max(drifts, key=lambda drift: drift.mean_shift() or 0.0)
