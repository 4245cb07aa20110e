"""What the readers take, what they refuse, and how they say it."""

import bz2
import gzip
import pickle
import re
import struct

import numpy as np
import pytest

from adapt.errors import AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.vectors import WordVectors, read_vectors, text_rows, word2vec_binary, write_vectors


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "vectors"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def contents(vectors: WordVectors) -> dict[str, list[float]]:
    return {word: vectors[word].tolist() for word in vectors}


AB = {"a": [1.0, 2.5], "b": [3.0, -0.5]}


@pytest.mark.parametrize(
    "text",
    [
        "a 1 2.5\nb 3 -0.5\n",
        "a 1 2.5\nb 3 -.5",
        "a 1 2.5 \nb 3 -0.5 \n",
        "a 1 2.5\nb 3 -0.5 \n",
        "a 1 2.5\r\nb 3 -0.5\r\n",
        "a 1 2.5 \r\nb 3 -0.5 \r\n",
        "a\t1\t2.5\nb\t3\t-0.5\n",
        "a\t1 2.5\nb\t3 -0.5\n",
        "a  1  2.5\nb  3 -0.5\n",
        "a +1.0 25e-1\nb 3e0 -0.5\n",
        "a 1 2.5\nb 3 -0.5\n\n\n  \n",
        "2 2\na 1 2.5\nb 3 -0.5\n",
        "2 2 \r\na 1 2.5 \r\nb 3 -0.5 \r\n",
        "2\t2\na\t1\t2.5\nb\t3\t-0.5\n",
    ],
)
def test_ways_to_write_the_same_text(file, text):
    path = file(text)
    assert contents(read_vectors(path)) == AB
    assert contents(read_vectors(file(gzip.compress(text.encode()), "v.gz"))) == AB


A, B = struct.pack("<2f", 1, 2.5), struct.pack("<2f", 3, -0.5)


@pytest.mark.parametrize(
    "content",
    [
        b"2 2\na " + A + b"b " + B,
        b"2 2\na " + A + b"\nb " + B + b"\n",
        b"2 2\na " + A + b"\nb " + B,
    ],
)
def test_binary_with_and_without_line_ends(file, content):
    assert contents(read_vectors(file(content))) == AB
    assert contents(read_vectors(file(gzip.compress(content), "v.bin.gz"))) == AB


def test_name_says_nothing_about_the_format(tmp_path):
    vectors = WordVectors(("a", "b"), [[1, 2.5], [3, -0.5]])
    for format in ("native", "word2vec-binary", "word2vec", "glove"):
        write_vectors(vectors, tmp_path / "v.txt", format=format)
        assert contents(read_vectors(tmp_path / "v.txt")) == AB


def test_words_that_look_like_something_else_stay_words(file):
    words = ["nan", "null", "NA", "inf", "1.5", '"', "#", "'", "//", "a\xa0b", "True", "-", "\\N"]
    text = "".join(f"{word} {row} {row + 0.5}\n" for row, word in enumerate(words))
    assert read_vectors(file(text)).words == tuple(words)
    assert read_vectors(file(f"{len(words)} 2\n{text}")).words == tuple(words)


def test_words_with_spaces_among_many_lines(file):
    lines = [f"w{row} {row} 1 2" for row in range(300)]
    lines[5], lines[200], lines[299] = ". . . 7 8 9", "at a@b.c 4 5 6", "\xa0 x 1 1 1"
    vectors = read_vectors(file("\n".join(lines) + "\n"))
    assert len(vectors) == 300
    assert vectors[". . ."].tolist() == [7, 8, 9]
    assert vectors["at a@b.c"].tolist() == [4, 5, 6]
    assert vectors.words[299] == "\xa0 x"
    assert vectors["w298"].tolist() == [298, 1, 2]


@pytest.mark.parametrize("header", ["", "500 3\n"])
@pytest.mark.parametrize("limit", [None, 1, 123, 500, 900])
def test_small_blocks_change_nothing(file, monkeypatch, header, limit):
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", 64)
    values = np.random.default_rng(3).normal(size=(500, 3)).astype(np.float32)
    text = "".join(
        f"w{row} {' '.join(map(str, values[row].tolist()))}\n" for row in range(500)
    )  # tolist gives float64 digits: more than needed, and still the same float32
    vectors = read_vectors(file(header + text), limit=limit)
    n_rows = min(limit or 500, 500)
    assert vectors.words == tuple(f"w{row}" for row in range(n_rows))
    assert np.array_equal(vectors.matrix, values[:n_rows])


