"""Adam on rows: PyTorch's own numbers, in every implementation, and nothing else touched."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers.row_adam import RowAdam, _move, _move_compiled

N_ROWS, DIM = 7, 5
ALL = list(range(N_ROWS))
rows_strategy = st.lists(
    st.lists(st.integers(0, N_ROWS - 1), min_size=1, max_size=N_ROWS, unique=True).map(sorted),
    min_size=1,
    max_size=6,
)


def values(seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(N_ROWS, DIM))).float()


def parameter(device="cpu"):
    return torch.nn.Parameter(values().to(device))


def gradient(rows, seed, device="cpu"):
    here = torch.tensor(rows, dtype=torch.int64)
    return torch.sparse_coo_tensor(
        here[None], values(seed)[here], (N_ROWS, DIM), check_invariants=True
    ).to(device)


def stepped(visits, rates, device="cpu", **options):
    adam = RowAdam(parameter(device), **options)
    adam.rates = torch.as_tensor(rates).expand(N_ROWS).float().to(device)
    for number, visit in enumerate(visits, start=1):
        adam.zero_grad()
        adam.table.grad = gradient(visit, number, device)
        adam.step()
    return adam.table.detach().cpu()


@pytest.mark.parametrize("move", [_move, _move_compiled])
@given(visits=rows_strategy, rate=st.floats(1e-4, 1.0), pull=st.sampled_from([0.0, 0.3, 3.0]))
def test_steps_are_those_of_sparse_adam_and_the_pull_is_decoupled(move, visits, rate, pull):
    table, initial = parameter(), values()
    reference = torch.optim.SparseAdam([table], lr=rate)
    for number, visit in enumerate(visits, start=1):
        table.grad = gradient(visit, number)
        with torch.no_grad():
            table[visit] += min(1.0, rate * pull) * (initial[visit] - table[visit])
        reference.step()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapt.classifiers.row_adam._move_compiled", move)
        found = stepped(visits, rate, pull=pull)
    torch.testing.assert_close(found, table.detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("move", [_move, _move_compiled])
@given(visits=rows_strategy)
def test_every_row_moves_at_its_own_rate(move, visits):
    rates = torch.linspace(0.0, 0.6, N_ROWS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapt.classifiers.row_adam._move_compiled", move)
        together = stepped(visits, rates, pull=0.5)
        for row, rate in enumerate(rates):
            alone = stepped(visits, rate, pull=0.5)
            torch.testing.assert_close(together[row], alone[row], rtol=0, atol=0)
    assert together[0].numpy().tobytes() == values()[0].numpy().tobytes()


def test_rows_that_are_not_read_stay_as_they_are():
    moved = (stepped([[1, 4], [4], []], 0.1, pull=1.0) != values()).any(dim=1)
    assert moved.nonzero().ravel().tolist() == [1, 4]


def test_without_a_gradient_nothing_moves_and_no_step_is_counted():
    adam = RowAdam(parameter())
    adam.rates = torch.ones(N_ROWS)
    adam.step()
    assert adam.steps == 0
    assert torch.equal(adam.table, values())


def test_a_larger_pull_means_a_smaller_drift():
    visits = [ALL] * 30
    drifts = [
        (stepped(visits, 0.05, pull=pull) - values()).norm().item() for pull in (0, 0.5, 2, 8, 1e6)
    ]
    assert drifts == sorted(drifts, reverse=True)
    assert drifts[3] < drifts[0] / 2
    # however strong, it takes a row back to where it was before each step, and no further
    assert drifts[4] <= 0.05 * 2 * (N_ROWS * DIM) ** 0.5


def test_a_gradient_in_any_memory_layout_is_taken():
    tables = []
    for slopes in (values(1), values(1).T.contiguous().T):
        adam = RowAdam(parameter())
        adam.rates = torch.full((N_ROWS,), 0.1)
        adam.table.grad = torch.sparse_coo_tensor(
            torch.arange(N_ROWS)[None], slopes, (N_ROWS, DIM), check_invariants=True
        )
        adam.step()
        tables.append(adam.table.detach())
    assert torch.equal(*tables)


def test_the_gradient_is_not_changed():
    adam = RowAdam(parameter(), pull=1.0)
    adam.rates = torch.ones(N_ROWS)
    for move in (_move, _move_compiled):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("adapt.classifiers.row_adam._move_compiled", move)
            adam.table.grad = gradient(ALL, 1)
            adam.step()
            assert torch.equal(adam.table.grad.to_dense(), values(1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_steps():
    visits = [[0, 2, 5], [2], ALL]
    there, here = (stepped(visits, 0.1, device, pull=0.5) for device in ("cuda", "cpu"))
    torch.testing.assert_close(there, here, rtol=1e-4, atol=1e-5)
