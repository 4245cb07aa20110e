"""Real files: the same words and numbers as gensim reads, or refused for a reason."""

import gc
import warnings

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from adapt.errors import FileFormatError
from adapt.vectors import read_vectors


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("test_glove.txt", {"no_header": True}),
        ("lee_fasttext.vec", {}),
        ("toy-model.vec", {}),
        ("crime-and-punishment.vec", {}),
        ("high_precision.kv.txt", {}),
        ("EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt", {}),
        ("IT.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt", {}),
        ("high_precision.kv.bin", {"binary": True}),
        ("euclidean_vectors.bin", {"binary": True}),
        ("poincare_vectors.bin", {"binary": True}),
        ("word2vec_pre_kv_c", {}),
    ],
)
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


def test_models_are_refused_with_advice():
    with pytest.raises(FileFormatError, match="Python pickle"):
        read_vectors(datapath("word2vec_old"))
    with pytest.raises(FileFormatError, match="not a vector file"):
        read_vectors(datapath("lee_fasttext.bin"))  # of a fastText without a magic number
