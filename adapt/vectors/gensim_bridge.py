"""gensim's `KeyedVectors`, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["from_gensim", "to_gensim"]


def to_gensim(vectors: WordVectors) -> KeyedVectors:
    """Return a copy of `vectors` as gensim's ``KeyedVectors``.

    The matrix is copied, because ``KeyedVectors`` may be changed in place. Counts become the
    attribute ``"count"``, where gensim looks for them.
    """
    from gensim.models import KeyedVectors

    keyed = KeyedVectors(vectors.dim)
    keyed.index_to_key = list(vectors.words)
    keyed.key_to_index = {word: row for row, word in enumerate(vectors.words)}
    keyed.vectors = np.array(vectors.matrix)
    if vectors.counts is not None:
        keyed.expandos["count"] = np.array(vectors.counts)
    return keyed


def from_gensim(keyed_vectors: KeyedVectors, *, origin: str = "") -> WordVectors:
    """Return a copy of gensim's ``KeyedVectors`` as `WordVectors`.

    The matrix is copied, because gensim goes on changing it when training is continued. The
    attribute ``"count"`` becomes the counts if it is there; note that gensim invents counts
    (n, n - 1, …, 1) for files in word2vec format that it reads without a vocabulary file.

    Parameters
    ----------
    keyed_vectors : gensim.models.KeyedVectors
        Such as ``model.wv`` of a ``Word2Vec`` or ``FastText`` model.
    origin : str
        Where the vectors come from.

    Raises
    ------
    InputError
        If `keyed_vectors` is not that, its keys are not strings, or a vector is not finite.
    """
    try:
        keys, matrix = keyed_vectors.index_to_key, keyed_vectors.vectors
        expandos = keyed_vectors.expandos
    except AttributeError as error:
        raise InputError(
            f"gensim KeyedVectors are needed, not {type(keyed_vectors).__name__}; "
            "of a model, pass model.wv"
        ) from error
    return WordVectors(
        tuple(keys),
        np.array(matrix, dtype=np.float32),
        counts=np.array(expandos["count"], dtype=np.int64) if "count" in expandos else None,
        origin=origin,
    )
