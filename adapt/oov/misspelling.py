"""Rare words of a corpus that are frequent ones, misspelled."""

from __future__ import annotations

from collections.abc import Container

from adapt.text import Corpus

__all__ = ["Misspellings"]

_LETTERS, _LETTERS_FOR_TWO = 8, 12
_KEPT = 3
_MOST_OCCURRENCES = 2
_LEAST_OCCURRENCES = 10


class Misspellings:
    """Finds the word that was meant, by the edits between and by how often both occur.

    Words one letter apart are mostly different words (*addiction* and *addition*). What tells
    misspellings from them is that they are rare where the right spelling is frequent: a word that
    occurs at most twice is corrected to one that occurs ten times or more. Words have eight
    letters or more, of which the first three and the last three are right; one edit is corrected,
    in words of twelve letters two (a letter left out, put in, changed, or two neighbours swapped).

    Parameters
    ----------
    corpus : Corpus
        The text that tells rare words from frequent ones.
    known : container of str
        The words that have vectors.
    """

    def __init__(self, corpus: Corpus, known: Container[str]) -> None:
        counts = corpus.word_counts()
        self._attested = {word for word, n in counts.items() if n > _MOST_OCCURRENCES}
        self._alike: dict[tuple[str, str], list[str]] = {}
        for word, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if n >= _LEAST_OCCURRENCES and _correctable(word) and word in known:
                self._alike.setdefault(_ends(word), []).append(word)

    def correct(self, word: str) -> str | None:
        """Return the word that was meant: of the nearest the most frequent; None without one."""
        from rapidfuzz.distance import OSA

        if word in self._attested or not _correctable(word):
            return None
        most = 2 if len(word) >= _LETTERS_FOR_TWO else 1
        nearest = None
        for candidate in self._alike.get(_ends(word), ()):
            edits = OSA.distance(word, candidate, score_cutoff=most)
            if edits <= most:
                nearest, most = candidate, edits - 1
        return nearest


def _correctable(word: str) -> bool:
    return len(word) >= _LETTERS and word.isalpha()


def _ends(word: str) -> tuple[str, str]:
    return word[:_KEPT], word[-_KEPT:]
