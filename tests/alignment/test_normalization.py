import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from adapt.alignment import UnitCentreUnit, row_lengths, unit_rows
from adapt.errors import InputError


def gaussian(n, d, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal((n, d)).astype(dtype)


def test_rows_become_unit_length_and_zeros_stay():
    matrix = gaussian(5, 3)
    matrix[2] = 0
    lengths = np.linalg.norm(unit_rows(matrix), axis=1)
    np.testing.assert_allclose(lengths, [1, 1, 0, 1, 1], atol=1e-15)


@pytest.mark.parametrize("scale", [1e-44, 1e-38, 1e-20, 1e-10, 1, 1e19, 1e30, 1e38])
def test_no_magnitude_of_float32_overflows_or_vanishes(scale):
    # powers of two, so that scaling rounds nothing but the subnormal ones
    matrix = np.array([[1, 0, 0, 0], [-2, 0, 0, 2], [1, -1, 1, 1], [0, 0, 0, 0]])
    exact = (matrix * 2.0 ** np.round(np.log2(scale))).astype(np.float32)
    lengths = row_lengths(exact)
    assert lengths.dtype == np.float64
    expected = np.sqrt(np.square(exact.astype(np.float64)).sum(axis=1))
    np.testing.assert_allclose(lengths, expected, rtol=1e-6)
    units = unit_rows(exact)
    assert units.dtype == np.float32
    half, root = 0.5, np.sqrt(0.5)
    np.testing.assert_allclose(
        units, [[1, 0, 0, 0], [-root, 0, 0, root], [half, -half, half, half], [0] * 4], rtol=1e-6
    )


any_float32 = st.floats(allow_nan=False, allow_infinity=False, width=32)  # subnormal ones too


@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=any_float32))
def test_whatever_float32_holds_has_a_length_and_a_direction(matrix):
    lengths = row_lengths(matrix)
    exact = np.sqrt(np.square(matrix.astype(np.float64)).sum(axis=1))
    np.testing.assert_allclose(lengths, exact, rtol=1e-6)
    units = unit_rows(matrix)
    np.testing.assert_allclose(np.linalg.norm(units, axis=1), exact > 0, rtol=1e-6)
    np.testing.assert_array_equal(
        np.sign(units)[np.abs(units) > 1e-30], np.sign(matrix)[np.abs(units) > 1e-30]
    )


def test_a_row_does_not_depend_on_the_others():
    matrix = gaussian(9, 5, dtype=np.float32)
    extreme = matrix.copy()
    extreme[::2] *= np.float32(1e30)
    np.testing.assert_array_equal(unit_rows(extreme)[1::2], unit_rows(matrix)[1::2])


def test_the_input_is_not_changed():
    matrix = gaussian(5, 3)
    before = matrix.copy()
    UnitCentreUnit.fit(matrix)(matrix)
    np.testing.assert_array_equal(matrix, before)


def test_a_mean_has_one_axis():
    with pytest.raises(InputError, match=r"has shape \(1, 3\); use UnitCentreUnit.fit\(matrix\)$"):
        UnitCentreUnit(np.ones((1, 3)))


def test_the_mean_is_of_unit_rows_so_lengths_have_no_say():
    matrix = gaussian(20, 4)
    longer = matrix * np.linspace(0.1, 30, 20)[:, None]
    np.testing.assert_allclose(
        UnitCentreUnit.fit(matrix).mean, UnitCentreUnit.fit(longer).mean, atol=1e-15
    )


def test_zero_rows_have_no_say_in_the_mean_and_stay_zero():
    matrix = gaussian(6, 4)
    with_zeros = np.vstack([matrix, np.zeros((3, 4))])
    normalization = UnitCentreUnit.fit(with_zeros)
    np.testing.assert_array_equal(normalization.mean, UnitCentreUnit.fit(matrix).mean)
    normalized = normalization(with_zeros)
    assert not normalized[6:].any()
    np.testing.assert_allclose(np.linalg.norm(normalized[:6], axis=1), 1)


def test_the_fitted_mean_is_reused_for_other_words():
    anchors, other = gaussian(20, 4) + 1, gaussian(7, 4, seed=1)
    normalization = UnitCentreUnit.fit(anchors)
    np.testing.assert_allclose(
        normalization(other), unit_rows(unit_rows(other) - unit_rows(anchors).mean(axis=0))
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    matrix = gaussian(6, 4, dtype=dtype)
    assert UnitCentreUnit.fit(matrix)(matrix).dtype == dtype
    assert UnitCentreUnit.fit(matrix).mean.dtype == np.float64


def test_the_fitted_mean_cannot_be_overwritten():
    mean = UnitCentreUnit.fit(gaussian(6, 4)).mean
    with pytest.raises(ValueError, match="read-only"):
        mean[0] = 1


def test_other_dimensions_are_refused_with_both_numbers():
    with pytest.raises(InputError, match=r"\(6, 5\).* 4 dimensions"):
        UnitCentreUnit.fit(gaussian(6, 4))(gaussian(6, 5))


def test_nothing_but_zeros_has_no_mean():
    with pytest.raises(InputError, match="differs from zero"):
        UnitCentreUnit.fit(np.zeros((3, 2)))
