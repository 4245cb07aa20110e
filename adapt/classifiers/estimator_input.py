"""What users of scikit-learn give an estimator of texts, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from pathlib import Path

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from adapt.errors import InputError
from adapt.merging import EmbeddingMatrix, holds_matrix
from adapt.text import Tokenizer, tokenizer_named
from adapt.vectors import WordVectors, read_vectors

__all__ = ["checked_labels", "checked_texts", "tokenizer_of", "vectors_of"]


def vectors_of(vectors: object) -> WordVectors | EmbeddingMatrix:
    """Return vectors, read first if they are a file or a name."""
    if isinstance(vectors, WordVectors | EmbeddingMatrix):
        return vectors
    if isinstance(vectors, str | Path):
        return EmbeddingMatrix.load(vectors) if holds_matrix(vectors) else read_vectors(vectors)
    raise InputError(
        f"vectors is a {type(vectors).__name__}; give WordVectors, an EmbeddingMatrix, or the path "
        "or name of vectors (a classifier that was loaded has lost them)"
    )


def tokenizer_of(tokenizer: object) -> Tokenizer:
    """Return a tokenizer, by its name or as it is."""
    if isinstance(tokenizer, str):
        return tokenizer_named(tokenizer)
    if not callable(tokenizer):
        raise InputError(f"tokenizer is {tokenizer!r}; give a name such as word, or a function")
    return tokenizer


def checked_texts(X: object, *, may_be_empty: bool = False) -> list[str]:
    """Return texts as a list, if they are nothing else."""
    if isinstance(X, str | bytes) or not isinstance(X, Iterable):
        raise InputError(f"X is a single {type(X).__name__}; give a list of texts")
    if isinstance(X, Mapping | Set):
        raise InputError(f"X is a {type(X).__name__}, which has no order; give a list of texts")
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) != 1:
        raise InputError(f"X has shape {tuple(shape)}; give one text for each label, in one list")
    texts = list(X)
    if not texts and not may_be_empty:
        raise InputError("X holds no texts; give some to learn from")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise InputError(f"X[{place}] is a {type(text).__name__}, not a str; convert it first")
    return texts


def checked_labels(y: object, n_texts: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes, sorted, and the number of each text's."""
    if y is None:
        raise InputError(
            "EmbeddingTextClassifier requires y to be passed, but the target y is None"
        )
    labels = column_or_1d(y, warn=True)
    check_consistent_length(range(n_texts), labels)
    if labels.dtype.kind == "O":
        types = sorted({type(label).__name__ for label in labels})
        if not all(isinstance(label, str) for label in labels):
            raise InputError(
                f"Unknown label type: y holds objects of type {', '.join(types)}; make all of them "
                "texts, or an array of numbers"
            )
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise InputError("y contains NaN or infinity; give a label for each text")
    check_classification_targets(labels)
    classes, class_of_each = np.unique(labels, return_inverse=True)
    return classes, class_of_each
