"""Skewness of how often candidates are among the nearest."""

import numpy as np
import pytest
from scipy.stats import skew

from adapt.evaluation import hubness


def test_it_is_the_skewness_of_the_occurrences():
    neighbors = np.random.default_rng(0).geometric(0.1, size=(300, 10)) % 200
    occurrences = [int((neighbors == row).sum()) for row in range(200)]
    found = hubness(neighbors, 200)
    assert found.value == pytest.approx(skew(occurrences))
    assert found.low < found.value < found.high


def test_a_hub_that_takes_everything_is_as_skewed_as_can_be():
    found = hubness(np.zeros((50, 1), dtype=np.int64), 100)
    occurrences = np.zeros(100)
    occurrences[0] = 50
    assert found.value == pytest.approx(skew(occurrences))
    assert found.value > 9


def test_equal_occurrences_are_not_skewed():
    found = hubness(np.arange(60).reshape(20, 3), 60)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_interval_agrees_with_resampling_the_candidates():
    neighbors = np.random.default_rng(1).poisson(8, size=(400, 5)) % 40
    occurrences = np.bincount(neighbors.ravel(), minlength=40)
    rng = np.random.default_rng(2)
    drawn = [skew(rng.choice(occurrences, 40)) for _ in range(2000)]
    found = hubness(neighbors, 40)
    np.testing.assert_allclose(
        [found.low, found.high], np.quantile(drawn, [0.025, 0.975]), atol=0.15
    )
