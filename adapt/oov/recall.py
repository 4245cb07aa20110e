"""From the characters of a word to the vectors of known words that are spelled alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import nn

from adapt.errors import InputError
from adapt.oov.encoders import CharacterEncoder
from adapt.oov.inventories import PADDING, NgramInventory

__all__ = ["RecallEncoder"]

_N_RECALLED = 10
_AT_ONCE = 1024
"""Words that are compared with all known ones together."""
_SHARPNESS, _FREQUENCY = 20.0, 0.5
"""Where the weights of similarity and of log counts start."""


class RecallEncoder(CharacterEncoder):
    """Attention from the spelling of a word to known words, whose vectors it averages.

    A query and the known words are compared by the cosine of their counts of character n-grams. The
    ten most alike share the word's vector by a softmax over ``sharpness * cosine + frequency *
    log(1 + count)``, as in a noisy channel: what is probably meant is alike, and frequent. Of a
    misspelt word, this recalls the vector of the right one far more often than a network that must
    hold all vectors in its filters.

    Parameters
    ----------
    words : sequence of str
        The known words.
    vectors : ndarray of float32, shape (n_words, dim)
        Theirs; a copy of them learns in fine-tuning, with the weights of the two terms.
    counts : ndarray of int64, shape (n_words,), optional
        How often each occurs; all alike often without.

    Raises
    ------
    InputError
        If there are no words, or sizes disagree.

    References
    ----------
    Kernighan, Church and Gale (1990). A spelling correction program based on a noisy channel model.
    COLING.
    """

    kind, min_words, learning_rate = NgramInventory, 1, 2e-3

    def __init__(
        self,
        words: Sequence[str],
        vectors: NDArray[np.float32],
        counts: NDArray[np.int64] | None = None,
    ) -> None:
        counts = np.ones(len(words), dtype=np.int64) if counts is None else counts
        if not len(words) or vectors.shape[:1] != (len(words),) or counts.shape != (len(words),):
            raise InputError(
                f"{len(words)} words, vectors of shape {vectors.shape} and counts of shape "
                f"{counts.shape} do not fit; give at least one word, and a vector for each"
            )
        mean = torch.from_numpy(vectors.mean(axis=0, dtype=np.float64).astype(np.float32))
        super().__init__(NgramInventory.of_words(words, min_words=self.min_words), mean)
        self.words = tuple(words)
        self.known = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
            torch.tensor(vectors, dtype=torch.float32), freeze=False, sparse=True
        )
        self.log_counts: torch.Tensor
        self.register_buffer("log_counts", torch.log1p(torch.tensor(counts).float()))
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS))
        self.frequency = nn.Parameter(torch.tensor(_FREQUENCY))
        self._spellings = self._ngram_rows(self.inventory.encode(words)).T.tocsr()

    def answer(self, codes: torch.Tensor) -> torch.Tensor:
        """Encode words; see `CharacterEncoder.answer`."""
        rows, cosines = self._most_alike(codes)
        # the factor is for words that share no n-gram with any: of them, nothing is recalled
        shares = torch.softmax(self._scores(rows, cosines), dim=1) * (cosines > 0)
        recalled: torch.Tensor = self.known(rows) - self.mean
        return torch.einsum("wk,wkd->wd", shares, recalled)

    @torch.no_grad()
    def most_likely(self, codes: torch.Tensor) -> torch.Tensor:
        """Give the rows of the known words that are probably meant, -1 where none is alike."""
        if not codes.numel():
            return torch.full((len(codes),), -1, device=codes.device)
        rows, cosines = self._most_alike(codes)
        best = self._scores(rows, cosines).argmax(dim=1, keepdim=True)
        meant: torch.Tensor = torch.where(cosines > 0, rows, -1).gather(1, best).squeeze(1)
        return meant.to(codes.device)

    def _scores(self, rows: torch.Tensor, cosines: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.sharpness * cosines + self.frequency * self.log_counts[rows]
        return scores.masked_fill(cosines <= 0, torch.finfo(scores.dtype).min)

    def _most_alike(self, codes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Find the known words nearest in spelling; rows and cosines ``(n_words, n_recalled)``."""
        n_recalled = min(_N_RECALLED, len(self.words))
        found = []
        for some in torch.split(codes.cpu(), _AT_ONCE):  # a dense product, of bounded size
            cosines = (self._ngram_rows(some.numpy()) @ self._spellings).todense()
            found.append(torch.from_numpy(cosines).topk(n_recalled, dim=1))
        rows = torch.cat([one.indices for one in found])
        best = torch.cat([one.values for one in found])
        return rows.to(self.mean.device), best.to(self.mean.device)

    def _ngram_rows(self, codes: NDArray[np.int64]) -> csr_matrix:
        """Mark the n-grams of words in rows of length 1; (n_words, n_codes) float32."""
        words, places = np.nonzero(codes != PADDING)
        marks = csr_matrix(
            (np.ones(len(words), dtype=np.float32), (words, codes[words, places])),
            shape=(len(codes), self.inventory.n_codes),
        )
        marks.sum_duplicates()
        norms = np.sqrt(np.asarray(marks.multiply(marks).sum(axis=1)).ravel())
        marks.data /= np.repeat(norms, np.diff(marks.indptr))
        return marks
