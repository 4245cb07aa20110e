from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from adapt.errors import InputError
from adapt.evaluation import confusion


def test_it_counts_as_scikit_learn_does_over_all_seeds():
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=50)
    predicted = rng.integers(4, size=(3, 50)).astype(np.uint8)
    found = confusion(labels, predicted, "abcd")
    expected = sum(confusion_matrix(labels, one, labels=range(4)) for one in predicted)
    np.testing.assert_array_equal(found.counts, expected)
    np.testing.assert_allclose(found.shares().sum(axis=1), 1)
    assert found.n_seeds == 3


def test_an_empty_class_has_no_shares_and_no_mistakes():
    found = confusion(np.array([0, 0, 0]), np.array([[0, 1, 1]]), ["a", "b", "c"])
    assert found.shares().tolist() == [[1 / 3, 2 / 3, 0], [0, 0, 0], [0, 0, 0]]
    assert found.mistakes(5) == [(0, 1)]


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="not of 2 documents"):
        confusion(np.array([0, 1]), np.array([[0, 1, 1]]), ["a", "b"])
    with pytest.raises(InputError, match="number 2, but there are 2 names"):
        confusion(np.array([0, 1]), np.array([[0, 2]]), ["a", "b"])
