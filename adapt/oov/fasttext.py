"""Vectors that a fastText model makes of a word's character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import Anchors, Ridge, shared_anchors, unit_rows
from adapt.alignment.aligner import Aligner
from adapt.errors import InputError
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors
from adapt.vectors.fasttext_binary import load_fasttext

if TYPE_CHECKING:
    from gensim.models.fasttext import FastTextKeyedVectors

__all__ = ["FastText"]

_HELD_OUT = 5
_FEWEST_ANCHORS = 2


@dataclass
class FastText(OOVStrategy):
    """What a fastText model makes of a word's n-grams, mapped to where the known vectors are.

    The map is a ridge regression on the 5,000 most frequent words that the model and the known
    vectors share; there is none if the known vectors are the model's own. Words without any
    n-gram of the model's lengths are not filled.

    Parameters
    ----------
    path : Path or str
        The model, a ``.bin`` file as fastText writes it.

    Attributes
    ----------
    aligner_ : Aligner or None
        The map; None if the known vectors are the model's own.
    confidence_ : float
        Mean cosine of shared words' mapped vectors with the known ones, both less the mean of the
        known vectors, on every fifth shared word, which the map was not fitted on for it; 1
        without a map.

    References
    ----------
    P. Bojanowski, E. Grave, A. Joulin, T. Mikolov (2017). Enriching word vectors with subword
    information. TACL 5.
    """

    path: Path | str

    name: ClassVar[str] = "fasttext"
    aligner_: Aligner | None = field(default=None, init=False, repr=False)
    confidence_: float | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._model: FastTextKeyedVectors | None = None

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Load the model, and fit the map on the words that it shares with the known vectors.

        Raises
        ------
        FileAccessError, FileFormatError
            If the file cannot be read, or is no fastText model.
        InputError
            If the two share fewer than two words.
        """
        model = load_fasttext(self.path)
        rows = [row for row, word in enumerate(model.index_to_key) if word]
        words = tuple(model.index_to_key[row] for row in rows)
        own = WordVectors(words, model.vectors[rows], origin=str(self.path))
        anchors = shared_anchors(own, vectors)
        if len(anchors) < _FEWEST_ANCHORS:
            raise InputError(
                f"{self.path}: shares {len(anchors)} words with the known vectors, too few for a "
                "map; take a model of the same language, and of words in the same case"
            )
        if _agree(own, vectors, anchors):
            self.aligner_, self.confidence_ = None, 1.0
        else:
            self.aligner_ = Ridge().fit(own, vectors, anchors)
            self.confidence_ = _held_out_cosine(own, vectors, anchors)
        self._model, self._dim = model, vectors.dim
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Ask the model for each word."""
        if self._model is None or self.confidence_ is None:
            raise self.not_fitted()
        made = {row: vector for row, word in enumerate(words) if (vector := self._made(word)).any()}
        matrix = np.zeros((len(words), self._dim), dtype=np.float32)
        if made:
            # the numbers stand for words that need be neither distinct nor proper Unicode here
            own = WordVectors(tuple(map(str, made)), np.stack(list(made.values())))
            mapped = own if self.aligner_ is None else self.aligner_.transform(own)
            matrix[list(made)] = mapped.matrix
        filled = np.isin(np.arange(len(words)), list(made))
        steps = tuple(self.name if one else "" for one in filled.tolist())
        return Filled(matrix, steps, np.where(filled, self.confidence_, 0).astype(np.float32))

    def _made(self, word: str) -> NDArray[np.float32]:
        """Return the model's vector, shape (p,); zeros if it can make none."""
        assert self._model is not None
        try:
            vector: NDArray[np.float32] = self._model.get_vector(word)
        except (KeyError, UnicodeEncodeError):  # no n-grams in the model; half a character
            return np.zeros(self._model.vector_size, dtype=np.float32)
        return vector


def _agree(own: WordVectors, vectors: WordVectors, anchors: Anchors) -> bool:
    """Return whether both give the same vectors to the words they share."""
    if own.dim != vectors.dim:
        return False
    ours, theirs = own.select(anchors.domain).matrix, vectors.select(anchors.general).matrix
    return bool(np.allclose(ours, theirs, rtol=1e-4, atol=1e-5))


def _held_out_cosine(own: WordVectors, vectors: WordVectors, anchors: Anchors) -> float:
    """Measure a map on every fifth anchor; 0 if there are too few to tell."""
    held_out = range(0, len(anchors), _HELD_OUT)
    rest = [row for row in range(len(anchors)) if row % _HELD_OUT]
    if len(rest) < _FEWEST_ANCHORS:
        return 0.0
    tested = anchors.subset(held_out)
    mapped = Ridge().fit(own, vectors, anchors.subset(rest)).transform(own.select(tested.domain))
    mean = vectors.matrix.mean(axis=0, dtype=np.float64)
    ours, theirs = (
        unit_rows(mapped.matrix - mean),
        unit_rows(vectors.select(tested.general).matrix - mean),
    )
    return float(np.clip((ours * theirs).sum(axis=1).mean(), 0, 1))
