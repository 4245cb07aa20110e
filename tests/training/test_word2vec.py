"""Training in-domain vectors: what is learned, what is repeatable, what is refused."""

import numpy as np
import pytest

from adapt.cores import usable_cores
from adapt.errors import AdaptWarning, InputError
from adapt.text import Corpus
from adapt.training import Word2VecConfig, train_word2vec, train_word2vec_timed

BACKENDS = ("compiled", "gensim", "torch")


def cosine(vectors, first, second):
    a, b = vectors[first], vectors[second]
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_words_of_a_topic_lie_together(topical_corpus, small, backend, architecture):
    config = small(epochs=20, architecture=architecture, backend=backend)
    vectors = train_word2vec(topical_corpus(), config)
    assert cosine(vectors, "heart", "valve") > cosine(vectors, "heart", "bone") + 0.5


@pytest.mark.parametrize("backend", BACKENDS)
def test_words_are_ordered_by_count_then_word(small, backend):
    corpus = Corpus.from_texts(["b a c c c", "b a c d"] * 5)
    vectors = train_word2vec(corpus, small(backend=backend))
    assert vectors.words == ("c", "a", "b", "d")
    assert vectors.counts.tolist() == [20, 10, 10, 5]
    assert vectors.origin == "domain"


@pytest.mark.parametrize("backend", BACKENDS)
def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(topical_corpus, small, backend):
    first, again, other = (
        train_word2vec(topical_corpus(60), small(seed=seed, backend=backend)) for seed in (1, 1, 2)
    )
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert not np.allclose(first.matrix, other.matrix)


def test_average_is_the_mean_of_input_and_output(topical_corpus, small):
    trained = {
        output: train_word2vec(topical_corpus(60), small(output=output)).matrix
        for output in ("input", "output", "average")
    }
    np.testing.assert_allclose(
        trained["average"], (trained["input"] + trained["output"]) / 2, rtol=1e-6
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_word_and_windows_beyond_every_document_give_finite_vectors(small, backend):
    config = small(window=50, min_count=1, backend=backend)
    vectors = train_word2vec(Corpus.from_texts(["only only", "only"]), config)
    assert vectors.words == ("only",)
    assert np.isfinite(vectors.matrix).all()


def test_a_corpus_without_frequent_words_is_refused(small):
    with pytest.raises(InputError, match="seen at least 5 times; lower min_count"):
        train_word2vec(Corpus.from_texts(["a b c d"]), small(min_count=5))


def test_a_corpus_without_tokens_is_refused(small):
    with pytest.raises(InputError, match="no tokens"):
        train_word2vec(Corpus.from_texts(["!!!", "..."]), small())


def test_a_training_that_diverges_is_refused(topical_corpus, small):
    with pytest.raises(InputError, match=r"diverged at learning_rate 0\.99"):
        train_word2vec(topical_corpus(3000), small(learning_rate=0.99, epochs=40, dim=2))


def test_more_threads_than_cores_are_cut_to_the_cores(topical_corpus, small):
    with pytest.warns(AdaptWarning, match="100000 threads were asked for, but there are"):
        vectors, times = train_word2vec_timed(topical_corpus(), small(threads=100_000, epochs=20))
    assert times.threads == usable_cores()
    assert cosine(vectors, "heart", "valve") > cosine(vectors, "heart", "bone") + 0.5


def test_times_are_told_apart(topical_corpus, small):
    _, times = train_word2vec_timed(topical_corpus(60), small(epochs=2))
    assert times.n_tokens == 480
    assert times.tokens_per_second == pytest.approx(960 / times.train_seconds)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"architecture": "glove"}, "choose one of skipgram, cbow"),
        ({"sample": 1.5}, "sample is 1.5"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"seed": -1}, "seed is -1"),
        ({"output": "sum"}, "choose one of input, output, average"),
        ({"backend": "numba"}, "choose one of compiled, gensim, torch"),
        ({"device": "cuda"}, "backend 'compiled' trains on the processor"),
    ],
)
def test_impossible_options_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        Word2VecConfig(**option)


def test_only_one_thread_is_repeatable():
    assert Word2VecConfig().repeatable
    assert not Word2VecConfig(threads=2).repeatable
