"""What a classifier is shown in training: documents, and copies with typos if words are spelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from adapt.classifiers.batches import WordDocuments
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.text import with_typos

__all__ = ["ShownDocuments"]


@dataclass(frozen=True)
class ShownDocuments:
    """Documents with their labels, as the embedding layer of a classifier takes them.

    Parameters
    ----------
    embedding : PretrainedEmbedding or HybridEmbedding
        Takes documents as row numbers, or as words.
    documents : sequence
        Such documents.
    labels : numpy.ndarray
        ``(n_documents,)`` int64 class numbers.
    typos : float
        Share of the words that are misspelt in a second copy of every document; 0 for no copies.
    seed : int
        Of the typos.
    """

    embedding: PretrainedEmbedding | HybridEmbedding
    documents: Sequence[Any]
    labels: np.ndarray
    typos: float = 0.0
    seed: int = 0

    @property
    def n_copies(self) -> int:
        """How often every document is shown."""
        return 2 if self.typos else 1

    @cached_property
    def shown_labels(self) -> np.ndarray:
        """``(n_copies * n_documents,)`` labels of what is shown, copies behind the documents."""
        return np.tile(self.labels, self.n_copies)

    def subset(self, chosen: np.ndarray) -> ShownDocuments:
        """Take some of the documents, with their copies."""
        return replace(
            self,
            documents=[self.documents[place] for place in chosen],
            labels=self.labels[chosen],
        )

    def places_shown(self, chosen: np.ndarray) -> np.ndarray:
        """Give the places of documents, and of their copies, among all that is shown."""
        return np.concatenate([chosen + copy * len(self.labels) for copy in range(self.n_copies)])

    def counts(self) -> np.ndarray:
        """Count how often each row of the table occurs in the documents; ``(n_rows,)`` int64."""
        documents = self.at_first().subset(np.arange(len(self.labels)))
        return documents.counts(self.embedding.n_rows)

    def at_first(self) -> WordDocuments:
        """Give the documents, with the copies that stand for those of all epochs.

        They are what is validated on, and what is encoded once where no epochs are needed.
        """
        return self._at_first

    def in_epoch(self, epoch: int) -> WordDocuments:
        """Give the documents as they are shown in an epoch, with other typos in each."""
        if not self.typos:
            return self._at_first
        return self._with_copies(int(np.random.default_rng([self.seed, epoch]).integers(2**32)))

    @cached_property
    def _at_first(self) -> WordDocuments:
        if not self.typos:
            return self.embedding.documents(self.documents)
        return self._with_copies(self.seed)

    def _with_copies(self, seed: int) -> WordDocuments:
        copies: list[Any] = with_typos(self.documents, self.typos, seed=seed)
        return self.embedding.documents([*self.documents, *copies])
