"""Intervals, paired tests and Holm: against what is known in closed form, and in made studies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adapt.errors import InputError
from adapt.evaluation import PairedDifference, accuracy_interval, holm, paired_differences


@pytest.fixture(scope="module", autouse=True)
def _quick_holm():
    """Spare thousands of corrections the collection of garbage that statsmodels makes at each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


def outcomes(share, *, seeds=3, documents=600, seed=0):
    return np.random.default_rng(seed).random((seeds, documents)) < share


def compared(correct, baseline) -> PairedDifference:
    return paired_differences([(correct, baseline)])[0]


def test_interval_of_one_seed_agrees_with_the_normal_approximation():
    table = outcomes(0.7, seeds=1, documents=2000)
    mean, low, high = accuracy_interval(table)
    half = 1.96 * np.sqrt(mean * (1 - mean) / 2000)
    assert mean == pytest.approx(table.mean())
    assert low == pytest.approx(mean - half, abs=0.003)
    assert high == pytest.approx(mean + half, abs=0.003)


def test_a_system_does_not_differ_from_itself():
    table = outcomes(0.6)
    same = compared(table, table)
    assert (same.difference, same.low, same.high, same.p_value) == (0, 0, 0, 1)


def test_a_clear_difference_is_found_and_is_antisymmetric():
    worse, better = (outcomes(share, documents=2000, seed=1) for share in (0.5, 0.6))
    up, down = compared(better, worse), compared(worse, better)
    assert up.low > 0
    assert up.p_value < 0.01
    assert down.difference == pytest.approx(-up.difference)
    assert (down.low, down.high) == pytest.approx((-up.high, -up.low))


def test_pairing_narrows_the_interval():
    base = outcomes(0.6, seeds=1)
    fixed = base.copy()
    fixed[0, np.flatnonzero(~base[0])[:12]] = True
    paired = compared(fixed, base)
    _, low, high = accuracy_interval(base)
    assert paired.high - paired.low < (high - low) / 2


def test_null_is_rejected_about_as_often_as_it_should_be():
    rejected = sum(
        compared(
            outcomes(0.7, seeds=1, documents=300, seed=2 * k),
            outcomes(0.7, seeds=1, documents=300, seed=2 * k + 1),
        ).p_value
        < 0.05
        for k in range(100)
    )
    assert rejected <= 12  # expected 5, standard deviation 2.2


def test_a_single_row_stands_for_every_seed():
    single, many = outcomes(0.5, seeds=1), outcomes(0.5, seeds=3, seed=9)
    repeated = np.repeat(single, 3, axis=0)
    assert compared(many, single) == compared(many, repeated)


def test_pairs_of_unlike_numbers_of_seeds_have_no_average():
    pairs = [(outcomes(0.5, seeds=n), outcomes(0.5, seeds=n, seed=1)) for n in (3, 5)]
    with pytest.raises(InputError, match="pairs of 3 and 5 seeds"):
        paired_differences(pairs)


def test_systems_without_seeds_of_their_own_may_stand_among_others():
    single, other, many = outcomes(0.5, seeds=1), outcomes(0.5, seeds=1, seed=1), outcomes(0.5)
    alone, _ = paired_differences([(single, other), (many, single)])
    assert alone == compared(single, other)


@pytest.mark.parametrize("shape", [(0, 5), (5,), (2, 0)])
def test_empty_tables_are_refused(shape):
    with pytest.raises(InputError, match="correctness table"):
        accuracy_interval(np.zeros(shape))


def test_unpaired_tables_are_refused():
    with pytest.raises(InputError, match="not paired"):
        compared(outcomes(0.5, documents=10), outcomes(0.5, documents=11))


def test_one_seed_is_the_paired_t_test_over_documents():
    first, second = outcomes(0.6, seeds=1, seed=1), outcomes(0.5, seeds=1, seed=2)
    wanted = stats.ttest_rel(first[0].astype(float), second[0].astype(float))
    found = compared(first, second)
    assert found.p_value == pytest.approx(wanted.pvalue)
    interval = wanted.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_seeds_that_differ_alone_are_the_t_test_over_seeds():
    """Where all documents agree, what is left to chance are the seeds."""
    shifts = np.array([0.01, 0.03, 0.02, 0.05])
    found = compared(np.repeat(shifts[:, None], 500, axis=1), np.zeros((1, 500)))
    assert found.p_value == pytest.approx(stats.ttest_1samp(shifts, 0).pvalue)


def test_seeds_that_agree_by_chance_are_not_believed():
    """The variance of seeds is at least its average over the family."""
    calm = outcomes(0.60, seed=1), outcomes(0.55, seed=2)
    rng = np.random.default_rng(3)
    wild = rng.random((3, 600)) < np.array([0.4, 0.6, 0.8])[:, None], outcomes(0.6, seed=4)
    alone, (together, _) = compared(*calm), paired_differences([calm, wild])
    assert together.difference == alone.difference
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert together.p_value > alone.p_value


