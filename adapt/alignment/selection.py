"""Which word pairs fit the map, and why each of the others does not.

Shared spelling is not shared meaning (*culture*, *discharge*, *pupil*), and rare words have vectors
that say little. What is left out, and for which reason, is a result in itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.anchors import Anchors, frequency_ranks, held_out_positions
from adapt.alignment.neighborhood import neighbor_overlap
from adapt.alignment.selected import REASONS, SelectedAnchors
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["AnchorSelection", "select_anchors"]


@dataclass(frozen=True, kw_only=True)
class AnchorSelection:
    """What a pair of words must be like to be an anchor.

    Ranks are those of `frequency_ranks`: 1 is the most frequent word of a space.

    Parameters
    ----------
    limit : int, optional
        Keep at most so many, those that are most frequent in the domain; None keeps all.
    min_count, max_count : int, optional
        How often the domain word must, and may, occur in the domain.
    min_general_rank, max_general_rank : int, optional
        Between which ranks the general word must be.
    exclude_stop_words : bool
        Leave out scikit-learn's English stop words, whatever their case.
    exclude_numbers : bool
        Leave out words without any letter.
    min_length : int
        How many characters a word must have.
    skip_most_frequent : int
        Leave out so many of the most frequent pairs that the options above let pass.
    min_overlap : float, optional
        Which share of its nearest neighbours a pair must have in common in both spaces, in [0, 1].
        What chance gives depends on how many pairs are compared (`SelectedAnchors.chance_overlap`).
        With 0 overlaps are measured, but reject nothing; with None they are not measured.
    n_neighbors : int
        How many neighbours are compared. More of them tell noise and change of meaning apart
        better, up to some hundredths of the candidates.

    Raises
    ------
    InputError
        If a number is out of range, or the least of a band lies above its most.
    """

    limit: int | None = 5000
    min_count: int = 1
    max_count: int | None = None
    min_general_rank: int = 1
    max_general_rank: int | None = None
    exclude_stop_words: bool = False
    exclude_numbers: bool = False
    min_length: int = 1
    skip_most_frequent: int = 0
    min_overlap: float | None = None
    n_neighbors: int = 100

    def __post_init__(self) -> None:
        for name, least in (
            ("limit", 1),
            ("min_count", 0),
            ("max_count", 0),
            ("min_general_rank", 1),
            ("max_general_rank", 1),
            ("min_length", 0),
            ("skip_most_frequent", 0),
            ("n_neighbors", 1),
        ):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(f"{name} is {value}; give {least} or more")
        for name in ("count", "general_rank"):
            least, most = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if most is not None and least > most:
                raise InputError(
                    f"min_{name} is {least}, which is above max_{name}, {most}; no word can be "
                    "between them"
                )
        if self.min_overlap is not None and not 0 <= self.min_overlap <= 1:
            raise InputError(f"min_overlap is {self.min_overlap}; give a share from 0 to 1")


def select_anchors(
    domain: WordVectors,
    general: WordVectors,
    candidates: Anchors,
    options: AnchorSelection | None = None,
    *,
    held_out: float = 0,
    seed: int = 0,
) -> SelectedAnchors:
    """Choose the anchors to fit a map on, and those to test it.

    Candidates are tested in the order of `REASONS`. The pairs to be held out are drawn from the
    `limit` first that pass all tests of frequency and form: what they are does not depend on
    `min_overlap`, for a test on words that were chosen for their agreement flatters the map; and
    no overlap depends on them. The anchors are the most frequent ones of the rest that agree, as
    many as the limit leaves. The order of the candidates does not matter.

    Overlaps need no map: they say how many of a pair's nearest neighbours it has in common in both
    spaces; see `neighbor_overlap`. They are measured for all candidates that have both vectors,
    whatever they were rejected for; time grows with that number times that of the references.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces.
    candidates : Anchors
        What to choose from, such as `shared_anchors` or a seed dictionary (`read_anchors`).
    options : AnchorSelection, optional
        What an anchor must be like; its defaults, without.
    held_out : int or float
        How many pairs to set aside: a number if an int, a share in [0, 1) if a float.
    seed : int
        The same seed sets the same pairs aside.

    Returns
    -------
    SelectedAnchors
        The anchors, those held out, and every other candidate with the reason why it is neither.

    Raises
    ------
    InputError
        If counts are asked for where the domain vectors have none, no anchor would be left, fewer
        are left than shall be held out, or too few to compare neighbours among.

    Examples
    --------
    >>> general = WordVectors(["the", "cell", "cough"], [[1, 0], [0, 1], [1, 1]])
    >>> domain = WordVectors(["cough", "cell", "hpo"], [[1, 1], [0, 1], [1, 0]], counts=[90, 20, 9])
    >>> dictionary = Anchors(("cell", "hpo", "cough"), ("cell", "the", "cough"))
    >>> chosen = select_anchors(domain, general, dictionary, AnchorSelection(min_count=10))
    >>> chosen.anchors.domain, chosen.n_rejected
    (('cough', 'cell'), {'too_rare': 1})
    """
    options = AnchorSelection() if options is None else options
    if domain.counts is None and (options.min_count > 1 or options.max_count is not None):
        raise InputError(
            f"counts from {options.min_count} to {options.max_count or 'any'} were asked for, but "
            "the domain vectors have no counts; use vectors stored with them, or leave min_count "
            "and max_count out"
        )
    table = _look_up(domain, general, candidates)
    reasons = _reasons(table, options)
    passing = _open(reasons)
    reasons[passing[: options.skip_most_frequent]] = "skipped"
    eligible = _open(reasons)[: options.limit]
    _check_some_left(len(eligible), reasons)
    drawn = eligible[held_out_positions(len(eligible), held_out, seed)]
    reasons[drawn] = "held_out"

    overlaps, n_references = np.full(len(reasons), np.nan), 0
    if options.min_overlap is not None:
        references = _open(reasons)
        _check_references(len(references), len(reasons), options.n_neighbors)
        overlaps, n_references = _overlaps(table, references, options.n_neighbors), len(references)
        reasons[references[overlaps[references] < options.min_overlap]] = "neighbours_disagree"
    agreeing = _open(reasons)
    _check_some_left(len(agreeing), reasons)
    if options.limit is not None:
        reasons[agreeing[options.limit - len(drawn) :]] = "beyond_limit"
    return SelectedAnchors(
        candidates=table.pairs,
        reasons=tuple(reason or None for reason in reasons),
        domain_counts=table.domain.counts,
        general_counts=table.general.counts,
        domain_ranks=table.domain.ranks,
        general_ranks=table.general.ranks,
        overlaps=_read_only(overlaps),
        n_neighbors=options.n_neighbors,
        n_references=n_references,
    )


@dataclass(frozen=True, eq=False)
class _Side:
    """The candidates' words in one space: -1 is the row of an absent word, 0 its rank and count."""

    vectors: WordVectors
    rows: NDArray[np.int64]
    ranks: NDArray[np.int64]
    counts: NDArray[np.int64] | None
    nonzero: NDArray[np.bool_]

    @classmethod
    def of(cls, vectors: WordVectors, words: tuple[str, ...]) -> _Side:
        rows = vectors.rows(words)
        present = rows >= 0
        nonzero = np.zeros(len(rows), dtype=bool)
        nonzero[present] = np.any(vectors.matrix[rows[present]] != 0, axis=1)
        return cls(
            vectors,
            rows,
            _column(frequency_ranks(vectors), rows),
            None if vectors.counts is None else _column(vectors.counts, rows),
            nonzero,
        )


