"""Words as vectors and as characters: an embedding layer in which no word is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.errors import InputError
from adapt.oov.encoders import CharacterEncoder
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary

__all__ = ["JOINS", "HybridEmbedding", "SpelledBatch", "distinct_words"]

JOINS = ("gated", "concatenated")
"""How the vector of a word and the encoding of its characters become one."""
_OPENNESS = 3.0
"""Where the gate of known words starts, as a logit: at 95 % word vector."""
_UNK_ROW = 1


@dataclass(frozen=True)
class SpelledBatch:
    """Documents whose words are also spelled out, each distinct word once.

    Parameters
    ----------
    rows : torch.Tensor
        ``(n, length)`` int64 rows of the vocabulary that masks and weights are taken from: 0 is
        padding; an unknown word has the row of the word that is probably meant, if the encoder can
        tell, or 1.
    places : torch.Tensor
        ``(n, length)`` int64, which of the distinct words stands there, from 1; 0 is padding.
    words : torch.Tensor
        ``(n_words,)`` int64 rows of the distinct words, 1 for all unknown ones.
    codes : torch.Tensor
        ``(n_words, longest)`` int64, the characters of the distinct words.
    """

    rows: torch.Tensor
    places: torch.Tensor
    words: torch.Tensor
    codes: torch.Tensor

    def to(self, device: torch.device) -> SpelledBatch:
        """Move to a device."""
        return SpelledBatch(
            self.rows.to(device),
            self.places.to(device),
            self.words.to(device),
            self.codes.to(device),
        )


class HybridEmbedding(nn.Module):
    """A table of word vectors beside an encoder of characters.

    It takes the place of a `PretrainedEmbedding`, but for what it is called with: a `SpelledBatch`,
    which `batch` makes of documents, instead of row numbers. A word that the vocabulary lacks is
    represented by its spelling alone, so that two unknown words differ.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(len(vocabulary), dim)`` float32 word vectors.
    vocabulary : Vocabulary
        The words of the rows.
    encoder : CharacterEncoder
        Gives vectors of the same dimension: a `RecallEncoder` of the vocabulary, or what a
        `Characters` strategy has learned. Copied.
    join : {"gated", "concatenated"}
        `gated`: the weighted mean of the word vector and the encoding, by a gate that looks at
        both. Unknown words pass by their encoding alone; in a frozen layer, known words pass by
        their vectors alone. `concatenated`: the word vector with the encoding behind it; unknown
        words have their encoding in both places.
    freeze : bool
        Whether table, encoder and gate stay as they are.

    Raises
    ------
    InputError
        If matrix, vocabulary and encoder do not fit together, or there is no such join.

    References
    ----------
    Miyamoto and Cho (2016). Gated word-character recurrent language model. EMNLP.
    """

    def __init__(
        self,
        matrix: np.ndarray,
        vocabulary: Vocabulary,
        encoder: CharacterEncoder,
        *,
        join: str = "gated",
        freeze: bool = True,
    ) -> None:
        super().__init__()
        if join not in JOINS:
            raise InputError(f"join is {join!r}; choose {' or '.join(JOINS)}")
        if matrix.shape != (len(vocabulary), encoder.dim):
            raise InputError(
                f"matrix of shape {matrix.shape} does not fit a vocabulary of {len(vocabulary)} "
                f"words and an encoder of {encoder.dim} dimensions"
            )
        self.vocabulary = vocabulary
        self.words = PretrainedEmbedding(matrix, freeze=freeze)
        self.words.table.sparse = True  # a step costs what its words do, not the vocabulary
        self.encoder = deepcopy(encoder).requires_grad_(not freeze)
        if isinstance(encoder, RecallEncoder):
            self._recalled_rows = vocabulary.encode(encoder.words)
        self.join = join
        self.freeze = freeze
        self.gate = nn.Linear(2 * encoder.dim, 1) if join == "gated" and not freeze else None
        if self.gate is not None:
            nn.init.zeros_(self.gate.weight)
            nn.init.constant_(self.gate.bias, _OPENNESS)
        self.padding_idx = self.words.padding_idx

    @property
    def dim(self) -> int:
        """Dimension of the vectors that the layer gives."""
        return self.words.dim * (2 if self.join == "concatenated" else 1)

    def batch(self, documents: Sequence[Sequence[str]]) -> SpelledBatch:
        """Give every word of documents its numbers, and spell each distinct one out."""
        distinct, places = distinct_words(documents)
        words, codes = self.spell(distinct)
        padded = torch.from_numpy(Vocabulary.pad([place + 1 for place in places]))
        meant = functional.pad(self.meant(words, codes), (1, 0), value=self.padding_idx)
        return SpelledBatch(rows=meant[padded], places=padded, words=words, codes=codes)

    def spell(self, distinct: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Give distinct words their rows ``(n_words,)`` and codes ``(n_words, longest)``."""
        rows = torch.from_numpy(self.vocabulary.encode(distinct))
        return rows, torch.from_numpy(self.encoder.inventory.encode(distinct))

    def meant(self, words: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """Give distinct words the rows of the known words whose weights they share."""
        unknown = words == _UNK_ROW
        if not isinstance(self.encoder, RecallEncoder) or not unknown.any():
            return words
        likely = self.encoder.most_likely(codes[unknown])
        found = torch.from_numpy(self._recalled_rows)[likely.clamp(min=0)]
        return words.masked_scatter(unknown, torch.where(likely < 0, _UNK_ROW, found))

    def rows(self, batch: SpelledBatch) -> torch.Tensor:
        """Give the ``(n, length)`` rows of the vocabulary, from which masks and weights come."""
        return batch.rows

    def forward(self, batch: SpelledBatch) -> torch.Tensor:
        """Represent every word of a batch; gives ``(n, length, dim)``, zeros for padding."""
        vectors = self.distinct(batch.words, batch.codes)
        padding = vectors.new_zeros(1, self.dim)
        return torch.cat([padding, vectors])[batch.places]

    def distinct(self, words: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """Represent distinct words.

        Parameters
        ----------
        words : torch.Tensor
            ``(n_words,)`` int64 rows of the vocabulary, 1 for unknown words.
        codes : torch.Tensor
            ``(n_words, longest)`` int64 characters of those words.

        Returns
        -------
        torch.Tensor
            ``(n_words, dim)``.
        """
        vectors: torch.Tensor = self.words(words)
        unknown = (words == _UNK_ROW).unsqueeze(1)
        if self.join == "gated" and self.gate is None:  # known words need no spelling
            return vectors.masked_scatter(unknown, self.encoder(codes[unknown.squeeze(1)]))
        spelled: torch.Tensor = self.encoder(codes)
        vectors = torch.where(unknown, spelled, vectors)
        if self.gate is None:
            return torch.cat([vectors, spelled], dim=1)
        share: torch.Tensor = torch.sigmoid(self.gate(torch.cat([vectors, spelled], dim=1)))
        return share * vectors + (1 - share) * spelled


def distinct_words(
    documents: Sequence[Sequence[str]],
) -> tuple[list[str], list[np.ndarray]]:
    """List the words of documents, each once in order of appearance, and number the documents.

    Returns
    -------
    words : list of str
        The distinct words.
    places : list of numpy.ndarray
        Int64 positions in that list of the words of each document.
    """
    number: dict[str, int] = {}
    places = [
        np.array([number.setdefault(word, len(number)) for word in document], dtype=np.int64)
        for document in documents
    ]
    return list(number), places
