"""Alignment, retrieval and matrix building against NumPy and plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapt.alignment import (
    Anchors,
    AnchorSelection,
    Procrustes,
    nearest,
    select_anchors,
    shared_anchors,
)
from adapt.experiment.data import StudyData
from adapt.merging import build_matrix
from adapt.vectors import WordVectors
from benchmarks.micro.conftest import Compare
from benchmarks.peers import align_by_numpy, matrix_by_loop, nearest_words

ALIGNMENT = "Procrustes, fit and transform: 300 d to 50 d, 5,200 anchors"
RETRIEVAL = "10 nearest of 50,000 for 1,000 queries, 50 d"
MATRIX = "matrix of the clinical vocabulary from 400,000 vectors, 50 d"
N_ANCHORS, N_CANDIDATES, N_QUERIES, K = 5_200, 50_000, 1_000, 10


def anchors_of(domain: WordVectors, general: WordVectors) -> Anchors:
    """Take the most frequent shared words."""
    shared = shared_anchors(domain, general)
    return select_anchors(domain, general, shared, AnchorSelection(limit=N_ANCHORS)).anchors


def by_word(vectors: WordVectors) -> dict[str, np.ndarray]:
    """Give the dict that plain code works with."""
    return dict(zip(vectors.words, np.array(vectors.matrix), strict=True))


def test_alignment_numpy(timed: Compare, domain: WordVectors, general: WordVectors) -> None:
    """NumPy and scipy."""
    anchors = anchors_of(domain, general).domain
    vectors = by_word(domain), by_word(general)
    timed(ALIGNMENT, "NumPy", align_by_numpy, *vectors, anchors)


def test_alignment_adapt(timed: Compare, domain: WordVectors, general: WordVectors) -> None:
    """`Procrustes`."""
    anchors = anchors_of(domain, general)

    def align(domain: WordVectors, general: WordVectors, anchors: Anchors) -> WordVectors:
        return Procrustes().fit(domain, general, anchors).transform(domain)

    assert timed(ALIGNMENT, "adapt", align, domain, general, anchors).dim == general.dim


def retrieval_inputs(general: WordVectors) -> tuple[np.ndarray, np.ndarray]:
    """Give queries, some noise away from candidates, and the candidates."""
    candidates = np.array(general.matrix[:N_CANDIDATES])
    noise = np.random.default_rng(0).standard_normal((N_QUERIES, general.dim))
    return (candidates[:N_QUERIES] + noise).astype(np.float32), candidates


def test_retrieval_numpy(timed: Compare, general: WordVectors) -> None:
    """A loop over queries, sorting all candidates."""
    timed(RETRIEVAL, "NumPy", nearest_words, *retrieval_inputs(general), K)


def test_retrieval_adapt(timed: Compare, general: WordVectors) -> None:
    """`nearest`, which finds the same."""
    queries, candidates = retrieval_inputs(general)
    found, _ = timed(RETRIEVAL, "adapt", nearest, queries, candidates, K)
    same: Any = found[:50] == nearest_words(queries[:50], candidates, K)
    assert same.mean() > 0.99


def test_matrix_loop(timed: Compare, data: StudyData, general: WordVectors) -> None:
    """A loop over words."""
    arguments = data.vocabulary.words, by_word(general), general.dim
    timed(MATRIX, "Python loop", matrix_by_loop, *arguments)


def test_matrix_adapt(timed: Compare, data: StudyData, general: WordVectors) -> None:
    """`build_matrix`, which makes the same and says where each row came from."""
    built = timed(MATRIX, "adapt", build_matrix, data.vocabulary, general)
    np.testing.assert_array_equal(
        built.matrix[2:],
        matrix_by_loop(data.vocabulary.words[2:], by_word(general), general.dim),
    )
