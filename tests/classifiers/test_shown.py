"""What is shown in training: documents, and copies of them with other typos in each epoch."""

import numpy as np
import pytest

from adapt.classifiers import HybridEmbedding, PretrainedEmbedding
from adapt.classifiers.shown import ShownDocuments
from adapt.errors import InputError
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary, with_typos

WORDS = ("fever", "cough", "renal", "kidney")
VOCABULARY = Vocabulary.from_counts({word: 9 - place for place, word in enumerate(WORDS)})
DOCUMENTS = [["fever", "cough"], ["renal"], [], ["kidney", "renal", "kidney"], ["cough"] * 3]
LABELS = np.array([0, 1, 0, 1, 0])


@pytest.fixture(scope="module")
def layer():
    matrix = np.random.default_rng(0).normal(size=(len(VOCABULARY), 4)).astype(np.float32)
    return HybridEmbedding(matrix, VOCABULARY, RecallEncoder(VOCABULARY.words[2:], matrix[2:]))


@pytest.fixture
def shown(layer):
    return ShownDocuments(layer, DOCUMENTS, LABELS, typos=0.5, seed=3)


def written(documents):
    """Write documents as what tells words apart: rows and spellings."""
    tokens = [
        (int(documents.words[place]), documents.codes[place][documents.codes[place] > 0].tolist())
        for place in documents.places
    ]
    return [tokens[at:end] for at, end in zip(documents.starts, documents.starts[1:], strict=False)]


def test_without_typos_documents_are_shown_once_and_the_same_in_every_epoch(matrix, documents):
    labels = np.arange(120) % 3
    shown = ShownDocuments(PretrainedEmbedding(matrix), documents, labels)
    assert shown.at_first() is shown.in_epoch(1)
    assert len(shown.at_first()) == len(shown.shown_labels) == 120
    np.testing.assert_array_equal(shown.places_shown(np.array([5, 2])), [5, 2])


def test_copies_stand_behind_the_documents_and_differ_between_epochs(layer, shown):
    plain = written(layer.documents(DOCUMENTS))
    views = [written(shown.at_first()), *(written(shown.in_epoch(one)) for one in (1, 2))]
    for view in views:
        assert view[:5] == plain
        assert [len(one) for one in view[5:]] == [len(one) for one in plain]
        assert view[5:] != plain
    assert views[1] != views[2]
    assert written(shown.in_epoch(2)) == views[2]
    assert views[0] == written(layer.documents([*DOCUMENTS, *with_typos(DOCUMENTS, 0.5, seed=3)]))
    np.testing.assert_array_equal(shown.shown_labels, [*LABELS, *LABELS])


def test_a_subset_takes_its_copies_along(shown):
    chosen = np.array([3, 0])
    subset = shown.subset(chosen)
    for one, all_of_them in (
        (subset.at_first(), shown.at_first()),
        (subset.in_epoch(4), shown.in_epoch(4)),
    ):
        whole = written(all_of_them)
        assert written(one) == [whole[place] for place in shown.places_shown(chosen)]
    np.testing.assert_array_equal(subset.shown_labels, shown.shown_labels[[3, 0, 8, 5]])


def test_words_are_counted_in_the_documents_and_not_again_in_their_copies(shown):
    counts = shown.counts()
    expected = {"fever": 1, "cough": 4, "renal": 2, "kidney": 2}
    assert {word: counts[VOCABULARY[word]] for word in WORDS} == expected
    assert counts.sum() == 9


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_of_typos_that_is_none_is_refused(layer, share):
    with pytest.raises(InputError, match="share"):
        ShownDocuments(layer, DOCUMENTS, LABELS, typos=share).at_first()
