"""Straightforward NumPy and Python versions of single stages, to compare `adapt` with.

What one writes without a library: readable, vectorised where that is the obvious thing to do, and
not tuned. The classifiers' peers stand in `straightforward_classifiers`; the map and the search
come from `straightforward_study`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.straightforward_study import map_between, nearest_words, normalize

__all__ = ["align_by_numpy", "matrix_by_loop", "nearest_words"]


def align_by_numpy(
    domain: dict[str, np.ndarray], general: dict[str, np.ndarray], anchors: Sequence[str]
) -> dict[str, np.ndarray]:
    """Fit the orthogonal map on the anchors and apply it to every in-domain word."""
    source, mean = normalize(np.array([domain[word] for word in anchors]))
    target, _ = normalize(np.array([general[word] for word in anchors]))
    mapped = normalize(np.array(list(domain.values())), mean)[0] @ map_between(source, target)
    return dict(zip(domain, mapped, strict=True))


def matrix_by_loop(words: Sequence[str], vectors: dict[str, np.ndarray], dim: int) -> np.ndarray:
    """Give every word its vector, or zeros, one after the other."""
    matrix = np.zeros((len(words), dim), dtype=np.float32)
    for row, word in enumerate(words):
        if word in vectors:
            matrix[row] = vectors[word]
    return matrix
