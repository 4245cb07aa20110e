"""The bag-of-words baseline."""

import numpy as np
import pytest

from adapt.classifiers import TrainingConfig, train_tfidf_svm
from adapt.classifiers.baselines import _PENALTIES
from adapt.errors import InputError

WORDS = (("fever", "cough", "lung"), ("seizure", "ataxia", "brain"))


@pytest.fixture(scope="module")
def labels():
    return np.arange(40) % 2


@pytest.fixture(scope="module")
def texts(labels):
    rng = np.random.default_rng(0)
    return [" ".join(["the", *rng.choice(WORDS[label], 2), "of"]) for label in labels]


def test_learns_from_words(texts, labels):
    predictor = train_tfidf_svm(texts, labels, tokenizer=str.split)
    assert predictor.predict(["the lung cough", "brain seizure"]).tolist() == [0, 1]


def test_the_callers_tokenizer_decides_what_a_word_is(texts, labels):
    predictor = train_tfidf_svm(texts, labels, tokenizer=lambda text: text.upper().split())
    vocabulary = predictor[0].vocabulary_
    assert "LUNG" in vocabulary
    assert "lung" not in vocabulary


def test_texts_of_unknown_words_and_empty_ones_get_a_class(texts, labels):
    predictor = train_tfidf_svm(texts, labels, tokenizer=str.split)
    assert set(predictor.predict(["", "xyzzy"]).tolist()) <= {0, 1}


def test_two_runs_are_identical_whatever_the_global_seed(texts, labels):
    fits = []
    for global_seed in (0, 1):
        np.random.seed(global_seed)  # noqa: NPY002  the legacy global state is what must not matter
        fits.append(train_tfidf_svm(texts, labels, tokenizer=str.split, seed=3))
    first, second = fits
    np.testing.assert_array_equal(first[1].coef_, second[1].coef_)


def test_the_search_budget_is_that_of_the_frozen_head():
    assert len(_PENALTIES) == len(TrainingConfig().penalties)


def test_a_single_document_in_every_class_is_an_error():
    with pytest.raises(InputError, match="single document"):
        train_tfidf_svm(["one", "two"], np.array([0, 1]), tokenizer=str.split)
