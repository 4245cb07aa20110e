"""What the strategies that give a vector to a word that has none have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError, NotFittedError
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Filled", "OOVStrategy"]


@dataclass(frozen=True, eq=False)
class Filled:
    """What a strategy gives to some words.

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_words, dim)
        Their vectors, finite; zeros where the strategy has none.
    steps : tuple of str
        What filled each word: the strategy's name, or that, a colon, and what it did
        (``related:lower_case``). Empty where it has no vector for the word.
    confidences : ndarray of float32, shape (n_words,)
        How far each vector can be trusted by the strategy's own account, from 0 (a guess that
        knows nothing of the word) to 1 (as good as a known word's); 0 where there is no vector.

    Raises
    ------
    InputError
        If the sizes disagree, a number is not finite, or a confidence is beyond [0, 1].
    """

    matrix: NDArray[np.float32]
    steps: tuple[str, ...]
    confidences: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.steps)
        if self.matrix.ndim != 2 or len(self.matrix) != n or self.confidences.shape != (n,):
            raise InputError(
                f"vectors of shape {self.matrix.shape} and confidences of shape "
                f"{self.confidences.shape} do not fit {n} words"
            )
        if not np.isfinite(self.matrix).all():
            raise InputError("a vector is not finite; check the known vectors")
        if not ((self.confidences >= 0) & (self.confidences <= 1)).all():
            raise InputError("a confidence is not between 0 and 1")

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Which words have a vector, shape (n_words,)."""
        return np.array([bool(step) for step in self.steps], dtype=bool)

    @classmethod
    def whole(
        cls, matrix: NDArray[np.floating], step: str, confidence: float | NDArray[np.floating] = 0.0
    ) -> Filled:
        """Make the answer of a strategy that has a vector for every word."""
        confidences = np.broadcast_to(np.asarray(confidence, dtype=np.float32), (len(matrix),))
        return cls(matrix.astype(np.float32, copy=False), (step,) * len(matrix), confidences)


class OOVStrategy(ABC):
    """Learns from known vectors, then answers for unknown words.

    A word's vector depends on the word, on what was fitted, and on the seed alone: never on the
    other words asked for, nor on their order, so that unseen text cannot leak into it.

    Attributes
    ----------
    name : str
        What it is called on the command line and in TOML.
    total : bool
        Whether it has a vector for every word; a chain should end with one that has.
    informed : bool
        Whether a vector says something of its word, and known words of any kind may serve for it.
    needs_corpus : bool
        Whether `fit` needs the text beside the vectors.
    """

    name: ClassVar[str]
    total: ClassVar[bool] = False
    informed: ClassVar[bool] = True
    needs_corpus: ClassVar[bool] = False

    @abstractmethod
    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Learn whatever is needed from the known vectors, and some also from the text.

        Parameters
        ----------
        vectors : WordVectors
            The known vectors, shape (n, dim); not changed.
        corpus : Corpus, optional
            The unlabelled and the training texts, never the test texts.

        Raises
        ------
        InputError
            If there is nothing to learn from: no vectors, or no corpus where one is needed.
        """

    @abstractmethod
    def fill(self, words: Sequence[str]) -> Filled:
        """Give vectors to words, and say where that cannot be done.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """

    def fill_all(self, words: Sequence[str]) -> Filled:
        """Give vectors to words as `fill` does, and accept no word without one.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If there are words that the strategy has no vector for.
        """
        answer = self.fill(words)
        unfilled = np.flatnonzero(~answer.filled)
        if len(unfilled):
            raise InputError(
                f"{self.name!r} leaves {len(unfilled):,} of {len(words):,} words without a vector, "
                f"{words[unfilled[0]][:40]!r} the first; end the chain with a strategy that knows "
                "every word, such as mean or normal"
            )
        return answer

    def vectors_for(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Give float32 vectors of shape (len(words), dim), all finite; see `fill_all`."""
        return self.fill_all(words).matrix

    def vector_for(self, word: str) -> NDArray[np.float32]:
        """Give the vector of one word, shape (dim,); see `fill_all`."""
        vector: NDArray[np.float32] = self.vectors_for([word])[0]
        return vector

    def not_fitted(self) -> NotFittedError:
        """Make the error of a strategy that is used too early."""
        return NotFittedError(
            f"the strategy {self.name!r} is used before fit; call fit(vectors) first"
        )
