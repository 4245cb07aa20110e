"""Random vectors for unknown words, matched to the known ones."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from adapt.oov.strategy import Filled, OOVStrategy
from adapt.seeds import text_generator
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Normal", "Uniform"]


@dataclass
class _MatchedNoise(OOVStrategy):
    """Noise with the mean and variance of the known vectors, dimension by dimension.

    Parameters
    ----------
    seed : int
        Each word has a generator of its own, keyed by `seed` and the word, so that its vector is
        the same in every vocabulary and every order.

    Attributes
    ----------
    mean_, deviation_ : numpy.ndarray
        ``(dim,)`` float64 statistics of the known vectors.
    """

    total: ClassVar[bool] = True
    informed: ClassVar[bool] = False
    seed: int = 0
    mean_: np.ndarray | None = field(default=None, init=False, repr=False)
    deviation_: np.ndarray | None = field(default=None, init=False, repr=False)

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Measure the mean and the standard deviation of each dimension."""
        self.mean_ = vectors.matrix.mean(axis=0, dtype=np.float64)
        self.deviation_ = vectors.matrix.std(axis=0, dtype=np.float64)
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Draw a vector for every word."""
        if self.mean_ is None or self.deviation_ is None:
            raise self.not_fitted()
        standard = np.empty((len(words), len(self.mean_)))
        for row, word in enumerate(words):
            standard[row] = self._standard(text_generator(word, self.seed), len(self.mean_))
        return Filled.whole(self.mean_ + self.deviation_ * standard, self.name)

    @abstractmethod
    def _standard(self, generator: np.random.Generator, dim: int) -> np.ndarray:
        """Draw ``(dim,)`` numbers of mean 0 and variance 1."""


@dataclass
class Normal(_MatchedNoise):
    """Every unknown word is drawn from a normal distribution, matched per dimension."""

    name: ClassVar[str] = "normal"

    def _standard(self, generator: np.random.Generator, dim: int) -> np.ndarray:
        return generator.standard_normal(dim)


@dataclass
class Uniform(_MatchedNoise):
    """Every unknown word is drawn from a uniform distribution, matched per dimension."""

    name: ClassVar[str] = "uniform"

    def _standard(self, generator: np.random.Generator, dim: int) -> np.ndarray:
        return generator.uniform(-np.sqrt(3), np.sqrt(3), dim)