def test_small_blocks_report_the_same_line(file, monkeypatch):
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", 16)
    lines = [f"w{row} 1 2" for row in range(50)]
    for bad, message in (("x 1", "has 1 values"), ("", "is empty")):
        lines[40] = bad
        with pytest.raises(FileFormatError, match=f"line 41: {message}"):
            read_vectors(file("\n".join(lines) + "\n\n\n"))


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_limit_reads_no_further(file, limit):
    text = "a 1 2\nb 3 4\n" + ("c x 5\n" if limit <= 2 else "c 5 6\n")
    assert read_vectors(file(text), limit=limit).words == ("a", "b", "c")[:limit]
    binary = b"3 2\n" + b"".join(word + b" " + A for word in (b"a", b"b", b"c"))
    assert read_vectors(file(binary), limit=limit).words == ("a", "b", "c")[:limit]


def test_limit_must_be_positive(file):
    with pytest.raises(InputError, match="limit is 0"):
        read_vectors(file("a 1 2\n"), limit=0)


@pytest.mark.parametrize(
    "content",
    [
        b"a 1 2\nb 3 4\na 5 6\nc 7 8\na 0 0\n",
        b"5 2\na 1 2\nb 3 4\na 5 6\nc 7 8\na 0 0\n",
        b"5 2\n"
        + b"".join(
            word + b" " + struct.pack("<2f", *pair)
            for word, pair in zip(
                [b"a", b"b", b"a", b"c", b"a"],
                [(1, 2), (3, 4), (5, 6), (7, 8), (0, 0)],
                strict=True,
            )
        ),
    ],
    ids=["glove", "word2vec", "word2vec-binary"],
)
def test_first_vector_of_a_repeated_word_counts(file, monkeypatch, content):
    for block in (8, 1 << 20):
        monkeypatch.setattr(text_rows, "_BLOCK_BYTES", block)
        path = file(content)
        message = f"{re.escape(str(path))}: 2 of 5 rows repeat .*'a' in row 3 is the first"
        with pytest.warns(AdaptWarning, match=message):
            vectors = read_vectors(path)
        assert contents(vectors) == {"a": [1, 2], "b": [3, 4], "c": [7, 8]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n\n", "no numbers follow a word"),
        ("just some words\nof a text\n", "no numbers follow a word"),
        ("a 1 2\nb 3\n", "line 2: has 1 values instead of 2"),
        ("a 1 2\nb 3 4\nc 1 2 3\n", "line 3: has 3 values instead of 2"),
        ("a 1 2\nb\nc 1 2\n", "line 2: has 0 values instead of 2"),
        ("a 1 2\n\nb 3 4\n", "line 2: is empty"),
        ("a 1 2\nb 3 nan\n", "line 2: value 2 of 2 of 'b' is nan, which is not finite"),
        ("a 1 2\nb -inf 2\n", "line 2: value 1 of 2 of 'b' is -inf"),
        ("a 1 2\nb 1e39 2\n", "line 2: value 1 of 2 of 'b' is 1e39, which is not finite"),
        ("a 1 2\nb x 2\nc 3 4\n", "line 2: value 1 of 2 of 'b' is 'x', not a number"),
        ("a 1 2\nb 1_0 2\n", "line 2: value 1 of 2 of 'b' is '1_0', not a number"),
        ("a 1 2\n 3 4\n", "line 2: has 1 values instead of 2"),
        (b"a 1 2\n\xe9t 3 4\n", r"line 2: is not UTF-8 \(byte 0 of the line\)"),
        ("3 2\na 1 2\nb 3 4\n", "line 1: the header declares 3 words, but the file holds 2"),
        ("1 2\na 1 2\nb 3 4\n", "line 1: the header declares 1 words, but the file holds 2"),
        ("2 3\na 1 2\nb 3 4 5\n", "line 2: has 2 values instead of 3"),
        ("2 99999999999\na 1 2\nb 3 4\n", "line 2: has 2 values instead of 99999999999"),
        ("2 2\na 1 2\nb 3 q\n", "line 3: value 2 of 2 of 'b' is 'q'"),
        ("3 50\n", "line 1: .* 3 words of 50 values, but nothing follows"),
        ("3 50", "line 1: .* 3 words of 50 values, but nothing follows"),
        (
            "0 50\na 1\n",
            "line 1: the header declares 0 words of 50 values; there is nothing to read",
        ),
        (b"2 2\na " + A + b"b " + B[:5], "byte 21: the file ends inside row 2"),
        (b"3 2\nmuch-longer " + A + b"b " + B, "byte 34: the file ends inside row 3"),
        (b"1 2\na " + A + b"b " + B, "byte 14: the header declares 1 words, but the file goes on"),
        (b"900 2\na " + A, r"byte 0: .* at least 9000 bytes, but the file holds at most 16"),
        (b"99999999999999 9999\na " + A, "take at least"),
        (b"2 2\na " + A + b"b " + struct.pack("<2f", 1, np.nan), r"'b' \(row 2\) is nan"),
        (b"2 2\na " + A + b"\xff\xfe " + B, "byte 14: the word of row 2 is not UTF-8"),
        (b"2 2\nlonger " + A + b" " + B, "byte 19: the word of row 2 is empty"),
        (pickle.dumps({"a": [1.0]}), "Python pickle, .* any code"),
        (struct.pack("<2i", 793712314, 12) + bytes(60), "fastText model"),
        (b"\xef\xbb\xbfa 1 2\n", "byte-order mark"),
        ("a 1 2\n".encode("utf-16"), "byte-order mark"),
        (gzip.compress(b"a 1 2\nb 3 4\n" * 50, mtime=0)[:-20], "gzip data are damaged or cut off"),
    ],
)
def test_damaged_files_are_refused_with_the_place(file, content, message):
    path = file(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_vectors(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_lines_and_words_without_an_end_are_refused_before_they_fill_the_memory(file, monkeypatch):
    monkeypatch.setattr(text_rows, "_BLOCK_BYTES", 1000)
    monkeypatch.setattr(text_rows, "_LONGEST_LINE", 5000)
    content = b"a 1 2\n" * 400 + b"b" * 1_000_000
    for packed in (content, gzip.compress(content)):
        with pytest.raises(FileFormatError, match="no line end within [56]... bytes"):
            read_vectors(file(packed))
    monkeypatch.setattr(word2vec_binary, "_LONGEST_WORD", 100)
    content = b"3 2\na " + A + b"b " + B + b"c" * 200
    with pytest.raises(FileFormatError, match="byte 24: no word where one should start"):
        read_vectors(file(content))


def test_other_containers_are_named(file, tmp_path):
    with pytest.raises(FileFormatError, match="unpack it, or compress it with gzip"):
        read_vectors(file(bz2.compress(b"a 1 2\n")))
    np.save(tmp_path / "m.npy", np.ones((2, 2)))
    with pytest.raises(FileFormatError, match="NumPy array, without words"):
        read_vectors(tmp_path / "m.npy")


def test_one_dimension_with_and_without_header(file):
    assert contents(read_vectors(file("2 1\na 5\nb 6\n"))) == {"a": [5], "b": [6]}
    # the second line has not the 3 values of a header "2 3": there is none
    assert contents(read_vectors(file("2 3\na 5\nb 6\n"))) == {"2": [3], "a": [5], "b": [6]}


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(FileAccessError, match=r"no such file.*glove\.6B\.50d"):
        read_vectors(tmp_path / "none.txt")
    with pytest.raises(FileAccessError, match="is not a file"):
        read_vectors(tmp_path)


class TestNative:
    @pytest.fixture
    def content(self, tmp_path) -> bytes:
        vectors = WordVectors(("ab", "c"), [[1, 2], [3, 4]], sources=("x", "y"))
        write_vectors(vectors, tmp_path / "v.safetensors")
        return (tmp_path / "v.safetensors").read_bytes()

    def test_shorter_files_are_refused(self, file, content):
        for length in (*range(0, len(content), 9), len(content) - 1):
            with pytest.raises(FileFormatError):
                read_vectors(file(content[:length]))

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b'"version":"1"', b'"version":"9"', "version 9, but this adapt reads version 1"),
            (b'"adapt-vectors"', b'"other-vectors"', "holds the tensors matrix, .*write_vectors"),
            (b'"F32"', b'"I32"', "'matrix' is I32"),
            (b'"matrix"', b'"mitrax"', "lacks a proper entry for the tensor 'matrix'"),
            (b'"shape":[2,2]', b'"shape":[3,2]', "'matrix' takes 24 bytes"),
            (b'{"__meta', b'("__meta', "not a vector file"),
            (b'"__metadata__":', b'"__metadata__";', "byte 8: the header is not a JSON object"),
            (b"abc", b"a\xffc", "not UTF-8"),
            (struct.pack("<2q", 2, 3), struct.pack("<2q", 5, 3), "the ends of its 2 words"),
            (struct.pack("<2q", 2, 3), struct.pack("<2q", 2, 2), "the ends of its 2 words"),
            (struct.pack("<2q", 2, 3), struct.pack("<2q", 3, 3), "word 1 is empty"),
            (struct.pack("<f", 4), struct.pack("<f", np.inf), "'c' .row 1. holds inf"),
            (struct.pack("<2H", 0, 1), struct.pack("<2H", 0, 7), "sources do not fit"),
        ],
    )
    def test_damage_is_named(self, file, content, old, new, message):
        at = content.rindex(old)
        with pytest.raises(FileFormatError, match=message):
            read_vectors(file(content[:at] + new + content[at + len(old) :]))

    def test_gzip_is_refused_with_advice(self, file, content):
        with pytest.raises(FileFormatError, match="cannot be packed; unpack the file"):
            read_vectors(file(gzip.compress(content)))
