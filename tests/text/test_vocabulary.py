import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileAccessError, FileFormatError, InputError, UnknownWordError
from adapt.text import PAD, UNK, Corpus, Vocabulary

WORDS = st.text(min_size=1)
COUNTS = st.dictionaries(WORDS, st.integers(1, 2**40), min_size=1).filter(
    lambda counts: set(counts) - {PAD, UNK}
)


@pytest.fixture
def vocabulary():
    return Vocabulary.from_counts({"b": 2, "a": 2, "c": 9, "rare": 1}, min_count=2)


def test_words_are_ordered_by_count_and_then_by_word(vocabulary):
    assert vocabulary.words == (PAD, UNK, "c", "a", "b")
    assert vocabulary.counts.tolist() == [0, 0, 9, 2, 2]
    assert list(vocabulary) == list(vocabulary.words)
    assert len(vocabulary) == 5


def test_maximum_size_leaves_the_two_special_words_out_of_account():
    assert Vocabulary.from_counts({"a": 1, "b": 2}, max_size=1).words == (PAD, UNK, "b")


def test_unknown_words_get_the_unk_row_or_an_error(vocabulary):
    assert (vocabulary["c"], vocabulary["rare"]) == (2, 1)
    assert "c" in vocabulary
    assert "rare" not in vocabulary
    assert vocabulary.index("c") == 2
    with pytest.raises(UnknownWordError, match='"rare"'):
        vocabulary.index("rare")


def test_vocabulary_of_a_corpus():
    corpus = Corpus.from_texts(["a b a", "a c b"])
    assert Vocabulary.from_corpus(corpus, min_count=2).words == (PAD, UNK, "a", "b")


@given(COUNTS)
def test_the_order_of_counting_does_not_matter(counts):
    backwards = Counter(dict(reversed(counts.items())))
    first, second = Vocabulary.from_counts(counts), Vocabulary.from_counts(backwards)
    assert first.words == second.words
    assert first.counts.tolist() == second.counts.tolist()


@given(COUNTS, st.lists(WORDS | st.sampled_from([PAD, UNK])))
def test_encoding_is_the_inverse_of_words_and_never_pads(counts, tokens):
    vocabulary = Vocabulary.from_counts(counts)
    known = vocabulary.words[2:]
    assert [vocabulary.words[row] for row in vocabulary.encode(known)] == list(known)
    rows = vocabulary.encode(tokens)
    assert rows.dtype == np.int64
    assert rows.shape == (len(tokens),)
    assert (rows != 0).all()


def test_documents_are_cut_and_padded(vocabulary):
    documents = [vocabulary.encode(text.split(), max_length=2) for text in ("c a b", "x", "")]
    padded = vocabulary.pad(documents)
    assert padded.tolist() == [[2, 3], [1, 0], [0, 0]]
    assert padded.dtype == np.int64
    assert vocabulary.pad([]).shape == (0, 0)
    assert vocabulary.pad([vocabulary.encode([])]).shape == (1, 0)


@given(COUNTS)
def test_saved_vocabularies_come_back(tmp_path_factory, counts):
    path = tmp_path_factory.mktemp("v") / "vocabulary.json"
    vocabulary = Vocabulary.from_counts(counts)
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert loaded.words == vocabulary.words
    assert loaded.counts.dtype == np.int64
    assert loaded.counts.tolist() == vocabulary.counts.tolist()


def test_counts_are_a_copy_that_cannot_be_changed():
    counts = np.array([0, 0, 5])
    vocabulary = Vocabulary((PAD, UNK, "a"), counts)
    counts[2] = 7
    assert vocabulary.counts[2] == 5
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[2] = 7


@pytest.mark.parametrize(
    ("words", "counts", "message"),
    [
        (("a", "b"), [0, 0], "begins with <pad> and <unk>"),
        ((PAD, UNK, "a", "a"), [0, 0, 1, 1], '"a" occurs twice'),
        ((PAD, UNK, "a"), [0, 0], r"3 words, but counts have the shape \(2,\)"),
        ((PAD, UNK, "a"), [0, 0, 1.5], "whole numbers, not float64"),
        ((PAD, UNK, "a"), [0, 0, -1], "must not be negative"),
        ((PAD, UNK, "a"), [0, 3, 1], "must be 0"),
    ],
)
def test_what_does_not_fit_is_refused(words, counts, message):
    with pytest.raises(InputError, match=message):
        Vocabulary(words, counts)


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ({}, {}, "none of the 0 words"),
        ({"a": 2}, {"min_count": 3}, "none of the 1 words occurs at least 3 times"),
        ({PAD: 2, UNK: 3}, {}, "none of the 2 words"),
        ({"a": 2}, {"min_count": 0}, "min_count is 0"),
        ({"a": 2}, {"max_size": 0}, "max_size is 0"),
    ],
)
def test_an_empty_vocabulary_is_refused(counts, options, message):
    with pytest.raises(InputError, match=message):
        Vocabulary.from_counts(counts, **options)


def test_documents_must_have_room_for_a_word(vocabulary):
    with pytest.raises(InputError, match="max_length is 0"):
        vocabulary.encode(["a"], max_length=0)


GOOD = {"format": "adapt vocabulary", "version": 1, "words": [PAD, UNK, "a"], "counts": [0, 0, 1]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not a vocabulary"),
        (b"{}", "not a vocabulary"),
        ({**GOOD, "version": 2}, "version 2"),
        ({**GOOD, "words": [PAD, UNK, 3]}, '"words" must be'),
        ({**GOOD, "counts": 3}, '"counts" must be'),
        ({**GOOD, "counts": [0, 0]}, "3 words, but"),
        ({**GOOD, "counts": [0, 0, "x"]}, "whole numbers"),
        ({**GOOD, "counts": [0, 0, [1]]}, "save the vocabulary again"),
        ({**GOOD, "counts": [0, 0, 2**70]}, "save the vocabulary again"),
        ({**GOOD, "words": [PAD, UNK, UNK]}, "occurs twice"),
    ],
)
def test_files_that_hold_no_vocabulary_are_refused(tmp_path, content, message):
    path = tmp_path / "v.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(FileFormatError, match=message) as caught:
        Vocabulary.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"gone\.json: no such file"):
        Vocabulary.load(tmp_path / "gone.json")
    with pytest.raises(FileAccessError, match=r"cannot be read \(Is a directory\)"):
        Vocabulary.load(tmp_path)
