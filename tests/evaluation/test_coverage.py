import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.evaluation.coverage import oov_rate
from adapt.evaluation.results import FallbackUse

KNOWN = {"fever", "patient", "follow", "up", "the"}


def rate(token_counts, vectors=frozenset(KNOWN), **options):
    return oov_rate(token_counts, vectors, name="general", split="test", **options)


def test_types_and_tokens():
    measured = rate({"the": 6, "fever": 2, "xyz": 1, "abc": 1})
    assert (measured.vectors, measured.split) == ("general", "test")
    assert (measured.n_types, measured.n_tokens) == (4, 10)
    assert (measured.type_rate, measured.token_rate) == (0.5, 0.2)


def test_a_word_is_missing_unless_known_as_written():
    assert rate({"Fever": 1}).type_rate == 1
    assert rate({"fever": 1}).type_rate == 0


def test_each_missing_word_counts_under_the_first_fallback_that_serves_it():
    measured = rate({"the": 9, "Fever": 3, "FEVER": 1, "patient's": 4, "follow-up": 2, "xyz": 5})
    assert measured.fallbacks == (
        FallbackUse("lower_case", 2, 4),
        FallbackUse("without_possessive", 1, 4),
        FallbackUse("hyphen_parts", 1, 2),
    )


def test_a_split_word_needs_all_its_parts():
    assert sum(use.n_types for use in rate({"follow-xyz": 1}).fallbacks) == 0


def test_steps_that_serve_nothing_are_listed():
    uses = rate({"the": 1}).fallbacks
    assert [use.step for use in uses] == ["lower_case", "without_possessive", "hyphen_parts"]
    assert {(use.n_types, use.n_tokens) for use in uses} == {(0, 0)}


def test_missing_words_are_listed_by_count_then_word():
    counts = {"b": 2, "a": 2, "c": 7, "the": 50, "d": 1}
    assert rate(counts).most_frequent_missing == (("c", 7), ("a", 2), ("b", 2), ("d", 1))
    assert rate(counts, n_missing=2).most_frequent_missing == (("c", 7), ("a", 2))
    assert rate(counts, n_missing=0).most_frequent_missing == ()


@given(
    counts=st.dictionaries(
        st.sampled_from(["the", "up", "xyz", "Up", "the-up", "up's", "q-up"]),
        st.integers(1, 50),
        min_size=1,
    )
)
def test_figures_agree_with_a_list_of_all_tokens(counts):
    measured = rate(counts)
    tokens = [word for word, count in counts.items() for _ in range(count)]
    assert measured.token_rate == pytest.approx(
        sum(token not in KNOWN for token in tokens) / len(tokens)
    )
    assert measured.type_rate == pytest.approx(
        sum(word not in KNOWN for word in counts) / len(counts)
    )
    served = sum(use.n_tokens for use in measured.fallbacks)
    assert served == sum(tokens.count(word) for word in ("Up", "the-up", "up's"))


def test_words_that_do_not_occur_do_not_count():
    assert rate({"the": 1, "xyz": 0}).n_types == 1


def test_a_text_without_tokens_has_no_rate():
    with pytest.raises(InputError, match="'test' has no tokens"):
        rate({"the": 0})


def test_a_negative_number_of_words_to_list_is_refused():
    with pytest.raises(InputError, match="n_missing is -1"):
        rate({"the": 1}, n_missing=-1)
