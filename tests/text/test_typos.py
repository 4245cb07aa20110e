"""Typos: as many as asked for, one edit each, and a document's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.text import with_typos

DOCUMENTS = [
    [f"{word}{place}" for word in ("abnormality", "of", "the", "Thumb", "x-ray", "aa")]
    for place in range(300)
]
documents = st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=4)


def edits(before: str, after: str) -> int:
    """Count edits between words, a swap of neighbours as one (optimal string alignment)."""
    cost = np.zeros((len(before) + 1, len(after) + 1), dtype=int)
    cost[:, 0], cost[0] = range(len(before) + 1), range(len(after) + 1)
    for i in range(1, len(before) + 1):
        for j in range(1, len(after) + 1):
            differs = before[i - 1] != after[j - 1]
            options = [cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + differs]
            if i > 1 and j > 1 and before[i - 2 : i] == after[j - 2 : j][::-1]:
                options.append(cost[i - 2, j - 2] + 1)
            cost[i, j] = min(options)
    return int(cost[-1, -1])


def pairs(before, after):
    return [pair for both in zip(before, after, strict=True) for pair in zip(*both, strict=True)]


@given(documents=documents, seed=st.integers(0, 3))
def test_every_long_word_is_edited_once_at_a_share_of_one(documents, seed):
    for before, after in pairs(documents, with_typos(documents, 1.0, seed=seed)):
        assert edits(before, after) == (len(before) >= 4)


@given(documents=documents)
def test_nothing_happens_at_a_share_of_zero(documents):
    assert with_typos(documents, 0.0, seed=0) == documents


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6])
def test_the_share_is_that_of_all_words_but_long_ones_alone_are_hit(share):
    documents = [["abnormality", "of", f"thumb{n}", "the"] for n in range(500)]
    hit = np.array([a != b for a, b in pairs(documents, with_typos(documents, share, seed=1))])
    by_word = hit.reshape(-1, 4).mean(axis=0)
    assert by_word.mean() == pytest.approx(min(share, 0.5), abs=0.02)
    assert by_word == pytest.approx(2 * by_word.mean() * np.array([1, 0, 1, 0]), abs=0.08)


def test_all_four_edits_occur_alike_often():
    before = [["abcdefgh"]] + [["abcdefgh", str(place)] for place in range(2000)]
    words = [words[0] for words in with_typos(before, 1.0, seed=0)]
    lengths = np.array([len(word) for word in words])
    swapped = np.array([sorted(word) == sorted("abcdefgh") for word in words])
    shares = [(lengths == 7).mean(), (lengths == 9).mean(), swapped.mean()]
    assert shares == pytest.approx([0.25] * 3, abs=0.04)


def test_mistaken_keys_lie_side_by_side_and_keep_the_case():
    typed = {words[0] for words in with_typos([["GGGG", str(n)] for n in range(900)], 1.0, seed=0)}
    keys = {key for word in typed for key in word}
    assert keys == set("GFHTYVB")
    assert {len(word) for word in typed} == {3, 4, 5}


def test_a_documents_typos_are_its_own_and_the_seeds():
    typos = with_typos(DOCUMENTS, 0.5, seed=7)
    assert with_typos(DOCUMENTS[::-1], 0.5, seed=7) == typos[::-1]
    assert with_typos(DOCUMENTS, 0.5, seed=8) != typos


def test_a_larger_share_keeps_the_typos_of_a_smaller_one():
    few, many = (with_typos(DOCUMENTS, share, seed=0) for share in (0.1, 0.4))
    kept = [
        (less, more)
        for (word, less), (_, more) in zip(
            pairs(DOCUMENTS, few), pairs(DOCUMENTS, many), strict=True
        )
        if less != word
    ]
    assert len(kept) > 100
    assert all(less == more for less, more in kept)


def test_lone_surrogates_and_marks_are_edited_like_any_character():
    ((first, second),) = with_typos([["\udc80\udc81" * 2, "e\u0301" * 2]], 1.0, seed=0)
    assert (edits("\udc80\udc81" * 2, first), edits("e\u0301" * 2, second)) == (1, 1)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_no_probability_is_refused(share):
    with pytest.raises(InputError, match="share of typos is .*between 0 and 1"):
        with_typos([["renal"]], share, seed=0)
