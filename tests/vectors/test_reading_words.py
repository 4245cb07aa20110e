"""`read_vectors(words=…)`: the same as reading all and leaving out the rest, without doing that."""

import struct
import tracemalloc

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapt.errors import AdaptWarning, FileFormatError, InputError
from adapt.vectors import FORMATS, WordVectors, read_vectors, sniffing, text_rows, write_vectors

WORDS = ("the", "of", "New", "York", "a\xa0b", "x^2", "therefore", "thereforeward", "語", "5")
SPACED = (*WORDS, "New York", ". . .", "New York City")


def restricted(vectors: WordVectors, words) -> WordVectors:
    return vectors.select([word for word in vectors.words if word in set(words)])


def assert_same(left: WordVectors, right: WordVectors) -> None:
    assert (left.words, left.origin, left.sources) == (right.words, right.origin, right.sources)
    assert left.matrix.tobytes() == right.matrix.tobytes()
    assert (left.counts is None) == (right.counts is None)
    assert left.counts is None or left.counts.tolist() == right.counts.tolist()
    assert left.dim == right.dim


def written(tmp_path, format, n_more=300):
    words = SPACED if format in ("native", "glove") else WORDS
    words = (*words, *(f"w{row}" for row in range(n_more)))
    matrix = np.random.default_rng(1).normal(size=(len(words), 3)).astype(np.float32)
    full = WordVectors(
        words, matrix, counts=np.arange(len(words)), sources=("s", "t") * (len(words) // 2) + ("s",)
    ) if len(words) % 2 else WordVectors(words, matrix)  # fmt: skip
    write_vectors(full, tmp_path / "v", format=format)
    return tmp_path / "v"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("block_bytes", [64, 8 << 20])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    limit=st.sampled_from([None, 1, 9, 250, 1000]),
    asked=st.lists(
        st.sampled_from([*SPACED, "New York Times", "w1", "w299", "absent", "", " ", "w"])
    ),
)
def test_same_rows_as_of_a_whole_reading(tmp_path, monkeypatch, format, limit, block_bytes, asked):
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", block_bytes)
    path = written(tmp_path, format)
    expected = restricted(read_vectors(path, limit=limit), asked)
    assert_same(read_vectors(path, limit=limit, words=asked), expected)
    assert_same(read_vectors(path, limit=limit, words=iter(asked)), expected)


@pytest.mark.parametrize(
    "text", ["a  1  2\nb  3 4\n", "a\t1\t2\nb\t3\t4\n", "a 1 2 \r\nb 3 4 \r\n"]
)
def test_ways_to_write_the_same_text(tmp_path, text):
    path = tmp_path / "v"
    path.write_text(text, newline="")
    vectors = read_vectors(path, words=["b", "c"])
    assert (vectors.words, vectors.matrix.tolist()) == (("b",), [[3, 4]])
    path.write_text("2 2\n" + text, newline="")
    assert read_vectors(path, words=["b"]).matrix.tolist() == [[3, 4]]


def test_leading_space_is_no_part_of_the_word(tmp_path):
    path = tmp_path / "v"
    path.write_text("a 1 2\n b 3 4\n x y 5 6\n")
    assert read_vectors(path, words=["b", "x y"]).words == read_vectors(path).words[1:]


def test_a_carriage_return_at_the_end_of_a_word_is_part_of_it(tmp_path):
    path = tmp_path / "v"
    path.write_text("a 1 2\nb\r 3 4\n\r 5\r 6\r\n", newline="")
    vectors = read_vectors(path)
    assert vectors.words == ("a", "b\r", "\r")
    assert vectors.matrix.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert_same(read_vectors(path, words=["b\r", "b"]), restricted(vectors, ["b\r"]))


def test_only_these_lines_are_parsed(tmp_path, monkeypatch):
    path = written(tmp_path, "glove")
    parsed = []
    genuine = text_rows._parse_columns

    def watched(block, dim, n_lines):
        parsed.extend(block.split(b"\n"))
        return genuine(block, dim, n_lines)

    monkeypatch.setattr(text_rows, "_parse_columns", watched)
    assert len(read_vectors(path, words=["w7", "w270", "absent"])) == 2
    assert [line.split(b" ")[0] for line in parsed] == [b"w7", b"w270"]


