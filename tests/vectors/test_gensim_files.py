"""Real files: the same words and numbers as gensim reads, or refused for a reason."""

import gc
import warnings
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from adapt.errors import AdaptWarning, FileFormatError
from adapt.vectors import read_vectors

FOLDER = Path(datapath(""))
WORD2VEC = {
    "test_glove.txt": {"no_header": True},
    "lee_fasttext.vec": {},
    "toy-model.vec": {},
    "crime-and-punishment.vec": {},
    "high_precision.kv.txt": {},
    "EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
    "IT.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
    "high_precision.kv.bin": {"binary": True},
    "euclidean_vectors.bin": {"binary": True},
    "poincare_vectors.bin": {"binary": True},
    "word2vec_pre_kv_c": {},
}
"""Files in formats of word2vec and GloVe, with the options that gensim needs to be given."""
FASTTEXT = (
    "crime-and-punishment.bin",
    "lee_fasttext_new.bin",
    "toy-model-pretrained.bin",
    "toy-model.bin",
)


@pytest.mark.parametrize(("name", "options"), WORD2VEC.items(), ids=WORD2VEC)
def test_same_words_and_numbers(name, options):
    with warnings.catch_warnings():
        # gensim leaves a file without a header open until it is collected
        warnings.simplefilter("ignore", ResourceWarning)
        expected = KeyedVectors.load_word2vec_format(datapath(name), **options)
        gc.collect()
    vectors = read_vectors(datapath(name))
    assert vectors.words == tuple(expected.index_to_key)
    assert np.array_equal(vectors.matrix, expected.vectors)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("w2v_keyedvectors_load_test.modeldata", UnicodeDecodeError, "line 2: is not UTF-8"),
        ("pang_lee_polarity_fasttext.vec", UnicodeDecodeError, "line 150: is not UTF-8"),
        ("pretrained.vec", EOFError, "declares 3 words, but the file holds 1"),
    ],
)
def test_what_gensim_cannot_read_is_refused_with_the_line(name, error, message):
    with pytest.raises(error):
        KeyedVectors.load_word2vec_format(datapath(name))
    with pytest.raises(FileFormatError, match=message):
        read_vectors(datapath(name))


@pytest.mark.parametrize("name", FASTTEXT)
def test_same_words_and_numbers_of_fasttext_models(name):
    expected = load_facebook_vectors(datapath(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AdaptWarning)
        vectors = read_vectors(datapath(name))
    words = [word for word in expected.index_to_key if word]  # one of the models has an empty one
    assert vectors.words == tuple(words)
    assert np.array_equal(vectors.matrix, expected[words])


def test_an_empty_word_is_left_out_with_a_warning():
    with pytest.warns(AdaptWarning, match=r"toy-model-pretrained\.bin: word 23 is empty"):
        vectors = read_vectors(datapath("toy-model-pretrained.bin"))
    assert vectors.words[-2:] == ("by", "dummy")


def test_models_are_refused_with_advice():
    with pytest.raises(FileFormatError, match="Python pickle"):
        read_vectors(datapath("word2vec_old"))
    with pytest.raises(FileFormatError, match="not a vector file"):
        read_vectors(datapath("lee_fasttext.bin"))  # of a fastText without a magic number


TABLES = {
    "DTM/sstats_test.txt",
    "head500.noblanks.cor_wordids.txt",
    "ldavowpalwabbit.dict.txt",
    "similarities0-1.txt",
}
"""Tables of other things, in which numbers follow a word as in GloVe text."""


FILES = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}


@pytest.mark.filterwarnings("ignore:.*rows repeat an earlier word")
def test_tables_of_numbers_cannot_be_told_from_vectors():
    for name in TABLES:
        assert len(read_vectors(datapath(name)))


@pytest.mark.parametrize("name", sorted(FILES - {*WORD2VEC, *FASTTEXT, *TABLES}))
def test_every_other_file_is_refused_with_its_reason(name):
    """All else that gensim's tests come with: models of every kind, corpora, archives."""
    with pytest.raises(FileFormatError) as refused:
        read_vectors(datapath(name))
    assert str(refused.value).startswith(datapath(name))
