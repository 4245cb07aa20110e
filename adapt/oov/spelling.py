"""Words as numbers of their characters, for models that read spelling."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["PADDING", "CharacterInventory"]

PADDING = 0
"""The code that fills words up to a common length."""
_UNKNOWN, _BEGIN, _END, _N_SPECIAL = 1, 2, 3, 4


@dataclass(frozen=True)
class CharacterInventory:
    """The characters that a model tells apart.

    Codes 0 to 3 are the padding, any other character, the beginning and the end of a word. Words
    are composed (Unicode NFC) first, and a capital that is not in the inventory counts as its
    lower case.

    Parameters
    ----------
    characters : str
        Each once.
    max_length : int
        Longer words are cut to their first `max_length` characters, and have no end.

    Raises
    ------
    InputError
        If a character stands twice, or `max_length` is below 1.

    Examples
    --------
    >>> CharacterInventory("abc").encode(["cab", "Bé"])
    array([[2, 6, 4, 5, 3],
           [2, 5, 1, 3, 0]])
    """

    characters: str
    max_length: int = 30
    _codes: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes = {one: code for code, one in enumerate(self.characters, _N_SPECIAL)}
        if len(codes) != len(self.characters):
            raise InputError(f"a character stands twice in {self.characters!r}; give each once")
        if self.max_length < 1:
            raise InputError(f"max_length is {self.max_length}; it must be at least 1")
        object.__setattr__(self, "_codes", codes)

    @classmethod
    def of_words(
        cls, words: Sequence[str], *, min_words: int = 5, max_length: int = 30
    ) -> CharacterInventory:
        """Collect the characters that occur in at least `min_words` of the words."""
        counts = Counter(one for word in words for one in dict.fromkeys(_composed(word)))
        kept = sorted(one for one, count in counts.items() if count >= min_words)
        return cls("".join(kept), max_length)

    @property
    def n_codes(self) -> int:
        """Number of codes, the four special ones included."""
        return _N_SPECIAL + len(self.characters)

    def encode(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Give the codes of words, shape (n_words, longest), padded on the right with 0."""
        sequences = [self._sequence(word) for word in words]
        codes = np.full((len(words), max(map(len, sequences), default=0)), PADDING, dtype=np.int64)
        for row, sequence in zip(codes, sequences, strict=True):
            row[: len(sequence)] = sequence
        return codes

    def lengths(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Count the characters of words, as far as they are read; shape (n_words,)."""
        return np.array([len(_composed(word)[: self.max_length]) for word in words], dtype=np.int64)

    def known_shares(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Give the share of each word's characters that are in the inventory, shape (n_words,)."""
        codes = self.encode(words)
        unknown = (codes == _UNKNOWN).sum(axis=1) / np.maximum(self.lengths(words), 1)
        return 1 - unknown.astype(np.float32)

    def _sequence(self, word: str) -> list[int]:
        word = _composed(word)
        inner = [self._code(one) for one in word[: self.max_length]]
        return [_BEGIN, *inner, *[_END] * (len(word) <= self.max_length)]

    def _code(self, character: str) -> int:
        known = self._codes.get(character)
        return self._codes.get(character.lower(), _UNKNOWN) if known is None else known


def _composed(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFC", word)
