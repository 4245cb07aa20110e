"""The vector that the words spelled alike suggest."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.cores import usable_cores
from adapt.errors import InputError
from adapt.oov.ngrams import NgramTable
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Subword"]

_LONGEST_LIST = 1_000
"""Words of an n-gram that are looked at; the rarer ones would change little, and take long."""

_LEAST_NOISE = 0.001
"""With less, words of the same n-grams would make the equations singular."""

_BLOCK_WORDS = 2_048
_FREQUENT_RANK, _UNIT_RANK = 1_000, 10_000


@dataclass
class Subword(OOVStrategy):
    """What words with the same character n-grams have in common, by Gaussian-process regression.

    With m for the mean of the known vectors, the vector of a word q is ``m + k' (K + Λ)⁻¹ X`` over
    its nearest known words: the rows of X are their vectors less m, k their covariances with q, K
    those among them, so that ten words of one stem do not count ten times. The covariance of two
    words is the squared cosine of their n-grams (3 to 6 characters, word boundaries included),
    each weighted by its inverse document frequency. Λ is what a known vector has of its own, which
    spelling cannot tell: more for rare words, whose vectors are noisier. Where nothing is alike,
    this is the mean.

    Parameters
    ----------
    n_neighbors : int
        How many known words speak for an unknown one.
    noise : float
        Λ of the word of rank 9,000, for a prior variance of 1; it grows as the root of the rank,
        by `vectors.counts`, or without them by the order of the rows.
    least_confidence : float
        Words below are not filled; see Notes.

    Attributes
    ----------
    vectors_ : WordVectors
        The known vectors.

    Raises
    ------
    InputError
        If an option is out of its range.

    Notes
    -----
    The confidence is the root of the share of q's variance that its neighbours explain,
    ``k' (K + Λ)⁻¹ k``: the correlation to be expected.

    Zhao et al. learn vectors of n-grams instead, by least squares over all words. On hidden words
    of GloVe that was worse after 20 steps of conjugate gradients, which took over a minute.

    References
    ----------
    J. Zhao, S. Mudgal, Y. Liang (2018). Generalizing word embeddings using bag of subwords. EMNLP.
    C. E. Rasmussen, C. K. I. Williams (2006). Gaussian processes for machine learning. MIT Press.

    Examples
    --------
    >>> words = ("hepatic", "hepatitis", "renal", "fever")
    >>> vectors = WordVectors(words, [[1.0, 0.0], [0.9, 0.2], [0.0, 1.0], [-1.0, 0.0]])
    >>> answer = Subword().fit(vectors).fill(["hepatics", "ok"])
    >>> answer.steps, bool(answer.matrix[0] @ vectors["hepatic"] > 0.5)
    (('subword', ''), True)
    """

    n_neighbors: int = 40
    noise: float = 0.5
    least_confidence: float = 0.02

    name: ClassVar[str] = "subword"
    vectors_: WordVectors | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.n_neighbors < 1:
            raise InputError(f"n_neighbors is {self.n_neighbors}; at least 1 word has to speak")
        if not _LEAST_NOISE <= self.noise < np.inf:
            raise InputError(f"noise is {self.noise}; give a number from {_LEAST_NOISE} on")
        if not 0 <= self.least_confidence <= 1:
            raise InputError(f"least_confidence is {self.least_confidence}; give 0 to 1")

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Index the n-grams of the known words."""
        if not len(vectors):
            raise InputError("there are no known words to compare spellings with; give some")
        ranks = _frequency_ranks(vectors)
        self._noise = (self.noise * np.sqrt((ranks + _FREQUENT_RANK) / _UNIT_RANK)).astype("f4")
        self._mean = vectors.matrix.mean(axis=0, dtype=np.float64)
        self._table = NgramTable(vectors.words, np.argsort(ranks))
        self.vectors_ = vectors
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Regress on the nearest words, in blocks that the cores share out."""
        if self.vectors_ is None:
            raise self.not_fitted()
        matrix = np.empty((len(words), self.vectors_.dim), dtype=np.float32)
        confidences = np.empty(len(words), dtype=np.float32)
        blocks = [slice(at, at + _BLOCK_WORDS) for at in range(0, len(words), _BLOCK_WORDS)]
        with ThreadPoolExecutor(usable_cores()) as pool:
            answers = pool.map(self._regress, (words[block] for block in blocks))
            for block, answer in zip(blocks, answers, strict=True):
                matrix[block], confidences[block] = answer
        filled = confidences > self.least_confidence
        matrix[~filled], confidences[~filled] = 0, 0
        steps = tuple(self.name if one else "" for one in filled.tolist())
        return Filled(matrix, steps, confidences)

    def _regress(self, words: Sequence[str]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Return vectors, shape (len(words), dim), and confidences."""
        from scipy.sparse import csr_array

        from adapt.oov.kernels import weigh_neighbors

        assert self.vectors_ is not None
        shape = (len(words), self.n_neighbors)
        neighbors, weights = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.float32)
        explained = np.zeros(len(words), dtype=np.float32)
        weigh_neighbors(
            *self._table.look_up(words),
            *self._table.of_words,
            *self._table.of_ngrams,
            self._table.squares,
            self._noise,
            _LONGEST_LIST,
            neighbors,
            weights,
            explained,
        )
        starts = np.arange(0, weights.size + 1, self.n_neighbors)
        sparse = csr_array(
            (weights.ravel(), neighbors.ravel(), starts), shape=(len(words), len(self.vectors_))
        )
        rest = 1 - weights.sum(axis=1, dtype=np.float64)
        matrix = sparse @ self.vectors_.matrix + rest[:, None] * self._mean
        return matrix, np.sqrt(np.clip(explained, 0, 1))


def _frequency_ranks(vectors: WordVectors) -> NDArray[np.int64]:
    """Return the place of every word by falling frequency, from 0; vector files are so ordered."""
    ranks = np.arange(len(vectors))
    if vectors.counts is not None:
        ranks[np.argsort(-vectors.counts, kind="stable")] = np.arange(len(vectors))
    return ranks
