"""Other spellings under which vectors may know a word, most faithful first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from adapt.text import without_possessive

__all__ = ["other_forms", "same_word"]

# British, American, and the letters that both words must have: in shorter ones, the letters of a
# rule are mostly there by chance (raeside and reside)
_REGIONAL = tuple(
    (re.compile(rf"{british}|{american}"), british, american, n_letters)
    for british, american, n_letters in (
        ("haem", "hem", 5),  # haemal
        ("aemi", "emi", 6),  # anaemia
        ("oedem", "edem", 5),  # oedema
        ("foet", "fet", 5),  # foetus
        ("faec", "fec", 5),  # faeces
        ("caec", "cec", 5),  # caecum
        ("coeli", "celi", 6),  # coeliac
        ("ae", "e", 7),  # leukaemia
        ("oe", "e", 7),  # diarrhoea
        ("our", "or", 5),  # tumour
        ("ise", "ize", 6),  # optimise
        ("isa", "iza", 6),  # optimisation
        ("isi", "izi", 6),  # optimising
        ("yse", "yze", 6),  # paralyse
        ("ysi", "yzi", 6),  # paralysing
        ("sulph", "sulf", 5),  # sulphate
        ("tre", "ter", 5),  # centre
        ("bre", "ber", 5),  # fibre
        ("ogue", "og", 6),  # analogue
        ("ence", "ense", 6),  # defence
        ("llin", "lin", 7),  # labelling
        ("lled", "led", 6),  # labelled
        ("ller", "ler", 6),  # jeweller
    )
)
_LETTERS_JOINED = 7

# endings of a plural, of its singular, and the letters that the plural must have
_PLURALS = (
    ("ies", "y", 6),  # allergies
    ("yses", "ysis", 7),  # epiphyses
    ("oses", "osis", 7),  # diagnoses
    ("ases", "asis", 7),  # metastases
    ("ices", "ix", 7),  # cervices
    ("ices", "ex", 7),  # cortices
    ("ae", "a", 5),  # vertebrae
    ("i", "us", 4),  # tophi
    ("s", "", 5),
)
_NO_PLURALS = ("ss", "us", "is")
_LETTERS_PAST = 7


def same_word(word: str) -> Iterator[tuple[str, str]]:
    """Yield steps that leave the word what it is, each from where the one before has led to.

    The steps are ``lower_case``, ``without_possessive``, ``composed`` (Unicode's compatibility
    composition, NFKC) and ``without_diacritics``; those that change nothing are left out.

    Examples
    --------
    >>> list(same_word("Ménière's"))[1:]
    [('without_possessive', 'ménière'), ('without_diacritics', 'meniere')]
    """
    base = word
    for step, change in (
        ("lower_case", str.lower),
        ("without_possessive", without_possessive),
        ("composed", _composed),
        ("without_diacritics", _without_diacritics),
    ):
        changed = change(base)
        if changed and changed != base:
            base = changed
            yield step, base


def other_forms(word: str) -> Iterator[tuple[str, str]]:
    """Yield other forms of a word in lower case, step by step, of which some may be no words.

    The steps are ``regional``, ``joined``, ``singular`` and ``past_tense``; each starts from
    `word`.

    Examples
    --------
    >>> list(other_forms("tumours"))
    [('regional', 'tumors'), ('singular', 'tumour')]
    """
    steps = {
        "regional": _regional,
        "joined": _joined,
        "singular": _singular,
        "past_tense": _past_tense,
    }
    for step, forms in steps.items():
        for form in forms(word):
            yield step, form


def _composed(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


def _without_diacritics(word: str) -> str:
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join([mark for mark in decomposed if not unicodedata.combining(mark)])


def _regional(word: str) -> Iterator[str]:
    for pattern, british, american, n_letters in _REGIONAL:
        for found in pattern.finditer(word):
            other = american if found[0] == british else british
            variant = word[: found.start()] + other + word[found.end() :]
            if min(len(word), len(variant)) >= n_letters:
                yield variant


def _joined(word: str) -> Iterator[str]:
    joined = word.replace("-", "")
    if joined != word and joined.isalpha() and len(joined) >= _LETTERS_JOINED:
        yield joined


def _singular(word: str) -> Iterator[str]:
    for plural, singular, n_letters in _PLURALS:
        if len(word) >= n_letters and word.endswith(plural) and not word.endswith(_NO_PLURALS):
            yield word[: -len(plural)] + singular


def _past_tense(word: str) -> Iterator[str]:
    if len(word) >= _LETTERS_PAST and word.endswith("ing"):
        yield word[:-3] + "ed"
