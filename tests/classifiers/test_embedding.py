"""The embedding layer: the padding row stays zero, and gradients reach only what may learn."""

import numpy as np
import pytest
import torch

from adapt.classifiers import PretrainedEmbedding
from adapt.errors import InputError


@pytest.fixture
def matrix():
    return np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


@pytest.mark.parametrize("padding", [0, 3])
def test_padding_row_is_zero_and_the_others_are_those_given(matrix, padding):
    embedding = PretrainedEmbedding(matrix, padding_idx=padding)
    looked_up = embedding(torch.arange(6)).numpy()
    others = np.arange(6) != padding
    np.testing.assert_array_equal(looked_up[padding], np.zeros(4))
    np.testing.assert_array_equal(looked_up[others], matrix[others])


def test_the_callers_matrix_is_never_written(matrix):
    before = matrix.copy()
    embedding = PretrainedEmbedding(matrix, freeze=False)
    embedding(torch.tensor([[1, 2]])).sum().backward()
    with torch.no_grad():
        embedding.table.weight -= embedding.table.weight.grad
    np.testing.assert_array_equal(matrix, before)


def test_read_only_matrix_is_taken_without_a_warning(matrix):
    matrix.setflags(write=False)
    assert PretrainedEmbedding(matrix).dim == 4


@pytest.mark.parametrize("padding", [0, 3])
def test_gradient_reaches_exactly_the_rows_looked_up_but_never_padding(matrix, padding):
    embedding = PretrainedEmbedding(matrix, freeze=False, padding_idx=padding)
    embedding(torch.tensor([[1, 2, padding], [2, padding, padding]])).sum().backward()
    gradient = embedding.table.weight.grad
    assert gradient.abs().sum(dim=1).nonzero().ravel().tolist() == [1, 2]


def test_frozen_table_gets_no_gradient(matrix):
    embedding = PretrainedEmbedding(matrix, freeze=True)
    assert not embedding(torch.tensor([[1, 2]])).requires_grad
    assert not any(parameter.requires_grad for parameter in embedding.parameters())


@pytest.mark.parametrize("padding", [-1, 6])
def test_padding_row_outside_the_table_is_an_error(matrix, padding):
    with pytest.raises(InputError, match=f"no row {padding}"):
        PretrainedEmbedding(matrix, padding_idx=padding)
