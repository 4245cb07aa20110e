"""One contract for every registered strategy, and what each promises beyond it."""

import numpy as np
import pytest
from gensim.models.fasttext import FastText, save_facebook_model

from adapt.errors import InputError, NotFittedError
from adapt.oov import (
    Blend,
    Chain,
    Filled,
    Normal,
    OOVStrategy,
    Uniform,
    Zeros,
    strategy_named,
    strategy_names,
)
from adapt.text import Corpus
from adapt.vectors import WordVectors

CORPUS = Corpus.from_texts(
    [f"w{i} w{i + 1} x w{i + 2} w1s w{i + 3} w333-x" for i in range(400)], name="made"
)
ODD_WORDS = ["", "x", "x" * 10_000, "1234", "🩺", "שלום", "e\u0301", "a b", "\udc80"]


@pytest.fixture(scope="module")
def vectors():
    generator = np.random.default_rng(0)
    matrix = generator.normal(loc=[0.0, 2.0, -1.0], scale=[1.0, 0.1, 3.0], size=(500, 3))
    return WordVectors(words=tuple(f"w{i}" for i in range(500)), matrix=matrix.astype(np.float32))


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Strategies by name, those that need a file with a file of the made words."""
    path = tmp_path_factory.mktemp("models") / "made.bin"
    model = FastText(list(CORPUS), vector_size=4, min_count=1, bucket=50, epochs=1, workers=1)
    save_facebook_model(model, str(path))
    arguments = {"fasttext": f":{path}"}

    def make(name, seed=0):
        return strategy_named(name + arguments.get(name, ""), seed=seed)

    return make


@pytest.fixture(scope="module")
def fitted(named, vectors):
    return lambda name, seed=0: named(name, seed).fit(vectors, CORPUS)


@pytest.mark.parametrize("name", [*strategy_names(), "fasttext"])
class TestEveryStrategy:
    def test_follows_the_protocol(self, name, named):
        assert isinstance(named(name), OOVStrategy)
        assert named(name).name == name

    def test_gives_finite_vectors_to_any_word(self, name, named, fitted):
        answer = fitted(name).fill(ODD_WORDS)
        assert answer.matrix.shape == (len(ODD_WORDS), 3)
        assert answer.matrix.dtype == np.float32
        assert np.isfinite(answer.matrix).all()
        assert not answer.matrix[~answer.filled].any()
        assert not answer.confidences[~answer.filled].any()
        assert {step.partition(":")[0] for step in answer.steps} <= {name, ""}
        if named(name).total:
            assert answer.filled.all()

    def test_a_words_vector_depends_on_nothing_but_the_word(self, name, fitted):
        strategy = fitted(name, seed=3)
        together = strategy.fill(["w1s", "W22", "w333-x"])
        reversed_ = strategy.fill(["w333-x", "W22", "w1s"])
        np.testing.assert_array_equal(together.matrix, reversed_.matrix[::-1])
        assert together.steps == reversed_.steps[::-1]
        np.testing.assert_array_equal(together.confidences, reversed_.confidences[::-1])
        alone = fitted(name, seed=3).fill(["W22"])
        np.testing.assert_array_equal(together.matrix[1:2], alone.matrix)

    def test_refuses_use_before_fit(self, name, named):
        with pytest.raises(NotFittedError, match="before fit"):
            named(name).fill(["renal"])

    def test_accepts_no_words(self, name, fitted):
        assert fitted(name).fill([]).matrix.shape == (0, 3)


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


class EvenLengths(OOVStrategy):
    """Knows words of even length, and says how many letters they have."""

    name = "even"

    def fit(self, vectors, corpus=None):
        self.dim_ = vectors.dim
        return self

    def fill(self, words):
        even = np.array([len(word) % 2 == 0 for word in words], dtype=bool)
        matrix = np.array([[len(word)] * self.dim_ for word in words], dtype=np.float32)
        matrix[~even] = 0
        steps = tuple("even" if one else "" for one in even)
        return Filled(matrix, steps, even.astype(np.float32) / 2)


class TestChain:
    def test_each_word_is_filled_by_the_first_link_that_can(self, vectors):
        chain = Chain([EvenLengths(), Normal(seed=2)]).fit(vectors)
        answer = chain.fill(["ab", "abc", "abcd"])
        assert answer.steps == ("even", "normal", "even")
        np.testing.assert_array_equal(answer.matrix[:, 0][[0, 2]], [2, 4])
        np.testing.assert_array_equal(
            answer.matrix[1], Normal(seed=2).fit(vectors).vector_for("abc")
        )
        np.testing.assert_array_equal(answer.confidences, [0.5, 0, 0.5])
        assert (chain.name, chain.total) == ("even,normal", True)

    def test_a_word_that_no_link_can_fill_is_named(self, vectors):
        chain = Chain([EvenLengths()]).fit(vectors)
        assert not chain.fill(["abc"]).filled.any()
        with pytest.raises(InputError, match=r"'even' leaves 1 of 2 words .* 'abc' the first; end"):
            chain.vectors_for(["ab", "abc"])

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("normal,mean", "'mean' behind it would never be asked"),
            ("zeros,zeros", "stands twice"),
            ("normal,", "no out-of-vocabulary strategy is called ''"),
            ("normal:3", "write 'normal' alone"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, name, message):
        with pytest.raises(InputError, match=message):
            strategy_named(name)


@pytest.mark.parametrize(
    ("matrix", "confidences", "message"),
    [
        (np.zeros((2, 3)), np.zeros(1), "do not fit 1 words"),
        (np.full((1, 3), np.nan), np.zeros(1), "not finite"),
        (np.zeros((1, 3)), np.full(1, 1.5), "not between 0 and 1"),
    ],
)
def test_inconsistent_answers_are_refused(matrix, confidences, message):
    with pytest.raises(InputError, match=message):
        Filled(matrix.astype(np.float32), ("x",), confidences.astype(np.float32))


class TestBlend:
    def test_it_points_where_its_parts_point_on_average(self, vectors):
        class Other(EvenLengths):
            name = "other"

            def fill(self, words):
                matrix = np.tile(np.float32([0, 7, 0]), (len(words), 1))
                return Filled.whole(matrix, self.name, 0.25)

        blend = Blend([EvenLengths(), Other()]).fit(vectors)
        answer = blend.fill(["ab", "abc"])
        mean = vectors.matrix.mean(axis=0, dtype=np.float64)
        parts = [np.full(3, 2.0) - mean, np.array([0.0, 7, 0]) - mean]
        lengths = [np.linalg.norm(part) for part in parts]
        direction = sum(part / length for part, length in zip(parts, lengths, strict=True))
        expected = mean + np.mean(lengths) * direction / np.linalg.norm(direction)
        np.testing.assert_allclose(answer.matrix[0], expected, rtol=1e-5)
        np.testing.assert_allclose(answer.matrix[1], [0, 7, 0], atol=1e-5)
        assert answer.steps == ("even+other:even+other", "even+other:other")
        np.testing.assert_array_equal(answer.confidences, [0.5, 0.25])

    def test_what_no_part_can_fill_stays_open(self, vectors):
        class Nothing(EvenLengths):
            name = "nothing"

            def fill(self, words):
                zeros = np.zeros((len(words), 3), np.float32)
                return Filled(zeros, ("",) * len(words), np.zeros(len(words), np.float32))

        answer = Blend([EvenLengths(), Nothing()]).fit(vectors).fill(["abc"])
        assert not answer.filled.any()
        assert not answer.matrix.any()

    def test_by_name_it_is_a_link_of_chains(self, vectors):
        chain = strategy_named("related+subword, mean")
        assert [link.name for link in chain.links] == ["related+subword", "mean"]
        steps = chain.fit(vectors).fill(["w33s", "\N{STETHOSCOPE}"]).steps
        assert steps[0].startswith("related+subword:")
        assert steps[1] == "mean"

    def test_a_plus_sign_in_the_name_of_a_file_is_no_blend(self, tmp_path):
        path = tmp_path / "a+b.tsv"
        path.write_text("mi\tinfarction\n")
        assert strategy_named(f"related:{path}").name == "related"

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("subword+mean", "'mean' knows nothing of a word"),
            ("subword+subword", "stands twice in the blend"),
            ("subword+", "no out-of-vocabulary strategy is called 'subword\\+'"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, name, message):
        with pytest.raises(InputError, match=message):
            strategy_named(name)

    def test_it_must_be_fitted_first(self):
        with pytest.raises(NotFittedError, match="before fit"):
            strategy_named("related+subword").fill(["w1"])
