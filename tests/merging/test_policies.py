"""Merging two spaces: which vector a word gets, from where, and at what scale."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.merging import matched_scale, merge, policy_names
from adapt.vectors import WordVectors

GENERAL = WordVectors(
    words=("the", "cell", "goal"),
    matrix=np.array([[1, 0], [0, 2], [2, 2]], dtype=np.float32),
    origin="general",
)
DOMAIN = WordVectors(
    words=("cell", "ataxia", "the"),
    matrix=np.array([[4, 0], [0, 6], [0, 2]], dtype=np.float32),
    counts=np.array([30, 20, 10]),
    origin="domain",
)
# mean norm over {the, cell}: general (1 + 2) / 2, domain (2 + 4) / 2
SCALE = 0.5


def test_scale_is_matched_over_the_shared_words():
    assert matched_scale(GENERAL, DOMAIN) == pytest.approx(SCALE)


@pytest.mark.parametrize("policy", policy_names())
class TestEveryPolicy:
    def test_keeps_every_word_of_either_space_once(self, policy):
        merged = merge(GENERAL, DOMAIN, policy)
        assert merged.words == ("the", "cell", "goal", "ataxia")
        assert merged.counts.tolist() == [10, 30, 0, 20]
        assert np.isfinite(merged.matrix).all()

    def test_says_where_every_vector_came_from(self, policy):
        merged = merge(GENERAL, DOMAIN, policy)
        assert merged.sources[2:] == ("general", "domain")
        assert set(merged.sources) <= {"general", "domain", "both"}

    def test_changes_neither_space(self, policy):
        before = GENERAL.matrix.copy(), DOMAIN.matrix.copy()
        merge(GENERAL, DOMAIN, policy)
        np.testing.assert_array_equal(GENERAL.matrix, before[0])
        np.testing.assert_array_equal(DOMAIN.matrix, before[1])

    def test_works_without_shared_words(self, policy):
        other = WordVectors(words=("ptosis",), matrix=np.ones((1, 2), dtype=np.float32))
        merged = merge(GENERAL, other, policy)
        assert merged.words == ("the", "cell", "goal", "ptosis")
        assert merged.sources == ("general",) * 3 + ("domain",)


@pytest.mark.parametrize(
    ("policy", "the", "cell", "source"),
    [
        ("general_first", [1, 0], [0, 2], "general"),
        ("domain_first", [0, 1], [2, 0], "domain"),
        ("average", [0.5, 0.5], [1, 1], "both"),
        ("concat", [1, 0, 0, 1], [0, 2, 2, 0], "both"),
    ],
)
def test_shared_words(policy, the, cell, source):
    merged = merge(GENERAL, DOMAIN, policy)
    np.testing.assert_allclose(merged["the"], the)
    np.testing.assert_allclose(merged["cell"], cell)
    assert merged.sources[:2] == (source, source)


def test_concat_fills_the_missing_side_with_zeros():
    merged = merge(GENERAL, DOMAIN, "concat")
    np.testing.assert_allclose(merged["goal"], [2, 2, 0, 0])
    np.testing.assert_allclose(merged["ataxia"], [0, 0, 0, 3])


def test_scale_can_be_left_alone():
    np.testing.assert_allclose(
        merge(GENERAL, DOMAIN, "domain_first", match_scale=False)["ataxia"], [0, 6]
    )


def test_all_zero_vectors_do_not_break_the_scale():
    zero = WordVectors(words=("the",), matrix=np.zeros((1, 2), dtype=np.float32))
    assert matched_scale(GENERAL, zero) == 1.0


@pytest.mark.parametrize("policy", ["general_first", "domain_first", "average"])
def test_spaces_of_different_dimension_are_refused(policy):
    other = WordVectors(words=("the",), matrix=np.ones((1, 3), dtype=np.float32))
    with pytest.raises(InputError, match=r"2 dimensions and the domain vectors 3; align them"):
        merge(GENERAL, other, policy)
    assert merge(GENERAL, other, "concat").dim == 5


def test_unknown_policy_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'average'"):
        merge(GENERAL, DOMAIN, "averge")


def test_vectors_that_were_merged_before_keep_their_sources():
    first = merge(GENERAL, DOMAIN, "domain_first")
    extra = WordVectors(words=("ptosis", "the"), matrix=np.ones((2, 2), dtype=np.float32))
    again = merge(first, extra, "general_first")
    assert again.words == ("the", "cell", "goal", "ataxia", "ptosis")
    assert again.sources == ("domain", "domain", "general", "domain", "domain")
    assert merge(extra, first, "average").sources == (
        "general", "both", "domain", "general", "domain",
    )  # fmt: skip
