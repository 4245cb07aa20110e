"""The fastText classifier: the numbers of autograd, and n-grams in their places."""

import numpy as np
import pytest
import torch

from adapt.classifiers import ngram_bag
from adapt.classifiers.ngram_bag import NgramBag, ngram_counts
from adapt.errors import InputError

TEXTS = ["a b a", "b c", "c c d a", "d", "", "a d b"]
LABELS = np.array([0, 1, 2, 1, 0, 2])


@pytest.fixture
def counts():
    return ngram_counts(str.split).transform(TEXTS)


def test_words_and_pairs_are_counted_in_columns_of_their_own(counts):
    words, pairs = counts[:, : 2**20], counts[:, 2**20 :]
    # the mark of the end counts: "a b a </s>" has four words and three pairs
    assert words.sum(axis=1).flatten().tolist() == [[4, 3, 5, 2, 1, 4]]
    assert pairs.sum(axis=1).flatten().tolist() == [[3, 2, 4, 1, 0, 3]]
    assert words[0].nnz == 3
    assert len(np.unique(words.indices)) == 5
    assert len(np.unique(pairs.indices)) == 12


def test_what_is_a_word_and_its_case_are_left_to_the_tokenizer():
    features = ngram_counts(lambda text: text.split("|"))
    found = features.transform(["the cat|Sat", "the cat|sat"])
    assert found[0].sum() == 5
    assert (found[0] != found[1]).nnz == 6  # "Sat" and the pairs with it


@pytest.mark.parametrize("max_n", [1, 2])
def test_steps_are_those_of_autograd(counts, max_n, monkeypatch):
    monkeypatch.setattr(ngram_bag, "_EPOCHS", 3)
    found = NgramBag(max_n=max_n, rate=0.7, seed=4).fit(counts, LABELS)
    known = counts[:, : max_n * 2**20].toarray()[:, found.columns_]
    generator = np.random.default_rng(4)
    start = generator.uniform(-0.1, 0.1, (len(found.columns_), 10)).astype(np.float32)
    table = torch.tensor(start, requires_grad=True)
    weight = torch.zeros((3, 10), requires_grad=True)
    for epoch in range(3):
        for place, document in enumerate(generator.permutation(len(TEXTS))):
            shares = torch.from_numpy(known[document] / known[document].sum())
            logits = weight @ (shares @ table)
            loss = torch.nn.functional.cross_entropy(logits, torch.tensor(LABELS[document]))
            slopes = torch.autograd.grad(loss, (table, weight))
            rate = 0.7 * (1 - (epoch * len(TEXTS) + place) / (3 * len(TEXTS)))
            with torch.no_grad():
                for parameter, slope in zip((table, weight), slopes, strict=True):
                    parameter -= rate * slope
    assert np.abs(found.table_ - start).max() > 0.01
    np.testing.assert_allclose(found.table_, table.detach(), atol=1e-5)
    np.testing.assert_allclose(found.weight_, weight.detach(), atol=1e-5)
    logits = known / known.sum(axis=1, keepdims=True) @ found.table_ @ found.weight_.T
    np.testing.assert_array_equal(found.predict(counts), logits.argmax(axis=1))


def test_words_that_were_not_seen_do_not_count(counts):
    trained = NgramBag(max_n=1, rate=1.0, seed=0).fit(counts, LABELS)
    same = [["b c", "b xyzzy c"], ["", "xyzzy plugh"]]
    for known, with_unknown in same:
        found = trained.predict(ngram_counts(str.split).transform([known, with_unknown]))
        assert found[0] == found[1]


def test_seeds_differ(counts):
    first, second = (NgramBag(max_n=2, rate=1.0, seed=seed).fit(counts, LABELS) for seed in (0, 1))
    assert (first.table_ != second.table_).any()


def test_vectors_that_outgrow_their_precision_are_an_error(counts):
    with pytest.raises(InputError, match="rate of 1e\\+30; leave it out"):
        NgramBag(max_n=1, rate=1e30, seed=0).fit(counts, LABELS)
