import pickle

import numpy as np
import pytest

from adapt.errors import InputError, UnknownWordError
from adapt.vectors import WordVectors


@pytest.fixture
def vectors() -> WordVectors:
    return WordVectors(
        ("fever", "cough", "ache"),
        np.arange(6, dtype=np.float32).reshape(3, 2),
        counts=np.array([7, 5, 2]),
        origin="test",
        sources=("general", "domain", "both"),
    )


def test_float32_matrix_is_held_without_copy_and_read_only(vectors):
    matrix = np.ones((2, 3), dtype=np.float32)
    held = WordVectors(("a", "b"), matrix).matrix
    assert np.shares_memory(held, matrix)
    assert not held.flags.writeable
    assert matrix.flags.writeable  # the caller's own array is left as it was
    with pytest.raises(ValueError, match="read-only"):
        vectors["fever"][0] = 1


def test_memory_map_stays_one(tmp_path):
    np.save(tmp_path / "m.npy", np.ones((2, 3), dtype=np.float32))
    mapped = np.load(tmp_path / "m.npy", mmap_mode="r")
    assert np.shares_memory(WordVectors(("a", "b"), mapped).matrix, mapped)


@pytest.mark.parametrize(
    "matrix", [[[1, 2]], np.array([[1.0, 2.0]]), np.asfortranarray([[1, 2.0]])]
)
def test_other_real_matrices_are_converted(matrix):
    held = WordVectors(["a"], matrix).matrix
    assert held.dtype == np.float32
    assert held.flags.c_contiguous
    assert held.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((("a",), np.ones((2, 3))), "2 rows, but there are 1 words"),
        ((("a", "b", "a"), np.ones((3, 1))), "3 words, but only 2 distinct .* rows 0 and 2"),
        ((("a", ""), np.ones((2, 1))), "word 1 is empty"),
        ((("a", 5), np.ones((2, 1))), "word 1 is 5, a int"),
        ((("a", "\ud800"), np.ones((2, 1))), "word 1, .* half of a character"),
        (("ab", np.ones((2, 1))), "one string"),
        ((("a",), np.ones(3)), r"shape \(3,\)"),
        ((("a",), np.ones((1, 0))), r"shape \(1, 0\)"),
        ((("a",), [["x"]]), "real numbers"),
        ((("a",), [[1.0], [1.0, 2.0]]), "cannot be made an array"),
        ((("a", "b"), [[0, 1], [2, np.nan]]), "'b' .row 1. holds nan in column 1"),
        ((("a", "b"), [[0, -np.inf], [2, 1]]), "'a' .row 0. holds -inf"),
        ((("a",), [[1e300]]), "'a' .row 0. holds inf"),
        ((("a",), [[1.0]], [1, 2]), r"counts has shape \(2,\), but there are 1"),
        ((("a",), [[1.0]], [0.5]), "whole numbers"),
        ((("a",), [[1.0]], [-3]), "holds -3"),
        ((("a",), [[1.0]], None, "", ("x", "y")), "2 sources, but 1 words"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_numbers(arguments, message):
    with pytest.raises(InputError, match=message) as caught:
        WordVectors(*arguments)
    assert "\n" not in str(caught.value)


def test_nan_beyond_the_first_block_is_found_in_its_row():
    matrix = np.zeros((5000, 300), dtype=np.float32)
    matrix[4321, 17] = np.nan
    with pytest.raises(InputError, match=r"'w4321' \(row 4321\) holds nan in column 17"):
        WordVectors(tuple(f"w{row}" for row in range(5000)), matrix)


def test_looking_up(vectors):
    assert len(vectors) == 3
    assert list(vectors) == ["fever", "cough", "ache"]
    assert vectors.dim == 2
    assert "cough" in vectors
    assert "Cough" not in vectors
    assert vectors["cough"].tolist() == [2, 3]
    assert vectors.index("ache") == 2
    assert vectors.get("x") is None
    assert vectors.get("x", 0) == 0
    assert vectors.get("fever").tolist() == [0, 1]
    rows = vectors.rows(["ache", "x", "ache"])
    assert rows.tolist() == [2, -1, 2]
    assert rows.dtype == np.int64
    with pytest.raises(UnknownWordError, match="'x' is not among the 3 words of test"):
        vectors["x"]


def test_select_takes_counts_and_sources_along(vectors):
    chosen = vectors.select(["ache", "fever"])
    assert chosen.words == ("ache", "fever")
    assert chosen.matrix.tolist() == [[4, 5], [0, 1]]
    assert chosen.counts.tolist() == [2, 7]
    assert chosen.sources == ("both", "general")
    assert chosen.origin == "test"
    assert len(vectors.select([])) == 0
    with pytest.raises(UnknownWordError, match="2 of 3 words, 'x' the first"):
        vectors.select(["ache", "x", "y"])
    with pytest.raises(InputError, match="'ache' stands in rows 0 and 1"):
        vectors.select(["ache", "ache"])


def test_head_shares_memory(vectors):
    first = vectors.head(2)
    assert first.words == ("fever", "cough")
    assert first.counts.tolist() == [7, 5]
    assert np.shares_memory(first.matrix, vectors.matrix)
    assert len(vectors.head(10)) == 3
    with pytest.raises(InputError, match="-1"):
        vectors.head(-1)


def test_replace_changes_only_what_is_named(vectors):
    changed = vectors.replace(matrix=np.zeros((3, 5)), origin="zeros")
    assert (changed.dim, changed.origin) == (5, "zeros")
    assert (changed.words, changed.sources) == (vectors.words, vectors.sources)
    assert vectors.replace(origin="o").matrix.tolist() == vectors.matrix.tolist()
    with pytest.raises(InputError, match="2 rows, but there are 3 words"):
        vectors.replace(matrix=np.zeros((2, 5)))


def test_pickled_copy_is_equal_and_immutable(vectors):
    copy = pickle.loads(pickle.dumps(vectors))
    assert copy.words == vectors.words
    assert copy.matrix.tolist() == vectors.matrix.tolist()
    assert copy.index("ache") == 2
    assert not copy.matrix.flags.writeable
    assert not copy.counts.flags.writeable
