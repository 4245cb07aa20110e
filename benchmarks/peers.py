"""Straightforward NumPy and Python versions of single stages, to compare `adapt` with.

What one writes without a library: readable, vectorised where that is the obvious thing to do, and
not tuned. The classifiers' peers stand in `straightforward_classifiers`; the map and the search
come from `straightforward_study`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.straightforward_study import map_between, nearest_words, normalize

__all__ = ["align_by_numpy", "csls_by_numpy", "matrix_by_loop", "nearest_words"]


def align_by_numpy(
    domain: dict[str, np.ndarray], general: dict[str, np.ndarray], anchors: Sequence[str]
) -> dict[str, np.ndarray]:
    """Fit the orthogonal map on the anchors and apply it to every in-domain word."""
    source, mean = normalize(np.array([domain[word] for word in anchors]))
    target, _ = normalize(np.array([general[word] for word in anchors]))
    mapped = normalize(np.array(list(domain.values())), mean)[0] @ map_between(source, target)
    return dict(zip(domain, mapped, strict=True))


def csls_by_numpy(
    queries: np.ndarray, candidates: np.ndarray, k: int, n_neighbors: int = 10, block: int = 256
) -> np.ndarray:
    """Rows of the `k` candidates that are best by CSLS for every query, in no order.

    All rows have length 1. Cosines are computed a block of queries at a time, and twice: for the
    means over neighbours, and for the scores, which need the means.
    """
    own_means = []
    highest = np.full((n_neighbors, len(candidates)), -np.inf, dtype=np.float32)
    for start in range(0, len(queries), block):
        cosines = queries[start : start + block] @ candidates.T
        own_means.append(np.partition(cosines, -n_neighbors, axis=1)[:, -n_neighbors:].mean(axis=1))
        highest = np.partition(np.vstack([highest, cosines]), -n_neighbors, axis=0)[-n_neighbors:]
    own_mean, mean = np.concatenate(own_means), highest.mean(axis=0)
    found = []
    for start in range(0, len(queries), block):
        cosines = queries[start : start + block] @ candidates.T
        scores = 2 * cosines - own_mean[start : start + block, None] - mean
        found.append(np.argpartition(scores, -k, axis=1)[:, -k:].copy())
    return np.concatenate(found)


def matrix_by_loop(words: Sequence[str], vectors: dict[str, np.ndarray], dim: int) -> np.ndarray:
    """Give every word its vector, or zeros, one after the other."""
    matrix = np.zeros((len(words), dim), dtype=np.float32)
    for row, word in enumerate(words):
        if word in vectors:
            matrix[row] = vectors[word]
    return matrix
