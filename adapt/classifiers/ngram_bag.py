"""The classifier of fastText: a linear softmax on the mean of n-gram vectors, learned from nothing.

References
----------
Joulin, Grave, Bojanowski and Mikolov (2017). Bag of tricks for efficient text classification. EACL.
Weinberger, Dasgupta, Langford, Smola and Attenberg (2009). Feature hashing for large scale
multitask learning. ICML.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit
from scipy.sparse import csr_matrix

from adapt.errors import InputError

__all__ = ["NgramBag", "ngram_counts"]

_BUCKETS = 2**20
"""Of each length of n-grams; what they cost is known columns alone, not their number."""

_END = "</s>"
_DIM, _EPOCHS = 10, 100
"""As many dimensions as in the paper. Its five epochs are for 120,000 documents and more."""


def ngram_counts(tokenizer: Callable[[str], list[str]]) -> Any:
    """Make the transformer from texts to counts of hashed words and pairs of words.

    Every document ends with a mark of its own, as in fastText, whose vector stands for the bias.

    Returns
    -------
    sklearn.pipeline.FeatureUnion
        Stateless. Gives ``(n_documents, 2 * 2**20)`` compressed rows: words first, then pairs.
    """
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.pipeline import FeatureUnion

    counters = [
        HashingVectorizer(
            tokenizer=partial(_ended, tokenizer),
            token_pattern=None,
            lowercase=False,  # the tokenizer decides what a word is
            ngram_range=(n, n),
            n_features=_BUCKETS,
            norm=None,
            alternate_sign=False,
            dtype=np.float32,
        )
        for n in (1, 2)
    ]
    return FeatureUnion([("words", counters[0]), ("pairs", counters[1])])


def _ended(tokenizer: Callable[[str], list[str]], text: str) -> list[str]:
    return [*tokenizer(text), _END]


class NgramBag:
    """Vectors of n-grams and a linear softmax on their mean, trained together.

    Plain stochastic gradient descent, one document a step, at a rate that falls linearly to zero.

    Parameters
    ----------
    max_n : {1, 2}
        Whether pairs of words count beside words.
    rate : float
        Learning rate of the first step.
    seed : int
        Seed of the initial vectors and of the order of documents.
    """

    def __init__(self, *, max_n: int, rate: float, seed: int) -> None:
        self.max_n = max_n
        self.rate = rate
        self.seed = seed

    def fit(self, counts: csr_matrix, labels: np.ndarray) -> NgramBag:
        """Learn from the counts of n-grams that `ngram_counts` gives, and class numbers.

        Raises
        ------
        InputError
            If the vectors grow beyond all bounds.
        """
        counts = counts[:, : self.max_n * _BUCKETS]
        self.columns_, rows = np.unique(counts.indices, return_inverse=True)
        generator = np.random.default_rng(self.seed)
        shape = (len(self.columns_), _DIM)
        self.table_ = generator.uniform(-1 / _DIM, 1 / _DIM, shape).astype(np.float32)
        self.weight_ = np.zeros((labels.max() + 1, _DIM), dtype=np.float32)
        n_documents = len(labels)
        steps = _EPOCHS * n_documents
        for epoch in range(_EPOCHS):
            left = 1 - (epoch * n_documents + np.arange(n_documents)) / steps
            _train_epoch(
                *(self.table_, self.weight_, counts.indptr, rows, counts.data, labels),
                *(generator.permutation(n_documents), (self.rate * left).astype(np.float32)),
            )
        if not (np.isfinite(self.table_).all() and np.isfinite(self.weight_).all()):
            raise InputError(
                f"vectors of n-grams are not finite at a learning rate of {self.rate}; leave it out"
            )
        return self

    def predict(self, counts: csr_matrix) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64, by the n-grams that `fit` has seen."""
        # sums have the same largest class as means: there is no bias
        summed = counts[:, self.columns_] @ self.table_
        classes: np.ndarray = (summed @ self.weight_.T).argmax(axis=1)
        return classes


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})  # type: ignore[misc, unused-ignore]
def _train_epoch(
    table: np.ndarray,
    weight: np.ndarray,
    starts: np.ndarray,
    rows: np.ndarray,
    counts: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    rates: np.ndarray,
) -> None:
    """Take a step for each document, in `order`, at the rate of its place.

    Documents are compressed rows: the rows of `table` that one reads, and how often it does.
    """
    n_classes, dim = weight.shape
    mean, slope = np.empty(dim, np.float32), np.empty(dim, np.float32)
    shares = np.empty(n_classes, np.float32)
    for place in range(len(order)):
        document = order[place]
        begin, end = starts[document], starts[document + 1]
        mean[:] = 0
        length = np.float32(0)
        for word in range(begin, end):
            length += counts[word]
            for column in range(dim):
                mean[column] += counts[word] * table[rows[word], column]
        for column in range(dim):
            mean[column] /= length
        _softmax(weight, mean, shares)
        slope[:] = 0
        for one in range(n_classes):
            wanted = np.float32(one == labels[document])
            move = rates[place] * (wanted - shares[one])
            for column in range(dim):
                slope[column] += move * weight[one, column]
                weight[one, column] += move * mean[column]
        for word in range(begin, end):
            share = counts[word] / length
            for column in range(dim):
                table[rows[word], column] += share * slope[column]


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract"})  # type: ignore[misc, unused-ignore]
def _softmax(weight: np.ndarray, mean: np.ndarray, shares: np.ndarray) -> None:
    """Write the shares of the classes."""
    for one in range(len(weight)):
        shares[one] = 0
        for column in range(len(mean)):
            shares[one] += weight[one, column] * mean[column]
    top = shares.max()
    total = np.float32(0)
    for one in range(len(weight)):
        shares[one] = np.exp(shares[one] - top)
        total += shares[one]
    for one in range(len(weight)):
        shares[one] /= total
