"""Intervals of means, by resampling items."""

import numpy as np
import pytest

from adapt.evaluation.bootstrap import mean_estimates, resample_weights


def test_resamples_have_as_many_items_and_repeat():
    weights = resample_weights(17, seed=3)
    assert weights.shape == (1000, 17)
    np.testing.assert_array_equal(weights.sum(axis=1), 17)
    np.testing.assert_array_equal(weights, resample_weights(17, seed=3).copy())
    assert not np.array_equal(weights, resample_weights(17, seed=4))


def test_the_interval_of_a_mean_is_about_two_standard_errors_either_way():
    values = np.random.default_rng(0).normal(3, 2, size=(400, 1))
    (found,) = mean_estimates(values, np.ones(400, dtype=bool))
    assert found.value == pytest.approx(values.mean())
    error = values.std() / 20
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert found.low < found.value < found.high


def test_items_that_do_not_count_have_no_say():
    rng = np.random.default_rng(0)
    values, counted = rng.normal(size=(50, 2)), rng.random(50) < 0.5
    spoiled = np.where(counted[:, None], values, 1e6)
    assert mean_estimates(values, counted) == mean_estimates(spoiled, counted)
    assert mean_estimates(values, counted)[1].value == pytest.approx(values[counted, 1].mean())


def test_a_single_item_that_counts_has_no_spread():
    counted = np.array([False, True, False])
    (found,) = mean_estimates(np.array([[1.0], [5.0], [9.0]]), counted)
    assert (found.value, found.low, found.high) == (5, 5, 5)
