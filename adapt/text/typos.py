"""Typing errors on purpose, to see what a model makes of misspelled words."""

from __future__ import annotations

from collections.abc import Sequence

from adapt.errors import InputError
from adapt.seeds import check_seed, text_generator

__all__ = ["with_typos"]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Each row of keys stands half a key to the right of the one above it."""
_DIGITS = "1234567890"


def with_typos(documents: Sequence[Sequence[str]], share: float, *, seed: int) -> list[list[str]]:
    """Misspell a share of the words, one random edit in each.

    An edit swaps two neighbouring characters that differ, drops a character, types one beside
    it, or mistakes one for another: all four alike often, at places that are alike probable. What
    is typed by mistake lies next to the right key of a QWERTY keyboard, or is any letter from a to
    z where the character is not on it. The other case is never touched: for ``K``, ``L`` is typed.

    Words of all lengths can be hit, short ones too, so that `share` is the share of all tokens. A
    hit word always changes, into a word that may exist, but never into the empty one: a single
    character is mistaken or joined by another.

    Parameters
    ----------
    documents : sequence of sequences of str
        The words of each document; not changed.
    share : float
        Probability of an edit, in [0, 1], for each word.
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
    [['abnormality', 'ot', 'the', 'thjmb']]
    """
    if not 0 <= share <= 1:
        raise InputError(f"the share of typos is {share}; it must lie between 0 and 1")
    check_seed(seed)
    return [_misspelled(words, share, seed) for words in documents]


def _misspelled(words: Sequence[str], share: float, seed: int) -> list[str]:
    # every word has its draws, hit or not, so that none shifts those of the words behind it
    draws = text_generator("\0".join(words), seed).random((len(words), 4)).tolist()
    return [
        _edited(word, *how) if chance < share and word else word
        for word, (chance, *how) in zip(words, draws, strict=True)
    ]


def _edited(word: str, which: float, where: float, what: float) -> str:
    """Edit a word once; all that is random are three numbers in [0, 1)."""
    swaps = [place for place in range(len(word) - 1) if word[place] != word[place + 1]]
    edits = ["mistake", "insertion", *["deletion"] * (len(word) > 1), *["swap"] * bool(swaps)]
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
