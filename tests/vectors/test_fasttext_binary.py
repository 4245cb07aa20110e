"""fastText models: the words and numbers that gensim reads, or refused for a reason."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from adapt.errors import FileFormatError
from adapt.vectors import read_vectors
from adapt.vectors.fasttext_binary import load_fasttext

CRIME = Path(datapath("crime-and-punishment.bin"))
HEADER = 4 + 13 * 4 + 8
SIZES = 3 * 4 + 2 * 8
LAST_NGRAM = CRIME.stat().st_size - (1 + 2 * 8 + 291 * 5 * 4) - 5 * 4
"""Where the vector of the last n-gram starts: before the output weights of 291 words."""
BUCKET = 4 + 9 * 4
N_VALUES = (291 + 100) * 5
FIRST_VALUE = LAST_NGRAM + 5 * 4 - N_VALUES * 4


@pytest.mark.parametrize("name", ["crime-and-punishment.bin", "lee_fasttext_new.bin"])
def test_same_words_and_numbers(name):
    expected = load_facebook_vectors(datapath(name))
    vectors = read_vectors(datapath(name))
    assert vectors.words == tuple(expected.index_to_key)
    np.testing.assert_array_equal(vectors.matrix, expected.vectors)


def test_some_words_and_some_rows():
    whole = read_vectors(CRIME)
    assert read_vectors(CRIME, limit=7).words == whole.words[:7]
    some = read_vectors(CRIME, words=[whole.words[30], whole.words[3], "none"])
    assert some.words == (whole.words[3], whole.words[30])
    np.testing.assert_array_equal(some.matrix, whole.matrix[[3, 30]])


def test_a_file_cut_anywhere_is_refused(tmp_path):
    content = CRIME.read_bytes()
    cut = tmp_path / "cut.bin"
    for length in [
        4,
        5,
        HEADER - 1,
        HEADER + 3,
        HEADER + SIZES + 2,
        *range(100, len(content), 997),
    ]:
        cut.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match="damaged fastText model"):
            read_vectors(cut)


def changed(place, form, *values):
    content = bytearray(CRIME.read_bytes())
    struct.pack_into(form, content, place, *values)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed(4, "<i", 13), "declares version 13"),
        (changed(8, "<i", 0), "words of 0 values"),
        (changed(8, "<i", 6), "does not fit 291 words of 6"),
        (changed(HEADER + 8, "<i", 3), "for classification"),
        (changed(HEADER + SIZES, "<B", 0xFF), "word 1 of the fastText model is not UTF-8"),
        (CRIME.read_bytes() + b"\0", "but has 19,620"),
        (changed(BUCKET, "<i", 5), "does not fit 291 words of 5 and 5 n-grams"),
        (changed(BUCKET, "<i", -1), "and -1 n-grams"),
        (changed(BUCKET + 4, "<2i", -1, 3), "n-grams are of -1 to 3 characters"),
        (changed(BUCKET + 4, "<2i", 1, 2**31 - 1), "n-grams are of 1 to 2147483647 characters"),
        (changed(HEADER + 20, "<q", 2**62), r"compressed fastText model \(.ftz\)"),
        (changed(HEADER + SIZES, "2s", "в".encode()), "its word 2, 'в', stands twice"),
        (changed(HEADER + SIZES, f"{1 << 12}s", b"x" * (1 << 12)), "word 1 of 291 has no end"),
        (changed(LAST_NGRAM + 5 * 4 + 1, "<q", 2**62), "a matrix of 4611686018427387904 x 5"),
        (changed(LAST_NGRAM + 5 * 4 + 1, "<q", 292), "it should have 19,639 bytes"),
        (
            changed(FIRST_VALUE, f"<{N_VALUES}f", *[3e38] * N_VALUES),
            "vector of word 1 .*not finite",
        ),
        (changed(LAST_NGRAM, "<f", np.nan), "not finite"),
    ],
)
def test_damaged_models_are_refused(tmp_path, content, message):
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_vectors(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_models_for_classification_are_refused():
    with pytest.raises(FileFormatError, match="for classification"):
        read_vectors(datapath("pang_lee_polarity_fasttext.bin"))


def test_packed_models_have_to_be_unpacked(tmp_path):
    path = tmp_path / "model.bin.gz"
    path.write_bytes(gzip.compress(CRIME.read_bytes()))
    with pytest.raises(FileFormatError, match="unpack it"):
        read_vectors(path)


def test_models_before_the_magic_number_are_refused():
    with pytest.raises(FileFormatError, match="not a fastText model"):
        load_fasttext(datapath("lee_fasttext.bin"))
