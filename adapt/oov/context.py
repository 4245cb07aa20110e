"""Vectors for unknown words from the company they keep (à la carte)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.oov.contexts import NumberedCorpus, Span, context_means, numbered
from adapt.oov.reliability import ReliabilityRidge, reliability
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Context"]

_COMMON = 1e-4  # share of the text above which a context word counts for less than half
_MOST_TEACHERS = 40_000  # more teach the map little, but take memory


@dataclass
class Context(OOVStrategy):
    """A linear map from the mean of the vectors around a word to the vector of the word.

    For every word of the corpus the centred vectors of the known words around it are averaged,
    each weighted by ``a / (a + p)``, p its share of the text (Arora et al. 2017), since stop words
    say little; once for each of `spans`, so that what stands next to a word is told from what
    stands near. A ridge regression learns the map from these means to the vectors of the known
    words of the corpus. Three contexts tell less than three thousand: the map is a function of
    ``n / (n + 10)``, n being the occurrences, so that it learns from rare known words how far rare
    unknown ones are to be drawn towards the mean of all; that number is also the confidence. The
    penalty is that of least error when each known word is left out in turn; `ReliabilityRidge`
    has the details.

    Words that the corpus lacks, or that stand by no known word in it, are left to others.

    Parameters
    ----------
    spans : tuple of (int, int)
        Each says how many words before and how many after a word are averaged.

    Attributes
    ----------
    mean_ : ndarray of float64, shape (dim,)
        Mean of the known vectors.
    penalty_ : float
        Of the regression, as a share of the variance of a feature.

    Raises
    ------
    InputError
        If there are no spans, or one of them is empty or negative.

    References
    ----------
    M. Khodak, N. Saunshi, Y. Liang, T. Ma, B. Stewart, S. Arora (2018). A la carte embedding:
    cheap but effective induction of semantic feature vectors. ACL.
    S. Arora, Y. Liang, T. Ma (2017). A simple but tough-to-beat baseline for sentence embeddings.
    ICLR.
    """

    name: ClassVar[str] = "context"
    needs_corpus: ClassVar[bool] = True
    spans: tuple[Span, ...] = ((1, 0), (0, 1), (3, 3), (10, 10))
    mean_: NDArray[np.float64] | None = field(default=None, init=False, repr=False)
    penalty_: float = field(default=0.0, init=False, repr=False)
    _rows: dict[str, int] | None = field(default=None, init=False, repr=False)
    _vectors: NDArray[np.float32] = field(init=False, repr=False)
    _trust: NDArray[np.float32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.spans or any(min(span) < 0 or not any(span) for span in self.spans):
            raise InputError(
                f"spans is {self.spans}; give pairs of how many words before and after, such as "
                "((5, 5),)"
            )

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Read the corpus once, learn the map, and place its unknown words.

        Parameters
        ----------
        vectors : WordVectors
            The known vectors; zero rows teach nothing.
        corpus : Corpus
            The unlabelled and the training texts. Memory holds ``n_spans * dim`` numbers of
            8 bytes for each distinct word.

        Raises
        ------
        InputError
            Without a corpus or vectors, or if fewer than two known words stand beside others in it.
        """
        if corpus is None:
            raise InputError(
                f"the strategy {self.name!r} learns from text; call fit(vectors, corpus) with the "
                "unlabelled corpus"
            )
        if not len(vectors):
            raise InputError("there are no known vectors to learn from; give some")
        self.mean_ = vectors.matrix.mean(axis=0, dtype=np.float64)
        text = numbered(corpus)
        rows = vectors.rows(text.words)
        targets = np.where(rows[:, None] >= 0, vectors.matrix[rows], 0.0)
        known = targets.any(axis=1)
        targets[known] -= self.mean_
        around = context_means(text, targets, np.where(known, _rarity(text), 0.0), self.spans)
        seen = around.occurrences
        teachers = _spread(np.flatnonzero(known & (seen > 0)))
        if len(teachers) < 2:
            raise InputError(
                f"{corpus.name}: {len(teachers)} of the known words stand beside others, too few "
                f"to learn the map of {self.name!r}; give more text, or vectors that know its words"
            )
        learned = ReliabilityRidge.learn(
            around.features[teachers], targets[teachers], seen[teachers]
        )
        self.penalty_ = learned.penalty
        wanted = np.flatnonzero((rows < 0) & (seen > 0))
        mapped = learned.apply(around.features[wanted], seen[wanted])
        self._vectors = (self.mean_ + mapped).astype(np.float32)
        self._trust = reliability(seen[wanted]).astype(np.float32)
        self._rows = {text.words[place]: row for row, place in enumerate(wanted)}
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Look up the words of the corpus that had no vector."""
        if self._rows is None:
            raise self.not_fitted()
        rows = np.array([self._rows.get(word, -1) for word in words], dtype=np.int64)
        here = rows >= 0
        matrix = np.zeros((len(words), self._vectors.shape[1]), dtype=np.float32)
        matrix[here] = self._vectors[rows[here]]
        confidences = np.zeros(len(words), dtype=np.float32)
        confidences[here] = self._trust[rows[here]]
        return Filled(matrix, tuple(self.name if one else "" for one in here), confidences)


def _spread(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep at most so many as the map can use, spread over all."""
    step = max(1, -(-len(places) // _MOST_TEACHERS))
    return places[::step]


def _rarity(text: NumberedCorpus) -> NDArray[np.float64]:
    """Weigh context words by a / (a + p), from 1 for the rarest down to 0."""
    share = text.counts / text.counts.sum()
    return np.asarray(_COMMON / (_COMMON + share))
