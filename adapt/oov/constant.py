"""Strategies that give every unknown word the same vector."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Mean", "Zeros"]


@dataclass
class _Constant(OOVStrategy):
    total: ClassVar[bool] = True
    informed: ClassVar[bool] = False
    vector_: NDArray[np.float32] | None = field(default=None, init=False, repr=False)

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        self.vector_ = self._vector(vectors)
        return self

    @abstractmethod
    def _vector(self, vectors: WordVectors) -> NDArray[np.float32]:
        """Return the vector of all unknown words, shape (dim,)."""

    def fill(self, words: Sequence[str]) -> Filled:
        if self.vector_ is None:
            raise self.not_fitted()
        matrix = np.repeat(self.vector_[None], len(words), axis=0)
        return Filled.whole(matrix, self.name)


@dataclass
class Zeros(_Constant):
    """Every unknown word is the zero vector: it says nothing, and adds no noise."""

    name: ClassVar[str] = "zeros"

    def _vector(self, vectors: WordVectors) -> NDArray[np.float32]:
        return np.zeros(vectors.dim, dtype=np.float32)


@dataclass
class Mean(_Constant):
    """Every unknown word is the mean of the known vectors: the best guess without knowledge.

    Attributes
    ----------
    vector_ : ndarray of float32, shape (dim,)
        The mean.
    """

    name: ClassVar[str] = "mean"

    def _vector(self, vectors: WordVectors) -> NDArray[np.float32]:
        if not len(vectors):
            raise InputError("there are no known vectors to take the mean of; give some")
        mean: NDArray[np.float32] = vectors.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
        return mean
