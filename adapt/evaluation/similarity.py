"""Word similarity: whether cosines rank pairs of terms as people do."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapt.errors import FileFormatError, InputError
from adapt.text import Tokenizer, WordTokenizer
from adapt.text.records import read_lines
from adapt.vectors import WordVectors

__all__ = ["ScoredPair", "SimilarityScore", "read_pairs", "word_similarity"]

_TERMS = (("term1", "word1", "word 1"), ("term2", "word2", "word 2"))
_SCORES = ("mean", "score", "similarity", "relatedness", "human (mean)")
_RESAMPLES = 2_000


@dataclass(frozen=True)
class ScoredPair:
    """Two terms, each of one or more words, and how similar people find them."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class SimilarityScore:
    """How well cosines rank scored pairs.

    Parameters
    ----------
    spearman : float or None
        Rank correlation of cosines and scores, over the covered pairs; None if it is not defined:
        fewer than three pairs are covered, or all cosines or all scores are the same.
    low, high : float or None
        Ends of its 95 % percentile interval, by a bootstrap over the covered pairs.
    n_pairs, n_covered : int
        Pairs there are, and those that have a vector on both sides.
    """

    spearman: float | None
    low: float | None
    high: float | None
    n_pairs: int
    n_covered: int

    @property
    def coverage(self) -> float:
        """Share of the pairs that are covered."""
        return self.n_covered / self.n_pairs


def word_similarity(
    vectors: WordVectors,
    pairs: Sequence[ScoredPair],
    *,
    tokenizer: Tokenizer = WordTokenizer(),  # noqa: B008 - immutable
    seed: int = 0,
) -> SimilarityScore:
    """Correlate the cosines of pairs of terms with the scores that people gave them.

    A term is looked up as it stands; one that is not found is cut into words, and has the mean of
    the vectors of those that are known. A pair is covered if neither of its vectors is zero; the
    others are left out of the correlation, so that it must not be read without the coverage.

    Parameters
    ----------
    vectors : WordVectors
        The vectors, shape (n, dim).
    pairs : sequence of ScoredPair
        The pairs; a pair that stands twice counts twice.
    tokenizer : Tokenizer, default WordTokenizer()
        Cuts a term into words.
    seed : int
        Seed of the bootstrap.

    Raises
    ------
    InputError
        If there are no pairs.

    References
    ----------
    L. Finkelstein et al. (2002). Placing search in context: the concept revisited. ACM TOIS 20(1).
    F. Hill, R. Reichart, A. Korhonen (2015). SimLex-999: evaluating semantic models with (genuine)
    similarity estimation. Computational Linguistics 41(4).

    Examples
    --------
    >>> vectors = WordVectors(("cat", "dog", "car"), [[1.0, 0.1], [1.0, 0.4], [0.0, 1.0]])
    >>> judged = (("cat", "dog", 9.0), ("dog", "car", 3.0), ("cat", "car", 1.0))
    >>> pairs = [ScoredPair(*pair) for pair in judged]
    >>> word_similarity(vectors, pairs).spearman
    1.0
    """
    if not pairs:
        raise InputError("there are no pairs to score; give some")
    first, second = (
        np.array([_term_vector(vectors, term, tokenizer) for term in terms])
        for terms in ([pair.first for pair in pairs], [pair.second for pair in pairs])
    )
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    covered = lengths > 0
    cosines = (first * second).sum(axis=1)[covered] / lengths[covered]
    scores = np.array([pair.score for pair in pairs])[covered]
    low, high = _interval(cosines, scores, seed)
    return SimilarityScore(
        _spearman(cosines, scores), low, high, n_pairs=len(pairs), n_covered=len(scores)
    )


def _term_vector(vectors: WordVectors, term: str, tokenizer: Tokenizer) -> NDArray[np.float64]:
    """Return the vector of a term, shape (dim,), float64; zeros if none of its words is known."""
    whole = vectors.get(term)
    if whole is not None:
        return whole.astype(np.float64)
    rows = vectors.rows(tokenizer(term))
    known = rows[rows >= 0]
    return (
        vectors.matrix[known].mean(axis=0, dtype=np.float64)
        if len(known)
        else np.zeros(vectors.dim)
    )


def _spearman(cosines: NDArray[np.float64], scores: NDArray[np.float64]) -> float | None:
    from scipy.stats import spearmanr

    if len(scores) < 3 or np.ptp(cosines) == 0 or np.ptp(scores) == 0:
        return None
    return float(spearmanr(cosines, scores).statistic)


def _interval(
    cosines: NDArray[np.float64], scores: NDArray[np.float64], seed: int
) -> tuple[float | None, float | None]:
    """Resample the pairs; those draws count for which a correlation is defined."""
    if _spearman(cosines, scores) is None:
        return None, None
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, len(scores), size=(_RESAMPLES, len(scores)))
    found = [_spearman(cosines[rows], scores[rows]) for rows in drawn]
    defined = [one for one in found if one is not None]
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)


def read_pairs(path: Path | str) -> tuple[ScoredPair, ...]:
    """Read scored pairs of terms: TSV, CSV, or three words a line.

    Tabs separate the values of a file that has them, else commas, else white space; lines that
    begin with ``#`` are comments. If the first line has no number in third place, it is a header:
    ``term1``, ``term2`` (or ``word1``, ``word2``) and ``mean``, ``score`` or ``similarity`` in it
    name the columns, in capitals or not. Without such names they are the first three.

    Parameters
    ----------
    path : Path or str
        The file, plain or gzipped.

    Raises
    ------
    FileAccessError
        If it cannot be read.
    FileFormatError
        If it holds no pairs, or a line lacks a term or a score.
    """
    path = Path(path)
    lines = [
        (number, line.rstrip("\r\n"))
        for number, line in read_lines(path)
        if line.strip() and not line.startswith("#")
    ]
    delimiter = next((mark for mark in "\t," if any(mark in line for _, line in lines)), None)
    rows = [(number, _values(path, number, line, delimiter)) for number, line in lines]
    columns = (0, 1, 2)
    if rows and not _is_score(rows[0][1][2:3]):
        columns = _columns(rows[0][1])
        rows = rows[1:]
    if not rows:
        raise FileFormatError(path, "holds no pairs; write two terms and a score a line")
    return tuple(_pair(path, number, values, columns) for number, values in rows)


def _values(path: Path, number: int, line: str, delimiter: str | None) -> list[str]:
    try:
        cut = line.split() if delimiter is None else next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        problem = f"cannot be cut into values ({error}); write two terms and a score"
        raise FileFormatError(path, problem, line=number) from error
    return [value.strip() for value in cut]


def _is_score(values: Sequence[str]) -> bool:
    try:
        return math.isfinite(float(values[0]))
    except (ValueError, IndexError):
        return False


def _columns(header: Sequence[str]) -> tuple[int, int, int]:
    """Find the columns by their names; the first three if one is not named."""
    names = [name.lower() for name in header]
    first, second, score = (
        next((names.index(name) for name in known if name in names), -1)
        for known in (*_TERMS, _SCORES)
    )
    return (0, 1, 2) if -1 in (first, second, score) else (first, second, score)


def _pair(
    path: Path, number: int, values: Sequence[str], columns: tuple[int, int, int]
) -> ScoredPair:
    first, second, score = (values[column] if column < len(values) else "" for column in columns)
    if not first or not second or not _is_score([score]):
        problem = (
            f"has no two terms and a score, but {' | '.join(values)[:60]!r}; separate them by "
            "tabs, or by commas"
        )
        raise FileFormatError(path, problem, line=number)
    return ScoredPair(first, second, float(score))
