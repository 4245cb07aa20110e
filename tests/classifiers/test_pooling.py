"""Pooling: every way of taking the mean equals a loop over documents without padding."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import MaskedMean, idf_weights, pool_documents
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
    """Pool the plain way: one unpadded document at a time, in double precision."""
    pooled = np.zeros((len(documents), DIM))
    for place, rows in enumerate(documents):
        if len(rows):
            shares = np.ones(len(rows)) if weights is None else weights[rows].astype(float)
            pooled[place] = shares @ MATRIX[rows].astype(float) / shares.sum()
    return pooled


def padded(documents, padding, extra=2):
    """Pad on the right, by `extra` more than is needed."""
    length = max(len(rows) for rows in documents) + extra
    rows = np.full((len(documents), length), padding)
    for place, document in enumerate(documents):
        rows[place, : len(document)] = document
    return torch.from_numpy(rows)


@given(documents=documents_strategy, weights=weights_strategy)
def test_pooled_documents_equal_a_loop(documents, weights):
    pooled = pool_documents(MATRIX, documents, weights)
    assert pooled.dtype == np.float32
    np.testing.assert_allclose(pooled, loop(documents, weights), atol=1e-6)


@given(documents=documents_strategy, weights=weights_strategy)
def test_module_equals_a_loop_whatever_the_padding(documents, weights):
    pooling = MaskedMean(None if weights is None else torch.from_numpy(weights))
    rows = padded(documents, padding=0)
    pooled = pooling(rows, torch.from_numpy(MATRIX)[rows])
    np.testing.assert_allclose(pooled.numpy(), loop(documents, weights), atol=1e-6)


def test_a_padding_id_other_than_zero_is_masked_and_row_zero_counts():
    matrix = torch.tensor([[2.0], [4.0], [100.0]])
    rows = torch.tensor([[0, 1, 2, 2], [2, 2, 2, 2]])
    pooled = MaskedMean(padding_idx=2)(rows, matrix[rows])
    assert pooled.tolist() == [[3.0], [0.0]]


def test_padding_does_not_dilute_even_where_its_vector_is_not_zero():
    rows = torch.tensor([[1, 0, 0, 0]])
    vectors = torch.tensor([[[5.0], [9.0], [9.0], [9.0]]])
    assert MaskedMean()(rows, vectors).item() == 5.0


def test_padding_may_stand_anywhere():
    vectors = torch.from_numpy(MATRIX)
    left, middle = torch.tensor([[0, 0, 3, 5]]), torch.tensor([[3, 0, 0, 5]])
    torch.testing.assert_close(
        MaskedMean()(left, vectors[left]), MaskedMean()(middle, vectors[middle])
    )


def test_pooled_documents_leave_padding_out():
    with_padding = pool_documents(MATRIX, [np.array([0, 3, 0, 5, 0])])
    np.testing.assert_allclose(with_padding, loop([np.array([3, 5])], None), atol=1e-6)


def test_a_document_of_words_that_weigh_nothing_is_zero():
    weights = WEIGHTS.copy()
    weights[3] = 0.0
    assert not pool_documents(MATRIX, [np.array([3, 3])], weights).any()
    rows = torch.tensor([[3, 3]])
    assert not MaskedMean(torch.from_numpy(weights))(rows, torch.from_numpy(MATRIX)[rows]).any()


def test_gradient_of_a_pooled_batch_with_an_empty_document_is_finite():
    vectors = torch.ones(2, 3, DIM, requires_grad=True)
    MaskedMean()(torch.tensor([[0, 0, 0], [1, 2, 0]]), vectors).sum().backward()
    expected = torch.zeros(2, 3, DIM)
    expected[1, :2] = 0.5
    torch.testing.assert_close(vectors.grad, expected)


def test_no_documents_give_an_empty_table():
    assert pool_documents(MATRIX, []).shape == (0, DIM)


@pytest.mark.parametrize("row", [-1, N_ROWS])
def test_a_row_outside_the_table_is_an_error(row):
    with pytest.raises(InputError, match=f"the table has {N_ROWS}"):
        pool_documents(MATRIX, [np.array([1, row])])


def test_idf_by_hand():
    documents = [np.array([1, 1, 2]), np.array([1]), np.array([], dtype=np.int64)]
    weights = idf_weights(documents, 4)
    expected = [0.0, np.log(4 / 3) + 1, np.log(4 / 2) + 1, np.log(4 / 1) + 1]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


@given(documents=documents_strategy)
def test_rarer_words_never_weigh_less(documents):
    weights = idf_weights(documents, N_ROWS)
    frequency = np.array([sum(row in rows for rows in documents) for row in range(N_ROWS)])
    assert weights[0] == 0.0
    assert weights[1:].min() >= 1.0
    by_frequency = np.argsort(frequency[1:], kind="stable")
    assert (np.diff(weights[1:][by_frequency]) <= 0).all()
