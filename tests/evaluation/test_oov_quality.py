import numpy as np
import pytest

from adapt.errors import InputError, UnknownWordError
from adapt.evaluation import hidden_words, oov_difference, oov_quality
from adapt.oov import Chain, Filled, Mean, Normal, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

N, DIM = 300, 8
WORDS = tuple(f"w{i:03}" for i in range(N))


@pytest.fixture(scope="module")
def vectors():
    matrix = np.random.default_rng(0).normal(loc=3.0, size=(N, DIM)).astype(np.float32)
    return WordVectors(WORDS, matrix)


class Oracle(OOVStrategy):
    """Knows the true vectors of every second word, and is asked whether it saw them."""

    name = "oracle"

    def __init__(self, vectors, noise=0.0):
        self.vectors, self.noise = vectors, noise

    def fit(self, vectors, corpus=None):
        self.known, self.corpus = vectors, corpus
        return self

    def fill(self, words):
        filled = np.array([int(word[1:]) % 2 == 0 for word in words], dtype=bool)
        matrix = self.vectors.select(words).matrix.copy()
        matrix += self.noise * np.random.default_rng(1).normal(size=matrix.shape)
        matrix[~filled] = 0
        steps = tuple("oracle" if one else "" for one in filled)
        return Filled(matrix, steps, filled.astype(np.float32))


class TestHiddenWords:
    counts = dict.fromkeys(WORDS, 5)

    def test_they_are_of_the_ranks_and_counts_asked_for(self, vectors):
        counts = self.counts | {"w050": 4}
        hidden = hidden_words(vectors, counts, n=49, min_rank=50, max_rank=100)
        assert hidden == WORDS[51:100]

    def test_words_that_the_text_lacks_are_not_chosen(self, vectors):
        counts = {word: 5 for word in WORDS[10:20]}
        assert hidden_words(vectors, counts, n=10, min_rank=0) == WORDS[10:20]

    def test_the_seed_chooses(self, vectors):
        options = {"n": 20, "min_rank": 0, "max_rank": 1000}
        first, again = (hidden_words(vectors, self.counts, seed=1, **options) for _ in range(2))
        assert first == again
        assert len(set(first)) == 20
        assert list(first) == sorted(first)
        assert first != hidden_words(vectors, self.counts, seed=2, **options)

    def test_a_word_without_direction_is_no_truth(self):
        vectors = WordVectors(("a", "b"), [[0, 0], [1, 0]])
        assert hidden_words(vectors, {"a": 9, "b": 9}, n=1, min_rank=0) == ("b",)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"min_rank": 290, "n": 11}, "only 10 words of rank 290 to 100,000 occur at least 5"),
            ({"min_rank": 0, "min_count": 6, "n": 1}, "only 0 words"),
            ({"n": 0}, "0 words from rank"),
            ({"min_rank": 5, "max_rank": 5}, "ranks in ascending order"),
            ({"seed": -1}, "seed is -1"),
        ],
    )
    def test_what_cannot_be_chosen_is_refused(self, vectors, options, message):
        with pytest.raises(InputError, match=message):
            hidden_words(vectors, self.counts, **options)