N_SYSTEMS, N_DOCUMENTS = 8, 1_000


def made_study(rng, *, of_seeds, unlike=False, effect=0.0, n_seeds=3):
    """Systems that find the same documents hard, and of which each seed is luckier or not.

    Deviations of the seeds differ between systems, up to `of_seeds`, as those of strategies do, and
    seeds share their training documents. With `unlike`, those of one system are fifteen times those
    of the others. The last system is better by `effect`, in units of the latent score.
    """
    hardness = rng.normal(1.2, 1.5, N_DOCUMENTS)
    of_subsets = rng.normal(0, of_seeds, n_seeds)[:, None]
    systems = []
    for place in range(N_SYSTEMS):
        own = rng.normal(0, 0.7, N_DOCUMENTS) + effect * (place == N_SYSTEMS - 1)
        deviation = of_seeds / (1 if place == 2 else 15) if unlike else rng.uniform(0, of_seeds)
        luck = rng.normal(0, deviation, n_seeds)[:, None]
        noise = rng.normal(0, 0.7, (n_seeds, N_DOCUMENTS))
        systems.append((hardness + own + of_subsets + luck + noise > 0).astype(np.float32))
    # all stand against the first two, as embeddings stand against general and domain
    return [(system, base) for base in systems[:2] for system in systems[2:]]


def corrected(family):
    return holm([one.p_value for one in paired_differences(family)])


@pytest.mark.parametrize(
    ("of_seeds", "unlike"),
    [
        pytest.param(0.0, False, marks=pytest.mark.slow),
        pytest.param(0.04, False, marks=pytest.mark.slow),
        (0.16, False),
        pytest.param(0.24, True, marks=pytest.mark.slow),
    ],
)
def test_no_more_than_one_study_in_twenty_finds_what_is_not_there(of_seeds, unlike):
    """Family-wise error in 2,000 studies; deviations of accuracy of 0 to 3 points by seed."""
    rng = np.random.default_rng(0)
    studies = (made_study(rng, of_seeds=of_seeds, unlike=unlike) for _ in range(2_000))
    wrong = sum(min(corrected(study)) < 0.05 for study in studies)
    assert wrong <= 0.05 * 2_000


def test_pairs_on_either_side_of_the_average_are_tested_alike():
    """Degrees of freedom pass from those of the average to those of a pair without a step."""
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 0.3, (3, 400))
    noise -= noise.mean(axis=1, keepdims=True)
    luck = np.array([-1.0, 0.0, 1.0])[:, None]
    deviations = (0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.0199, 0.0201)
    zeros = np.zeros((1, 400))
    family = [(0.05 + size * luck + noise, zeros) for size in deviations]
    below, above = paired_differences(family)[-2:]
    assert below.variances.of_seeds.value < above.variances.of_seeds.value
    assert below.p_value < above.p_value < 1.2 * below.p_value


def test_a_pair_far_above_the_average_has_no_more_than_its_own_seeds():
    rng = np.random.default_rng(5)
    luck = np.array([-1.0, 0.0, 1.0])[:, None]
    calm = [(0.01 * luck + rng.normal(0, 0.1, (3, 400)), np.zeros((1, 400))) for _ in range(20)]
    wild = (0.2 + 0.5 * luck + rng.normal(0, 0.1, (3, 400)), np.zeros((1, 400)))
    variances = paired_differences([*calm, wild])[-1].variances
    assert variances.of_seeds.freedom == pytest.approx(2, abs=0.01)


def test_what_is_there_is_found():
    """An effect of 8 points of accuracy, with up to 1 point of deviation by seed, three seeds."""
    rng = np.random.default_rng(1)
    found, differences = 0, []
    for _ in range(200):
        study = made_study(rng, of_seeds=0.08, effect=0.6)
        found += corrected(study)[N_SYSTEMS - 3] < 0.05
        differences.append(paired_differences(study)[N_SYSTEMS - 3].difference)
    assert np.mean(differences) == pytest.approx(0.08, abs=0.015)
    assert found >= 0.9 * 200


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_p_values_and_keeps_their_order(p_values):
    corrected = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, corrected, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.asarray(corrected)[order]) >= 0).all()
    # Bonferroni is never milder
    assert all(
        q <= min(1, len(p_values) * p) + 1e-12 for p, q in zip(p_values, corrected, strict=True)
    )


@pytest.mark.parametrize(("documents", "p_value"), [(1, 1.0), (2, 0.5), (11, 2**-10)])
def test_few_documents_that_all_differ_alike_prove_little(documents, p_value):
    ones, zeros = np.ones((1, documents)), np.zeros((1, documents))
    assert compared(ones, zeros).p_value == pytest.approx(p_value)
