"""Typing errors on purpose, to see what a model makes of misspelled words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapt.errors import InputError
from adapt.seeds import check_seed, text_generator

__all__ = ["with_typos"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Each row of keys stands half a key to the right of the one above it."""
_DIGITS = "1234567890"
_SHORTEST = 4
"""Words of fewer characters are not misspelt."""


def with_typos(documents: Sequence[Sequence[str]], share: float, *, seed: int) -> list[list[str]]:
    """Misspell a share of the words, one random edit in each.

    An edit swaps two neighbouring characters that differ, drops a character, types one more behind
    it, or mistakes one for another, each alike often. What is typed by mistake lies next to the
    right key of a QWERTY keyboard, in the same case; where the character is not on it, it is any
    letter from a to z.

    Words of fewer than four characters are left alone, as in the works below: an edit makes other
    words of them (``of``, ``on``, ``or``) rather than misspelt ones. A hit word always changes,
    into a word that may exist.

    Parameters
    ----------
    documents : sequence of sequences of str
        The words of each document; not changed.
    share : float
        How many words to hit, as a share in [0, 1] of all words of a document, short ones included;
        a fraction of a word is a word by chance. Where a document has fewer long words than that,
        all of them are hit.
    seed : int
        The typos of a document depend on its words and on `seed` alone. Under the same seed, the
        words hit at a smaller share are hit in the same way at a larger one, so that a curve over
        shares is not blurred by chance.

    Returns
    -------
    list of list of str
        The documents, each with as many words as before.

    Raises
    ------
    InputError
        If `share` is not a probability, or the seed is none.

    References
    ----------
    Belinkov and Bisk (2018). Synthetic and natural noise both break neural machine translation.
    ICLR.
    Pruthi, Dhingra and Lipton (2019). Combating adversarial misspellings with robust word
    recognition. ACL.

    Examples
    --------
    >>> with_typos([["abnormality", "of", "the", "thumb"]], 0.5, seed=0)
    [['abnormaliy', 'of', 'the', 'thumbh']]
    """
    if not 0 <= share <= 1:
        raise InputError(f"the share of typos is {share}; it must lie between 0 and 1")
    check_seed(seed)
    return [_misspelled(words, share, seed) for words in documents]


def _misspelled(words: Sequence[str], share: float, seed: int) -> list[str]:
    generator = text_generator("\0".join(words), seed)
    n_hit = int(share * len(words) + generator.random())
    # every word has its draws, hit or not, so that the same ones are hit first at any share
    draws = generator.random((len(words), 4))
    hit = [place for place in np.argsort(draws[:, 0]).tolist() if len(words[place]) >= _SHORTEST]
    misspelled = list(words)
    for place in hit[:n_hit]:
        misspelled[place] = _edited(words[place], *draws[place, 1:].tolist())
    return misspelled


def _edited(word: str, which: float, where: float, what: float) -> str:
    """Edit a word once; all that is random are three numbers in [0, 1)."""
    swaps = [place for place in range(len(word) - 1) if word[place] != word[place + 1]]
    edits = ["mistake", "insertion", "deletion", *["swap"] * bool(swaps)]
    edit = edits[int(which * len(edits))]
    if edit == "swap":
        place = swaps[int(where * len(swaps))]
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    place = int(where * len(word))
    before, character, behind = word[:place], word[place], word[place + 1 :]
    if edit == "deletion":
        return before + behind
    slip = _slip(character, what)
    return before + slip + behind if edit == "mistake" else before + character + slip + behind


def _slip(character: str, what: float) -> str:
    """Choose a key that is hit instead of the right one."""
    keys = _NEIGHBOURS.get(character.lower(), _LETTERS)
    key = keys[int(what * len(keys))]
    return key.upper() if character.isupper() else key


def _neighbouring_keys() -> dict[str, str]:
    keys = {}
    for above, row, below in zip(("", *_KEY_ROWS), _KEY_ROWS, (*_KEY_ROWS[1:], ""), strict=False):
        for place, key in enumerate(row):
            beside = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
            keys[key] = beside + above[place : place + 2] + below[max(place - 1, 0) : place + 1]
    for place, key in enumerate(_DIGITS):
        keys[key] = _DIGITS[max(place - 1, 0) : place] + _DIGITS[place + 1 : place + 2]
    return keys


_NEIGHBOURS = _neighbouring_keys()
