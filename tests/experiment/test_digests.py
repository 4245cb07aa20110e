"""Digests: equal for equal content, and for nothing else."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from adapt.errors import FileAccessError
from adapt.experiment.digests import content_digest, file_digest, files_digest
from adapt.text import Corpus
from adapt.vectors import WordVectors


@dataclass(frozen=True)
class Point:
    x: int
    y: int


@dataclass(frozen=True)
class OtherPoint:
    x: int
    y: int


@dataclass(frozen=True)
class Known:
    path: Path
    digest: str


DISTINCT = [
    None,
    True,
    1,
    1.0,
    "1",
    b"1",
    [1],
    [[1]],
    [1, 1],
    {"1": 1},
    ["a", "b"],
    ["ab"],
    ["a"] * 200,
    ["a"] * 199 + ["b"],
    "\ud800",
    np.array([1]),
    np.array([1.0]),
    np.array([[1]]),
    np.array([True]),
    Point(1, 2),
    Point(2, 1),
    OtherPoint(1, 2),
    WordVectors(("a",), [[1.0]]),
    WordVectors(("a",), [[2.0]]),
    WordVectors(("b",), [[1.0]]),
    WordVectors(("a",), [[1.0]], counts=[3]),
    Corpus.from_texts(["a", "b"]),
    Corpus.from_texts(["a b"]),
]


def test_values_that_differ_have_digests_that_differ():
    assert len({content_digest(value) for value in DISTINCT}) == len(DISTINCT)


def test_equal_values_have_equal_digests_however_they_lie_in_memory():
    matrix = np.arange(6.0).reshape(2, 3)
    assert content_digest(matrix) == content_digest(np.asfortranarray(matrix))
    assert content_digest((1, "a")) == content_digest([1, "a"])
    first, second = (WordVectors(("a", "b"), np.eye(2, dtype=np.float32)) for _ in range(2))
    assert content_digest(first) == content_digest(second)


def test_files_that_know_their_content_are_known_by_it_wherever_they_lie():
    here, there = Known(Path("a"), "123"), Known(Path("b"), "123")
    assert content_digest(here) == content_digest(there)
    assert content_digest(here) != content_digest(Known(Path("a"), "124"))


@pytest.mark.parametrize("value", [{1, 2}, Path("a"), object(), [iter(())]])
def test_what_has_no_content_of_its_own_is_refused(value):
    with pytest.raises(TypeError, match="has no digest by content"):
        content_digest(value)


def test_files_are_known_by_content_and_name(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in "ab":
            (tmp_path / folder / name).write_text(name)
    one, two = ([tmp_path / folder / name for name in "ab"] for folder in ("one", "two"))
    assert files_digest(one) == files_digest(reversed(two))
    two[0].write_text("c")
    assert files_digest(one) != files_digest(two)
    with pytest.raises(FileAccessError, match="put the file back"):
        file_digest(tmp_path / "three")
