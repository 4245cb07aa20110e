"""Words as vectors and as characters: an embedding layer in which no word is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from torch import nn

from adapt.classifiers.batches import WordBatch, WordDocuments
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.errors import InputError
from adapt.oov.encoders import CharacterEncoder
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary

__all__ = ["JOINS", "HybridEmbedding"]

JOINS = ("gated", "concatenated")
"""How the vector of a word and the encoding of its characters become one."""
_OPENNESS = 3.0
"""Where the gate of known words starts, as a logit: at 95 % word vector."""
_UNK_ROW = 1


class HybridEmbedding(nn.Module):
    """A table of word vectors beside an encoder of characters.

    It takes the place of a `PretrainedEmbedding`, but for what `documents` takes: words instead of
    row numbers. A word that the vocabulary lacks is represented by its spelling alone, so that two
    unknown words differ.

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
        # sparse: a step costs what its words do, not the vocabulary
        self.words = PretrainedEmbedding(matrix, freeze=freeze, sparse=True)
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

    @property
    def table(self) -> nn.Embedding:
        """The word vectors."""
        table: nn.Embedding = self.words.table
        return table

    @property
    def spelling(self) -> nn.ModuleList:
        """What represents words beside the table: the encoder, and the gate if there is one."""
        return nn.ModuleList([self.encoder, *([] if self.gate is None else [self.gate])])

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return self.words.n_rows

    def documents(self, documents: Sequence[Sequence[str]]) -> WordDocuments:
        """Take documents as words, each distinct one spelled out, for training and prediction."""
        distinct, places = _distinct_words(documents)
        words = torch.from_numpy(self.vocabulary.encode(distinct))
        codes = torch.from_numpy(self.encoder.inventory.encode(distinct))
        return WordDocuments(
            words=words.numpy(),
            meant=self.meant(words, codes).numpy(),
            places=np.concatenate([np.empty(0, dtype=np.int64), *places]),
            starts=np.cumsum([0, *map(len, places)]),
            codes=codes.numpy(),
        )

    def meant(self, words: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """Give distinct words the rows of the known words whose weights they share."""
        unknown = words == _UNK_ROW
        if not isinstance(self.encoder, RecallEncoder) or not unknown.any():
            return words
        likely = self.encoder.most_likely(codes[unknown])
        found = torch.from_numpy(self._recalled_rows)[likely.clamp(min=0)]
        return words.masked_scatter(unknown, torch.where(likely < 0, _UNK_ROW, found))

    def vectors(self, batch: WordBatch) -> torch.Tensor:
        """Represent the distinct words of a batch; gives ``(n_words, dim)``.

        Raises
        ------
        InputError
            If the words are not spelled out, as in rows that stand for them.
        """
        codes = batch.codes
        if codes is None:
            raise InputError("a hybrid layer reads words; make batches by its `documents`")
        unknown = batch.words == _UNK_ROW
        if self.join == "gated" and self.gate is None:  # known words need no spelling
            vectors: torch.Tensor = self.words(batch.words)
            return vectors.masked_scatter(unknown.unsqueeze(1), self.encoder(codes[unknown]))
        spelled: torch.Tensor = self.encoder(codes)
        # the table is asked for known words alone, so that its gradient holds each row once
        known = torch.nonzero(~unknown).squeeze(1)
        vectors = spelled.index_copy(0, known, self.words(batch.words[known]))
        if self.gate is None:
            return torch.cat([vectors, spelled], dim=1)
        share: torch.Tensor = torch.sigmoid(self.gate(torch.cat([vectors, spelled], dim=1)))
        return share * vectors + (1 - share) * spelled


def _distinct_words(
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
