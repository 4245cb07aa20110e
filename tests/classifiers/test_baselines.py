"""The baselines: one contract for all of them, and what each can tell apart."""

import pickle
from functools import partial

import numpy as np
import pytest
import torch

from adapt.classifiers import (
    TrainingConfig,
    train_ngram_bag,
    train_tfidf_logistic,
    train_tfidf_svm,
    validation_folds,
)
from adapt.errors import InputError

WORDS = (("fever", "cough", "lung"), ("seizure", "ataxia", "brain"))
BASELINES = {
    "svm": train_tfidf_svm,
    "svm-characters": partial(train_tfidf_svm, units="characters"),
    "logistic": train_tfidf_logistic,
    "logistic-characters": partial(train_tfidf_logistic, units="characters"),
    "ngram-bag": train_ngram_bag,
}


@pytest.fixture(params=BASELINES)
def train(request):
    return BASELINES[request.param]


@pytest.fixture
def searched(train):
    """The name of the option that holds the candidates."""
    return "rates" if train is train_ngram_bag else "penalties"


@pytest.fixture(scope="module")
def labels():
    return np.arange(40) % 2


@pytest.fixture(scope="module")
def texts(labels):
    rng = np.random.default_rng(0)
    return [" ".join(["the", *rng.choice(WORDS[label], 2), "of"]) for label in labels]


@pytest.fixture(scope="module")
def noisy_texts(labels):
    """Texts of which some say the wrong thing, so that candidates differ."""
    rng = np.random.default_rng(1)
    told = np.where(rng.random(40) < 0.3, 1 - labels, labels)
    return [" ".join([*rng.choice(WORDS[label], 3), rng.choice(WORDS[0])]) for label in told]


def test_learns_from_words(train, texts, labels):
    predicted = train(texts, labels, tokenizer=str.split).predict(
        ["the lung cough", "brain ataxia"]
    )
    assert predicted.tolist() == [0, 1]
    assert predicted.dtype == np.int64


def test_texts_may_come_one_at_a_time(train, texts, labels):
    trained = train(texts, labels, tokenizer=str.split)
    np.testing.assert_array_equal(trained.predict(iter(texts)), trained.predict(texts))


def test_the_callers_tokenizer_decides_what_a_word_is(train, texts, labels):
    lower = train(texts, labels, tokenizer=lambda text: text.lower().split())
    cased = train(texts, labels, tokenizer=str.split)
    shouted = [text.upper() for text in texts]
    np.testing.assert_array_equal(lower.predict(shouted), lower.predict(texts))
    assert len(set(cased.predict(shouted).tolist())) == 1


def test_texts_of_unknown_words_and_empty_ones_get_a_class(train, texts, labels):
    predicted = train(texts, labels, tokenizer=str.split).predict(["", "xyzzy"])
    assert set(predicted.tolist()) <= {0, 1}


def test_empty_texts_are_learnt_from_and_belong_to_their_class(train, texts, labels):
    often = [*texts, *[""] * 20]
    trained = train(often, np.append(labels, [1] * 20), tokenizer=str.split)
    assert trained.predict([""]).tolist() == [1]


def test_two_runs_are_the_same_bytes_whatever_the_global_seeds(train, noisy_texts, labels):
    fits = []
    for global_seed in (0, 1):
        np.random.seed(global_seed)  # noqa: NPY002  the legacy global state is what must not matter
        torch.manual_seed(global_seed)
        fits.append(pickle.dumps(train(noisy_texts, labels, tokenizer=str.split, seed=3)))
    assert fits[0] == fits[1]


def test_a_loaded_pickle_predicts_the_same(train, noisy_texts, labels):
    trained = train(noisy_texts, labels, tokenizer=str.split)
    loaded = pickle.loads(pickle.dumps(trained))
    np.testing.assert_array_equal(loaded.predict(noisy_texts), trained.predict(noisy_texts))


def test_the_search_budget_is_that_of_the_frozen_head(train, searched):
    signature = train.func if isinstance(train, partial) else train
    candidates = len(signature.__kwdefaults__[searched])
    ranges = 2 if train is train_ngram_bag else 1
    assert candidates * ranges == len(TrainingConfig().penalties)


