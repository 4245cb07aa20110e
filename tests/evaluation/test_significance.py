"""Bootstrap and Holm, against what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.evaluation import accuracy_interval, holm, paired_bootstrap


def outcomes(share, *, seeds=3, documents=600, seed=0):
    return np.random.default_rng(seed).random((seeds, documents)) < share


def test_interval_of_one_seed_agrees_with_the_normal_approximation():
    table = outcomes(0.7, seeds=1, documents=2000)
    mean, low, high = accuracy_interval(table)
    half = 1.96 * np.sqrt(mean * (1 - mean) / 2000)
    assert mean == pytest.approx(table.mean())
    assert low == pytest.approx(mean - half, abs=0.003)
    assert high == pytest.approx(mean + half, abs=0.003)


def test_a_system_does_not_differ_from_itself():
    table = outcomes(0.6)
    same = paired_bootstrap(table, table)
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)


def test_a_clear_difference_is_found_and_is_antisymmetric():
    worse, better = outcomes(0.5, seed=1), outcomes(0.6, seed=2)
    up, down = paired_bootstrap(better, worse), paired_bootstrap(worse, better)
    assert up.low > 0
    assert up.p_value < 0.01
    assert down.difference == pytest.approx(-up.difference)
    assert (down.low, down.high) == pytest.approx((-up.high, -up.low))


def test_pairing_narrows_the_interval():
    base = outcomes(0.6, seeds=1)
    fixed = base.copy()
    fixed[0, np.flatnonzero(~base[0])[:12]] = True
    paired = paired_bootstrap(fixed, base)
    _, low, high = accuracy_interval(base)
    assert paired.high - paired.low < (high - low) / 2


def test_null_is_rejected_about_as_often_as_it_should_be():
    rejected = sum(
        paired_bootstrap(
            outcomes(0.7, seeds=1, documents=300, seed=2 * k),
            outcomes(0.7, seeds=1, documents=300, seed=2 * k + 1),
        ).p_value
        < 0.05
        for k in range(100)
    )
    assert rejected <= 12  # expected 5, standard deviation 2.2


def test_a_single_row_stands_for_every_seed():
    single, many = outcomes(0.5, seeds=1), outcomes(0.5, seeds=3, seed=9)
    repeated = np.repeat(single, 3, axis=0)
    assert paired_bootstrap(many, single) == paired_bootstrap(many, repeated)


@pytest.mark.parametrize("shape", [(0, 5), (5,), (2, 0)])
def test_empty_tables_are_refused(shape):
    with pytest.raises(InputError, match="correctness table"):
        accuracy_interval(np.zeros(shape))


def test_unpaired_tables_are_refused():
    with pytest.raises(InputError, match="not paired"):
        paired_bootstrap(outcomes(0.5, documents=10), outcomes(0.5, documents=11))


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_p_values_and_keeps_their_order(p_values):
    corrected = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, corrected, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.asarray(corrected)[order]) >= 0).all()
    # Bonferroni is never milder
    assert all(
        q <= min(1, len(p_values) * p) + 1e-12 for p, q in zip(p_values, corrected, strict=True)
    )


@pytest.mark.parametrize(("documents", "p_value"), [(1, 1.0), (2, 0.5), (11, 2**-10)])
def test_few_documents_that_all_differ_alike_prove_little(documents, p_value):
    ones, zeros = np.ones((1, documents)), np.zeros((1, documents))
    assert paired_bootstrap(ones, zeros).p_value == pytest.approx(p_value)
