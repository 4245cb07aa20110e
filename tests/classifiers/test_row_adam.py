"""Adam on rows: PyTorch's own numbers, in every implementation, and nothing else touched."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from adapt.classifiers.row_adam import RowAdam, _move, _move_compiled

N_ROWS, DIM = 7, 5
rows_strategy = st.lists(
    st.lists(st.integers(0, N_ROWS - 1), min_size=1, max_size=N_ROWS, unique=True).map(sorted),
    min_size=1,
    max_size=6,
)


def table(seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(N_ROWS, DIM))).float()


@pytest.mark.parametrize("move", [_move, _move_compiled])
@settings(deadline=None)  # the first step may compile
@given(visits=rows_strategy, rate=st.floats(1e-4, 1.0))
def test_steps_are_those_of_sparse_adam(move, visits, rate):
    parameter = table().requires_grad_()
    reference = torch.optim.SparseAdam([parameter], lr=rate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapt.classifiers.row_adam._move_compiled", move)
        adam = RowAdam(table(), learning_rate=rate)
        for number, visit in enumerate(visits):
            rows = torch.tensor(visit)
            gradient = table(seed=number + 1)[rows]
            parameter.grad = torch.sparse_coo_tensor(
                rows[None], gradient, (N_ROWS, DIM), check_invariants=True
            )
            reference.step()
            adam.step(rows, gradient)
    torch.testing.assert_close(adam.table, parameter.detach(), rtol=1e-4, atol=1e-5)


def test_rows_that_are_not_named_stay_as_they_are():
    adam = RowAdam(table(), learning_rate=0.1)
    adam.step(torch.tensor([1, 4]), torch.ones(2, DIM))
    moved = (adam.table != table()).any(dim=1)
    assert moved.nonzero().ravel().tolist() == [1, 4]


def test_the_callers_table_is_never_written():
    given_table = table()
    RowAdam(given_table, learning_rate=0.1).step(torch.arange(N_ROWS), torch.ones(N_ROWS, DIM))
    torch.testing.assert_close(given_table, table(), rtol=0, atol=0)


def test_a_gradient_in_any_memory_layout_is_taken():
    gradient = table(seed=1)
    adams = [RowAdam(table(), learning_rate=0.1) for _ in range(2)]
    adams[0].step(torch.arange(N_ROWS), gradient)
    adams[1].step(torch.arange(N_ROWS), gradient.T.contiguous().T)
    assert torch.equal(adams[0].table, adams[1].table)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_steps():
    here = RowAdam(table(), learning_rate=0.1)
    there = RowAdam(table().cuda(), learning_rate=0.1)
    for number in range(3):
        rows, gradient = torch.tensor([0, 2, 5]), table(seed=number)[:3]
        here.step(rows, gradient)
        there.step(rows.cuda(), gradient.cuda())
    torch.testing.assert_close(there.table.cpu(), here.table, rtol=1e-4, atol=1e-5)
