"""What stands around the words of a corpus, as mean vectors of the known words there."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from adapt.errors import FileAccessError, InputError
from adapt.text import Corpus

__all__ = ["ContextMeans", "NumberedCorpus", "Span", "context_means", "numbered"]

Span = tuple[int, int]
"""How many words before and how many after a word belong to its context."""

_END = -1
_NUMBERS_WRITTEN = 1 << 17
_BLOCK = 1 << 11  # positions looked at together: what they need fits the processor's cache
_GRID_BITS = 24  # as many as float32 has


@dataclass(frozen=True, eq=False)
class NumberedCorpus:
    """A corpus as numbers of words, in a temporary file.

    Parameters
    ----------
    words : tuple of str
        The distinct words, by first occurrence.
    counts : ndarray of int64, shape (n_words,)
        How often each occurs.
    ids : ndarray of int32, shape (n_ids,)
        Numbers of the words, -1 behind each document; mapped from a file that is gone with it.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    ids: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ContextMeans:
    """The mean context of every word, for several spans.

    Parameters
    ----------
    features : ndarray of float32, shape (n_words, n_spans * dim)
        Weighted means of the known vectors, span by span; zeros where there is none in the span.
    occurrences : ndarray of int64, shape (n_words,)
        How many occurrences of each word have a known word around them.
    """

    features: NDArray[np.float32]
    occurrences: NDArray[np.int64]


def numbered(corpus: Corpus) -> NumberedCorpus:
    """Read a corpus once, and keep it as numbers on disk; memory holds its distinct words.

    Raises
    ------
    InputError
        If it has no words.
    FileAccessError
        If the temporary file cannot be written.
    """
    number: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    try:
        with TemporaryFile() as file:
            counts = _write(_blocks(corpus, number), file)
            if not number:
                raise InputError(f"{corpus.name}: no words in its documents; nothing to learn from")
            ids = np.memmap(file, dtype=np.int32, mode="r")
    except FileAccessError:
        raise  # already says what is wrong with a file of the corpus
    except OSError as error:
        raise FileAccessError(
            f"the corpus cannot be kept as numbers ({error.strerror or error}); make room or set "
            "TMPDIR"
        ) from error
    return NumberedCorpus(tuple(number), counts, ids)


def _blocks(corpus: Corpus, number: defaultdict[str, int]) -> Iterator[NDArray[np.int32]]:
    block: list[int] = []
    for words in corpus:
        block.extend(map(number.__getitem__, words))
        block.append(_END)
        if len(block) >= _NUMBERS_WRITTEN:
            yield np.array(block, dtype=np.int32)
            block = []
    yield np.array(block, dtype=np.int32)


def _write(blocks: Iterator[NDArray[np.int32]], file: IO[bytes]) -> NDArray[np.int64]:
    """Write the numbers, and count them."""
    counts = np.zeros(0, dtype=np.int64)
    for ids in blocks:
        found = np.bincount(ids[ids != _END], minlength=len(counts))
        found[: len(counts)] += counts
        counts = found
        file.write(ids.data)
    file.flush()
    return counts


def context_means(
    corpus: NumberedCorpus,
    vectors: NDArray[np.float64],
    weights: NDArray[np.float64],
    spans: Sequence[Span],
) -> ContextMeans:
    """Average the vectors around the occurrences of every word.

    A word is no context of itself, where it is repeated: what is unknown would not be there
    either. Vectors and weights are rounded to 24 bits, so that their sums are exact in float64,
    for up to 2²⁹ context words of a word: the means depend on no order and no blocks.

    Parameters
    ----------
    corpus : NumberedCorpus
        The text; contexts end with the document.
    vectors : ndarray of float64, shape (n_words, dim)
        The vector of each word of the corpus; anything finite where it is unknown.
    weights : ndarray of float64, shape (n_words,)
        How much each word counts as a context, from 0 (for the unknown) to 1.
    spans : sequence of (int, int)
        Words before and after; one mean each.
    """
    n_words, dim = vectors.shape
    table = np.zeros((n_words + 1, dim + 1))  # the last row is that of _END, which is -1
    table[:-1, :dim], unit = _on_grid(vectors * weights[:, None])
    table[:-1, dim], weight_unit = _on_grid(weights)
    sums = np.zeros((len(spans), n_words, dim + 1))
    occurrences = np.zeros(n_words, dtype=np.int64)
    for start in range(0, len(corpus.ids), _BLOCK):
        block = _Block.around(corpus.ids, start, spans)
        if block is not None:
            block.add_to(sums, occurrences, table, spans)
    features = np.empty((n_words, len(spans), dim), dtype=np.float32)
    for place, total in enumerate(sums):
        weight = total[:, dim:] * weight_unit
        features[:, place] = total[:, :dim] * unit / np.where(weight > 0, weight, 1)
    return ContextMeans(features.reshape(n_words, -1), occurrences)