@dataclass(frozen=True, eq=False)
class _Table:
    """The candidates in the order of their frequency, looked up in both spaces."""

    pairs: Anchors
    domain: _Side
    general: _Side


def _look_up(domain: WordVectors, general: WordVectors, candidates: Anchors) -> _Table:
    ranks = _column(frequency_ranks(domain), domain.rows(candidates.domain)).tolist()
    # words that the domain lacks have rank 0 and go last, by word
    order = sorted(
        range(len(candidates)), key=lambda i: (not ranks[i], ranks[i], candidates.domain[i])
    )
    pairs = candidates.subset(order)
    return _Table(pairs, _Side.of(domain, pairs.domain), _Side.of(general, pairs.general))


def _column(values: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take the values at `rows`, and 0 where the row is -1."""
    return _read_only(np.append(values, 0)[rows])


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _reasons(table: _Table, options: AnchorSelection) -> NDArray[np.object_]:
    """Name the first test of frequency or form that each candidate fails; "" if it fails none."""
    domain, general = table.domain, table.general
    counts, ranks = domain.counts, general.ranks
    most_count, most_rank = options.max_count, options.max_general_rank
    failed = {
        "absent_from_domain": domain.rows < 0,
        "absent_from_general": general.rows < 0,
        "zero_vector": ~(domain.nonzero & general.nonzero),
    }
    if counts is not None:
        failed["too_rare"] = counts < options.min_count
        if most_count is not None:
            failed["too_frequent"] = counts > most_count
    if most_rank is not None:
        failed["too_rare_in_general"] = ranks > most_rank
    failed["too_frequent_in_general"] = ranks < options.min_general_rank
    if options.exclude_stop_words:
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        failed["stop_word"] = _any(table.pairs, lambda word: word.lower() in ENGLISH_STOP_WORDS)
    if options.exclude_numbers:
        failed["number"] = _any(table.pairs, lambda word: not any(map(str.isalpha, word)))
    if options.min_length > 1:
        failed["too_short"] = _any(table.pairs, lambda word: len(word) < options.min_length)
    reasons = np.full(len(table.pairs), "", dtype=object)
    for name in reversed(failed):  # the first test that fails is written last
        reasons[failed[name]] = name
    return reasons


def _any(pairs: Anchors, fails: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Whether one of the two words of a pair fails a test."""
    both = zip(pairs.domain, pairs.general, strict=True)
    return np.array([fails(domain) or fails(general) for domain, general in both], dtype=bool)


def _open(reasons: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the positions of the candidates that nothing speaks against yet."""
    return np.flatnonzero(reasons == "")


def _overlaps(
    table: _Table, references: NDArray[np.int64], n_neighbors: int
) -> NDArray[np.float64]:
    """Measure the overlaps of all candidates with two vectors; those of the others are NaN."""
    measured = np.flatnonzero(table.domain.nonzero & table.general.nonzero)
    X, Y = (side.vectors.matrix[side.rows[measured]] for side in (table.domain, table.general))
    overlaps = np.full(len(table.pairs), np.nan)
    overlaps[measured] = neighbor_overlap(
        X, Y, n_neighbors, references=np.searchsorted(measured, references)
    )
    return overlaps


def _check_some_left(n_left: int, reasons: NDArray[np.object_]) -> None:
    if not n_left:
        numbers = Counter(reasons.tolist())
        why = ", ".join(f"{numbers[name]:,} {name}" for name in REASONS if numbers[name])
        raise InputError(
            f"none of {len(reasons):,} candidates is left as an anchor"
            + (f" ({why}); loosen the selection" if why else "; check that both spaces share words")
        )


def _check_references(n_references: int, n_candidates: int, n_neighbors: int) -> None:
    if n_references <= n_neighbors:
        raise InputError(
            f"min_overlap compares {n_neighbors:,} neighbours of each candidate, but only "
            f"{n_references:,} of {n_candidates:,} pass the other tests; lower n_neighbors, loosen "
            "the selection, or leave min_overlap out"
        )
