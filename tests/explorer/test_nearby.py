"""Neighbours and analogies in one space and in several."""

import numpy as np
import pytest

from adapt.errors import InputError, UnknownWordError
from adapt.explorer import analogy, common_words, neighborhoods, neighbors
from adapt.vectors import WordVectors


@pytest.fixture
def space():
    generator = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(40))
    matrix = generator.normal(size=(40, 6)).astype(np.float32)
    return WordVectors(
        words, matrix, counts=np.arange(40, 0, -1), sources=["both"] * 20 + ["domain"] * 20
    )


def cosines(space, query):
    unit = space.matrix / np.linalg.norm(space.matrix, axis=1, keepdims=True)
    return unit @ (query / np.linalg.norm(query))


def test_neighbours_are_the_others_of_the_largest_cosines(space):
    for word, found in zip(("w3", "w30"), neighbors(space, ["w3", "w30"], 5), strict=True):
        expected = cosines(space, space[word])
        order = [row for row in np.argsort(-expected) if space.words[row] != word][:5]
        assert [one.word for one in found] == [space.words[row] for row in order]
        assert [one.cosine for one in found] == pytest.approx(expected[order], abs=1e-6)
        assert [one.count for one in found] == space.counts[order].tolist()
        assert [one.source for one in found] == [space.sources[row] for row in order]


def test_there_may_be_fewer_than_asked_for(space):
    (found,) = neighbors(space, ["w0"], 1000)
    assert len(found) == 39


def test_a_word_that_another_equals_is_still_not_its_own_neighbour():
    space = WordVectors(("a", "b", "c"), [[1.0, 0], [1, 0], [0, 1]])
    (found,) = neighbors(space, ["b"], 2)
    assert [(one.word, one.cosine, one.count, one.source) for one in found] == [
        ("a", 1.0, None, None),
        ("c", 0.0, None, None),
    ]


def test_an_analogy_adds_vectors_of_length_one_and_leaves_its_words_out():
    matrix = np.array([[1, 0, 0], [0, 3, 0], [0, 0, 2], [5, -5, 5], [-1, 0, 0]])
    space = WordVectors(("king", "man", "woman", "queen", "fish"), matrix)
    found = analogy(space, "king", "man", "woman")
    assert [one.word for one in found] == ["queen", "fish"]
    assert found[0].cosine == pytest.approx(1)


def test_an_analogy_may_use_a_word_twice(space):
    (plain,) = neighbors(space, ["w1"], 3)
    found = analogy(space, "w1", "w2", "w2", 3)
    assert [one.word for one in found] == [one.word for one in plain if one.word != "w2"][:3]


def test_what_cannot_be_answered_is_refused(space):
    with pytest.raises(UnknownWordError, match="'cough'"):
        neighbors(space, ["w1", "cough"])
    with pytest.raises(UnknownWordError, match="'cough'"):
        analogy(space, "w1", "w2", "cough")
    with pytest.raises(InputError, match="k is 0"):
        neighbors(space, ["w1"], 0)
    zero = WordVectors(("a", "b"), [[1.0, 0], [-1, 0]])
    with pytest.raises(InputError, match="a - b \\+ b"):
        analogy(WordVectors(("a", "b"), [[0.0, 0], [0, 1]]), "a", "b", "b")
    assert analogy(zero, "a", "b", "b") == ()


def test_spaces_side_by_side(space):
    spaces = {"all": space, "few": space.head(10), "other": WordVectors(("cough",), [[1.0]])}
    found = neighborhoods(spaces, lambda one: neighbors(one, ["w3"], 4)[0])
    assert [one.space for one in found] == ["all", "few", "other"]
    assert found[2].neighbors == ()
    assert "'w3'" in found[2].lacking
    assert common_words(found) == {
        ("all", "few"): tuple(word for word in found[0].words if word in found[1].words)
    }
    assert found[0].words == tuple(one.word for one in neighbors(space, ["w3"], 4)[0])
