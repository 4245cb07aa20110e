"""Mean squares of a crossed table, all worked out by hand."""

import numpy as np
import pytest

from adapt.evaluation.crossed import CrossedVariances, MeanSquare, satterthwaite

# grand mean 3.5; seeds deviate by -1.5 and 1.5, documents by -1.5, -0.5 and 2; squares 29.5 in all
TABLE = np.array([[1.0, 2, 3], [3, 4, 8]])


def test_the_parts_of_a_table():
    parts = CrossedVariances.of(TABLE)
    assert (parts.n_seeds, parts.n_documents) == (2, 3)
    assert parts.of_seeds == MeanSquare(pytest.approx(3 * 4.5), 1)
    assert parts.of_documents == MeanSquare(pytest.approx(2 * 6.5 / 2), 2)
    assert parts.rest == MeanSquare(pytest.approx((29.5 - 13.5 - 13) / 2), 2)


def test_a_single_seed_has_a_variance_of_documents_alone():
    parts = CrossedVariances.of(TABLE[:1])
    assert (parts.of_seeds, parts.rest) == (MeanSquare(0.0, 1), MeanSquare(0.0, 1))
    assert parts.of_documents == MeanSquare(pytest.approx(1.0), 2)


def test_the_variance_of_the_mean():
    of_mean = CrossedVariances.of(TABLE).of_mean()
    assert of_mean.value == pytest.approx((13.5 + 6.5 - 1.5) / 6)
    assert of_mean.freedom == pytest.approx(18.5**2 / (13.5**2 + 6.5**2 / 2 + 1.5**2 / 2))


def test_neither_factor_alone_varies_by_more_than_both():
    # what is left exceeds either: the sum would be less than the larger part
    value, freedom = satterthwaite(np.array([2.0, 3.0, 4.0]), np.array([2.0, 3.0, 6.0]))
    assert value == 3
    assert freedom == pytest.approx(max(1, 9 / (4 / 2 + 9 / 3 + 16 / 6)))
    assert satterthwaite(np.zeros(3), np.ones(3)) == (0, 1)


def test_a_study_of_another_size_keeps_the_components():
    # components: 4 of seeds, 2.5 of documents, 1.5 of what is left
    other = CrossedVariances.of(TABLE).resized(5, 10)
    assert (other.n_seeds, other.n_documents) == (5, 10)
    assert other.of_seeds == MeanSquare(pytest.approx(1.5 + 10 * 4), 4)
    assert other.of_documents == MeanSquare(pytest.approx(1.5 + 5 * 2.5), 9)
    assert other.rest == MeanSquare(pytest.approx(1.5), 36)
