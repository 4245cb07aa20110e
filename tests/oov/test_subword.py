"""Words of like spelling speak for a word, each as much as regression gives it."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.oov import Subword
from adapt.oov.ngrams import NgramTable, character_ngrams
from adapt.vectors import WordVectors, read_vectors

STEMS = ("hepat", "nephro", "cardio", "pulmon", "dermat", "gastro", "arthro", "neuro")
ENDINGS = ("itis", "osis", "ology", "ectomy", "pathy", "algia", "oma", "ic")


@pytest.fixture(scope="module")
def morphemes():
    """Words of a stem and an ending, whose vectors say which stem it is."""
    generator = np.random.default_rng(0)
    meaning = generator.normal(size=(len(STEMS), 20))
    words, rows = [], []
    for stem, vector in zip(STEMS, meaning, strict=True):
        for ending in ENDINGS[:-1]:
            words.append(stem + ending)
            rows.append(vector + 0.3 * generator.normal(size=20))
    return WordVectors(words, np.array(rows)), meaning


def ngrams_of(word):
    return {(len(text), text) for n in range(3, 7) for text in _slices(f"<{word}>", n)}


def _slices(text, n):
    return [text[i : i + n] for i in range(len(text) - n + 1)]


@pytest.mark.parametrize("word", ["", "a", "banana", "e\u0301te", "\udc80x", "🩺🩺🩺🩺"])
def test_as_many_ngrams_as_there_are_slices(word):
    found = {hash_ for _, hashes, _ in character_ngrams([word]) for hash_ in hashes.tolist()}
    assert len(found) == len(ngrams_of(word))


def test_ngrams_stay_within_their_words():
    together = {
        (owner, hash_)
        for owners, hashes, _ in character_ngrams(["renal", "", "x"])
        for owner, hash_ in zip(owners.tolist(), hashes.tolist(), strict=True)
    }
    alone = {
        (row, hash_)
        for row, word in enumerate(["renal", "", "x"])
        for _, hashes, _ in character_ngrams([word])
        for hash_ in hashes.tolist()
    }
    assert together == alone


def test_lengths_of_known_words_are_the_same_when_looked_up():
    words = ["renal", "adrenal", "banana"]
    table = NgramTable(words, np.arange(3))
    starts, numbers, norms = table.look_up([*words, "qqq"])
    for mine, looked_up in zip(table.of_words, (starts[:4], numbers, norms[:3]), strict=True):
        np.testing.assert_allclose(mine, looked_up[: len(mine)], rtol=1e-6)
    assert norms[3] > 0


def test_regression_is_that_of_the_formula():
    """Kernel, noise and mean, computed here from the definition."""
    words = ["hepatic", "hepatitis", "nephritis", "renal", "arthritis"]
    X = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    query = "hepatosis"
    frequency = {}
    for word in words:
        for ngram in ngrams_of(word):
            frequency[ngram] = frequency.get(ngram, 0) + 1

    def weight(ngram):
        return np.log(6 / frequency.get(ngram, 1)) * (1.5 if ngram[1].startswith("<") else 1)

    def covariance(a, b):
        a, b = ngrams_of(a), ngrams_of(b)
        lengths = [np.sqrt(sum(weight(ngram) ** 2 for ngram in sorted(one))) for one in (a, b)]
        return (sum(weight(ngram) ** 2 for ngram in sorted(a & b)) / np.prod(lengths)) ** 2

    K = np.array([[covariance(a, b) for b in words] for a in words])
    noise = 0.5 * np.sqrt((np.arange(5) + 1000) / 10_000)
    k = np.array([covariance(query, word) for word in words])
    w = np.linalg.solve(K + np.diag(noise), k)
    mean = X.mean(axis=0)
    answer = Subword().fit(WordVectors(words, X)).fill([query])
    np.testing.assert_allclose(answer.matrix[0], mean + w @ (X - mean), rtol=1e-4)
    np.testing.assert_allclose(answer.confidences[0], np.sqrt(k @ w), rtol=1e-4)


def test_the_stem_gives_the_meaning(morphemes):
    vectors, meaning = morphemes
    made = Subword().fit(vectors).vectors_for([stem + "ic" for stem in STEMS])
    likeness = np.corrcoef(made, meaning)[: len(STEMS), len(STEMS) :]
    np.testing.assert_array_equal(likeness.argmax(axis=1), np.arange(len(STEMS)))
    assert (np.diag(likeness) > 0.8).all()


def test_confidence_grows_with_what_is_shared(morphemes):
    answer = Subword().fit(morphemes[0]).fill(["hepatitic", "hepatxxx", "qqqqqq", ""])
    assert answer.confidences[0] > answer.confidences[1] > answer.confidences[2] == 0
    assert answer.steps == ("subword", "subword", "", "")


def test_frequent_words_count_more():
    words, X = ("renala", "renalo"), np.array([[1.0, 0.0], [0.0, 1.0]])
    by_rows = Subword().fit(WordVectors(words, X)).vector_for("renalu")
    assert by_rows[0] > by_rows[1]
    by_counts = Subword().fit(WordVectors(words, X, counts=[1, 1000])).vector_for("renalu")
    np.testing.assert_allclose(by_counts, by_rows[::-1], rtol=1e-5)


def test_blocks_and_repeated_words_change_nothing(morphemes):
    strategy = Subword().fit(morphemes[0])
    words = ["hepatic", "neurotic", "xyz"] * 1000
    answer = strategy.fill(words)
    np.testing.assert_array_equal(answer.matrix[:3], answer.matrix[-3:])
    np.testing.assert_array_equal(answer.matrix[:1], strategy.fill(["hepatic"]).matrix)


def test_words_of_the_same_ngrams_share_their_say():
    """Runs of one letter have equal n-grams from some length on: singular but for the noise."""
    words = tuple("a" * n for n in range(10, 30))
    X = np.full((20, 2), 3.0, dtype=np.float32)
    answer = (
        Subword(noise=0.001).fit(WordVectors((*words, "renal"), [*X, [0.0, 0.0]])).fill(["aaaaaaa"])
    )
    assert answer.filled.all()
    np.testing.assert_allclose(answer.matrix[0], 3, rtol=0.05)


def test_vectors_of_zeros_and_single_words_do_no_harm():
    only = Subword().fit(WordVectors(("renal",), [[0.0, 0.0]]))
    assert np.isfinite(only.fill(["renals", "x"]).matrix).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_neighbors": 0}, "n_neighbors is 0"),
        ({"noise": 0.0}, "noise is 0.0"),
        ({"noise": float("nan")}, "noise is nan"),
        ({"least_confidence": 1.5}, "least_confidence is 1.5"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Subword(**options)


def test_no_vectors_are_refused():
    with pytest.raises(InputError, match="no known words"):
        Subword().fit(WordVectors((), np.zeros((0, 3))))


@pytest.mark.slow
def test_hidden_words_of_glove_come_back_better_than_the_mean():
    general = read_vectors("glove.6B.50d")
    hidden = [word for word in general.words[10_000:60_000:50] if word.isalpha()]
    known = general.select([word for word in general.words if word not in set(hidden)])
    mean = known.matrix.mean(axis=0)
    answer = Subword().fit(known).fill(hidden)
    made, true = answer.matrix - mean, general.select(hidden).matrix - mean
    cosines = (made * true).sum(axis=1) / np.linalg.norm(made, axis=1)
    cosines = (cosines / np.linalg.norm(true, axis=1))[answer.filled]
    assert answer.filled.mean() > 0.95
    assert cosines.mean() > 0.4
    assert np.corrcoef(cosines, answer.confidences[answer.filled])[0, 1] > 0.3
