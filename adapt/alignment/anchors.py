"""Anchors: pairs of words that mean the same in the domain space and in the general space."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapt.errors import AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.seeds import check_seed
from adapt.vectors.word_vectors import WordVectors

__all__ = ["Anchors", "read_anchors", "shared_anchors"]


@dataclass(frozen=True)
class Anchors:
    """Pairs of a domain word and the general word that it is taken to equal.

    Parameters
    ----------
    domain : tuple of str
        Domain words, each at most once.
    general : tuple of str
        Their general words, in the same order.

    Raises
    ------
    InputError
        If the two differ in length, or a domain word stands twice.
    """

    domain: tuple[str, ...]
    general: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.domain) != len(self.general):
            raise InputError(
                f"anchors have {len(self.domain)} domain words, but {len(self.general)} general "
                "words; give one for one"
            )
        n_distinct = len(set(self.domain))
        if n_distinct != len(self.domain):
            raise InputError(
                f"anchors have {len(self.domain)} domain words, but only {n_distinct} different "
                "ones; give each word one partner"
            )

    def __len__(self) -> int:
        return len(self.domain)

    def subset(self, positions: Iterable[int]) -> Anchors:
        """Return the pairs at `positions`, in that order."""
        rows = list(positions)
        return Anchors(
            tuple(self.domain[row] for row in rows), tuple(self.general[row] for row in rows)
        )

    def split(self, held_out: float, seed: int = 0) -> tuple[Anchors, Anchors]:
        """Set pairs aside at random, to test a map on what it was not fitted on.

        Parameters
        ----------
        held_out : int or float
            How many pairs to set aside: a number if an int, a share in [0, 1) if a float.
        seed : int
            The same seed sets the same pairs aside.

        Returns
        -------
        fitted, held_out : Anchors
            Both in the order of `self`.

        Raises
        ------
        InputError
            If nothing would be left to fit on, or the number is negative.
        """
        check_seed(seed)
        n = len(self)
        if isinstance(held_out, int):
            size = held_out
        else:
            size = round(held_out * n) if 0 <= held_out < 1 else -1  # NaN has no size, either
        if not 0 <= size < max(n, 1):
            raise InputError(
                f"cannot hold out {held_out} of {n} anchors; give a share from 0 to below 1, or a "
                "number below that of the anchors"
            )
        chosen = np.zeros(n, dtype=bool)
        chosen[np.random.default_rng(seed).permutation(n)[:size]] = True
        return self.subset(np.flatnonzero(~chosen)), self.subset(np.flatnonzero(chosen))

    def restrict(self, domain: WordVectors, general: WordVectors) -> tuple[Anchors, int]:
        """Keep the pairs that both spaces hold.

        Returns
        -------
        present : Anchors
            Those pairs, in the order of `self`.
        n_absent : int
            How many were left out.
        """
        present = (domain.rows(self.domain) >= 0) & (general.rows(self.general) >= 0)
        return self.subset(np.flatnonzero(present)), int(np.count_nonzero(~present))


def shared_anchors(
    domain: WordVectors,
    general: WordVectors,
    *,
    limit: int | None = 5000,
    min_count: int = 1,
    skip_most_frequent: int = 0,
    max_general_rank: int | None = None,
    exclude_stop_words: bool = False,
    exclude_numbers: bool = False,
) -> Anchors:
    """Take the words that both spaces spell alike as anchors, the most frequent ones first.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces. Words are ordered by descending in-domain count, then by word; where
        `domain` has no counts, by its rows.
    limit : int, optional
        Keep at most so many; None keeps all.
    min_count : int
        Leave out words that are rarer in the domain.
    skip_most_frequent : int
        Leave out so many of the most frequent words that the other options let pass.
    max_general_rank : int, optional
        Leave out words beyond so many first rows of `general` (its most frequent words, where it
        is in order of frequency, as GloVe is).
    exclude_stop_words : bool
        Leave out scikit-learn's English stop words, whatever their case.
    exclude_numbers : bool
        Leave out words without any letter.

    Returns
    -------
    Anchors
        Possibly none; an aligner's `fit` says how many it needs.

    Raises
    ------
    InputError
        If an option is negative, or `min_count` is asked of vectors without counts.
    """
    _check_options(limit, min_count, skip_most_frequent, max_general_rank)
    if domain.counts is None:
        if min_count > 1:
            raise InputError(
                f"a minimum count of {min_count} was asked for, but the domain vectors have no "
                "counts; use vectors stored with them, or leave the minimum count at 1"
            )
        words = list(domain.words)
    else:
        counted = zip(domain.counts.tolist(), domain.words, strict=True)
        ordered = sorted((-count, word) for count, word in counted if count >= min_count)
        words = [word for _, word in ordered]

    ranks = general.rows(words)
    wanted = ranks >= 0
    if max_general_rank is not None:
        wanted &= ranks < max_general_rank
    words = [words[i] for i in np.flatnonzero(wanted)]
    if exclude_stop_words:
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        words = [word for word in words if word.lower() not in ENGLISH_STOP_WORDS]
    if exclude_numbers:
        words = [word for word in words if any(map(str.isalpha, word))]
    stop = None if limit is None else skip_most_frequent + limit
    kept = tuple(words[skip_most_frequent:stop])
    return Anchors(kept, kept)


def _check_options(
    limit: int | None, min_count: int, skip_most_frequent: int, max_general_rank: int | None
) -> None:
    for name, value in (
        ("limit", limit),
        ("min_count", min_count),
        ("skip_most_frequent", skip_most_frequent),
        ("max_general_rank", max_general_rank),
    ):
        if value is not None and value < 0:
            raise InputError(f"{name} is {value}; give 0 or more")


def read_anchors(path: Path | str) -> Anchors:
    """Read anchors from a text file.

    Every line has two words, the domain word and the general word, or one when they are the same;
    they are parted by blanks, or by one tab where words contain blanks. The first pair of a domain
    word counts: pairs that stand twice, and further partners of a word, are left out with a
    warning.

    Parameters
    ----------
    path : Path or str
        A UTF-8 file.

    Returns
    -------
    Anchors
        In the order of the file.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FileFormatError
        If it holds no anchors, is not UTF-8, or a line has neither one word nor two.

    Warns
    -----
    AdaptWarning
        If pairs were left out.
    """
    path = Path(path)
    pairs: dict[str, str] = {}
    n_repeated = n_contradictory = 0
    first_contradiction = ""
    for number, line in enumerate(_lines(path), start=1):
        domain, general = _pair(line, path, number)
        if domain not in pairs:
            pairs[domain] = general
        elif pairs[domain] == general:
            n_repeated += 1
        else:
            n_contradictory += 1
            first_contradiction = first_contradiction or (
                f"line {number} pairs {domain!r} with {general!r} after {pairs[domain]!r}"
            )
    if not pairs:
        raise FileFormatError(path, "holds no anchors; give one pair of words a line")
    if n_repeated:
        _warn(f"{path}: left out {n_repeated} anchors that stand twice")
    if n_contradictory:
        _warn(
            f"{path}: left out {n_contradictory} further partners of words that have one "
            f"({first_contradiction}); the first was kept"
        )
    return Anchors(tuple(pairs), tuple(pairs.values()))


def _lines(path: Path) -> Iterator[str]:
    try:
        text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except OSError as error:
        raise FileAccessError(
            f"{path}: {error.strerror}; name a file with one or two words a line"
        ) from error
    except UnicodeDecodeError as error:
        raise FileFormatError(path, "is not UTF-8; convert it first", byte=error.start) from error
    # unlike str.splitlines, this breaks lines at line ends only, not at U+2028 and its like
    return io.StringIO(text, newline=None)


def _pair(line: str, path: Path, number: int) -> tuple[str, str]:
    text = line.strip(" \t\n")
    # unlike str.split, this leaves words with a non-breaking space whole
    words = [word.strip(" ") for word in re.split("\t" if "\t" in text else " +", text)]
    if len(words) > 2 or not all(words):
        raise FileFormatError(
            path,
            f"has {len(words) if text else 0} columns; give a domain word and a general word, or "
            "one word for both",
            line=number,
        )
    return words[0], words[-1]


def _warn(message: str) -> None:
    warnings.warn(message, AdaptWarning, stacklevel=3)