def _on_grid(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return `values` as whole multiples of a power of two, and that power."""
    largest = float(np.abs(values).max(initial=0.0))
    unit = 2.0 ** (int(np.frexp(largest)[1]) - _GRID_BITS)
    return np.rint(values / unit), unit


@dataclass(frozen=True, eq=False)
class _Block:
    """Some positions of a corpus, ordered by the word there, and the text around them.

    `segment` is the text; `centres` are places in it, `begins` and `ends` those of their
    documents; `words` are the distinct words, which begin at `firsts` among the centres.
    """

    segment: NDArray[np.int32]
    centres: NDArray[np.int64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: NDArray[np.int32]
    firsts: NDArray[np.int64]

    @classmethod
    def around(cls, ids: NDArray[np.int32], start: int, spans: Sequence[Span]) -> _Block | None:
        """Cut the block that begins at `start`; None if there are no words in it."""
        margin = max(itertools.chain.from_iterable(spans))
        left = max(0, start - margin)
        segment = np.array(ids[left : start + _BLOCK + margin])
        places = np.arange(len(segment))
        is_end = segment == _END
        begins = np.maximum.accumulate(np.where(is_end, places + 1, 0))
        ends = np.minimum.accumulate(np.where(is_end, places, len(segment))[::-1])[::-1]
        inside = ~is_end & (places >= start - left) & (places < start - left + _BLOCK)
        centres = places[inside]
        if not len(centres):
            return None
        centres = centres[np.argsort(segment[centres], kind="stable")]
        words, firsts = np.unique(segment[centres], return_index=True)
        return cls(segment, centres, begins[centres], ends[centres], words, firsts)

    def add_to(
        self,
        sums: NDArray[np.float64],
        occurrences: NDArray[np.int64],
        table: NDArray[np.float64],
        spans: Sequence[Span],
    ) -> None:
        """Add the contexts of the block's words to `sums`, span by span, in place."""
        prefix = np.zeros((len(self.segment) + 1, table.shape[1]))
        np.cumsum(table[self.segment], axis=0, out=prefix[1:])
        own = table[self.words]
        accompanied = np.zeros(len(self.centres), dtype=bool)
        for total, (before, after) in zip(sums, spans, strict=True):
            low = np.maximum(self.begins, self.centres - before)
            high = np.minimum(self.ends, self.centres + after + 1)
            around = prefix[high]
            around -= prefix[low]
            repeats = self._repeats(before, after)
            others = around[:, -1] - repeats * table[self.segment[self.centres], -1]
            accompanied |= others > 0
            found = np.add.reduceat(around, self.firsts, axis=0)
            total[self.words] += found - np.add.reduceat(repeats, self.firsts)[:, None] * own
        occurrences[self.words] += np.add.reduceat(accompanied.astype(np.int64), self.firsts)

    def _repeats(self, before: int, after: int) -> NDArray[np.int64]:
        """Count how often the word of each centre stands in its span, itself included."""
        words = self.segment[self.centres]
        found = np.ones(len(words), dtype=np.int64)
        for distance in range(1, max(before, after) + 1):
            if distance <= before:
                places = self.centres - distance
                inside = places >= self.begins
                found += (self.segment[np.where(inside, places, 0)] == words) & inside
            if distance <= after:
                places = self.centres + distance
                inside = places < self.ends
                found += (self.segment[np.where(inside, places, 0)] == words) & inside
        return found