def test_memory_is_that_of_the_words_and_of_some_blocks(tmp_path, monkeypatch):
    path = tmp_path / "v.txt"
    matrix = np.random.default_rng(0).normal(size=(20_000, 50)).astype(np.float32)
    write_vectors(WordVectors([f"w{row}" for row in range(20_000)], matrix), path)
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", 1 << 16)
    monkeypatch.setattr(sniffing, "_HEAD_BYTES", 1 << 16)
    pl.read_csv(b"a 1")  # not what is measured
    tracemalloc.start()
    vectors = read_vectors(path, words=["w17", "w19999"], cache=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert vectors["w19999"].tolist() == matrix[19_999].tolist()
    assert peak < matrix.nbytes / 4


def test_native_matrix_of_other_words_is_not_looked_at(tmp_path):
    path = tmp_path / "v.safetensors"
    write_vectors(WordVectors(("a", "b"), [[1.5], [2.5]]), path)
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<f", 2.5), struct.pack("<f", np.nan)))
    assert read_vectors(path, words=["a"]).words == ("a",)
    with pytest.raises(FileFormatError, match="'b' .row 0. holds nan"):
        read_vectors(path, words=["b"])
    with pytest.raises(FileFormatError, match="'b' .row 1. holds nan"):
        read_vectors(path)


@pytest.mark.parametrize(
    "lines",
    [
        ["a 1 2", "b 3 x", "c 5 6"],
        ["a 1 2", "b 3 nan", "c 5 6"],
        ["a 1 2", "b 3", "c 5 6"],
        ["a 1 2", "", "c 5 6"],
        ["a 1 2", "cd", "c 5 6"],
    ],
)
def test_damage_in_other_lines_goes_unnoticed(tmp_path, lines):
    path = tmp_path / "v"
    path.write_text("\n".join(lines) + "\n")
    assert read_vectors(path, words=["c"]).matrix.tolist() == [[5, 6]]
    with pytest.raises(FileFormatError, match="line 2"):
        read_vectors(path)


def test_damage_in_wanted_lines_is_named_with_its_line(tmp_path):
    path = tmp_path / "v"
    path.write_text("a 1 2\nb 3 4\nc 5 6\nd 7 x\n")
    with pytest.raises(FileFormatError, match="line 4: value 2 of 2 of 'd' is 'x'"):
        read_vectors(path, words=["b", "d"])


def test_header_is_still_held_against_the_rows(tmp_path):
    path = tmp_path / "v"
    path.write_text("3 2\na 1 2\nb 3 4\n")
    with pytest.raises(FileFormatError, match="declares 3 words, but the file holds 2"):
        read_vectors(path, words=["b"])


def test_first_of_repeated_words_counts_and_others_do_not_matter(tmp_path):
    path = tmp_path / "v"
    for head, pack in (("", None), ("6 1\n", None), ("6 1\n", "<f")):
        rows = [("a", 1), ("x", 2), ("b", 3), ("x", 4), ("b", 5), ("x", 6)]
        body = b"".join(
            f"{word} {value}\n".encode() if pack is None
            else word.encode() + b" " + struct.pack(pack, value)
            for word, value in rows
        )  # fmt: skip
        path.write_bytes(head.encode() + body)
        assert read_vectors(path, words=["a"]).words == ("a",)
        with pytest.warns(AdaptWarning, match="1 of 6 rows repeat .*'b' in row 5 is the first"):
            vectors = read_vectors(path, words=["b", "a"])
        assert (vectors.words, vectors.matrix.tolist()) == (("a", "b"), [[1], [3]])


@pytest.mark.parametrize("format", FORMATS)
def test_no_word_or_none_found(tmp_path, format):
    path = written(tmp_path, format)
    for words in ([], ["absent"]):
        vectors = read_vectors(path, words=words)
        assert (len(vectors), vectors.dim) == (0, 3)


@pytest.mark.parametrize(
    ("words", "message"), [("the", "one string"), (["a", 5], "words holds 5, a int, not a str")]
)
def test_what_is_no_collection_of_words_is_refused(tmp_path, words, message):
    with pytest.raises(InputError, match=message):
        read_vectors(written(tmp_path, "glove"), words=words)
