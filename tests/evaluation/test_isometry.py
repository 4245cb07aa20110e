"""Measures of how alike two spaces are: 1 or 0 for copies, worse the more they differ."""

import itertools

import numpy as np
import pytest

from adapt.alignment import Anchors, random_orthogonal_map, unit_rows
from adapt.errors import InputError
from adapt.evaluation import isometry
from adapt.evaluation.isometry import (
    _holding,
    bottleneck_distance,
    eigenvector_similarity,
    relational_similarity,
)
from adapt.vectors import WordVectors

RNG = np.random.default_rng(0)
X = unit_rows(RNG.standard_normal((60, 8)))
COPY = X @ random_orthogonal_map(8, 8, seed=1)
NOISED = unit_rows(X + 0.3 * RNG.standard_normal(X.shape) / np.sqrt(8))
OTHER = unit_rows(RNG.standard_normal((60, 8)))


def test_relational_similarity_is_the_correlation_of_all_cosines():
    rows = np.triu_indices(60, 1)
    expected = np.corrcoef((X @ X.T)[rows], (NOISED @ NOISED.T)[rows])[0, 1]
    found = relational_similarity(X, NOISED)
    assert isinstance(found, float)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("measure", "of_copies", "worse"),
    [
        (relational_similarity, 1, -1),
        (eigenvector_similarity, 0, 1),
        (bottleneck_distance, 0, 1),
    ],
)
def test_copies_are_alike_and_noise_makes_it_worse(measure, of_copies, worse):
    assert measure(X, COPY) == pytest.approx(of_copies, abs=1e-6)
    assert worse * measure(X, NOISED) > worse * of_copies
    assert measure(X, OTHER) == pytest.approx(measure(OTHER, X))


def test_ten_neighbours_are_compared_or_all_there_are():
    few = slice(0, 8)
    assert eigenvector_similarity(X, NOISED) == eigenvector_similarity(X, NOISED, n_neighbors=10)
    assert eigenvector_similarity(X, NOISED) != eigenvector_similarity(X, NOISED, n_neighbors=11)
    assert eigenvector_similarity(X[few], NOISED[few], n_neighbors=50) == eigenvector_similarity(
        X[few], NOISED[few], n_neighbors=7
    )


def test_relational_similarity_of_strangers_is_near_zero():
    assert abs(relational_similarity(X, OTHER)) < 0.1


def test_the_bottleneck_distance_is_the_least_over_all_matchings():
    def deaths(Z):
        distances = np.sqrt(np.maximum(2 - 2 * Z @ Z.T, 0))
        joined, found = {0}, []
        while len(joined) < len(Z):  # Prim: heights of single linkage are the tree's edges
            length, row = min(
                (distances[i, j], j) for i in joined for j in range(len(Z)) if j not in joined
            )
            joined.add(row)
            found.append(length)
        return found

    def by_hand(a, b):
        best = np.inf
        n = len(a)
        for size in range(n + 1):
            for left in itertools.combinations(range(n), size):
                for right in itertools.permutations(range(n), size):
                    costs = [abs(a[i] - b[j]) for i, j in zip(left, right, strict=True)]
                    costs += [a[i] / 2 for i in range(n) if i not in left]
                    costs += [b[j] / 2 for j in range(n) if j not in right]
                    best = min(best, max(costs))
        return best

    for seed in range(5):
        rng = np.random.default_rng(seed)
        A, B = (unit_rows(rng.standard_normal((5, 3)) + shift) for shift in (0, 2))
        assert bottleneck_distance(A, B) == pytest.approx(by_hand(deaths(A), deaths(B)))


def vectors(matrix):
    words = tuple(f"w{i}" for i in range(len(matrix)))
    return WordVectors(words, matrix.astype(np.float32)), Anchors(words, words)


def test_two_spaces_are_compared_over_their_anchors():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((300, 10))
    domain, anchors = vectors(matrix @ random_orthogonal_map(10, 10, seed=0))
    general, _ = vectors(matrix + 0.3 * rng.standard_normal(matrix.shape))
    found = isometry(domain, general, anchors)
    assert (found.n_words, found.n_drawn) == (300, 150)
    assert 0.8 < found.relational_similarity.value < 0.99
    for one in (
        found.relational_similarity, found.eigenvector_similarity, found.gromov_hausdorff,
    ):  # fmt: skip
        assert one.low < one.value < one.high
    assert found == isometry(domain, general, anchors)
    copies = isometry(domain, vectors(matrix)[0], anchors)
    assert copies.relational_similarity.value == pytest.approx(1)
    assert copies.relational_similarity.low == pytest.approx(1)


def test_too_few_words_are_refused():
    matrix = np.random.default_rng(0).standard_normal((30, 4))
    matrix[15:] = 0
    domain, anchors = vectors(matrix)
    with pytest.raises(InputError, match="15 anchors are too few"):
        isometry(domain, domain, anchors)


@pytest.mark.parametrize(("share", "n"), [(0.1, 1), (0.5, 1), (0.7, 2), (0.95, 4)])
def test_how_many_of_the_largest_values_hold_a_share_of_their_sum(share, n):
    assert _holding(np.array([6.0, 3.0, 0.4, 0.6]), share) == n
