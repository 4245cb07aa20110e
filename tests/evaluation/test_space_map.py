from __future__ import annotations

import numpy as np
import pytest

from adapt.errors import FileFormatError
from adapt.evaluation import (
    MapNeighbors,
    Plane,
    SpaceMap,
    map_neighbors,
    read_space_map,
    write_space_map,
)


def test_the_plane_is_that_of_most_variance():
    rng = np.random.default_rng(0)
    spread = np.array([0.1, 5.0, 0.2, 2.0])
    vectors = (rng.normal(size=(4000, 4)) * spread + 7).astype(np.float32)
    plane = Plane.fit(vectors)
    np.testing.assert_allclose(np.abs(plane.axes), [[0, 1, 0, 0], [0, 0, 0, 1]], atol=0.02)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane.shares, spread[[1, 3]] ** 2 / (spread**2).sum(), rtol=0.05)
    np.testing.assert_allclose(plane.project(vectors).mean(axis=0), 0, atol=1e-5)
    assert (plane.axes.max(axis=1) > np.abs(plane.axes.min(axis=1))).all()


def test_a_rotation_of_the_space_changes_no_picture():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(300, 6)) * np.arange(6, 0, -1)
    turn, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    own, turned = (
        Plane.fit(vectors).project(vectors),
        Plane.fit(vectors @ turn).project(vectors @ turn),
    )
    np.testing.assert_allclose(np.abs(own), np.abs(turned), atol=1e-9)


@pytest.mark.parametrize("vectors", [np.ones((5, 3)), np.arange(4.0)[:, None], np.ones((1, 1))])
def test_spaces_without_a_plane_are_drawn_on_what_they_have(vectors):
    plane = Plane.fit(vectors)
    assert np.isfinite(plane.project(vectors)).all()
    assert plane.shares[1] == 0


def test_neighbours_leave_the_word_itself_out_even_among_copies():
    vectors = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.float32)
    rows, cosines = map_neighbors(vectors, np.array([2, 3]), 2)
    assert 2 not in rows[0]
    assert 3 not in rows[1]
    np.testing.assert_array_equal(cosines, [[1, 1], [0, 0]])
    rows, _ = map_neighbors(vectors, np.array([0]), 10)
    assert sorted(rows[0]) == [1, 2, 3]
    assert map_neighbors(vectors, np.array([], np.int64), 2)[0].size == 0


def one_word() -> SpaceMap:
    near = MapNeighbors(((1,),), ((0.5,),))
    return SpaceMap(
        "procrustes", 10, (0.5, 0.1), ("é", "b"), ("domain",), (3,), (None,), ((0.1, 0.2),),
        ((0.3, -0.4),), MapNeighbors(((),), ((),)), near, near,
    )  # fmt: skip


def test_maps_survive_the_round_trip(tmp_path):
    write_space_map(one_word(), tmp_path / "map.json")
    assert read_space_map(tmp_path) == one_word()


def test_map_files_hold_words_as_they_are_and_no_blanks(tmp_path):
    write_space_map(one_word(), tmp_path / "map.json")
    text = (tmp_path / "map.json").read_text(encoding="utf-8")
    assert "é" in text
    assert " " not in text.replace("\n", "")


@pytest.mark.parametrize(
    ("text", "said"), [("{", "not JSON"), ("[]", "version None"), ('{"map_version": 9}', "9")]
)
def test_other_files_are_refused(text, said, tmp_path):
    (tmp_path / "map.json").write_text(text)
    with pytest.raises(FileFormatError, match=said):
        read_space_map(tmp_path)
