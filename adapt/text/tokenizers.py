"""From a text to its words.

GloVe 6B was built from lower-cased text cut by the Stanford tokenizer in the manner of the Penn
Treebank. `WordTokenizer` comes close to it without its machinery; where the two differ, this is
how words fare against the 400,000 words of GloVe 6B:

==================  =========================  ====================  ==============================
text                GloVe 6B                   `WordTokenizer`       found?
==================  =========================  ====================  ==============================
``X-ray``           ``x-ray``                  ``x-ray``             as is: common hyphenated words
                                                                     are words of GloVe
``broad-thumbed``   (rare, hence absent)       ``broad-thumbed``     no: `subword` makes a vector
                                                                     of its parts
``patient's``       ``patient`` ``'s``         ``patient's``         no: `related` finds ``patient``
``patients'``       ``patients`` ``'``         ``patients``          as is
``don't``           ``do`` ``n't``             ``don't``             no: not a possessive, and
                                                                     ``don`` + ``t`` would mislead
``3.5``             ``3.5``                    ``3`` ``5``           as is, each part alone
``1,000``           ``1,000``                  ``1`` ``000``         as is, each part alone
``and/or``          ``and/or``                 ``and`` ``or``        as is
``U.S.``            ``u.s.``                   ``u`` ``s``           as is, each letter alone
``%``, ``.``        ``%``, ``.``               (dropped)             punctuation carries no word
==================  =========================  ====================  ==============================

What is not found has no vector as it is written, and counts as such; the strategies of `adapt.oov`
make one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from adapt.errors import InputError

__all__ = [
    "Tokenizer",
    "WhitespaceTokenizer",
    "WordTokenizer",
    "tokenizer_named",
    "without_possessive",
]

Tokenizer = Callable[[str], list[str]]
"""Anything that turns a text into its words."""

# letters and digits of any script, joined by single hyphens or apostrophes inside the word
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_POSSESSIVE = re.compile(r"(?:'s|')$")


def _plain_apostrophes(text: str) -> str:
    """Write the typographic apostrophe ’ as '."""
    return text.replace("\u2019", "'")


@dataclass(frozen=True)
class WordTokenizer:
    """Words of letters and digits, whole across single inner hyphens and apostrophes.

    Typographic apostrophes count as plain ones, and accents are composed (Unicode NFC), so that
    the same word always has the same spelling. The module's documentation compares the result
    with the words of GloVe 6B.

    Parameters
    ----------
    lowercase : bool, default True
        Lower the case first, as GloVe 6B did; leave it for vectors that know capitals.

    Examples
    --------
    >>> WordTokenizer()("The patient’s X-ray (3.5 mm) didn't change.")
    ['the', "patient's", 'x-ray', '3', '5', 'mm', "didn't", 'change']
    """

    lowercase: bool = True

    @property
    def name(self) -> str:
        """The name under which `tokenizer_named` returns this tokenizer."""
        return "word" if self.lowercase else "word-cased"

    def __call__(self, text: str) -> list[str]:
        """Return the words of `text`, in order."""
        if self.lowercase:
            text = text.lower()
        if not text.isascii():
            text = unicodedata.normalize("NFC", _plain_apostrophes(text))
        return _WORD.findall(text)


@dataclass(frozen=True)
class WhitespaceTokenizer:
    """Whatever stands between white space, for text that is tokenised already.

    Examples
    --------
    >>> WhitespaceTokenizer()("The patient 's X-ray .")
    ['The', 'patient', "'s", 'X-ray', '.']
    """

    @property
    def name(self) -> str:
        """The name under which `tokenizer_named` returns this tokenizer."""
        return "whitespace"

    def __call__(self, text: str) -> list[str]:
        """Return the pieces of `text`, in order."""
        return text.split()


def tokenizer_named(name: str) -> Tokenizer:
    """Return the tokenizer called `name`.

    Parameters
    ----------
    name : str
        ``"word"`` (lower-cased words, the default everywhere), ``"word-cased"`` or
        ``"whitespace"``.

    Returns
    -------
    Tokenizer
        A callable from a text to the list of its words.

    Raises
    ------
    InputError
        If no tokenizer has that name.
    """
    known = (WordTokenizer(), WordTokenizer(lowercase=False), WhitespaceTokenizer())
    for tokenizer in known:
        if tokenizer.name == name:
            return tokenizer
    names = ", ".join(tokenizer.name for tokenizer in known)
    raise InputError(f'no tokenizer is called "{name}"; choose one of {names}')


def without_possessive(word: str) -> str:
    """Cut a final ``'s`` or ``'`` off, unless nothing else would be left.

    Examples
    --------
    >>> without_possessive("crohn’s"), without_possessive("patients'"), without_possessive("don't")
    ('crohn', 'patients', "don't")
    """
    return _POSSESSIVE.sub("", _plain_apostrophes(word)) or word
