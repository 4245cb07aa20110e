"""The vector of the same word in another spelling, or of a synonym."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.oov.misspelling import Misspellings
from adapt.oov.numbers import NumberIndex
from adapt.oov.spelling import other_forms, same_word
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Related"]

_CONFIDENCES = {
    "synonym": 0.9,
    "lower_case": 0.9,
    "without_possessive": 0.9,
    "composed": 0.9,
    "without_diacritics": 0.9,
    "number": 0.8,
    "regional": 0.75,
    "joined": 0.65,
    "singular": 0.7,
    "past_tense": 0.75,
    "misspelling": 0.65,
}
"""Mean cosines of what the steps give with the vectors of words that were hidden, rounded; 0.9
where there was nothing to measure, for the word is the same one."""


@dataclass
class Related(OOVStrategy):
    """A known word that is the unknown one in another form; nothing where there is none.

    What is tried, most faithful first, each a step of its own:

    - ``synonym``: the mean of the synonyms that `synonyms` has for the word
    - ``lower_case``, ``without_possessive``, ``composed`` (Unicode NFKC), ``without_diacritics``
    - ``number``: the mean of the three nearest words of the same digits and letters in form
    - ``regional``: British for American spelling, or the other way round
    - ``joined``: without hyphens
    - ``singular``, ``past_tense``: of a plural in -s, -ies, Latin and Greek ones; of -ing
    - ``misspelling``: a frequent word of the corpus that the unknown one must have been; only if
      `fit` gets the corpus (see `adapt.oov.misspelling.Misspellings`)

    Parameters
    ----------
    synonyms : mapping of str to sequence of str
        A table of one's own, which goes before all spelling; see `read_synonyms`. A synonym of
        several words is their mean. Synonyms that the vectors do not know are left out.

    Notes
    -----
    Steps that were tried and left out, because `Subword` gives better vectors to the words that
    they fill: the mean of hyphenated parts or of two joined words, a hyphen put in, other changes
    of inflection, and words at an edit distance of 1 without a look at how often both occur
    (which are mostly other words: *contraction* and *contraption*).

    Examples
    --------
    >>> vectors = WordVectors(("tumor", "fever"), [[1.0, 0.0], [0.0, 1.0]])
    >>> related = Related({"pyrexia": ["fever"]}).fit(vectors)
    >>> related.fill(["Tumour", "pyrexia", "gait"]).steps
    ('related:regional', 'related:synonym', '')
    """

    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)

    name: ClassVar[str] = "related"
    vectors_: WordVectors | None = field(default=None, init=False, repr=False)

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Index the known numbers, and with a corpus, the words that are often misspelled."""
        if not len(vectors):
            raise InputError("there are no known words to be related to; give some vectors")
        self._numbers = NumberIndex(vectors.words)
        self._misspellings = None if corpus is None else Misspellings(corpus, vectors)
        self.vectors_ = vectors
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Take the first step that leads to known words."""
        if self.vectors_ is None:
            raise self.not_fitted()
        matrix = np.zeros((len(words), self.vectors_.dim), dtype=np.float32)
        confidences = np.zeros(len(words), dtype=np.float32)
        steps = [""] * len(words)
        for row, word in enumerate(words):
            for step, vector in self._candidates(word):
                # a vector of zeros says nothing, whatever word it is of
                if vector is not None and vector.any():
                    matrix[row], confidences[row] = vector, _CONFIDENCES[step]
                    steps[row] = f"{self.name}:{step}"
                    break
        return Filled(matrix, tuple(steps), confidences)

    def _candidates(self, word: str) -> Iterator[tuple[str, NDArray[np.float32] | None]]:
        """Yield steps in order, and the vectors they lead to; None where that is nowhere."""
        synonyms = [self._mean(synonym.split()) for synonym in self.synonyms.get(word, ())]
        known = [vector for vector in synonyms if vector is not None]
        if known:
            yield "synonym", np.mean(known, axis=0)
        base = word
        for step, base in same_word(word):
            yield step, self._mean([base])
        yield "number", self._mean(self._numbers.nearest(base))
        for step, variant in other_forms(base):
            yield step, self._mean([variant])
        if self._misspellings is not None and (meant := self._misspellings.correct(base)):
            yield "misspelling", self._mean([meant])

    def _mean(self, words: Sequence[str]) -> NDArray[np.float32] | None:
        """Average the vectors of some words; None if there are no words, or one is unknown."""
        assert self.vectors_ is not None
        rows = [self.vectors_.get(word) for word in words]
        known = [row for row in rows if row is not None]
        if not known or len(known) < len(rows):
            return None
        mean: NDArray[np.float32] = np.mean(known, axis=0, dtype=np.float32)
        return mean
