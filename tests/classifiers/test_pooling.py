"""Pooling and the layers under it: padding, weights, gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import (
    LinearHead,
    MaskedMean,
    MeanPoolingClassifier,
    PretrainedEmbedding,
    Standardization,
    idf_weights,
    pool_documents,
)
from adapt.errors import InputError

N_ROWS, DIM = 12, 5
MATRIX = np.random.default_rng(0).normal(size=(N_ROWS, DIM)).astype(np.float32)
MATRIX[0] = 0
documents = st.lists(
    st.lists(st.integers(1, N_ROWS - 1), max_size=9).map(
        lambda rows: np.array(rows, dtype=np.int64)
    ),
    min_size=1,
    max_size=6,
)


def padded(docs, pad=0):
    length = max(1, *(len(rows) for rows in docs)) if len(docs) > 1 else max(1, len(docs[0]))
    out = np.full((len(docs), length), pad, dtype=np.int64)
    for place, rows in enumerate(docs):
        out[place, : len(rows)] = rows
    return torch.from_numpy(out)


def looped(docs, weights):
    means = np.zeros((len(docs), DIM))
    for place, rows in enumerate(docs):
        total = sum(weights[row] for row in rows)
        if total > 0:
            means[place] = sum(weights[row] * MATRIX[row].astype(float) for row in rows) / total
    return means


@given(docs=documents, weighted=st.booleans())
def test_pooled_means_equal_a_loop_over_unpadded_documents(docs, weighted):
    weights = np.linspace(0, 3, N_ROWS).astype(np.float32) if weighted else None
    expected = looped(docs, np.ones(N_ROWS) if weights is None else weights)
    np.testing.assert_allclose(pool_documents(MATRIX, docs, weights), expected, atol=1e-5)
    rows = padded(docs)
    module = MaskedMean(None if weights is None else torch.from_numpy(weights))
    vectors = PretrainedEmbedding(MATRIX)(rows)
    np.testing.assert_allclose(module(rows, vectors), expected, atol=1e-5)


def test_more_padding_changes_nothing():
    rows = padded([np.array([3, 4, 5])])
    longer = torch.nn.functional.pad(rows, (0, 7))
    embed, pool = PretrainedEmbedding(MATRIX), MaskedMean()
    torch.testing.assert_close(pool(rows, embed(rows)), pool(longer, embed(longer)))


def test_the_padding_row_may_be_any_row():
    docs = [np.array([0, 1, 2]), np.array([3])]
    rows = padded(docs, pad=7)
    embed, pool = PretrainedEmbedding(MATRIX, padding_idx=7), MaskedMean(padding_idx=7)
    expected = np.stack([MATRIX[[0, 1, 2]].mean(axis=0), MATRIX[3]])
    np.testing.assert_allclose(pool(rows, embed(rows)), expected, atol=1e-6)


def test_empty_documents_are_zero_not_nan():
    docs = [np.array([], dtype=np.int64), np.array([2])]
    pooled = pool_documents(MATRIX, docs)
    assert not pooled[0].any()
    np.testing.assert_allclose(pooled[1], MATRIX[2], rtol=1e-6)
    assert pool_documents(MATRIX, []).shape == (0, DIM)


def test_rows_outside_the_table_are_refused():
    with pytest.raises(InputError, match="rows 12 to 12, but the table has 12"):
        pool_documents(MATRIX, [np.array([12])])


def test_idf_weights():
    docs = [np.array([1, 1, 2]), np.array([1]), np.array([3, 1])]
    weights = idf_weights(docs, 5)
    assert weights[0] == 0
    np.testing.assert_allclose(weights[1], np.log(4 / 4) + 1)
    np.testing.assert_allclose(weights[2], np.log(4 / 2) + 1)
    assert weights[4] == weights.max()
    assert weights.dtype == np.float32


@pytest.mark.parametrize("freeze", [True, False])
def test_gradients_reach_exactly_the_rows_they_should(freeze):
    model = MeanPoolingClassifier(
        PretrainedEmbedding(MATRIX, freeze=freeze),
        MaskedMean(),
        Standardization(torch.zeros(DIM), torch.ones(DIM)),
        LinearHead(torch.randn(3, DIM, generator=torch.Generator().manual_seed(0)), torch.zeros(3)),
    )
    rows = padded([np.array([1, 4]), np.array([4, 6, 9])])
    torch.nn.functional.cross_entropy(model(rows), torch.tensor([0, 2])).backward()
    assert model.weight.grad.abs().sum() > 0
    gradient = model.embedding.table.weight.grad
    if freeze:
        assert gradient is None
    else:
        assert gradient.abs().sum(dim=1).nonzero().ravel().tolist() == [1, 4, 6, 9]


def test_hand_computed_logits():
    matrix = np.array([[0, 0], [1, 2], [3, 0]], dtype=np.float32)
    model = MeanPoolingClassifier(
        PretrainedEmbedding(matrix),
        MaskedMean(),
        Standardization(torch.tensor([1.0, 0.0]), torch.tensor([2.0, 0.5])),
        LinearHead(torch.tensor([[1.0, 1.0], [0.0, -1.0]]), torch.tensor([0.5, 0.0])),
    )
    # mean of rows 1 and 2 is (2, 1), standardised (0.5, 2)
    logits = model(torch.tensor([[1, 2, 0]]))
    torch.testing.assert_close(logits, torch.tensor([[3.0, -2.0]]))


def test_the_callers_matrix_is_not_touched():
    matrix = MATRIX.copy()
    matrix[0] = 5
    embed = PretrainedEmbedding(matrix, freeze=False)
    assert not embed(torch.tensor([[0]])).detach().any()
    assert (matrix[0] == 5).all()


def test_a_table_without_the_padding_row_is_refused():
    with pytest.raises(InputError, match="no row 12"):
        PretrainedEmbedding(MATRIX, padding_idx=12)
