"""Pooling by means, and the weights of words: by hand, and equal to a loop over documents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import idf_weights, pool_documents, sif_weights
from adapt.errors import InputError

N_ROWS, DIM = 12, 3
MATRIX = np.random.default_rng(0).normal(size=(N_ROWS, DIM)).astype(np.float32)
MATRIX[0] = 0.0
WEIGHTS = np.random.default_rng(1).uniform(0.1, 3.0, size=N_ROWS).astype(np.float32)

documents_strategy = st.lists(
    st.lists(st.integers(1, N_ROWS - 1), max_size=8).map(lambda rows: np.array(rows, np.int64)),
    min_size=1,
    max_size=6,
)
weights_strategy = st.sampled_from([None, WEIGHTS])


def loop(documents, weights):
    """Pool the plain way: one document at a time, in double precision."""
    pooled = np.zeros((len(documents), DIM))
    for place, rows in enumerate(documents):
        if len(rows):
            shares = np.ones(len(rows)) if weights is None else weights[rows].astype(float)
            pooled[place] = shares @ MATRIX[rows].astype(float) / shares.sum()
    return pooled


@given(documents=documents_strategy, weights=weights_strategy)
def test_pooled_documents_equal_a_loop(documents, weights):
    pooled = pool_documents(MATRIX, documents, weights)
    assert pooled.dtype == np.float32
    np.testing.assert_allclose(pooled, loop(documents, weights), atol=1e-6)


def test_pooled_documents_leave_padding_out():
    with_padding = pool_documents(MATRIX, [np.array([0, 3, 0, 5, 0])])
    np.testing.assert_allclose(with_padding, loop([np.array([3, 5])], None), atol=1e-6)


def test_a_document_of_words_that_weigh_nothing_is_zero():
    weights = WEIGHTS.copy()
    weights[3] = 0.0
    pooled = pool_documents(MATRIX, [np.array([3, 3]), np.array([3, 4])], weights)
    np.testing.assert_allclose(pooled, [np.zeros(DIM), MATRIX[4]], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_floats_and_read_only_arrays_are_taken(dtype):
    matrix, weights = MATRIX.astype(dtype), WEIGHTS.astype(dtype)
    for array in (matrix, weights):
        array.setflags(write=False)
    documents = [np.array([3, 5, 3]), np.array([1])]
    pooled = pool_documents(matrix, documents, weights)
    assert pooled.dtype == np.float32
    np.testing.assert_allclose(pooled, loop(documents, WEIGHTS), atol=2e-3)


def test_no_documents_give_an_empty_table():
    assert pool_documents(MATRIX, []).shape == (0, DIM)
    assert pool_documents(MATRIX, [np.array([])]).tolist() == [[0.0] * DIM]


@pytest.mark.parametrize("row", [-1, N_ROWS])
def test_a_row_outside_the_table_is_an_error(row):
    with pytest.raises(InputError, match=f"the table has {N_ROWS}"):
        pool_documents(MATRIX, [np.array([1, row])])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (WEIGHTS[:3], "3 token weights, but 12 rows"),
        (-WEIGHTS, "negative"),
        (WEIGHTS * np.float32("nan"), "not finite"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        pool_documents(MATRIX, [np.array([1])], weights)


def test_idf_by_hand():
    documents = [np.array([1, 1, 2]), np.array([1]), np.array([], dtype=np.int64)]
    weights = idf_weights(documents, 4)
    expected = [0.0, np.log(4 / 3) + 1, np.log(4 / 2) + 1, np.log(4 / 1) + 1]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_sif_by_hand():
    documents = [np.array([2, 2, 3]), np.array([2]), np.array([], dtype=np.int64)]
    weights = sif_weights(documents, 5, a=0.25)
    np.testing.assert_allclose(weights, [0.0, 0.0, 0.25, 0.5, 1.0], rtol=1e-6)
    assert sif_weights([], 3).tolist() == [0.0, 0.0, 1.0]
    for a in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="give a positive number"):
            sif_weights(documents, 5, a=a)


@given(documents=documents_strategy)
def test_rarer_words_never_weigh_less(documents):
    frequency = np.array([sum(row in rows for rows in documents) for row in range(N_ROWS)])
    occurrences = np.bincount(np.concatenate(documents), minlength=N_ROWS)
    for weights, counts in (
        (idf_weights(documents, N_ROWS), frequency),
        (sif_weights(documents, N_ROWS), occurrences),
    ):
        assert weights[0] == 0.0
        assert (weights[2:] > 0).all()
        # an <unk> that no document has says nothing of the words it stands for
        assert (weights[1] > 0) == (counts[1] > 0)
        by_frequency = np.argsort(counts[2:], kind="stable")
        assert (np.diff(weights[2:][by_frequency]) <= 0).all()
