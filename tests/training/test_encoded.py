"""Corpora as word numbers: nothing lost, nothing invented, nothing kept in memory."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.text import Corpus, WhitespaceTokenizer
from adapt.training import encoded
from adapt.training.encoded import END, encode_corpus

documents = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "é", "語"])), min_size=1)


def decoded(corpus):
    """Return the documents of an encoded corpus as lists of words."""
    ends = np.flatnonzero(corpus.ids == END)
    return [
        [corpus.words[number] for number in part if number != END]
        for part in np.split(corpus.ids, ends + 1)[:-1]
    ]


@pytest.mark.parametrize("chunk", [1, 2, 1 << 20])
@given(texts=documents, min_count=st.integers(1, 3))
def test_frequent_words_stand_in_their_order(tmp_path_factory, texts, min_count, chunk):
    path = tmp_path_factory.mktemp("c") / "corpus"
    corpus = Corpus.from_texts([" ".join(words) for words in texts])
    counts = corpus.word_counts()
    kept = {word for word in counts if counts[word] >= min_count}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "_WRITTEN_TOKENS", chunk)
        if not kept:
            with pytest.raises(InputError):
                encode_corpus(corpus, path, min_count=min_count)
            return
        result = encode_corpus(corpus, path, min_count=min_count)
    assert decoded(result) == [[w for w in words if w in kept] for words in texts if words]
    assert list(result.words) == sorted(kept, key=lambda word: (-counts[word], word))
    assert result.counts.tolist() == [counts[word] for word in result.words]
    assert result.n_tokens == result.counts.sum() == np.count_nonzero(result.ids != END)


def test_a_copy_of_a_part_outlives_the_map(tmp_path):
    result = encode_corpus(Corpus.from_texts(["a b", "c"]), tmp_path / "corpus", min_count=1)
    assert result.read(0, 2).tolist() == [0, 1]
    assert result.read(2, 99).tolist() == [END, 2, END]
    with pytest.raises(ValueError, match="read-only"):
        result.ids[0] = 1


def test_the_fingerprint_tells_words_and_their_order(tmp_path):
    texts = (["a b"], ["b a"], ["a", "b"], ["a c"], ["a b"])
    prints = [
        encode_corpus(Corpus.from_texts(text), tmp_path / str(i), min_count=1).fingerprint()
        for i, text in enumerate(texts)
    ]
    assert prints[0] == prints[-1]
    assert len(set(prints)) == len(texts) - 1


@pytest.mark.parametrize("word", ["", "two words", "line\nend", "\ud800"])
def test_words_that_no_vector_file_can_hold_are_refused(tmp_path, word):
    corpus = Corpus.from_texts(["x"], tokenizer=lambda _: ["fine", word])
    with pytest.raises(InputError, match=r"white space|surrogate"):
        encode_corpus(corpus, tmp_path / "corpus", min_count=1)


def test_a_problem_in_a_file_of_the_corpus_is_named(tmp_path):
    source = tmp_path / "a.txt"
    source.write_bytes(b"fine\n\xff\n")
    with pytest.raises(FileFormatError, match="line 2"):
        encode_corpus(Corpus.read(source), tmp_path / "corpus", min_count=1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_in_one_line():
    with pytest.raises(FileAccessError, match=r"/dev/full: cannot be written \(No space left"):
        encode_corpus(Corpus.from_texts(["word " * 9]), Path("/dev/full"), min_count=1)


def test_long_documents_stay_whole(tmp_path):
    corpus = Corpus.from_texts(["a b c " * 50_000], tokenizer=WhitespaceTokenizer())
    result = encode_corpus(corpus, tmp_path / "corpus", min_count=1)
    assert list(chain(*decoded(result))) == ["a", "b", "c"] * 50_000
