import numpy as np
import pytest
from scipy.stats import binomtest

from adapt.errors import InputError
from adapt.evaluation import OovStratum, accuracy_by_oov

SHARES = [0.0, 0.0, 0.1, 0.2, 0.5, 0.9]
CORRECT = [[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 1, 0]]


def wilson(right, n):
    interval = binomtest(right, n).proportion_ci(method="wilson")
    return pytest.approx((interval.low, interval.high))


class TestAccuracyByOov:
    def test_terciles(self):
        few, some, many = accuracy_by_oov(CORRECT, SHARES)
        assert [one.n_documents for one in (few, some, many)] == [2, 2, 2]
        assert [(one.lowest, one.highest) for one in (few, some, many)] == [
            (0, 0), (0.1, 0.2), (0.5, 0.9),
        ]  # fmt: skip
        assert [one.accuracy for one in (few, some, many)] == [1, 0.25, 0.25]

    def test_intervals_are_wilsons_over_documents(self):
        few, rest = accuracy_by_oov([[1, 1, 1, 0, 0, 0]], SHARES, thresholds=[0.0])
        assert (few.accuracy_low, few.accuracy_high) == wilson(2, 2)
        assert few.accuracy_low < 1  # two right answers prove little
        assert (rest.accuracy_low, rest.accuracy_high) == wilson(1, 4)
        (all_,) = accuracy_by_oov([[1, 1, 1, 0, 0, 0]], SHARES, thresholds=[1.0])
        assert (all_.accuracy_low, all_.accuracy_high) == wilson(3, 6)

    def test_thresholds_belong_to_the_stratum_below(self):
        strata = accuracy_by_oov(CORRECT, SHARES, thresholds=[0.1, 0.5])
        assert [one.n_documents for one in strata] == [3, 2, 1]
        assert [one.accuracy for one in strata] == [5 / 6, 1 / 4, 0]

    def test_strata_without_documents_are_left_out(self):
        (only,) = accuracy_by_oov([[1, 0, 1]], [0, 0, 0])
        assert (only.n_documents, only.lowest, only.highest) == (3, 0, 0)
        strata = accuracy_by_oov(CORRECT, SHARES, thresholds=[0.25, 0.3, 0.4])
        assert [one.n_documents for one in strata] == [4, 2]
        assert all(isinstance(one, OovStratum) for one in strata)

    @pytest.mark.parametrize(
        ("correct", "shares", "options", "message"),
        [
            ([1, 0], [0, 0], {}, "need \\(n_seeds, n_documents\\)"),
            ([[1, 0]], [0], {}, "do not fit"),
            ([[]], [], {}, "do not fit"),
            ([[1]], [1.5], {}, "between 0 and 1"),
            ([[1]], [np.nan], {}, "between 0 and 1"),
            ([[1]], [0.5], {"thresholds": [0.2, 0.2]}, "ascending order"),
        ],
    )
    def test_bad_tables_are_refused(self, correct, shares, options, message):
        with pytest.raises(InputError, match=message):
            accuracy_by_oov(correct, shares, **options)
