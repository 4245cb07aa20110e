"""Words of a real fastText model, in its own space and mapped to another."""

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.oov import FastText, strategy_named
from adapt.vectors import WordVectors, read_vectors

MODEL = datapath("lee_fasttext_new.bin")
UNKNOWN = ["australians", "bushfire", "unheardof"]


@pytest.fixture(scope="module")
def own():
    return read_vectors(MODEL)


@pytest.fixture(scope="module")
def made():
    model = load_facebook_vectors(MODEL)
    return np.array([model[word] for word in UNKNOWN])


def test_nothing_is_mapped_in_the_models_own_space(own, made):
    strategy = FastText(MODEL).fit(own)
    assert strategy.aligner_ is None
    answer = strategy.fill(UNKNOWN)
    np.testing.assert_array_equal(answer.matrix, made)
    np.testing.assert_array_equal(answer.confidences, 1)


def test_another_space_is_mapped_to(own, made):
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(own.dim, own.dim)))[0]
    turned = own.replace(matrix=3 * own.matrix @ rotation)
    strategy = FastText(MODEL).fit(turned)
    answer = strategy.fill([*UNKNOWN, UNKNOWN[0]])
    expected = 3 * made @ rotation
    np.testing.assert_allclose(answer.matrix[:3], expected, atol=0.1 * np.abs(expected).max())
    np.testing.assert_array_equal(answer.matrix[0], answer.matrix[3])
    assert strategy.confidence_ == pytest.approx(1, abs=0.05)


def test_confidence_falls_where_the_spaces_have_nothing_in_common(own):
    noise = np.random.default_rng(0).normal(size=(len(own), 7)).astype(np.float32)
    strategy = FastText(MODEL).fit(WordVectors(own.words, noise))
    assert strategy.fill(UNKNOWN).matrix.shape == (3, 7)
    assert strategy.confidence_ < 0.2


def test_words_without_ngrams_are_left_to_others(own):
    answer = FastText(MODEL).fit(own).fill(["", "\udc80", "bushfires"])
    assert answer.steps == ("", "", "fasttext")
    assert not answer.matrix[:2].any()


def test_too_few_shared_words_are_refused(own):
    strangers = WordVectors(("qqq", "www"), np.eye(2))
    with pytest.raises(InputError, match="shares 0 words .* same case"):
        FastText(MODEL).fit(strangers)


def test_bad_files_are_refused(tmp_path, own):
    with pytest.raises(FileAccessError, match="no such file"):
        FastText(tmp_path / "none.bin").fit(own)
    text = tmp_path / "text.bin"
    text.write_text("2 2\na 1 2\nb 3 4\n")
    with pytest.raises(FileFormatError, match="not a fastText model"):
        FastText(text).fit(own)


def test_the_name_needs_a_file():
    with pytest.raises(InputError, match=r"'fasttext' cannot be made; give the file of a fastText"):
        strategy_named("fasttext")
    assert strategy_named(f"fasttext:{MODEL}").path == MODEL
