"""Numbers as they are read: signs, decimals and units, at the edges where rounding misleads."""

import pytest

from adapt.evaluation.wording import (
    decimal,
    labels,
    listed,
    p_value,
    percent,
    percent_interval,
    rounded,
    signed_difference,
    signed_points,
    unsigned_points,
)


def plain(text):
    return text.replace("\xa0", " ").replace("\N{MINUS SIGN}", "-")


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.1804, "18.0%"), (0, "0.0%"), (1, "100.0%"), (0.0004, "0.04%"), (0.00004, "0.0%")],
)
def test_percentages_show_a_second_decimal_only_where_the_first_says_nothing(share, written):
    assert percent(share) == written


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (0.0213, "+2.1"), (-0.0213, "-2.1"), (0.0002, "+0.02"), (-0.0002, "-0.02"), (-0.0, "0.0"),
        (0.00001, "0.0"),
    ],
)  # fmt: skip
def test_differences_have_a_sign_unless_they_are_zero(difference, written):
    assert plain(signed_points(difference)) == written


def test_intervals():
    assert plain(percent_interval(0.1, 0.25)) == "[10.0, 25.0]"
    assert plain(signed_difference(0.021, 0.012, 0.03)) == "+2.1 [+1.2, +3.0]"
    assert plain(signed_difference(-0.021, -0.03, -0.012)) == "-2.1 [-3.0, -1.2]"
    assert "\xa0" in percent_interval(0, 1)  # a line must not end within


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((0.021, 0.012, 0.03), "2.1 points [1.2, 3.0]"),
        ((-0.021, -0.03, -0.012), "2.1 points [1.2, 3.0]"),
        ((-0.021, -0.03, 0.004), "2.1 points [-0.4, 3.0]"),
    ],
)
def test_sizes_turn_their_interval_with_them(numbers, written):
    assert plain(unsigned_points(*numbers)) == written


@pytest.mark.parametrize(
    ("p", "written"),
    [
        (0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.0412, "p = 0.041"),
        (0.0999, "p = 0.100"), (0.1, "p = 0.10"), (0.304, "p = 0.30"), (1.0, "p = 1.00"),
    ],
)  # fmt: skip
def test_p_values(p, written):
    assert plain(p_value(p)) == written


@pytest.mark.parametrize(
    ("n", "up"), [(0, 0), (7, 7), (12, 12), (99, 99), (100, 100), (101, 110), (8_321, 8_400)]
)
def test_estimates_are_rounded_up_to_two_digits(n, up):
    assert rounded(n) == up


def test_words_and_numbers_together():
    assert [labels(n) for n in (1, 2, 7352)] == ["1 label", "2 labels", "7,352 labels"]
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert [plain(decimal(*pair)) for pair in ((1234.5, 1), (-0.12345, 3), (-0.0001, 2))] == [
        "1,234.5", "-0.123", "0.00",
    ]  # fmt: skip
