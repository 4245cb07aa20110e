"""The character n-grams of many words at once, as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NgramTable", "character_ngrams"]

_SHORTEST, _LONGEST = 3, 6
"""Characters of an n-gram, the marks of the word's ends included."""

_START, _END = "\ue000", "\ue001"  # for private use, so that no word holds them by accident
_MIX, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_INITIAL_WEIGHT = 1.5  # the start of a word tells more of its meaning than an ending does


def character_ngrams(
    words: Sequence[str],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.bool_]]]:
    """Yield the n-grams of all words, one length after the other.

    Words are taken between two marks, one for the start and one for the end. With 64 bits, two of
    a million n-grams share a hash once in forty million tables.

    Yields
    ------
    owners : ndarray of int64, shape (n,)
        The number of the word that each n-gram stands in, ascending.
    hashes : ndarray of uint64, shape (n,)
        The n-grams; repeated ones are there again.
    initial : ndarray of bool, shape (n,)
        Which of them start their word.
    """
    text = "".join([f"{_START}{word}{_END}" for word in words])
    # a lone surrogate has a number, too
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    lengths = np.fromiter((len(word) + 2 for word in words), dtype=np.int64, count=len(words))
    owners = np.repeat(np.arange(len(words)), lengths)
    places = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    room = np.repeat(lengths, lengths) - places
    hashes = np.zeros(len(codes), dtype=np.uint64)
    for length in range(1, _LONGEST + 1):
        n = max(0, len(codes) - length + 1)
        hashes = (hashes[:n] ^ codes[length - 1 :]) * _MIX
        hashes ^= hashes >> _SHIFT
        if length >= _SHORTEST:
            whole = room[:n] >= length
            yield owners[:n][whole], hashes[whole], places[:n][whole] == 0


class NgramTable:
    """The n-grams of known words, weighted by how rare they are.

    Parameters
    ----------
    words : sequence of str
        At least one.
    order : ndarray of int64, shape (n_words,)
        The rows of the words by falling frequency.

    Attributes
    ----------
    squares : ndarray of float32, shape (n_ngrams,)
        The square of each n-gram's weight, which is ``log((1 + n_words) / df)`` for one that
        stands in df words, and half as much again if it starts a word.
    of_words : tuple
        Starts and numbers of the words' n-grams, as compressed rows (int32), and the length of
        each word's vector of weights (float32), which is 0 for words without n-grams.
    of_ngrams : tuple
        Starts and numbers of the n-grams' words, the most frequent word first.
    """

    def __init__(self, words: Sequence[str], order: NDArray[np.int64]) -> None:
        owners, hashes, initial = _joined(words)
        self._hashes, first, numbers = np.unique(hashes, return_index=True, return_inverse=True)
        self._unseen = float(np.log1p(len(words)))
        incidence = _incidence(owners, numbers, (len(words), len(self._hashes)))
        frequency = np.bincount(incidence.indices, minlength=len(self._hashes))
        weights = self._unseen - np.log(frequency)
        weights[initial[first]] *= _INITIAL_WEIGHT
        self.squares = (weights**2).astype(np.float32)
        norms = np.sqrt(incidence @ self.squares).astype(np.float32)
        self.of_words = (incidence.indptr, incidence.indices, norms)
        lists = incidence[order].tocsc()
        self.of_ngrams = (lists.indptr, order[lists.indices].astype(np.int32))

    def look_up(
        self, words: Sequence[str]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """Return the known n-grams of other words in the form of `of_words`.

        In the lengths, n-grams that no known word has count as the rarest ones.
        """
        owners, hashes, initial = _joined(words)
        numbers = np.searchsorted(self._hashes, hashes)
        known = numbers < len(self._hashes)
        known[known] = self._hashes[numbers[known]] == hashes[known]
        incidence = _incidence(owners[known], numbers[known], (len(words), len(self._hashes)))
        unseen = self._unseen**2 * np.where(initial[~known], _INITIAL_WEIGHT**2, 1)
        squares = np.bincount(owners[~known], weights=unseen, minlength=len(words))
        norms = np.sqrt(incidence @ self.squares + squares).astype(np.float32)
        return incidence.indptr, incidence.indices, norms


def _joined(
    words: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.bool_]]:
    owners, hashes, initial = zip(*character_ngrams(words), strict=True)
    return np.concatenate(owners), np.concatenate(hashes), np.concatenate(initial)


def _incidence(
    owners: NDArray[np.int64], numbers: NDArray[np.int64], shape: tuple[int, int]
) -> Any:
    from scipy.sparse import csr_array

    ones = np.ones(len(numbers), dtype=np.float32)
    incidence = csr_array((ones, (owners, numbers)), shape=shape)
    incidence.sum_duplicates()
    incidence.data[:] = 1
    return incidence
