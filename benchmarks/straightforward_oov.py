"""Vectors for unknown words by spelling, as one writes it without a library, to compare with.

The formula is that of `adapt.oov.Subword`, with the same constants: dictionaries of n-grams, one
word after the other, NumPy for the equations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["fill_by_spelling"]

_N_NEIGHBORS = 40
_LEAST_CONFIDENCE = 0.02


def fill_by_spelling(
    words: Sequence[str], matrix: np.ndarray, unknown: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Give a vector and a confidence to every unknown word."""
    of_words = [_ngrams(word) for word in words]
    of_ngrams: dict[str, list[int]] = {}
    for row, ngrams in enumerate(of_words):
        for ngram in ngrams:
            of_ngrams.setdefault(ngram, []).append(row)
    squares = {
        ngram: (np.log((1 + len(words)) / len(rows)) * _start_weight(ngram)) ** 2
        for ngram, rows in of_ngrams.items()
    }
    norms = [_length(ngrams, squares, len(words)) for ngrams in of_words]
    mean = matrix.mean(axis=0)
    filled, confidences = np.zeros((len(unknown), matrix.shape[1])), np.zeros(len(unknown))
    for place, word in enumerate(unknown):
        own = _ngrams(word)
        norm = _length(own, squares, len(words))
        shared: dict[int, float] = {}
        for ngram in own:
            for row in of_ngrams.get(ngram, ()):
                shared[row] = shared.get(row, 0.0) + squares[ngram]
        near = sorted(shared, key=lambda row: (-shared[row] / norms[row], row))[:_N_NEIGHBORS]
        if not near:
            continue
        k = np.array([(shared[row] / norms[row] / norm) ** 2 for row in near])
        K = np.diag([1 + 0.5 * np.sqrt((row + 1000) / 10_000) for row in near])
        for i, a in enumerate(near):
            for j, b in enumerate(near[:i]):
                both = sum(squares[ngram] for ngram in of_words[a] & of_words[b])
                K[i, j] = K[j, i] = (both / norms[a] / norms[b]) ** 2
        weights = np.linalg.solve(K, k)
        confidence = np.sqrt(weights @ k)
        if confidence > _LEAST_CONFIDENCE:
            filled[place] = mean + weights @ (matrix[near] - mean)
            confidences[place] = confidence
    return filled, confidences


def _ngrams(word: str) -> set[str]:
    text = f"<{word}>"
    return {text[i : i + n] for n in range(3, 7) for i in range(len(text) - n + 1)}


def _start_weight(ngram: str) -> float:
    return 1.5 if ngram.startswith("<") else 1.0


def _length(ngrams: set[str], squares: dict[str, float], n_words: int) -> float:
    unseen = np.log(1 + n_words)
    return float(
        np.sqrt(sum(squares.get(one, (unseen * _start_weight(one)) ** 2) for one in ngrams))
    )
