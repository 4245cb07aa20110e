"""Duplicates of test documents are found, and nothing else is called one."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.evaluation import UNLABELLED_CORPUS, Duplicate, Leak, duplicated_places, find_leak
from adapt.evaluation.leakage import shingle_similarity, shingles

WORDS = [f"w{i}" for i in range(500)]


def documents(n, *, length=30, seed=0):
    generator = Random(seed)
    return [" ".join(generator.choices(WORDS, k=length)) for _ in range(n)]


def every_duplicate(test_texts, other_texts, **options):
    return find_leak(
        test_texts, other_texts, where=UNLABELLED_CORPUS, n_examples=len(test_texts), **options
    )


def changed(text, place, *, to=None):
    words = text.split()
    words[place : place + 1] = [] if to is None else [to]
    return " ".join(words)


def is_near(first, second, threshold):
    return shingle_similarity(shingles(first), shingles(second)) >= threshold


@pytest.mark.parametrize("place", [0, 1, 14, 28, 29])
@pytest.mark.parametrize("to", ["other", None], ids=["changed", "dropped"])
def test_one_word_of_thirty_makes_a_near_duplicate(place, to):
    tests, others = documents(200), documents(3000, seed=1)
    others[1234] = changed(tests[77], place, to=to)
    leak = every_duplicate(tests, others)
    assert (leak.n_exact, leak.n_near) == (0, 1)
    (found,) = leak.examples
    assert (found.test_place, found.other_place, found.exact) == (77, 1234, False)
    assert 0.8 <= found.similarity < 1


def test_no_planted_duplicate_is_missed():
    tests = documents(1000)
    others = [changed(text, i % 30, to="other") for i, text in enumerate(tests)]
    Random(2).shuffle(others)
    for seed in range(3):
        assert every_duplicate(tests, others, seed=seed).n_near == 1000


def test_the_same_words_in_another_order_are_another_text():
    tests = documents(300)
    generator = Random(3)
    others = [" ".join(generator.sample(text.split(), 30)) for text in tests]
    assert every_duplicate(tests, others) == Leak(UNLABELLED_CORPUS, 0, 0, ())


def test_capitals_and_white_space_leave_a_duplicate_exact_and_punctuation_does_not():
    tests = ["Ataxia of gait and limbs.", "Café au lait\u2019s spots, many"]
    others = ["nothing", "ataxia  of GAIT\nand limbs.", "cafe\u0301 au lait's spots many"]
    leak = every_duplicate(tests, others)
    assert leak.examples == (Duplicate(0, 1, 1.0, exact=True), Duplicate(1, 2, 1.0, exact=False))
    assert (leak.n_exact, leak.n_near, leak.n_documents) == (1, 1, 2)


def test_texts_without_words_are_no_duplicates():
    nothing = ["", "  \n", "...", "\u2014"]
    assert every_duplicate([*nothing, "gait"], [*nothing, "tremor"]) == Leak(
        UNLABELLED_CORPUS, 0, 0, ()
    )


@pytest.mark.parametrize("text", ["ataxia", "运动失调", "gait ataxia", "ataxia of gait"])
def test_short_texts_are_duplicates_of_the_same_words_alone(text):
    others = [f"{text} again", text.upper() + "!", text[:-1], "gait", "of gait"]
    leak = every_duplicate([text], others)
    assert leak.examples == (Duplicate(0, 1, 1.0, exact=False),)


def test_the_closest_text_stands_for_a_document_and_the_first_of_equals():
    (text,) = documents(1)
    near = changed(text, 0)
    others = [changed(text, 15), near, near, text.upper(), text]
    for n, place in ((1, 0), (3, 1), (5, 3)):
        (found,) = every_duplicate([text], others[:n]).examples
        assert found.other_place == place


def test_examples_are_the_first_exact_and_the_first_near_ones():
    tests = documents(8)
    others = [*tests[4:], *(changed(text, 0) for text in tests[:4])]
    leak = find_leak(tests, others, where=UNLABELLED_CORPUS, n_examples=2)
    assert (leak.n_exact, leak.n_near) == (4, 4)
    assert [found.test_place for found in leak.examples] == [4, 5, 0, 1]
    assert find_leak(tests, others, where=UNLABELLED_CORPUS, n_examples=0).examples == ()


def test_the_others_are_read_once_and_may_be_many_batches():
    tests = documents(5)
    others = [*documents(2500, seed=1), tests[3]]
    found = every_duplicate(tests, iter(others))
    assert found.examples == (Duplicate(3, 2500, 1.0, exact=True),)
    assert (
        every_duplicate([], others)
        == every_duplicate(tests, [])
        == Leak(UNLABELLED_CORPUS, 0, 0, ())
    )


few_words = st.lists(st.sampled_from("abcd"), max_size=12).map(" ".join)


@given(
    tests=st.lists(few_words | st.text(), max_size=6),
    others=st.lists(few_words | st.text(), max_size=12),
    threshold=st.sampled_from([0.3, 0.5, 0.8, 1.0]),
    seed=st.integers(0, 3),
)
@example(["\ud800 a b c"], ["a b c"], 0.8, 0)
def test_what_is_reported_is_what_comparing_all_pairs_finds(tests, others, threshold, seed):
    leak = every_duplicate(tests, others, threshold=threshold, seed=seed)
    for found in leak.examples:
        first, second = shingles(tests[found.test_place]), shingles(others[found.other_place])
        assert found.similarity == len(first & second) / len(first | second) >= threshold
    expected = [
        place
        for place, text in enumerate(tests)
        if any(is_near(text, other, threshold) for other in others)
    ]
    assert sorted(found.test_place for found in leak.examples) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 0.0}, "threshold is 0.0"),
        ({"threshold": 1.1}, "threshold is 1.1"),
        ({"threshold": float("nan")}, "threshold is nan"),
        ({"n_examples": -1}, "n_examples is -1"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        find_leak(["a"], ["a"], where=UNLABELLED_CORPUS, **options)


def test_nothing_leaks_from_what_is_left_without_the_duplicated_places():
    tests, others = documents(200), documents(1000, seed=1)
    others[5] = changed(tests[0], 3, to="other")
    others[700] = tests[0].upper()
    others[701] = changed(tests[199], 29)
    places = duplicated_places(tests, iter(others))
    assert places == [5, 700, 701]
    left = [text for place, text in enumerate(others) if place not in places]
    assert every_duplicate(tests, left) == Leak(UNLABELLED_CORPUS, 0, 0, ())


def test_duplicated_places_checks_what_it_is_given():
    with pytest.raises(InputError, match="threshold is 0"):
        duplicated_places(["a"], ["a"], threshold=0)
