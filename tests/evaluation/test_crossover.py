"""Where one system overtakes another, and how sure that is."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.evaluation import crossover

VALUES = (0.01, 0.1, 1.0)


def tables(shares, n_seeds=3, n_documents=400, seed=0):
    """Correctness at each value, right with the given probabilities."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.random((n_seeds, n_documents)) < share for share in shares])


def exact(shares, n_documents=100):
    rows = [np.arange(n_documents) < round(share * n_documents) for share in shares]
    return np.stack(rows)[:, None, :]


def test_it_is_interpolated_on_the_logarithmic_axis():
    found = crossover(VALUES, exact((0.2, 0.4, 0.8)), exact((0.5, 0.5, 0.5)))
    # from -0.1 to +0.3: a quarter of the way from 0.1 to 1
    assert found.at == pytest.approx(10 ** (-1 + 0.25))
    assert not found.ahead_at_first


def test_values_that_are_not_positive_have_a_linear_axis():
    found = crossover((0, 1, 2), exact((0.2, 0.4, 0.8)), exact((0.5, 0.5, 0.5)))
    assert found.at == pytest.approx(1.25)


def test_the_last_rise_counts():
    found = crossover((1, 2, 3, 4), exact((0.6, 0.4, 0.4, 0.6)), exact((0.5,) * 4))
    assert found.at == pytest.approx(np.sqrt(12))


@pytest.mark.parametrize(
    ("shares", "ahead", "side"),
    [((0.8, 0.85, 0.9), True, "share_below"), ((0.1, 0.1, 0.2), False, "share_beyond")],
)
def test_outside_of_the_values(shares, ahead, side):
    found = crossover(VALUES, tables(shares), tables((0.5,) * 3, seed=1))
    assert found.at is None
    assert found.ahead_at_first is ahead
    assert getattr(found, side) == 1.0
    ends = (None, VALUES[0]) if ahead else (VALUES[-1], None)
    assert (found.low, found.high) == pytest.approx(ends)


def test_equal_systems_never_overtake():
    same = tables((0.5, 0.6, 0.7))
    found = crossover(VALUES, same, same)
    assert (found.at, found.share_beyond) == (None, 1.0)


def test_the_interval_holds_the_crossover_and_narrows_with_more_documents():
    widths = []
    for n_documents in (100, 10_000):
        found = crossover(
            VALUES,
            tables((0.3, 0.48, 0.7), n_documents=n_documents),
            tables((0.5,) * 3, n_documents=n_documents, seed=1),
        )
        assert found.share_below + found.share_within + found.share_beyond == pytest.approx(1)
        low, high = found.low or 0.01, found.high or 1.0
        assert low < found.at < high
        assert low < 10 ** (-1 + 0.02 / 0.22) < high
        widths.append(np.log(high / low))
    assert widths[1] < widths[0] / 2


def test_the_same_seed_gives_the_same_interval():
    made = [
        crossover(VALUES, tables((0.3, 0.5, 0.6)), tables((0.5,) * 3, seed=1), seed=seed)
        for seed in (0, 0, 1)
    ]
    assert made[0] == made[1]
    assert made[0].at == made[2].at
    assert made[0] != made[2]


@pytest.mark.parametrize(
    ("values", "n", "message"),
    [((1, 1), 2, "give two or more that rise"), ((1,), 1, "rise"), ((1, 2), 3, "do not fit 2")],
)
def test_what_does_not_fit_is_refused(values, n, message):
    with pytest.raises(InputError, match=message):
        crossover(values, tables((0.5,) * n), tables((0.5,) * n))
