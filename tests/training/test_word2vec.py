"""Training in-domain vectors: what is learned, what is repeatable, what is refused."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.text import Corpus
from adapt.training import Word2VecConfig, train_word2vec

SMALL = {"dim": 8, "epochs": 3, "min_count": 2, "window": 3, "negative": 3, "sample": 0.0}


def topical_corpus(n_documents=600, seed=0):
    """Documents that each speak of one of two topics."""
    generator = np.random.default_rng(seed)
    topics = [["heart", "valve", "aorta", "pulse"], ["bone", "joint", "skeleton", "fracture"]]
    return Corpus.from_texts(
        [" ".join(generator.choice(topics[i % 2], size=8)) for i in range(n_documents)]
    )


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
def test_words_of_a_topic_lie_together(architecture):
    config = Word2VecConfig(**SMALL | {"epochs": 20}, architecture=architecture)
    vectors = train_word2vec(topical_corpus(), config)
    unit = {w: vectors[w] / np.linalg.norm(vectors[w]) for w in vectors.words}
    assert unit["heart"] @ unit["valve"] > unit["heart"] @ unit["bone"] + 0.5


def test_words_are_ordered_by_count_then_word():
    corpus = Corpus.from_texts(["b a c c c", "b a c d"] * 5)
    vectors = train_word2vec(corpus, Word2VecConfig(**SMALL))
    assert vectors.words == ("c", "a", "b", "d")
    assert vectors.counts.tolist() == [20, 10, 10, 5]
    assert vectors.origin == "domain"


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not():
    first, again, other = (
        train_word2vec(topical_corpus(60), Word2VecConfig(**SMALL, seed=seed)) for seed in (1, 1, 2)
    )
    assert first.matrix.tobytes() == again.matrix.tobytes()
    assert not np.allclose(first.matrix, other.matrix)


def test_average_is_the_mean_of_input_and_output():
    trained = {
        output: train_word2vec(topical_corpus(60), Word2VecConfig(**SMALL, output=output)).matrix
        for output in ("input", "output", "average")
    }
    np.testing.assert_allclose(
        trained["average"], (trained["input"] + trained["output"]) / 2, rtol=1e-6
    )


def test_a_corpus_without_frequent_words_is_refused():
    with pytest.raises(InputError, match="seen at least 5 times; lower min_count"):
        train_word2vec(Corpus.from_texts(["a b c d"]), Word2VecConfig(**SMALL | {"min_count": 5}))


def test_a_corpus_without_tokens_is_refused():
    with pytest.raises(InputError, match="no tokens"):
        train_word2vec(Corpus.from_texts(["!!!", "..."]), Word2VecConfig(**SMALL))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"architecture": "glove"}, "choose one of skipgram, cbow"),
        ({"sample": 1.5}, "sample is 1.5"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"seed": -1}, "seed is -1"),
        ({"output": "sum"}, "choose one of input, output, average"),
    ],
)
def test_impossible_options_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        Word2VecConfig(**option)


def test_only_one_thread_is_repeatable():
    assert Word2VecConfig().repeatable
    assert not Word2VecConfig(threads=2).repeatable