def test_the_best_candidate_on_the_folds_is_chosen_the_first_of_equals(
    train, searched, noisy_texts, labels
):
    candidates = (0.01, 0.1, 1.0)
    options = {"tokenizer": str.split, "seed": 2}
    alone = [
        train(noisy_texts, labels, **options, **{searched: (one,)}).validation_accuracy
        for one in candidates
    ]
    trained = train(noisy_texts, labels, **options, **{searched: candidates})
    assert trained.validation_accuracy == max(alone)
    best = candidates[alone.index(max(alone))]
    assert list(trained.chosen.values())[-1] == best
    assert str(trained).endswith(f" {best:g}")


@pytest.mark.parametrize("train_tfidf", [train_tfidf_svm, train_tfidf_logistic])
def test_the_validation_accuracy_is_that_of_folds_it_was_not_fitted_on(
    train_tfidf, noisy_texts, labels
):
    trained = partial(train_tfidf, tokenizer=str.split, seed=5, penalties=(1.0,))
    found = [
        trained([noisy_texts[row] for row in fitted], labels[fitted]).predict(
            [noisy_texts[row] for row in held_out]
        )
        == labels[held_out]
        for fitted, held_out in validation_folds(labels, 5)
    ]
    told = trained(noisy_texts, labels).validation_accuracy
    assert told == pytest.approx(np.mean([right.mean() for right in found]))
    assert told < 1


def test_the_callers_labels_are_not_changed(train, texts):
    labels = np.arange(40) % 2
    labels.setflags(write=False)
    train(texts, labels, tokenizer=str.split)
    np.testing.assert_array_equal(labels, np.arange(40) % 2)


def test_a_class_number_without_documents_is_never_predicted(train, texts, labels):
    trained = train(texts, labels * 2, tokenizer=str.split)
    assert trained.predict([*texts, "", "xyzzy"]).max() == 2
    assert 1 not in trained.predict([*texts, "", "xyzzy"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"texts": ["one", "two"], "labels": np.array([0, 1])}, "single document"),
        ({"labels": np.zeros(40, dtype=np.int64)}, "one class"),
        ({"labels": np.arange(39) % 2}, "40 documents, but 39 labels"),
        ({"texts": ["", "  "] * 20}, "no training document has a word"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_learnt_from_is_an_error(train, texts, labels, change, message):
    arguments = {"texts": texts, "labels": labels, "tokenizer": str.split} | change
    with pytest.raises(InputError, match=message):
        train(arguments.pop("texts"), arguments.pop("labels"), **arguments)


@pytest.mark.parametrize("candidates", [(), (1.0, 0.0), (float("nan"),), (float("inf"),)], ids=str)
def test_impossible_candidates_are_an_error(train, searched, texts, labels, candidates):
    with pytest.raises(InputError, match="candidates for (C|rate) are"):
        train(texts, labels, tokenizer=str.split, **{searched: candidates})


@pytest.mark.parametrize("train_tfidf", [train_tfidf_svm, train_tfidf_logistic])
def test_characters_know_words_of_the_same_stem(train_tfidf, texts, labels):
    by_words, by_characters = (
        train_tfidf(texts, labels, tokenizer=str.split, units=units)
        for units in ("words", "characters")
    )
    related = ["seizures ataxic", "feverish coughing"]
    assert by_characters.predict(related).tolist() == [1, 0]
    assert len(set(by_words.predict(related).tolist())) == 1


@pytest.mark.parametrize("train_tfidf", [train_tfidf_svm, train_tfidf_logistic])
def test_other_units_are_an_error(train_tfidf, texts, labels):
    with pytest.raises(InputError, match="'bytes'; choose words or characters"):
        train_tfidf(texts, labels, tokenizer=str.split, units="bytes")


def test_pairs_of_words_are_chosen_where_only_their_order_tells():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    orders = (("gain", "loss"), ("loss", "gain"))
    texts = [" ".join([*rng.choice(["a", "b", "c"], 2), *orders[label]]) for label in labels]
    bag = train_ngram_bag(texts, labels, tokenizer=str.split)
    assert bag.chosen["max_n"] == 2
    assert bag.validation_accuracy == 1
    assert train_tfidf_svm(texts, labels, tokenizer=str.split).validation_accuracy < 0.7
