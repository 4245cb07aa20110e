import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
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


def near_ties(n, dim, seed):
    """Queries, and candidates that float32 cannot tell apart but float64 can."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((3, dim))
    candidates = centres[rng.integers(0, 3, n)] + 1e-6 * rng.standard_normal((n, dim))
    return centres + 0.1 * rng.standard_normal((3, dim)), candidates


# few distinct whole numbers: ties, parallel rows and rows of zeros come often
whole = st.integers(-2, 2).map(float)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # which no example changes
@given(
    queries=arrays(np.float32, (4, 3), elements=whole),
    candidates=arrays(np.float32, (9, 3), elements=whole),
    k=st.integers(1, 9),
)
def test_it_agrees_with_a_naive_loop_ties_included(engine, queries, candidates, k):
    indices, cosines = nearest(queries, candidates, k)
    expected_indices, expected_cosines = naive_nearest(queries, candidates, k)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(cosines, expected_cosines, atol=2e-6)


@pytest.mark.parametrize("k", [1, 10, 700])
def test_what_float32_cannot_order_float64_does(engine, k):
    queries, candidates = near_ties(700, 300, seed=0)
    unit = candidates / np.linalg.norm(candidates, axis=1, keepdims=True)
    cosines = queries / np.linalg.norm(queries, axis=1, keepdims=True) @ unit.T
    expected = np.argsort(-cosines.astype(np.float32), axis=1, kind="stable")[:, :k]
    by_float32 = queries.astype(np.float32) @ unit.T.astype(np.float32)
    assert (np.argsort(-by_float32, axis=1)[:, :k] != expected).any()
    np.testing.assert_array_equal(nearest(queries, candidates, k)[0], expected)


@pytest.mark.parametrize("n_copies", [5, 100, 500])
def test_copies_of_a_row_tie_wherever_they_stand(engine, n_copies):
    rng = np.random.default_rng(0)
    candidates = rng.standard_normal((1003, 50)).astype(np.float32)
    copies = np.sort(rng.permutation(1003)[:n_copies])
    candidates[copies] = candidates[copies[0]]
    query = candidates[copies[0]] + 0.1 * rng.standard_normal(50).astype(np.float32)
    indices, cosines = nearest(query[None], candidates, 5)
    assert indices[0].tolist() == copies[:5].tolist()
    assert len(set(cosines[0].tolist())) == 1


def test_the_size_of_a_block_does_not_matter(engine, request):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((60, 8)), rng.standard_normal((1000, 8))
    candidates[rng.integers(0, 1000, 300)] = candidates[5]
    expected = nearest(queries, candidates, 7)
    request.getfixturevalue("small_blocks")
    for one, other in zip(expected, nearest(queries, candidates, 7), strict=True):
        np.testing.assert_array_equal(other, one)


def test_memory_is_bounded_by_narrower_blocks(engine, monkeypatch):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((23, 8)), rng.standard_normal((400, 8))
    expected = nearest(queries, candidates, 7)
    monkeypatch.setattr(retrieval, "_PRODUCT_BYTES", 1)
    for one, other in zip(expected, nearest(queries, candidates, 7), strict=True):
        np.testing.assert_array_equal(other, one)


def test_lengths_have_no_say(engine):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((5, 4)), rng.standard_normal((300, 4))
    expected, _ = nearest(queries, candidates, 3)
    longer = candidates * rng.uniform(0.01, 100, (300, 1))
    np.testing.assert_array_equal(nearest(7 * queries, longer, 3)[0], expected)
    np.testing.assert_array_equal(nearest(1e-150 * queries, 1e150 * candidates, 3)[0], expected)
    tiny = (1e-30 * queries).astype(np.float32), (1e-35 * candidates).astype(np.float32)
    np.testing.assert_array_equal(nearest(*tiny, 3)[0], expected)


def test_zero_vectors_have_cosine_zero(engine):
    candidates = np.array([[-1, 0], [0, 0], [1, 0]], dtype=np.float32)
    indices, cosines = nearest(np.array([[1, 0], [0, 0]], dtype=np.float32), candidates, 3)
    assert indices.tolist() == [[2, 1, 0], [0, 1, 2]]
    assert cosines.tolist() == [[1, 0, -1], [0, 0, 0]]


def test_many_zero_vectors(engine, small_blocks):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((40, 8)), rng.standard_normal((900, 8))
    queries[::2], candidates[::3] = 0, 0
    indices, cosines = nearest(queries, candidates, 4)
    assert (indices[::2] == np.arange(4)).all()
    assert (cosines[::2] == 0).all()
    assert (indices[1::2] % 3 != 0).all()


def test_types_of_numbers(engine):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((4, 6)), rng.standard_normal((90, 6))
    half = queries.astype(np.float16), candidates.astype(np.float16)
    expected = nearest(*(matrix.astype(np.float64) for matrix in half), 5)
    for found in (nearest(*half, 5), nearest(half[0].astype(np.float32), half[1], 5)):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])
        assert (found[0].dtype, found[1].dtype) == (np.int64, np.float32)


def test_float64_is_not_rounded_first(engine):
    candidates = np.array([[1, 1 + 1e-9], [1, 1], [1 + 1e-9, 1]])
    indices, cosines = nearest(np.array([[1.0, -1.0]]), candidates, 3)
    assert indices.tolist() == [[2, 1, 0]]
    np.testing.assert_allclose(cosines, [[5e-10, 0, -5e-10]], rtol=1e-6)


def test_layouts_and_flags_of_arrays(engine):
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((6, 4)), rng.standard_normal((90, 4))
    expected = nearest(queries, candidates, 5)
    fixed = np.array(queries)
    fixed.flags.writeable = False
    swapped = candidates.astype(candidates.dtype.newbyteorder())
    for matrices in ((np.asfortranarray(queries), candidates[::-1][::-1]), (fixed, swapped)):
        for one, other in zip(expected, nearest(*matrices, 5), strict=True):
            np.testing.assert_array_equal(other, one)


def test_no_queries(engine):
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


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value):
    bad = np.eye(3)
    bad[1, 2] = value
    with pytest.raises(InputError, match="row 1 of the queries has no finite length"):
        nearest(bad, np.eye(3), 1)
    with pytest.raises(InputError, match="row 1 of the candidates has no finite length"):
        nearest(np.eye(3), bad, 1)


@pytest.mark.parametrize("device", ["tpu", "cuda:one", "cpu:-1", ""])
def test_a_device_of_no_known_kind_is_refused(device):
    with pytest.raises(InputError, match=f"device is '{device}'; choose cpu, cuda"):
        nearest(np.eye(3), np.eye(3), 1, device=device)


@pytest.mark.parametrize("device", ["cuda:99", "cpu:1"])
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(InputError, match=rf"device is '{device}', but .*; use 'cpu'"):
        nearest(np.eye(3), np.eye(3), 1, device=device)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same():
    queries, candidates = near_ties(5000, 100, seed=1)
    for one, other in zip(
        nearest(queries, candidates, 10),
        nearest(queries, candidates, 10, device="cuda"),
        strict=True,
    ):
        np.testing.assert_array_equal(other, one)


def test_settings_of_torch_change_nothing_and_are_left_as_they_are():
    rng = np.random.default_rng(0)
    queries, candidates = rng.standard_normal((30, 100)), rng.standard_normal((2000, 100))
    expected, _ = nearest(queries, candidates, 10)
    before = torch.get_float32_matmul_precision(), torch.get_num_threads()
    torch.set_float32_matmul_precision("medium")
    torch.set_num_threads(3)
    try:
        found, _ = nearest(queries, candidates, 10, device="cpu:0")
        with pytest.raises(InputError):
            nearest(queries, candidates, 10, device="cuda:99")
        assert (torch.get_float32_matmul_precision(), torch.get_num_threads()) == ("medium", 3)
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.set_num_threads(before[1])
    np.testing.assert_array_equal(found, expected)