class TestOovQuality:
    hidden = WORDS[100:140]

    def test_a_strategy_that_knows_the_truth_is_right_where_it_answers(self, vectors):
        quality = oov_quality(Oracle(vectors), vectors, self.hidden)
        assert quality.share_filled == 0.5
        assert quality.of_filled.n_words == 20
        assert quality.of_filled.cosine.value == pytest.approx(1)
        assert quality.of_filled.precision_at_10.value == 1
        assert quality.of_all.n_words == 40
        assert quality.of_all.cosine.value == pytest.approx(0.5)
        assert quality.of_all.precision_at_10.value == 0.5
        assert 0.3 < quality.of_all.precision_at_10.low < 0.5
        assert 0.5 < quality.of_all.precision_at_10.high < 0.7
        np.testing.assert_array_equal(quality.found, quality.filled)

    def test_intervals_follow_the_seed(self, vectors):
        one, again, other = (
            oov_quality(Oracle(vectors, noise=1.0), vectors, self.hidden, seed=seed)
            for seed in (1, 1, 2)
        )
        assert (one.of_all, one.of_filled) == (again.of_all, again.of_filled)
        assert one.of_all.cosine.low != other.of_all.cosine.low
        assert one.of_filled.cosine.low != other.of_filled.cosine.low

    def test_hidden_words_are_hidden(self, vectors):
        oracle, corpus = Oracle(vectors), Corpus.from_texts(["w100"])
        oov_quality(oracle, vectors, self.hidden, corpus)
        assert oracle.known.words == WORDS[:100] + WORDS[140:]
        assert oracle.corpus is corpus

    def test_figures_are_those_of_a_straightforward_computation(self, vectors):
        oracle = Oracle(vectors, noise=1.0)
        quality = oov_quality(oracle, vectors, self.hidden)
        known = vectors.select(WORDS[:100] + WORDS[140:])
        mean = known.matrix.mean(axis=0, dtype=np.float64)
        rebuilt = oracle.fill(self.hidden).matrix[::2] - mean
        rebuilt /= np.linalg.norm(rebuilt, axis=1, keepdims=True)
        everything = vectors.matrix - mean
        everything /= np.linalg.norm(everything, axis=1, keepdims=True)
        cosines = rebuilt @ everything.T
        own = cosines[np.arange(20), np.arange(100, 140, 2)]
        ranks = (cosines > own[:, None]).sum(axis=1)
        assert 0 < (ranks < 10).sum() < 20
        np.testing.assert_allclose(quality.cosines[::2], own, atol=1e-5)
        np.testing.assert_array_equal(quality.found[::2], ranks < 10)
        assert not quality.cosines[1::2].any()
        assert not quality.found[1::2].any()

    def test_the_mean_scores_nothing_even_where_it_would_tie(self, vectors):
        quality = oov_quality(Mean(), vectors, WORDS[:5])  # ties go to the first rows: these
        assert quality.share_filled == 1
        assert quality.of_filled.cosine.value == 0
        assert quality.of_filled.precision_at_10.value == 0

    def test_a_strategy_that_fills_nothing(self, vectors):
        quality = oov_quality(Oracle(vectors), vectors, ["w101", "w103"])
        assert (quality.share_filled, quality.of_filled) == (0, None)
        assert (quality.of_all.cosine.value, quality.of_all.precision_at_10.value) == (0, 0)

    def test_bad_choices_are_refused(self, vectors):
        with pytest.raises(UnknownWordError, match="'elsewhere'"):
            oov_quality(Mean(), vectors, ["elsewhere"])
        for hidden in ((), WORDS):
            with pytest.raises(InputError, match="hide some, and leave some"):
                oov_quality(Mean(), vectors, hidden)


class TestOovDifference:
    def test_a_better_strategy_is_better_beyond_its_interval(self, vectors):
        hidden = WORDS[100:200]
        good, worse, guess = (
            oov_quality(strategy, vectors, hidden)
            for strategy in (Oracle(vectors, noise=0.1), Oracle(vectors, noise=2.0), Mean())
        )
        gain = oov_difference(good, guess)
        assert (gain.strategy, gain.baseline) == ("oracle", "mean")
        assert gain.cosine.difference == pytest.approx(good.cosines.mean())
        assert gain.precision_at_10.low > 0
        assert oov_difference(good, worse).cosine.low > 0
        assert oov_difference(worse, good).cosine.high < 0
        same = oov_difference(good, good)
        assert (same.cosine.low, same.cosine.difference, same.cosine.high) == (0, 0, 0)

    def test_a_chain_with_its_links(self, vectors):
        hidden = WORDS[:60]
        chain = oov_quality(Chain([Oracle(vectors), Normal()]), vectors, hidden)
        oracle, normal = (oov_quality(one, vectors, hidden) for one in (Oracle(vectors), Normal()))
        assert chain.strategy == "oracle,normal"
        assert chain.share_filled == 1
        np.testing.assert_allclose(chain.cosines[::2], oracle.cosines[::2])
        np.testing.assert_allclose(chain.cosines[1::2], normal.cosines[1::2])
        assert oov_difference(chain, normal).cosine.low > 0

    def test_other_words_cannot_be_compared(self, vectors):
        first = oov_quality(Mean(), vectors, WORDS[:5])
        second = oov_quality(Mean(), vectors, WORDS[5:10])
        with pytest.raises(InputError, match="hide the same"):
            oov_difference(first, second)
