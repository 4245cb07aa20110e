"""Anchors: pairs of words that mean the same in the domain space and in the general space."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
            If nothing would be left to fit on or to test on, or the number is negative.
        """
        chosen = held_out_positions(len(self), held_out, seed)
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


def held_out_positions(n: int, held_out: float, seed: int) -> NDArray[np.bool_]:
    """Choose at random which of `n` anchors are set aside; see `Anchors.split`."""
    check_seed(seed)
    if isinstance(held_out, int):
        size = held_out
    else:
        size = round(held_out * n) if 0 <= held_out < 1 else -1  # NaN has no size, either
    if not 0 <= size < max(n, 1):
        raise InputError(
            f"cannot hold out {held_out} of {n} anchors; give a share from 0 to below 1, or a "
            "number below that of the anchors"
        )
    if held_out > 0 and size == 0:
        raise InputError(
            f"a share of {held_out} of {n} anchors is none; hold out a greater share, or find more "
            "anchors"
        )
    chosen = np.zeros(n, dtype=bool)
    chosen[np.random.default_rng(seed).permutation(n)[:size]] = True
    return chosen


def shared_anchors(domain: WordVectors, general: WordVectors) -> Anchors:
    """Take the words that both spaces spell alike as anchors.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces.

    Returns
    -------
    Anchors
        All of them, those that are most frequent in the domain first (see `frequency_ranks`);
        possibly none. `select_anchors` chooses among them.
    """
    shared = np.flatnonzero(general.rows(domain.words) >= 0)
    order = shared[np.argsort(frequency_ranks(domain)[shared])]
    words = tuple(domain.words[row] for row in order)
    return Anchors(words, words)


def frequency_ranks(vectors: WordVectors) -> NDArray[np.int64]:
    """Rank words by frequency: by descending count, then by word.

    Without counts the order of the rows is taken for that of frequency, as it is in GloVe.

    Parameters
    ----------
    vectors : WordVectors
        Of n words.

    Returns
    -------
    ndarray of int64, shape (n,)
        The rank of every row's word, 1 for the most frequent one.
    """
    if vectors.counts is None:
        return np.arange(1, len(vectors) + 1)
    words, counts = vectors.words, vectors.counts.tolist()
    order = sorted(range(len(words)), key=lambda row: (-counts[row], words[row]))
    ranks = np.empty(len(words), dtype=np.int64)
    ranks[order] = np.arange(1, len(words) + 1)
    return ranks


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
