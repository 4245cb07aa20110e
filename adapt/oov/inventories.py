"""Words as numbers of their characters or character n-grams, for models that read spelling."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["PADDING", "CharacterInventory", "Inventory", "NgramInventory"]

PADDING = 0
"""The code that fills words up to a common length."""
_BEGIN, _END = "<", ">"


@dataclass(frozen=True)
class Inventory(ABC):
    """Numbered pieces of words.

    Words are composed (Unicode NFC) first, and cut to their first `max_length` characters.

    Parameters
    ----------
    pieces : tuple of str
        Each once.
    max_length : int
        How far words are read.

    Raises
    ------
    InputError
        If a piece stands twice, or `max_length` is below 1.
    """

    pieces: tuple[str, ...]
    max_length: int = 30
    _codes: dict[str, int] = field(init=False, repr=False, compare=False)
    _first_code: ClassVar[int]

    def __post_init__(self) -> None:
        codes = {piece: code for code, piece in enumerate(self.pieces, self._first_code)}
        if len(codes) != len(self.pieces):
            raise InputError("a piece stands twice in the inventory; give each once")
        if self.max_length < 1:
            raise InputError(f"max_length is {self.max_length}; it must be at least 1")
        object.__setattr__(self, "_codes", codes)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # large, and never changes: copies of an encoder share it
        return self

    @classmethod
    def of_words(cls, words: Sequence[str], *, min_words: int, max_length: int = 30) -> Self:
        """Collect the pieces that occur in at least `min_words` of the words."""
        cut = cls((), max_length)
        counts = Counter(piece for word in words for piece in dict.fromkeys(cut._cut(word)))
        kept = sorted(piece for piece, count in counts.items() if count >= min_words)
        return cls(tuple(kept), max_length)

    @property
    def n_codes(self) -> int:
        """Number of codes, that of the padding included."""
        return self._first_code + len(self.pieces)

    def encode(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Give the codes of words, shape (n_words, longest), padded on the right with 0.

        There is a column at least, so that words of no known piece are words all the same.
        """
        sequences = [self._sequence(word) for word in words]
        longest = max([1, *map(len, sequences)])
        codes = np.full((len(words), longest), PADDING, dtype=np.int64)
        for row, sequence in zip(codes, sequences, strict=True):
            row[: len(sequence)] = sequence
        return codes

    def lengths(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Count the characters of words, as far as they are read; shape (n_words,)."""
        return np.array([len(_composed(word)[: self.max_length]) for word in words], dtype=np.int64)

    def known_shares(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Give the share of each word's pieces that are in the inventory, shape (n_words,)."""
        known = [[self._code(piece) is not None for piece in self._cut(word)] for word in words]
        return np.array([np.mean(found) if found else 0.0 for found in known], dtype=np.float64)

    @abstractmethod
    def _cut(self, word: str) -> list[str]:
        """Cut a word into its pieces."""

    @abstractmethod
    def _sequence(self, word: str) -> list[int]:
        """Turn a word into the codes of its pieces."""

    def _code(self, piece: str) -> int | None:
        # a capital that is not in the inventory counts as its lower case
        code = self._codes.get(piece)
        return self._codes.get(piece.lower()) if code is None else code


class CharacterInventory(Inventory):
    """Characters in their order, for networks that read along the word.

    Codes 1 to 3 are any character that is not in the inventory, the beginning and the end of a
    word; a word that is cut has no end.

    Examples
    --------
    >>> CharacterInventory(("a", "b", "c")).encode(["cab", "Bé"])
    array([[2, 6, 4, 5, 3],
           [2, 5, 1, 3, 0]])
    """

    _first_code = 4
    _unknown, _begin, _end = 1, 2, 3

    def _cut(self, word: str) -> list[str]:
        return list(_composed(word)[: self.max_length])

    def _sequence(self, word: str) -> list[int]:
        word = _composed(word)
        inner = [self._code(one) or self._unknown for one in word[: self.max_length]]
        return [self._begin, *inner, *[self._end] * (len(word) <= self.max_length)]


class NgramInventory(Inventory):
    """Runs of one to six characters, the marks of a word's beginning and end among them.

    A run that is not in the inventory has no code; a word of such runs alone has none at all.

    Examples
    --------
    >>> NgramInventory(("<c", "ab", "b>", "cab")).encode(["cab", "xab"])
    array([[1, 2, 3, 4],
           [2, 3, 0, 0]])
    """

    _first_code = 1
    _widths = range(2, 7)

    def _cut(self, word: str) -> list[str]:
        read = _composed(word)[: self.max_length]
        marked = _BEGIN + read + _END
        return [
            *read,  # a mark alone would tell nothing
            *(
                marked[first : first + width]
                for width in self._widths
                for first in range(len(marked) - width + 1)
            ),
        ]

    def _sequence(self, word: str) -> list[int]:
        codes = map(self._code, self._cut(word))
        return [code for code in codes if code is not None]


def _composed(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFC", word)
