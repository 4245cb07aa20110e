import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import InputError
from adapt.text import (
    WhitespaceTokenizer,
    WordTokenizer,
    tokenizer_named,
    without_possessive,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("X-ray of the hand", ["x-ray", "of", "the", "hand"]),
        ("patient's, patient’s", ["patient's", "patient's"]),
        ("patients' don't", ["patients", "don't"]),
        ("3.5 mm or 1,000 ml", ["3", "5", "mm", "or", "1", "000", "ml"]),
        ("and/or snake_case", ["and", "or", "snake", "case"]),
        ("--dash- -dash double--dash", ["dash", "dash", "double", "dash"]),
        ("Café ÜBER 5α-reductase", ["café", "über", "5α-reductase"]),
        ("", []),
        (" \t\n.,;", []),
    ],
)
def test_words_are_cut_as_documented(text, words):
    assert WordTokenizer()(text) == words


def test_case_is_kept_on_request():
    assert WordTokenizer(lowercase=False)("GABA and Crohn’s") == ["GABA", "and", "Crohn's"]


def test_decomposed_accents_give_the_same_word_as_composed_ones():
    text = "Ménière naïve"
    decomposed = unicodedata.normalize("NFD", text)
    assert decomposed != text
    assert WordTokenizer()(decomposed) == WordTokenizer()(text) == ["ménière", "naïve"]


@given(st.text())
def test_words_hold_no_white_space_and_survive_a_second_pass(text):
    words = WordTokenizer()(text)
    assert all(word and word.split() == [word] for word in words)
    assert WordTokenizer(lowercase=False)(" ".join(words)) == words


@given(st.text())
def test_whitespace_tokenizer_loses_nothing_but_white_space(text):
    assert "".join(WhitespaceTokenizer()(text)) == "".join(text.split())


@pytest.mark.parametrize("name", ["word", "word-cased", "whitespace"])
def test_tokenizers_are_found_by_their_own_name(name):
    assert tokenizer_named(name).name == name


def test_unknown_tokenizer_names_the_known_ones():
    with pytest.raises(InputError, match=r'"bpe".*word, word-cased, whitespace'):
        tokenizer_named("bpe")


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("thumb", "thumb"),
        ("Crohn’s", "Crohn"),
        ("patients'", "patients"),
        ("don't", "don't"),
        ("t-cell's", "t-cell"),
        ("-", "-"),
        ("'s", "'s"),
        ("", ""),
    ],
)
def test_possessives_are_cut_off(word, bare):
    assert without_possessive(word) == bare


@given(st.text())
def test_nothing_is_ever_cut_to_nothing(word):
    assert bool(without_possessive(word)) == bool(word)
