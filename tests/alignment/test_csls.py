"""CSLS against a straightforward computation of the full matrix."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adapt.alignment import csls, nearest, retrieval
from adapt.errors import InputError


def unit(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def by_loop(queries, candidates, references, n_neighbors):
    """All scores, by loops, in the roundings that `csls` documents: float32 cosines and sums."""
    x, y, others = (unit(rows.astype(np.float64)) for rows in (queries, candidates, references))
    scores, own_means = np.empty((len(x), len(y)), dtype=np.float32), []
    for i, query in enumerate(x):
        nearby = sorted((np.float32(query @ c) for c in y), reverse=True)[:n_neighbors]
        own_means.append(np.float32(np.mean(nearby, dtype=np.float64)))
        for j, candidate in enumerate(y):
            near = sorted((np.float32(candidate @ o) for o in others), reverse=True)[:n_neighbors]
            mean = np.float32(np.mean(near, dtype=np.float64))
            scores[i, j] = 2 * np.float32(query @ candidate) - mean
    return scores, np.array(own_means)[:, None]


def by_matrix(queries, candidates, references, n_neighbors):
    """All scores but for r(x), from the full matrix of cosines."""
    x, y, others = (unit(rows.astype(np.float64)) for rows in (queries, candidates, references))
    near = np.sort((others @ y.T).astype(np.float32), axis=0)[-n_neighbors:]
    return 2 * (x @ y.T).astype(np.float32) - near.mean(axis=0, dtype=np.float64).astype(np.float32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # which no example changes
@given(
    m=st.integers(1, 12),
    n=st.integers(1, 15),
    n_references=st.none() | st.integers(1, 12),
    n_neighbors=st.integers(1, 12),
    seed=st.integers(0, 10_000),
)
def test_it_is_what_a_loop_computes(engine, m, n, n_references, n_neighbors, seed):
    rng = np.random.default_rng(seed)
    queries, candidates = rng.standard_normal((m, 4)), rng.standard_normal((n, 4))
    references = None if n_references is None else rng.standard_normal((n_references, 4))
    k = min(n, 3)
    indices, scores = csls(queries, candidates, k, references=references, n_neighbors=n_neighbors)
    others = queries if references is None else references
    expected, own_means = by_loop(queries, candidates, others, n_neighbors)
    best = np.argsort(-expected, axis=1, kind="stable")[:, :k]
    expected -= own_means
    np.testing.assert_allclose(scores, np.take_along_axis(expected, best, axis=1), atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(expected, indices, axis=1), scores, atol=1e-6)
    assert indices.dtype == np.int64
    assert scores.dtype == np.float32


# rows of one entry: cosines are -1, 0 or 1, whoever computes them, and nearly all of them tie
one_entry = arrays(np.float32, 9, elements=st.integers(-3, 5).map(float)).map(
    lambda entries: np.eye(3, dtype=np.float32)[np.abs(entries.astype(int)) % 3] * entries[:, None]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # which no example changes
@given(queries=one_entry, candidates=one_entry, k=st.integers(1, 9), n_neighbors=st.integers(1, 9))
def test_ties_and_zeros_are_as_in_a_loop(engine, queries, candidates, k, n_neighbors):
    indices, scores = csls(queries, candidates, k, n_neighbors=n_neighbors)
    expected, own_means = by_loop(queries, candidates, queries, n_neighbors)
    best = np.argsort(-expected, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(indices, best)
    np.testing.assert_array_equal(scores, np.take_along_axis(expected, best, axis=1) - own_means)


@pytest.mark.parametrize("k", [1, 10, 1000])
@pytest.mark.parametrize("n_references", [None, 500])
def test_many_rows_and_columns(engine, small_blocks, k, n_references):
    rng = np.random.default_rng(1)
    queries, candidates = rng.standard_normal((300, 6)), rng.standard_normal((1000, 6))
    references = None if n_references is None else rng.standard_normal((n_references, 6))
    indices, _ = csls(queries, candidates, k, references=references)
    scores = by_matrix(queries, candidates, queries if references is None else references, 10)
    np.testing.assert_array_equal(indices, np.argsort(-scores, axis=1, kind="stable")[:, :k])


def test_what_float32_cannot_order_float64_does(engine):
    rng = np.random.default_rng(0)
    queries, noise = rng.standard_normal((40, 300)), rng.standard_normal((800, 300))
    candidates = np.repeat(rng.standard_normal((8, 300)), 100, axis=0) + 1e-6 * noise
    indices, _ = csls(queries, candidates, 30)
    scores = by_matrix(queries, candidates, queries, 10)
    np.testing.assert_array_equal(indices, np.argsort(-scores, axis=1, kind="stable")[:, :30])


@pytest.mark.parametrize("n_copies", [2, 100, 700])
def test_copies_of_a_row_tie_wherever_they_stand(engine, small_blocks, n_copies):
    rng = np.random.default_rng(0)
    candidates = rng.standard_normal((900, 20)).astype(np.float32)
    copies = np.sort(rng.permutation(900)[:n_copies])
    candidates[copies] = candidates[copies[0]]
    queries = candidates[copies[0]] + 0.1 * rng.standard_normal((50, 20)).astype(np.float32)
    k = min(n_copies, 40)
    indices, scores = csls(queries, candidates, k)
    assert (indices == copies[:k]).all()
    assert (scores == scores[:, :1]).all()


def test_copies_of_a_reference_count_as_often_as_they_stand_there(engine):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((5, 20)), rng.standard_normal((80, 20))
    references = np.concatenate([np.repeat(candidates[3:4], 300, axis=0), queries])
    _, scores = csls(queries, candidates, 80, references=references)
    own = np.sort(unit(queries) @ unit(candidates).T, axis=1)[:, -10:].mean(axis=1)
    expected = by_matrix(queries, candidates, references, 10) - own[:, None]
    np.testing.assert_allclose(scores, -np.sort(-expected, axis=1), atol=1e-6)


@pytest.mark.parametrize("references", [None, 400])
def test_blocks_and_threads_change_nothing(request, monkeypatch, engine, references):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((300, 8)), rng.standard_normal((2000, 8))
    others = None if references is None else rng.standard_normal((references, 8))
    queries[::9], candidates[::7], candidates[1::7] = 0, 0, candidates[1]
    expected = csls(queries, candidates, 5, references=others)
    request.getfixturevalue("small_blocks")
    blocked = csls(queries, candidates, 5, references=others)
    monkeypatch.setattr(retrieval, "_PRODUCT_BYTES", 1)
    narrow = csls(queries, candidates, 5, references=others)
    for found in (blocked, narrow):
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(other, one)


def test_a_hub_is_discounted(engine):
    rng = np.random.default_rng(0)
    centre, own = unit(rng.standard_normal((1, 60))), unit(rng.standard_normal((50, 60)))
    queries, candidates = 0.75 * centre + 0.66 * own, np.concatenate([centre, own])
    plain, _ = nearest(queries, candidates, 1)
    assert (plain[:, 0] == 0).mean() > 0.9  # the hub is nearest to all
    indices, _ = csls(queries, candidates, 1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(1, 51))


def test_arguments_are_left_as_they_are(engine):
    rng = np.random.default_rng(0)
    given = [rng.standard_normal((n, 4)).astype(np.float32) for n in (20, 90, 30)]
    before = [matrix.copy() for matrix in given]
    csls(given[0], given[1], 3, references=given[2])
    for matrix, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(matrix, copy)


def test_half_precision_is_read_as_it_is(engine):
    rng = np.random.default_rng(0)
    queries, candidates = (rng.standard_normal((n, 5)).astype(np.float16) for n in (30, 90))
    expected = csls(queries.astype(np.float64), candidates.astype(np.float64), 4)
    for one, other in zip(expected, csls(queries, candidates, 4), strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("k", [0, 7])
def test_k_out_of_range_is_refused(k):
    with pytest.raises(InputError, match=f"k is {k}, but there are 6 candidates"):
        csls(np.eye(4), np.ones((6, 4)), k)


def test_other_dimensions_are_refused():
    with pytest.raises(InputError, match="not rows of one space"):
        csls(np.eye(4), np.eye(5), 1)
    with pytest.raises(InputError, match="not rows of one space"):
        csls(np.eye(4), np.eye(4), 1, references=np.eye(5))


def test_what_is_no_number_is_refused():
    bad = np.eye(3)
    bad[2, 0] = np.nan
    with pytest.raises(InputError, match="row 2 of the references has no finite length"):
        csls(np.eye(3), np.eye(3), 1, references=bad)


def test_no_neighbours_are_refused():
    with pytest.raises(InputError, match="at least one neighbour"):
        csls(np.eye(4), np.eye(4), 1, n_neighbors=0)
    with pytest.raises(InputError, match="at least one neighbour and one reference"):
        csls(np.eye(4), np.eye(4), 1, references=np.zeros((0, 4)))


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"device is 'cuda:99', but .*; use 'cpu'"):
        csls(np.eye(4), np.eye(4), 1, device="cuda:99")
