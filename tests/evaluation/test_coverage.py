import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.evaluation import LinkUse, oov_rate, oov_shares
from adapt.oov import Chain, Filled, Mean, OOVStrategy
from adapt.vectors import WordVectors

KNOWN = ("fever", "patient", "follow", "up", "the")
VECTORS = WordVectors(KNOWN, np.eye(5))


class Lower(OOVStrategy):
    """Serves the words that are known in lower case."""

    name = "lower"

    def fit(self, vectors, corpus=None):
        self.vectors = vectors
        return self

    def fill(self, words):
        found = [word.lower() in self.vectors for word in words]
        steps = tuple("lower:case" if one else "" for one in found)
        matrix = np.zeros((len(words), self.vectors.dim), dtype=np.float32)
        return Filled(matrix, steps, np.zeros(len(words), dtype=np.float32))


def rate(token_counts, vectors=VECTORS, **options):
    return oov_rate(token_counts, vectors, name="general", split="test", **options)


def test_types_and_tokens():
    measured = rate({"the": 6, "fever": 2, "xyz": 1, "abc": 1})
    assert (measured.vectors, measured.split) == ("general", "test")
    assert (measured.n_types, measured.n_tokens) == (4, 10)
    assert (measured.type_rate, measured.token_rate) == (0.5, 0.2)


def test_a_word_is_missing_unless_known_as_written():
    assert rate({"Fever": 1}).type_rate == 1
    assert rate({"fever": 1}).type_rate == 0


def test_each_missing_word_counts_under_the_link_that_serves_it():
    counts = {"the": 9, "Fever": 3, "FEVER": 1, "follow-up": 2, "xyz": 5}
    chain = Chain([Lower(), Mean()]).fit(VECTORS)
    measured = rate(counts, oov=chain)
    assert measured.links == (LinkUse("lower", 2, 4), LinkUse("mean", 2, 7))
    assert (measured.type_rate, measured.token_rate) == (4 / 5, 11 / 20)  # they are missing still
    # alone, the first link leaves the others unserved
    assert rate(counts, oov=Lower().fit(VECTORS)).links == (LinkUse("lower", 2, 4),)
    assert rate(counts).links == ()


def test_links_that_serve_nothing_are_listed():
    chain = Chain([Lower(), Mean()]).fit(VECTORS)
    assert rate({"the": 1}, oov=chain).links == (LinkUse("lower", 0, 0), LinkUse("mean", 0, 0))


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
    measured = rate(counts, oov=Chain([Lower(), Mean()]).fit(VECTORS))
    tokens = [word for word, count in counts.items() for _ in range(count)]
    assert measured.token_rate == pytest.approx(
        sum(token not in KNOWN for token in tokens) / len(tokens)
    )
    assert measured.type_rate == pytest.approx(
        sum(word not in KNOWN for word in counts) / len(counts)
    )
    lower, mean = measured.links
    assert lower.n_tokens == tokens.count("Up")
    assert lower.n_types + mean.n_types == sum(word not in KNOWN for word in counts)


def test_words_that_do_not_occur_do_not_count():
    assert rate({"the": 1, "xyz": 0}).n_types == 1


def test_a_text_without_tokens_has_no_rate():
    with pytest.raises(InputError, match="'test' has no tokens"):
        rate({"the": 0})


def test_a_negative_number_of_words_to_list_is_refused():
    with pytest.raises(InputError, match="n_missing is -1"):
        rate({"the": 1}, n_missing=-1)


def test_shares_of_unknown_tokens_by_document():
    documents = [["the", "xyz", "xyz", "up"], ["the"], [], ["xyz"]]
    np.testing.assert_array_equal(oov_shares(documents, VECTORS), [0.5, 0, 0, 1])
    assert oov_shares([], VECTORS).shape == (0,)
