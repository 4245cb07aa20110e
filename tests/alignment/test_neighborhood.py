"""The overlap of neighbourhoods in two spaces, against a plain loop and planted change."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.alignment import UnitCentreUnit, csls, neighbor_overlap, random_orthogonal_map
from adapt.errors import InputError


def spaces(n, seed=0, noise=0.5):
    """Return a space of clusters, and its image under a rotation into more dimensions, noised."""
    rng = np.random.default_rng(seed)
    Y = rng.standard_normal((9, 6))[rng.integers(0, 9, n)] + rng.standard_normal((n, 6))
    X = Y @ random_orthogonal_map(8, 6, seed=seed).T
    return X + noise * rng.standard_normal(X.shape), Y


def neighbors_by_loop(matrix, references, k):
    """Rank all references of every row, and leave the row itself out."""
    normalized = UnitCentreUnit.fit(matrix[references])(matrix)
    others = normalized[references]
    found, _ = csls(normalized, others, len(references), references=others)
    return [
        [references[place] for place in places if references[place] != row][:k]
        for row, places in enumerate(found)
    ]


def overlap_by_loop(X, Y, k, references):
    pairs = zip(*(neighbors_by_loop(M, references, k) for M in (X, Y)), strict=True)
    return np.array([len(set(a) & set(b)) / k for a, b in pairs])


@given(n=st.integers(5, 40), k=st.integers(1, 4), seed=st.integers(0, 50))
def test_it_agrees_with_a_loop(n, k, seed):
    X, Y = spaces(n, seed)
    np.testing.assert_array_equal(neighbor_overlap(X, Y, k), overlap_by_loop(X, Y, k, np.arange(n)))


@given(n=st.integers(12, 40), k=st.integers(1, 4), seed=st.integers(0, 50))
def test_neighbours_are_looked_for_among_the_references(n, k, seed):
    X, Y = spaces(n, seed)
    references = np.random.default_rng(seed).permutation(n)[: n // 2]
    np.testing.assert_array_equal(
        neighbor_overlap(X, Y, k, references=references), overlap_by_loop(X, Y, k, references)
    )


def test_pairs_that_are_no_references_have_no_say():
    X, Y = spaces(300)
    references = np.arange(200)
    before = neighbor_overlap(X, Y, 10, references=references)
    rng = np.random.default_rng(1)
    X[200:], Y[200:] = rng.standard_normal((100, 8)), rng.standard_normal((100, 6))
    after = neighbor_overlap(X, Y, 10, references=references)
    np.testing.assert_array_equal(before[:200], after[:200])


def test_a_rotated_and_scaled_copy_agrees_entirely():
    X, Y = spaces(400, noise=0)
    np.testing.assert_array_equal(neighbor_overlap(7 * X, Y, 20), 1)


def test_the_order_of_the_pairs_does_not_matter():
    X, Y = spaces(300)
    order = np.random.default_rng(2).permutation(300)
    np.testing.assert_array_equal(
        neighbor_overlap(X[order], Y[order], 10), neighbor_overlap(X, Y, 10)[order]
    )


def test_spaces_without_anything_in_common_overlap_as_chance_has_it():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2000, 20)), rng.standard_normal((2000, 20))
    assert neighbor_overlap(X, Y, 100).mean() == pytest.approx(100 / 1999, rel=0.05)


def test_a_copy_of_a_pair_is_no_obstacle():
    """Where more copies stand before a row than neighbours are sought, it is not found itself."""
    X, Y = spaces(60)
    X[:30], Y[:30] = X[0], Y[0]
    np.testing.assert_array_equal(neighbor_overlap(X, Y, 5)[:30], 1)


def test_arguments_stay_as_they_are():
    X, Y = spaces(50)
    before = X.copy(), Y.copy()
    neighbor_overlap(X, Y, 3, references=np.arange(20))
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(Y, before[1])


@pytest.mark.parametrize("k", [0, 20])
def test_too_few_references_are_refused(k):
    X, Y = spaces(50)
    with pytest.raises(InputError, match=f"{k} neighbours cannot be found among 20 .* 1 to 19"):
        neighbor_overlap(X, Y, k, references=np.arange(20))


def test_sides_of_unequal_length_are_refused():
    X, Y = spaces(50)
    with pytest.raises(InputError, match="50 vectors in one space, but 49"):
        neighbor_overlap(X, Y[1:], 5)
