"""Documents as the distinct words in them, and batches of them without any padding."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from adapt.errors import InputError

__all__ = ["WordBatch", "WordDocuments"]

_TOKENS_AT_ONCE = 65_536
"""Where no gradient is needed, a batch has at most so many words, or a single document."""


@dataclass(frozen=True)
class WordBatch:
    """Documents of any lengths, one behind the other, with each distinct word represented once.

    Parameters
    ----------
    words : torch.Tensor
        ``(n_words,)`` int64 rows of the distinct words; words that are spelled out may share row 1.
    meant : torch.Tensor
        ``(n_words,)`` int64, the row whose weight a word has in pooling: its own, or for an unknown
        word that of the word which is probably meant.
    places : torch.Tensor
        ``(n_tokens,)`` int64, which of the distinct words stands where.
    starts : torch.Tensor
        ``(n_documents,)`` int64, the first token of every document.
    codes : torch.Tensor or None
        ``(n_words, longest)`` int64 characters, if words are spelled out.
    """

    words: torch.Tensor
    meant: torch.Tensor
    places: torch.Tensor
    starts: torch.Tensor
    codes: torch.Tensor | None = None

    def to(self, device: torch.device | str) -> WordBatch:
        """Move to a device."""
        return WordBatch(
            self.words.to(device),
            self.meant.to(device),
            self.places.to(device),
            self.starts.to(device),
            None if self.codes is None else self.codes.to(device),
        )

    @property
    def lengths(self) -> torch.Tensor:
        """``(n_documents,)`` int64 numbers of tokens."""
        end = self.starts.new_tensor([len(self.places)])
        return torch.diff(torch.cat([self.starts, end]))

    @property
    def documents(self) -> torch.Tensor:
        """``(n_tokens,)`` int64, which document every token belongs to."""
        return torch.repeat_interleave(self.lengths)

    @classmethod
    def of_padded(cls, rows: torch.Tensor, padding_idx: int = 0) -> WordBatch:
        """Leave the padding of ``(n, length)`` rows out, wherever it stands."""
        present = rows != padding_idx
        words, places = torch.unique(rows[present], return_inverse=True)
        lengths = present.sum(dim=1)
        return cls(words, words, places, lengths.cumsum(dim=0) - lengths)


@dataclass(frozen=True)
class WordDocuments:
    """Documents for training and prediction: what batches are cut from.

    Parameters
    ----------
    words, meant : numpy.ndarray
        ``(n_words,)`` int64; see `WordBatch`.
    places : numpy.ndarray
        ``(n_tokens,)`` int64, which of the words stands where.
    starts : numpy.ndarray
        ``(n_documents + 1,)`` int64, where documents start in `places`, and where the last ends.
    codes : numpy.ndarray or None
        ``(n_words, longest)`` int64 characters, if words are spelled out.
    """

    words: np.ndarray
    meant: np.ndarray
    places: np.ndarray
    starts: np.ndarray
    codes: np.ndarray | None = None

    @classmethod
    def of_rows(
        cls, documents: Sequence[np.ndarray], n_rows: int, *, padding_idx: int = 0
    ) -> WordDocuments:
        """Take documents as rows of a table; padding is left out wherever it stands.

        Raises
        ------
        InputError
            If documents are not row numbers, or a row is not in the table.
        """
        filled = [document for document in documents if len(document)]  # empty ones may be float64
        rows = np.concatenate([np.empty(0, dtype=np.int64), *filled])
        if rows.dtype.kind not in "iu":
            raise InputError(f"documents hold {rows.dtype}; give the row numbers of their words")
        if rows.size and (rows.min() < 0 or rows.max() >= n_rows):
            raise InputError(
                f"documents hold rows {rows.min()} to {rows.max()}, but the table has {n_rows}"
            )
        ends = np.cumsum(np.concatenate([[0], rows != padding_idx]), dtype=np.int64)
        starts = ends[np.cumsum([0, *map(len, documents)])]
        words, places = np.unique(rows[rows != padding_idx], return_inverse=True)
        return cls(words, words, places.astype(np.int64), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def counts(self, n_rows: int) -> np.ndarray:
        """Count how often each row of a table occurs; ``(n_rows,)`` int64."""
        return np.bincount(self.words[self.places], minlength=n_rows)

    def subset(self, chosen: np.ndarray) -> WordDocuments:
        """Take some of the documents, in the given order."""
        places, starts = self._tokens(chosen)
        return replace(self, places=places, starts=starts)

    def without_words(self, share: float, random: np.random.Generator) -> WordDocuments:
        """Leave a share of the words out, each by chance (word dropout, Iyyer et al. 2015)."""
        kept = random.random(len(self.places)) >= share
        ends = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
        return replace(self, places=self.places[kept], starts=ends[self.starts])

    def batches(self, order: np.ndarray, size: int) -> Iterator[WordBatch]:
        """Cut documents, in the given order, into batches of `size`; the last may have fewer.

        A single document that would be left over joins the batch before, since statistics of one
        document are none.
        """
        bounds = [*range(0, len(order), size), len(order)]
        if len(bounds) > 2 and bounds[-1] - bounds[-2] == 1 < size:
            del bounds[-2]
        return self._cut(order, np.asarray(bounds))

    def large_batches(self) -> Iterator[WordBatch]:
        """Cut all documents into batches of a bounded number of words, for work without steps."""
        bounds, first = [0], 0
        for document in range(1, len(self)):
            if self.starts[document + 1] - self.starts[first] > _TOKENS_AT_ONCE:
                bounds.append(document)
                first = document
        return self._cut(np.arange(len(self)), np.asarray([*bounds, len(self)]))

    def _tokens(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Put the tokens of documents in order; gives their places and the documents' starts."""
        lengths = np.diff(self.starts)[order]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shifts = np.repeat(self.starts[:-1][order] - starts[:-1], lengths)
        return self.places[np.arange(starts[-1]) + shifts], starts

    def _cut(self, order: np.ndarray, bounds: np.ndarray) -> Iterator[WordBatch]:
        """Cut at bounds; what is distinct in a batch is found for all batches together."""
        if not len(order):
            return
        places, starts = self._tokens(order)
        token_bounds = starts[bounds]
        batch = np.repeat(np.arange(len(bounds) - 1), np.diff(token_bounds))
        distinct, local = np.unique(batch * len(self.words) + places, return_inverse=True)
        firsts = np.searchsorted(distinct, np.arange(len(bounds)) * len(self.words))
        in_batch = torch.from_numpy(local - firsts[batch])
        distinct %= max(1, len(self.words))
        words, meant = (torch.from_numpy(rows[distinct]) for rows in (self.words, self.meant))
        for place, (first, last) in enumerate(itertools.pairwise(bounds)):
            own = slice(firsts[place], firsts[place + 1])
            tokens = slice(token_bounds[place], token_bounds[place + 1])
            codes = None if self.codes is None else torch.from_numpy(self.codes[distinct[own]])
            yield WordBatch(
                words[own],
                meant[own],
                in_batch[tokens],
                torch.from_numpy(starts[first:last] - starts[first]),
                codes,
            )
