"""Effect sizes, McNemar's test and areas, against what is known in closed form."""

import math

import numpy as np
import pytest
from scipy import stats

from adapt.errors import InputError
from adapt.evaluation import (
    area_table,
    budget_weights,
    cohens_h,
    effect_size,
    mcnemar_test,
    paired_differences,
)


def outcomes(share, *, seeds=3, documents=600, seed=0):
    return np.random.default_rng(seed).random((seeds, documents)) < share


def test_the_largest_effect_is_pi():
    assert cohens_h(1.0, 0.0) == pytest.approx(math.pi)
    assert cohens_h(0.3, 0.3) == 0
    assert cohens_h(0.2, 0.6) == -cohens_h(0.6, 0.2)


@pytest.mark.parametrize(("first", "second"), [(0.6, 0.5), (0.6, 0.6), (0.999, 0.99), (1.0, 1.0)])
def test_an_effect_includes_zero_where_the_difference_does(first, second):
    tables = outcomes(first, seed=1), outcomes(second, seed=2)
    (tested,) = paired_differences([tables])
    effect = effect_size(*tables, tested)
    assert effect.low <= effect.value <= effect.high
    assert (effect.low <= 0 <= effect.high) == (tested.low <= 0 <= tested.high)
    accuracies = [table.mean() for table in tables]
    assert effect.value == pytest.approx(cohens_h(*accuracies))


def discordant(n_first, n_second, n_both=5):
    first = np.repeat([1, 0, 1], [n_first, n_second, n_both])[None]
    second = np.repeat([0, 1, 1], [n_first, n_second, n_both])[None]
    return first, second


def test_few_discordant_documents_are_tested_exactly():
    found = mcnemar_test(*discordant(9, 2))
    assert (found.n_first, found.n_second, found.odds_ratio) == (9, 2, 4.5)
    assert found.p_value == pytest.approx(stats.binomtest(9, 11).pvalue)


def test_many_discordant_documents_are_tested_by_chi_squared():
    found = mcnemar_test(*discordant(40, 20))
    assert found.p_value == pytest.approx(stats.chi2.sf((20 - 1) ** 2 / 60, 1))


def test_systems_that_never_disagree_do_not_differ():
    found = mcnemar_test(*discordant(0, 0))
    assert (found.n_first, found.n_second, found.odds_ratio, found.p_value) == (0, 0, None, 1.0)


def test_a_document_is_right_where_more_than_half_of_the_seeds_are():
    correct = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    found = mcnemar_test(correct, np.zeros((1, 4)))
    assert found.n_first == 2
    tied = mcnemar_test(correct[:2], np.zeros((1, 4)))  # the third is right in one seed of two
    assert tied.n_first == 2


def test_unpaired_documents_are_refused():
    with pytest.raises(
        InputError,
        match="4 and 5 documents are not paired; give both systems the same test documents$",
    ):
        mcnemar_test(np.ones((3, 4)), np.ones((3, 5)))


def test_an_area_is_the_trapezoid_over_logarithms():
    budgets, accuracies = [200, 1000, 7352], np.array([0.5, 0.7, 0.9])
    wanted = np.trapezoid(accuracies, np.log(budgets)) / math.log(7352 / 200)
    assert budget_weights(budgets) @ accuracies == pytest.approx(wanted)
    assert budget_weights(budgets).sum() == pytest.approx(1)
    assert budget_weights([1, 10]).tolist() == [0.5, 0.5]
    tables = [outcomes(share, seed=n) for n, share in enumerate(accuracies)]
    area = area_table(tables, budgets)
    assert area.shape == (3, 600)
    assert area.mean() == pytest.approx(budget_weights(budgets) @ [t.mean() for t in tables])


def test_a_single_row_stands_for_every_seed_of_an_area():
    many, single = outcomes(0.5), outcomes(0.7, seeds=1, seed=1)
    repeated = np.repeat(single, 3, axis=0)
    np.testing.assert_array_equal(
        area_table([many, single], [10, 20]), area_table([many, repeated], [10, 20])
    )


@pytest.mark.parametrize(
    ("budgets", "message"), [([10], "one is a point"), ([20, 10], "ascend"), ([0, 10], "ascend")]
)
def test_budgets_that_span_no_area_are_refused(budgets, message):
    with pytest.raises(InputError, match=message):
        budget_weights(budgets)


@pytest.mark.parametrize(
    ("shapes", "message"), [([(3, 5)], "do not fit"), ([(3, 5), (3, 6)], "not paired")]
)
def test_tables_that_do_not_fit_are_refused(shapes, message):
    with pytest.raises(InputError, match=message):
        area_table([np.ones(shape) for shape in shapes], [10, 20])
