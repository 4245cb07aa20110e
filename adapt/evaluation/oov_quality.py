"""How well a strategy rebuilds vectors that are known but were hidden from it.

Words of middling rank are taken out of the vectors, the strategy is fitted on what remains, and
what it gives for the hidden words is compared with their true vectors: by cosine, and by whether
the true word is among the nearest of all words to the rebuilt vector. Both after the mean of the
known vectors is subtracted, because the vectors of a language share a direction that flatters any
guess (Mu & Viswanath 2018): the mean itself scores 0. Another constant need not: a mean over all
words is mostly one over rare words, so that even zero lies on the side of the more frequent ones.
The precision is not taken in by that, and `oov_difference` with `zeros` shows it.

References
----------
J. Mu, P. Viswanath (2018). All-but-the-top: simple and effective postprocessing for word
representations. ICLR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import nearest
from adapt.errors import InputError
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.significance import PairedDifference, accuracy_interval, paired_differences
from adapt.oov import OOVStrategy
from adapt.seeds import check_seed
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = [
    "OovDifference",
    "OovQuality",
    "OovScores",
    "hidden_words",
    "oov_difference",
    "oov_quality",
]

_N_NEAREST = 10


@dataclass(frozen=True)
class OovScores:
    """Agreement of rebuilt vectors with the true ones.

    `cosine` is the mean centred cosine, `precision_at_10` the share of the words that are among
    the 10 nearest of all words to their rebuilt vector.
    """

    n_words: int
    cosine: Estimate
    precision_at_10: Estimate


@dataclass(frozen=True, eq=False)
class OovQuality:
    """How well a strategy rebuilds hidden words.

    Parameters
    ----------
    strategy : str
        Its name.
    words : tuple of str
        The hidden words.
    filled : ndarray of bool, shape (n_words,)
        For which of them the strategy has a vector.
    cosines : ndarray of float64, shape (n_words,)
        Centred cosine of the rebuilt and the true vector; 0 for unfilled words.
    found : ndarray of bool, shape (n_words,)
        Whether the word is among the 10 nearest to its rebuilt vector; not so for unfilled words.
    of_all : OovScores
        Over all words; an unfilled one counts as the mean vector, which finds nothing.
    of_filled : OovScores or None
        Over the filled words; None if there are none.
    """

    strategy: str
    words: tuple[str, ...] = field(repr=False)
    filled: NDArray[np.bool_] = field(repr=False)
    cosines: NDArray[np.float64] = field(repr=False)
    found: NDArray[np.bool_] = field(repr=False)
    of_all: OovScores
    of_filled: OovScores | None

    @property
    def share_filled(self) -> float:
        """Share of the words that the strategy has a vector for, in [0, 1]."""
        return float(self.filled.mean())


@dataclass(frozen=True)
class OovDifference:
    """What a strategy gains over another on the same hidden words, unfilled ones included."""

    strategy: str
    baseline: str
    cosine: PairedDifference
    precision_at_10: PairedDifference


def hidden_words(
    vectors: WordVectors,
    counts: Mapping[str, int],
    *,
    n: int = 2000,
    min_count: int = 5,
    min_rank: int = 5000,
    max_rank: int = 100_000,
    seed: int = 0,
) -> tuple[str, ...]:
    """Choose words to hide: known well enough to be the truth, rare enough to be like unknown ones.

    Parameters
    ----------
    vectors : WordVectors
        The known vectors, in order of frequency.
    counts : mapping of str to int
        How often each word occurs in the text that strategies learn from.
    n : int
        How many words.
    min_count : int
        Leave out words that are rarer in the text.
    min_rank, max_rank : int
        Take words from these rows of the vectors: from the first up to before the second.
    seed : int
        Of the random choice.

    Returns
    -------
    tuple of str
        The words, in alphabetical order. Words whose vector is zero are never among them.

    Raises
    ------
    InputError
        If there are fewer than `n` such words, or a number is out of range.
    """
    check_seed(seed)
    if n < 1 or not 0 <= min_rank < max_rank:
        raise InputError(
            f"{n} words from rank {min_rank} to {max_rank} cannot be chosen; give at least one "
            "word, and ranks in ascending order"
        )
    rows = min_rank + np.flatnonzero(vectors.matrix[min_rank:max_rank].any(axis=1))
    words = (vectors.words[row] for row in rows.tolist())
    candidates = sorted(word for word in words if counts.get(word, 0) >= min_count)
    if len(candidates) < n:
        raise InputError(
            f"only {len(candidates):,} words of rank {min_rank:,} to {max_rank:,} occur at least "
            f"{min_count} times in the text, and {n:,} are to be hidden; hide fewer, or give more "
            "text"
        )
    chosen = np.random.default_rng(seed).choice(len(candidates), size=n, replace=False)
    return tuple(candidates[place] for place in np.sort(chosen))


def oov_quality(
    strategy: OOVStrategy,
    vectors: WordVectors,
    hidden: Sequence[str],
    corpus: Corpus | None = None,
    *,
    seed: int = 0,
) -> OovQuality:
    """Hide words from a strategy, and compare what it makes of them with their vectors.

    Parameters
    ----------
    strategy : OOVStrategy
        Fitted here, on all vectors but those of the hidden words.
    vectors : WordVectors
        The known vectors, shape (n, dim), which are also those to find the hidden words among.
    hidden : sequence of str
        The words to hide, each once; see `hidden_words`.
    corpus : Corpus, optional
        Text for strategies that learn from it; the hidden words may occur there.
    seed : int
        Of the bootstrap.

    Returns
    -------
    OovQuality
        With intervals from resampled words.

    Raises
    ------
    InputError
        If no words are hidden, or nothing but them is known, or the strategy lacks its corpus.
    UnknownWordError
        If a hidden word has no vector.
    """
    truth = vectors.select(hidden)
    secret = frozenset(truth.words)
    if not 0 < len(secret) < len(vectors):
        raise InputError(
            f"{len(secret)} of {len(vectors)} words are hidden; hide some, and leave some"
        )
    known = vectors.select([word for word in vectors.words if word not in secret])
    answer = strategy.fit(known, corpus).fill(truth.words)

    mean = known.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    rebuilt = np.where(answer.filled[:, None], answer.matrix - mean, np.float32(0))
    found = np.zeros(len(truth), dtype=bool)
    told = np.flatnonzero(rebuilt.any(axis=1))  # the mean itself has no direction, so no neighbours
    if len(told):
        k = min(_N_NEAREST, len(vectors))
        near, _ = nearest(rebuilt[told], vectors.matrix - mean, k)
        found[told] = (near == vectors.rows(truth.words)[told, None]).any(axis=1)
    cosines = _paired_cosines(rebuilt, truth.matrix - mean)
    return OovQuality(
        strategy=strategy.name,
        words=truth.words,
        filled=answer.filled,
        cosines=cosines,
        found=found,
        of_all=_scores(cosines, found, seed),
        of_filled=(
            _scores(cosines[answer.filled], found[answer.filled], seed)
            if answer.filled.any()
            else None
        ),
    )


def oov_difference(quality: OovQuality, baseline: OovQuality) -> OovDifference:
    """Compare two strategies on the same hidden words, by a paired t-test over these.

    Parameters
    ----------
    quality, baseline : OovQuality
        Of the same hidden words.

    Returns
    -------
    OovDifference
        `quality` minus `baseline`, over all words, with 95 % intervals and two-sided p-values.

    Raises
    ------
    InputError
        If the hidden words differ.
    """
    if quality.words != baseline.words:
        raise InputError(
            f"{quality.strategy!r} and {baseline.strategy!r} rebuilt different words; hide the same"
        )
    cosine, precision = paired_differences(
        [
            (quality.cosines[None], baseline.cosines[None]),
            (quality.found[None], baseline.found[None]),
        ]
    )
    return OovDifference(quality.strategy, baseline.strategy, cosine, precision)


def _paired_cosines(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosine of each row with its counterpart, 0 where either is zero."""
    dots = np.einsum("ij,ij->i", first, second, dtype=np.float64)
    lengths = np.linalg.norm(first.astype(np.float64), axis=1)
    lengths *= np.linalg.norm(second.astype(np.float64), axis=1)
    cosines: NDArray[np.float64] = np.divide(
        dots, lengths, out=np.zeros_like(dots), where=lengths > 0
    )
    return cosines


def _scores(cosines: NDArray[np.float64], found: NDArray[np.bool_], seed: int) -> OovScores:
    return OovScores(
        n_words=len(cosines),
        cosine=Estimate(*accuracy_interval(cosines[None], seed=seed)),
        precision_at_10=Estimate(*accuracy_interval(found[None], seed=seed)),
    )
