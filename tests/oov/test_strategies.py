"""One contract for every registered strategy, and what each promises beyond it."""

import numpy as np
import pytest

from adapt.errors import InputError, NotFittedError
from adapt.oov import Normal, OOVStrategy, Uniform, Zeros, strategy_named, strategy_names
from adapt.vectors import WordVectors

ODD_WORDS = ["", "x", "x" * 10_000, "1234", "🩺", "שלום", "e\u0301", "a b", "\udc80"]


@pytest.fixture(scope="module")
def vectors():
    generator = np.random.default_rng(0)
    matrix = generator.normal(loc=[0.0, 2.0, -1.0], scale=[1.0, 0.1, 3.0], size=(500, 3))
    return WordVectors(words=tuple(f"w{i}" for i in range(500)), matrix=matrix.astype(np.float32))


@pytest.mark.parametrize("name", strategy_names())
class TestEveryStrategy:
    def test_follows_the_protocol(self, name):
        assert isinstance(strategy_named(name), OOVStrategy)
        assert strategy_named(name).name == name

    def test_gives_finite_vectors_to_any_word(self, name, vectors):
        found = strategy_named(name).fit(vectors).vectors_for(ODD_WORDS)
        assert found.shape == (len(ODD_WORDS), 3)
        assert found.dtype == np.float32
        assert np.isfinite(found).all()

    def test_a_words_vector_depends_on_nothing_but_the_word(self, name, vectors):
        strategy = strategy_named(name, seed=3).fit(vectors)
        together = strategy.vectors_for(["renal", "cyst", "ataxia"])
        reversed_ = strategy.vectors_for(["ataxia", "cyst", "renal"])
        np.testing.assert_array_equal(together, reversed_[::-1])
        alone = strategy_named(name, seed=3).fit(vectors).vectors_for(["cyst"])
        np.testing.assert_array_equal(together[1:2], alone)

    def test_refuses_use_before_fit(self, name):
        with pytest.raises(NotFittedError, match="before fit"):
            strategy_named(name).vectors_for(["renal"])

    def test_accepts_no_words(self, name, vectors):
        assert strategy_named(name).fit(vectors).vectors_for([]).shape == (0, 3)


def test_zeros_are_zero(vectors):
    assert not Zeros().fit(vectors).vectors_for(["a", "b"]).any()


@pytest.mark.parametrize("strategy", [Normal(seed=1), Uniform(seed=1)], ids=lambda s: s.name)
def test_noise_matches_mean_and_deviation_of_each_dimension(strategy, vectors):
    drawn = strategy.fit(vectors).vectors_for([f"unknown{i}" for i in range(4000)])
    deviation = vectors.matrix.std(axis=0)
    np.testing.assert_allclose(drawn.std(axis=0), deviation, rtol=0.05)
    np.testing.assert_array_less(
        np.abs(drawn.mean(axis=0) - vectors.matrix.mean(axis=0)), 0.07 * deviation
    )


def test_uniform_stays_within_its_bounds(vectors):
    strategy = Uniform().fit(vectors)
    drawn = strategy.vectors_for([f"unknown{i}" for i in range(1000)])
    bound = np.sqrt(3) * strategy.deviation_ * (1 + 1e-6)
    assert (np.abs(drawn - strategy.mean_) <= bound).all()


def test_seeds_differ(vectors):
    first, second = (Normal(seed=s).fit(vectors).vectors_for(["renal"]) for s in (0, 1))
    assert not np.allclose(first, second)


def test_unknown_name_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'normal'"):
        strategy_named("norml")
