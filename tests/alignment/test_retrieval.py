import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adapt.alignment import nearest, retrieval
from adapt.errors import InputError


def naive_nearest(queries, candidates, k):
    """Sort all cosines, query by query, ties by row."""
    rows, values = [], []
    for query in queries.astype(np.float64):
        cosines = []
        for candidate in candidates.astype(np.float64):
            lengths = np.sqrt((query @ query) * (candidate @ candidate))
            cosines.append(round(float(query @ candidate / lengths), 6) if lengths else 0.0)
        order = sorted(range(len(candidates)), key=lambda row: (-cosines[row], row))[:k]
        rows.append(order)
        values.append([cosines[row] for row in order])
    return np.array(rows).reshape(-1, k), np.array(values).reshape(-1, k)


# few distinct whole numbers: ties, parallel rows and rows of zeros come often
whole = st.integers(-2, 2).map(float)


@given(
    queries=arrays(np.float32, (4, 3), elements=whole),
    candidates=arrays(np.float32, (9, 3), elements=whole),
    k=st.integers(1, 9),
)
def test_it_agrees_with_a_naive_loop_ties_included(queries, candidates, k):
    indices, cosines = nearest(queries, candidates, k)
    expected_indices, expected_cosines = naive_nearest(queries, candidates, k)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(cosines, expected_cosines, atol=2e-6)


def test_copies_of_a_row_tie_wherever_they_stand():
    rng = np.random.default_rng(0)
    candidates = rng.standard_normal((1003, 50)).astype(np.float32)
    copies = [3, 500, 998, 1001, 1002]
    candidates[copies] = candidates[3]
    query = candidates[3] + 0.1 * rng.standard_normal(50).astype(np.float32)
    indices, cosines = nearest(query[None], candidates, 5)
    assert indices[0].tolist() == copies
    assert len(set(cosines[0].tolist())) == 1


def test_the_block_size_does_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((23, 8)), rng.standard_normal((40, 8))
    whole = nearest(queries, candidates, 7)
    monkeypatch.setattr(retrieval, "_PRODUCT_BYTES", 1)  # one query at a time
    for expected, found in zip(whole, nearest(queries, candidates, 7), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_lengths_have_no_say():
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((5, 4)), rng.standard_normal((30, 4))
    longer = candidates * rng.uniform(0.01, 100, (30, 1))
    np.testing.assert_array_equal(
        nearest(queries, candidates, 3)[0], nearest(7 * queries, longer, 3)[0]
    )


def test_zero_vectors_have_cosine_zero():
    candidates = np.array([[-1, 0], [0, 0], [1, 0]], dtype=np.float32)
    indices, cosines = nearest(np.array([[1, 0], [0, 0]], dtype=np.float32), candidates, 3)
    assert indices.tolist() == [[2, 1, 0], [0, 1, 2]]
    assert cosines.tolist() == [[1, 0, -1], [0, 0, 0]]


def test_dtypes_and_no_queries():
    indices, cosines = nearest(np.zeros((0, 3)), np.eye(3), 2)
    assert indices.shape == cosines.shape == (0, 2)
    assert (indices.dtype, cosines.dtype) == (np.int64, np.float32)


@pytest.mark.parametrize("k", [0, 4])
def test_k_out_of_range_is_refused(k):
    with pytest.raises(InputError, match=f"k is {k}, but there are 3"):
        nearest(np.eye(3), np.eye(3), k)


def test_other_dimensions_are_refused():
    with pytest.raises(InputError, match=r"\(3, 3\).*\(2, 2\)"):
        nearest(np.eye(3), np.eye(2), 1)
