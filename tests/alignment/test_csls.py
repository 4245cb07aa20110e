"""CSLS against a straightforward computation of the full matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.alignment import csls, retrieval
from adapt.errors import InputError


def unit(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def by_loop(queries, candidates, references, n_neighbors):
    x, y, others = unit(queries), unit(candidates), unit(references)
    scores = np.empty((len(x), len(y)))
    for i, query in enumerate(x):
        r_x = np.mean(sorted((float(query @ c) for c in y), reverse=True)[:n_neighbors])
        for j, candidate in enumerate(y):
            near = sorted((float(candidate @ o) for o in others), reverse=True)[:n_neighbors]
            scores[i, j] = 2 * query @ candidate - r_x - np.mean(near)
    return scores


@given(
    m=st.integers(1, 12),
    n=st.integers(1, 15),
    n_references=st.none() | st.integers(1, 12),
    n_neighbors=st.integers(1, 12),
    seed=st.integers(0, 10_000),
)
def test_it_is_what_a_loop_computes(m, n, n_references, n_neighbors, seed):
    rng = np.random.default_rng(seed)
    queries, candidates = rng.standard_normal((m, 4)), rng.standard_normal((n, 4))
    references = None if n_references is None else rng.standard_normal((n_references, 4))
    k = min(n, 3)
    indices, scores = csls(queries, candidates, k, references=references, n_neighbors=n_neighbors)
    others = queries if references is None else references
    expected = by_loop(queries, candidates, others, n_neighbors)
    best = np.argsort(-expected, axis=1, kind="stable")[:, :k]
    np.testing.assert_allclose(scores, np.take_along_axis(expected, best, axis=1), atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(expected, indices, axis=1), scores, atol=1e-5)
    assert indices.dtype == np.int64
    assert scores.dtype == np.float32


@pytest.mark.parametrize("budget", [1, 40_000, 1_000_000])
def test_the_size_of_a_block_changes_nothing(monkeypatch, budget):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((300, 8)), rng.standard_normal((2000, 8))
    whole = csls(queries, candidates, 5)
    monkeypatch.setattr(retrieval, "_PRODUCT_BYTES", budget)
    blocked = csls(queries, candidates, 5)
    np.testing.assert_array_equal(whole[0], blocked[0])
    np.testing.assert_allclose(whole[1], blocked[1], atol=1e-6)


def test_many_rows_and_columns_are_searched_by_groups():
    rng = np.random.default_rng(1)
    queries, candidates = rng.standard_normal((2500, 6)), rng.standard_normal((3001, 6))
    indices, _ = csls(queries, candidates, 10)
    S = unit(queries) @ unit(candidates).T
    r_y = np.sort(S, axis=0)[-10:].mean(axis=0)
    np.testing.assert_array_equal(indices, np.argsort(r_y - 2 * S, axis=1)[:, :10])


def test_a_hub_is_discounted():
    rng = np.random.default_rng(0)
    centre, own = unit(rng.standard_normal((1, 60))), unit(rng.standard_normal((50, 60)))
    queries, candidates = 0.75 * centre + 0.66 * own, np.concatenate([centre, own])
    plain, _ = retrieval.nearest(queries, candidates, 1)
    assert (plain[:, 0] == 0).mean() > 0.9  # the hub is nearest to all
    indices, _ = csls(queries, candidates, 1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(1, 51))


def test_ties_go_to_the_earlier_row():
    rng = np.random.default_rng(0)
    base = rng.standard_normal((10, 4))
    candidates = np.concatenate([base, base])
    indices, _ = csls(base, candidates, 2)
    np.testing.assert_array_equal(indices, np.stack([np.arange(10), np.arange(10) + 10], axis=1))


def test_rows_of_zeros_are_allowed():
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((5, 4)), rng.standard_normal((6, 4))
    queries[2], candidates[3] = 0, 0
    _, scores = csls(queries, candidates, 6)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("k", [0, 7])
def test_k_out_of_range_is_refused(k):
    with pytest.raises(InputError, match=f"k is {k}, but there are 6 candidates"):
        csls(np.eye(4), np.ones((6, 4)), k)


def test_other_dimensions_are_refused():
    with pytest.raises(InputError, match="not rows of one space"):
        csls(np.eye(4), np.eye(5), 1)
    with pytest.raises(InputError, match="not rows of one space"):
        csls(np.eye(4), np.eye(4), 1, references=np.eye(5))


def test_no_neighbours_are_refused():
    with pytest.raises(InputError, match="at least one neighbour"):
        csls(np.eye(4), np.eye(4), 1, n_neighbors=0)
