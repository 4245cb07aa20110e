"""Test documents that stand, word for word or nearly so, among texts that something learns from.

A duplicate is exact where the two texts differ in capitals and white space alone. It is near where
the sets of their shingles, all runs of three words, have a Jaccard similarity of at least a
threshold: at 0.8, one changed word in a text of thirty. MinHash and locality-sensitive hashing
find the candidates; the similarity of each is then computed from its shingles, so that hashing
may miss a pair (with odds below one in a million), but never adds one.

References
----------
A. Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
P. Indyk and R. Motwani, "Approximate nearest neighbors: towards removing the curse of
dimensionality", STOC 1998.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import islice

from rensa import RMinHash, RMinHashLSH

from adapt.errors import InputError
from adapt.progress import progress
from adapt.seeds import check_seed
from adapt.text import WordTokenizer, without_layout

__all__ = [
    "NEAR_DUPLICATE",
    "TRAINING_SPLIT",
    "UNLABELLED_CORPUS",
    "Duplicate",
    "Leak",
    "duplicated_places",
    "find_leak",
    "shingle_similarity",
    "shingles",
]

UNLABELLED_CORPUS = "unlabelled corpus"
"""Where test documents make a study a transductive one."""

TRAINING_SPLIT = "training split"
"""Where test documents can flatter every accuracy."""

NEAR_DUPLICATE = 0.8
"""The lowest similarity of near duplicates, where no other is asked for."""

Shingles = frozenset[tuple[str, ...]]

_SHINGLE_LENGTH = 3
_N_HASHES = 128
_HIGHEST_ODDS_OF_A_MISS = 1e-6
_BATCH = 1000


@dataclass(frozen=True)
class Duplicate:
    """A test document and the text most like it, by their places, counted from 0.

    `similarity` is the Jaccard similarity of their shingles. It may be 1 for texts that are not
    equal: those that differ in punctuation.
    """

    test_place: int
    other_place: int
    similarity: float
    exact: bool


@dataclass(frozen=True)
class Leak:
    """How many test documents stand in other texts, and a few of them.

    Parameters
    ----------
    where : str
        What the other texts are, such as `UNLABELLED_CORPUS` or `TRAINING_SPLIT`.
    n_exact, n_near : int
        Test documents that have an exact duplicate there, and others that have a near one.
    examples : tuple of Duplicate
        The first exact ones and the first near ones, in the order of the test documents.
    """

    where: str
    n_exact: int
    n_near: int
    examples: tuple[Duplicate, ...]

    @property
    def n_documents(self) -> int:
        """Test documents that have a duplicate of either kind."""
        return self.n_exact + self.n_near

    def told(self, n_test: int) -> str:
        """Say both numbers, of `n_test` test documents, in words to begin a sentence with.

        Examples
        --------
        >>> Leak(TRAINING_SPLIT, n_exact=2, n_near=5, examples=()).told(3151)
        '2 of 3,151 test documents have an exact duplicate in the training split, and 5 a near one'
        """
        have = "has" if self.n_exact == 1 else "have"
        return (
            f"{self.n_exact:,} of {n_test:,} test documents {have} an exact duplicate in the "
            f"{self.where}, and {self.n_near:,} a near one"
        )


def find_leak(
    test_texts: Sequence[str],
    other_texts: Iterable[str],
    *,
    where: str,
    threshold: float = NEAR_DUPLICATE,
    n_examples: int = 3,
    seed: int = 0,
) -> Leak:
    """Look for test documents among other texts.

    Only the test documents are kept in memory: the others are read once. A test document that is a
    part of a longer text is no duplicate of it.

    Parameters
    ----------
    test_texts : sequence of str
        The test documents; those without a word have no duplicates.
    other_texts : iterable of str
        Texts that something learns from.
    where : str
        What those are, for people.
    threshold : float
        Lowest similarity of near duplicates, above 0 to 1; see `shingle_similarity`.
    n_examples : int
        How many duplicates of either kind to tell of.
    seed : int
        Of the hash functions.

    Raises
    ------
    InputError
        If the threshold, the number of examples or the seed is out of range.
    """
    _check(threshold, seed)
    if n_examples < 0:
        raise InputError(f"n_examples is {n_examples}; give 0 or more")
    closest: dict[int, Duplicate] = {}
    for found in _duplicates(test_texts, other_texts, threshold, seed):
        known = closest.get(found.test_place)
        if known is None or _closeness(found) > _closeness(known):
            closest[found.test_place] = found
    in_order = [closest[place] for place in sorted(closest)]
    exact = [found for found in in_order if found.exact]
    near = [found for found in in_order if not found.exact]
    return Leak(where, len(exact), len(near), (*exact[:n_examples], *near[:n_examples]))


def duplicated_places(
    test_texts: Sequence[str],
    other_texts: Iterable[str],
    *,
    threshold: float = NEAR_DUPLICATE,
    seed: int = 0,
) -> list[int]:
    """Give the places of other texts that a test document is a duplicate of, exact or near.

    Parameters
    ----------
    test_texts, other_texts, threshold, seed
        As for `find_leak`, which finds no test document among what is left without these.

    Returns
    -------
    list of int
        Ascending, counted from 0.

    Raises
    ------
    InputError
        As `find_leak`.

    Examples
    --------
    >>> duplicated_places(["Gait ataxia"], ["tremor", "gait  ataxia.", "limb ataxia"])
    [1]
    """
    _check(threshold, seed)
    found = _duplicates(test_texts, other_texts, threshold, seed)
    return sorted({duplicate.other_place for duplicate in found})


def shingles(text: str) -> Shingles:
    """Return the runs of three words of a text.

    A text of one or two words is a single, shorter run, which only texts of the same words share.
    The words are those of `WordTokenizer`: lower-cased, without punctuation.

    Examples
    --------
    >>> sorted(shingles("Gait ataxia, of late onset."))
    [('ataxia', 'of', 'late'), ('gait', 'ataxia', 'of'), ('of', 'late', 'onset')]
    >>> shingles("Ataxia")
    frozenset({('ataxia',)})
    """
    words = WordTokenizer()(text)
    if not words:
        return frozenset()
    last = max(len(words) - _SHINGLE_LENGTH, 0)
    return frozenset(tuple(words[i : i + _SHINGLE_LENGTH]) for i in range(last + 1))


def shingle_similarity(first: Shingles, second: Shingles) -> float:
    """Return the Jaccard similarity: the share of all shingles of two texts that both have.

    That of two texts without a word is 0.
    """
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def _check(threshold: float, seed: int) -> None:
    if not 0 < threshold <= 1:
        raise InputError(f"threshold is {threshold}; give a similarity above 0 to 1")
    check_seed(seed)


def _closeness(duplicate: Duplicate) -> tuple[bool, float]:
    return duplicate.exact, duplicate.similarity


def _duplicates(
    test_texts: Sequence[str], other_texts: Iterable[str], threshold: float, seed: int
) -> Iterator[Duplicate]:
    """Give every pair of duplicates that is found, in the order of the other texts."""
    test_shingles = [shingles(text) for text in test_texts]
    test_plain = [without_layout(text) for text in test_texts]
    # texts without a word would all have the same, empty sketch
    worded = [place for place, runs in enumerate(test_shingles) if runs]
    index = RMinHashLSH(threshold, _N_HASHES, _n_bands(threshold))
    sketches = _sketches([test_shingles[place] for place in worded], seed)
    for place, sketch in zip(worded, sketches, strict=True):
        index.insert(place, sketch)
    for batch in _batches(other_texts):
        found = index.query_all(_sketches([runs for _, _, runs in batch], seed))
        for (other_place, text, runs), candidates in zip(batch, found, strict=True):
            plain = without_layout(text)
            for place in sorted(candidates):
                similarity = shingle_similarity(test_shingles[place], runs)
                if similarity >= threshold:
                    exact = plain == test_plain[place]
                    yield Duplicate(place, other_place, similarity, exact)


def _batches(texts: Iterable[str]) -> Iterator[list[tuple[int, str, Shingles]]]:
    """Cut texts with words, each with its place and its shingles, into lists of some length."""
    numbered = ((place, text, shingles(text)) for place, text in enumerate(texts))
    worded = (one for one in numbered if one[2])
    total = len(texts) if isinstance(texts, Sized) else None
    with progress("comparing texts", total, unit="texts") as advance:
        while batch := list(islice(worded, _BATCH)):
            yield batch
            advance(len(batch))


def _sketches(documents: Sequence[Shingles], seed: int) -> list[RMinHash]:
    tokens = [[" ".join(run) for run in runs] for runs in documents]
    return RMinHash.from_token_sets(tokens, _N_HASHES, seed)  # type: ignore[no-any-return]


def _n_bands(threshold: float) -> int:
    """Fewest bands, hence fewest candidates, that all but never miss a pair at the threshold.

    With b bands of r hashes, a pair of similarity s is missed with probability (1 - sʳ)ᵇ.
    """
    for n_rows in (16, 8, 4, 2):
        n_bands = _N_HASHES // n_rows
        if (1 - threshold**n_rows) ** n_bands <= _HIGHEST_ODDS_OF_A_MISS:
            return n_bands
    return _N_HASHES
