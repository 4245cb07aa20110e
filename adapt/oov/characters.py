"""Vectors from spelling: a network over characters that has learned to imitate known vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.oov.inventories import Inventory
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.seeds import check_seed
from adapt.text import Corpus
from adapt.vectors import WordVectors

if TYPE_CHECKING:
    from adapt.oov.encoders import CharacterEncoder

__all__ = ["Characters"]

ENCODER_NAMES = ("ngrams", "bilstm")
_FEWEST = 2
"""One word to learn from, and one to stop by."""
_PRIOR = 50
"""A length's confidence counts as seen on so many more words of the overall confidence."""


@dataclass
class Characters(OOVStrategy):
    """Every unknown word is spelled out to a network that has learned to imitate known vectors.

    The network learns to give known words their vectors from their characters, until the cosine on
    held-out words no longer rises. A word's confidence is that cosine, for held-out words of its
    length, times the share of its pieces that the network knows. Words are read up to their 30th
    character.

    Parameters
    ----------
    encoder : {"ngrams", "bilstm"}
        The network: a filter for each character n-gram, summed over the word, or a bidirectional
        LSTM along its characters, as in the original work. On GloVe's vectors, the first is closer
        to the true ones after a fraction of the time.
    n_words : int
        Learn from the first so many known words that have a letter: the most frequent ones.
    epochs : int
        How often each is visited, at most.
    typos : float
        Share of the words that are misspelt while it learns, each time in another way: for texts
        with many typing errors, in which a misspelt word shall have the vector of the right one.
    seed : int
        Fixes all that is random: on one machine, the same seed gives the same vectors.

    Attributes
    ----------
    encoder_ : CharacterEncoder
        The network, a torch module.
    held_out_cosine_ : float
        Mean cosine between the true vectors of held-out words and those spelled out, both centred.

    Raises
    ------
    InputError
        If an option is out of range.

    References
    ----------
    Pinter, Guthrie and Eisenstein (2017). Mimicking word embeddings using subword RNNs. EMNLP.
    """

    name: ClassVar[str] = "characters"
    total: ClassVar[bool] = True
    encoder: str = "ngrams"
    n_words: int = 200_000
    epochs: int = 3
    typos: float = 0.0
    seed: int = 0
    encoder_: CharacterEncoder | None = field(default=None, init=False, repr=False, compare=False)
    held_out_cosine_: float = field(default=0.0, init=False, repr=False, compare=False)
    _confidences: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.encoder not in ENCODER_NAMES:
            choices = " or ".join(ENCODER_NAMES)
            raise InputError(f"the character encoder is {self.encoder!r}; choose {choices}")
        for option in ("n_words", "epochs"):
            if getattr(self, option) < 1:
                raise InputError(f"{option} is {getattr(self, option)}; it must be at least 1")
        if not 0 <= self.typos <= 1:
            raise InputError(f"the share of typos is {self.typos}; it must lie between 0 and 1")
        check_seed(self.seed)

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Learn the spelling of known words; see `OOVStrategy.fit`.

        Words without a letter and words of the zero vector are left out.

        Raises
        ------
        InputError
            If fewer than two words are left to learn from.
        """
        from adapt.oov.imitation import imitate

        words, matrix = _to_learn(vectors, self.n_words)
        if len(words) < _FEWEST:
            raise InputError(
                f"of the known words, {len(words)} have a letter and a vector other than zero; the "
                f"strategy 'characters' needs at least {_FEWEST} to learn spelling from"
            )
        mean = vectors.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
        learned = imitate(
            *(words, matrix, mean),
            encoder=self.encoder,
            epochs=self.epochs,
            typos=self.typos,
            seed=self.seed,
        )
        self.encoder_ = learned.encoder
        self.held_out_cosine_ = float(learned.cosines.mean())
        lengths = learned.encoder.inventory.lengths(learned.held_out)
        self._confidences = _by_length(lengths, learned.cosines, learned.encoder.inventory)
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Spell every word out; see `OOVStrategy.fill`."""
        if self.encoder_ is None:
            raise self.not_fitted()
        inventory = self.encoder_.inventory
        confidences = self._confidences[inventory.lengths(words)] * inventory.known_shares(words)
        return Filled.whole(self.encoder_.vectors(words), self.name, confidences)


def _to_learn(vectors: WordVectors, n_words: int) -> tuple[list[str], NDArray[np.float32]]:
    """Choose the first `n_words` that can be learned from."""
    rows = [
        row
        for row, word in enumerate(vectors.words)
        if any(map(str.isalpha, word)) and vectors.matrix[row].any()
    ][:n_words]
    return [vectors.words[row] for row in rows], vectors.matrix[rows]


def _by_length(
    lengths: NDArray[np.int64], cosines: NDArray[np.float32], inventory: Inventory
) -> NDArray[np.float32]:
    """Average cosines over words of each length, drawn towards the mean over all where few are."""
    counts, sums = (
        np.bincount(lengths, weights=weights, minlength=inventory.max_length + 1)
        for weights in (None, cosines)
    )
    means = (sums + _PRIOR * float(cosines.mean())) / (counts + _PRIOR)
    return np.clip(means, 0.0, 1.0).astype(np.float32)
