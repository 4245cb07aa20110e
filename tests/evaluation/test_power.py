"""The numbers of seeds and documents that would settle a difference, against made studies."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.evaluation import PairedDifference, needed_size, paired_differences, power_of
from adapt.evaluation.crossed import CrossedVariances, MeanSquare


def variances(of_seeds, of_documents, rest, n_seeds, n_documents):
    """Expected mean squares of a study with these standard deviations."""
    left = rest**2
    return CrossedVariances(
        n_seeds,
        n_documents,
        MeanSquare(left + n_documents * of_seeds**2, n_seeds - 1),
        MeanSquare(left + n_seeds * of_documents**2, n_documents - 1),
        MeanSquare(left, (n_seeds - 1) * (n_documents - 1)),
    )


def measured(difference, known):
    return PairedDifference(difference, difference, difference, 1.0, known)


def share_found(deviations, difference, shape, alpha, studies=400):
    """How many made studies of this shape find the difference."""
    rng = np.random.default_rng(0)
    of_seeds, of_documents, rest = deviations
    found = 0
    for _ in range(studies):
        table = difference + of_seeds * rng.normal(size=(shape[0], 1))
        table = table + of_documents * rng.normal(size=shape[1]) + rest * rng.normal(size=shape)
        (tested,) = paired_differences([(table, np.zeros((1, shape[1])))])
        found += tested.p_value < alpha
    return found / studies


@pytest.mark.parametrize(
    ("deviations", "difference", "alpha"),
    [
        ((0.01, 0.1, 0.4), 0.02, 0.05),
        ((0.02, 0.1, 0.4), 0.05, 0.001),
        ((0.0, 0.05, 0.4), 0.02, 0.01),
    ],
)
def test_four_studies_of_five_with_so_many_seeds_are_significant(deviations, difference, alpha):
    known = variances(*deviations, 3, 400)
    needed = needed_size(measured(difference, known), alpha=alpha).n_seeds
    assert needed is not None
    assert share_found(deviations, difference, (needed, 400), alpha) == pytest.approx(0.8, abs=0.06)


def test_four_studies_of_five_with_so_many_documents_are_significant():
    deviations = (0.002, 0.3, 0.3)
    needed = needed_size(measured(0.02, variances(*deviations, 3, 400)), alpha=0.005).n_documents
    assert needed is not None
    assert share_found(deviations, 0.02, (3, needed), 0.005, 250) == pytest.approx(0.8, abs=0.08)


def test_the_number_is_the_smallest_that_does():
    known = variances(0.01, 0.1, 0.4, 3, 400)
    seeds = needed_size(measured(0.02, known), alpha=0.05).n_seeds
    enough, too_few = (power_of(0.02, known.resized(n, 400), 0.05) for n in (seeds, seeds - 1))
    assert enough >= 0.8 > too_few


def test_a_study_that_is_large_enough_need_be_no_larger_nor_smaller():
    known = variances(0.001, 0.01, 0.1, 30, 4_000)
    needed = needed_size(measured(0.2, known), alpha=0.05)
    assert (needed.n_seeds, needed.n_documents, needed.alpha) == (30, 4_000, 0.05)


def test_no_number_of_seeds_makes_up_for_few_documents():
    known = variances(0.001, 0.5, 0.1, 3, 100)
    needed = needed_size(measured(0.02, known), alpha=0.05)
    assert needed.n_seeds is None
    assert needed.n_documents is not None


def test_no_number_of_documents_makes_up_for_few_seeds():
    known = variances(0.02, 0.05, 0.1, 3, 1_000)
    needed = needed_size(measured(0.02, known), alpha=0.05)
    assert needed.n_documents is None
    assert needed.n_seeds is not None


@pytest.mark.parametrize("difference", [0.0, 1e-6])
def test_nothing_settles_what_is_practically_no_difference(difference):
    needed = needed_size(measured(difference, variances(0.01, 0.1, 0.4, 3, 400)), alpha=0.05)
    assert (needed.n_seeds, needed.n_documents) == (None, None)


def test_one_seed_tells_nothing_of_others():
    table = np.random.default_rng(0).normal(0.02, 0.3, (1, 400))
    (tested,) = paired_differences([(table, np.zeros((1, 400)))])
    needed = needed_size(tested, alpha=0.01)
    assert needed.n_seeds is None
    assert needed.n_documents > 400


@pytest.mark.parametrize("sign", [1, -1])
def test_power_is_the_level_where_there_is_nothing_and_does_not_depend_on_the_side(sign):
    known = variances(0.01, 0.1, 0.4, 30, 400)
    assert power_of(0.0, known, 0.05) == pytest.approx(0.05, abs=0.01)
    assert power_of(sign * 0.02, known, 0.05) == power_of(0.02, known, 0.05)


def test_a_study_of_another_size_has_the_same_components():
    known = variances(0.01, 0.1, 0.4, 3, 400)
    other = known.resized(12, 5_000)
    expected = variances(0.01, 0.1, 0.4, 12, 5_000)
    for part in ("of_seeds", "of_documents", "rest"):
        assert getattr(other, part).value == pytest.approx(getattr(expected, part).value)
        assert getattr(other, part).freedom == pytest.approx(getattr(expected, part).freedom)


@pytest.mark.parametrize("wrong", [{"alpha": 0.0}, {"alpha": 0.05, "power": 1.0}])
def test_impossible_levels_are_refused(wrong):
    with pytest.raises(InputError, match="between 0 and 1"):
        needed_size(measured(0.02, variances(0.01, 0.1, 0.4, 3, 400)), **wrong)
