"""Every format gives back what was written, or refuses to write it."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from adapt.errors import InputError
from adapt.vectors import FORMATS, WordVectors, read_vectors, write_vectors

SUFFIX = {"native": ".safetensors", "word2vec-binary": ".bin", "word2vec": ".vec", "glove": ".txt"}
AWKWARD = (
    "naïve", "a\xa0b", "x^2", "\ufeffz", '"', "#", "nan", "null", "inf", "1.5", "5", "the", "语",
    "'s", "\\", "a,b", "\x85", "\u2028", "x\x01", "𝕏", "e\u0301",
)  # fmt: skip

floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
letters = st.one_of(
    st.sampled_from("ab5.-xe^\"#'\xa0é语\ufeff\u2028"),
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\r\n"),
)
plain_words = st.one_of(st.sampled_from(AWKWARD), st.text(letters, min_size=1, max_size=6))
any_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@st.composite
def word_vectors(draw, words):
    unique = draw(st.lists(words, min_size=1, max_size=8, unique=True))
    dim = draw(st.integers(1, 5))
    values = draw(st.lists(floats, min_size=dim * len(unique), max_size=dim * len(unique)))
    return WordVectors(tuple(unique), np.reshape(np.float32(values), (-1, dim)))


def assert_same(left: WordVectors, right: WordVectors) -> None:
    assert left.words == right.words
    # bit by bit: -0.0 and subnormal numbers too
    assert left.matrix.tobytes() == right.matrix.tobytes()


relaxed = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(vectors=word_vectors(any_words))
def test_native_holds_any_word(tmp_path, vectors):
    path = tmp_path / "v.safetensors"
    write_vectors(vectors, path)
    assert_same(read_vectors(path), vectors)


@pytest.mark.parametrize("format", ["word2vec-binary", "word2vec", "glove"])
@relaxed
@given(vectors=word_vectors(plain_words))
def test_words_without_spaces_come_back_or_are_refused(tmp_path, format, vectors):
    path = tmp_path / f"v{SUFFIX[format]}"
    path.unlink(missing_ok=True)
    try:
        write_vectors(vectors, path)
    except InputError:
        # only what the first bytes make look like something else may be refused
        assert format == "glove"
        assert vectors.words[0].startswith("\ufeff")
        assert not path.exists()
    else:
        assert_same(read_vectors(path), vectors)


@pytest.mark.parametrize("format", ["word2vec-binary", "word2vec", "glove"])
@relaxed
@given(vectors=word_vectors(any_words))
def test_any_words_come_back_or_are_refused(tmp_path, format, vectors):
    path = tmp_path / "v"
    path.unlink(missing_ok=True)
    try:
        write_vectors(vectors, path, format=format)
    except InputError:
        assert not path.exists()
    else:
        assert_same(read_vectors(path), vectors)


@pytest.mark.parametrize("format", FORMATS)
def test_awkward_words_and_values(tmp_path, format):
    values = np.float32([0.1, -0.0, 1e-45, 3.4028235e38, -1e-7, 1 / 3, 16777216])
    matrix = np.stack([np.roll(values, shift) for shift in range(len(AWKWARD))])
    vectors = WordVectors(AWKWARD, matrix)
    path = tmp_path / f"v{SUFFIX[format]}"
    write_vectors(vectors, path)
    assert_same(read_vectors(path), vectors)


def test_glove_text_holds_words_with_spaces(tmp_path):
    words = ("of", ". . .", "at name@domain.com", "the", "new york")
    vectors = WordVectors(words, np.arange(15, dtype=np.float32).reshape(5, 3) / 7)
    write_vectors(vectors, tmp_path / "v.txt")
    assert_same(read_vectors(tmp_path / "v.txt"), vectors)


@pytest.mark.parametrize(
    ("suffix", "word", "advice"),
    [
        (".txt", "two\nlines", "GloVe text cannot hold the word 'two\\\\nlines'"),
        (".txt", "windows 95", "GloVe text cannot hold the word 'windows 95'"),
        (".txt", " a", "GloVe text cannot hold the word ' a'"),
        (".vec", "new york", "cannot hold the word 'new york'.*replace the space by '_'"),
        (".bin", "new york", "cannot hold the word 'new york'.*write .safetensors"),
        (".bin", "a\nb", "cannot hold the word"),
    ],
)
def test_word_that_a_format_cannot_hold_is_named(tmp_path, suffix, word, advice):
    path = tmp_path / f"v{suffix}"
    path.write_text("old")
    with pytest.raises(InputError, match=advice):
        write_vectors(WordVectors(("ok", word), np.ones((2, 3))), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_counts_origin_and_sources_are_kept_by_native(tmp_path):
    vectors = WordVectors(
        ("a", "b", "c"), np.ones((3, 2)), [5, 0, 2**40], "Ünion", ("general", "domain", "general")
    )
    write_vectors(vectors, tmp_path / "v.safetensors")
    back = read_vectors(tmp_path / "v.safetensors")
    assert back.counts.tolist() == [5, 0, 2**40]
    assert (back.origin, back.sources) == (vectors.origin, vectors.sources)
    first = read_vectors(tmp_path / "v.safetensors", limit=2)
    assert (first.words, first.sources) == (("a", "b"), ("general", "domain"))
    assert first.counts.tolist() == [5, 0]


def test_more_sources_than_a_native_file_holds_are_refused(tmp_path):
    n = 65_537
    vectors = WordVectors([*map(str, range(n))], np.ones((n, 1)), sources=[*map(str, range(n))])
    with pytest.raises(InputError, match="65537 different sources are more than the 65536"):
        write_vectors(vectors, tmp_path / "v.safetensors")


def test_native_is_mapped_and_a_proper_safetensors_file(tmp_path):
    vectors = WordVectors(("é", "b"), [[1, 2, 3], [4, 5, 6]], counts=[2, 1])
    path = tmp_path / "v.safetensors"
    write_vectors(vectors, path)
    back = read_vectors(path)
    base = back.matrix
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert back.matrix.flags.aligned
    with safe_open(path, framework="numpy") as opened:
        assert opened.get_tensor("matrix").tolist() == vectors.matrix.tolist()
        assert opened.get_tensor("counts").tolist() == [2, 1]
        assert bytes(opened.get_tensor("word_bytes")).decode() == "éb"


def test_file_can_be_replaced_while_it_is_mapped(tmp_path):
    path = tmp_path / "v.safetensors"
    write_vectors(WordVectors(("a", "b"), [[1.0], [2.0]]), path)
    mapped = read_vectors(path)
    write_vectors(mapped.replace(matrix=-mapped.matrix), path)
    assert mapped.matrix.tolist() == [[1.0], [2.0]]
    assert read_vectors(path).matrix.tolist() == [[-1.0], [-2.0]]


@pytest.mark.parametrize("format", FORMATS)
def test_same_vectors_same_bytes(tmp_path, format):
    vectors = WordVectors(("a", "b"), [[0.1], [2.0]], [2, 1], "o", ("x", "y"))
    write_vectors(vectors, tmp_path / "1", format=format)
    write_vectors(vectors, tmp_path / "2", format=format)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".txt", {"binary": False, "no_header": True}),
        (".vec", {"binary": False}),
        (".bin", {"binary": True}),
    ],
)
def test_gensim_reads_what_is_written(tmp_path, suffix, options):
    words = tuple(f"wört{row}" for row in range(50))
    values = np.random.default_rng(0).normal(size=(50, 7)).astype(np.float32)
    path = tmp_path / f"v{suffix}"
    write_vectors(WordVectors(words, values), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gensim's own, about its dependencies
        keyed = KeyedVectors.load_word2vec_format(str(path), **options)
    assert tuple(keyed.index_to_key) == words
    assert np.array_equal(keyed.vectors, values)


def test_suffix_or_format_has_to_be_known(tmp_path):
    vectors = WordVectors(("a",), [[1.0, 2.0]])
    with pytest.raises(InputError, match=r"\.safetensors, \.bin, \.vec, \.w2v, \.txt"):
        write_vectors(vectors, tmp_path / "v.dat")
    with pytest.raises(InputError, match=r"called 'pickle'.*native, word2vec-binary"):
        write_vectors(vectors, tmp_path / "v.txt", format="pickle")
    with pytest.raises(InputError, match="no words to write"):
        write_vectors(vectors.head(0), tmp_path / "v.txt")
    assert list(Path(tmp_path).iterdir()) == []


def test_file_that_would_be_read_as_something_else_is_not_written(tmp_path):
    vectors = WordVectors(("\ufeffa", "b"), [[1.0], [2.0]])
    with pytest.raises(InputError, match="look like another format"):
        write_vectors(vectors, tmp_path / "v.txt")
    assert list(tmp_path.iterdir()) == []
