"""How far fine-tuning moved each word, and what that did to its neighbours.

A gradient reaches the rows of the words in the training documents alone. The others stay where they
were, in the test texts too, while those that were near to them may leave. How far the trained words
move depends on how often they occur: many documents agree on a direction, or cancel; one document
has its way. Adam moves a row by about the same length at every step, however small its gradient, so
that a word that occurs once is not moved little for being rare.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adapt.alignment import nearest
from adapt.alignment.neighborhood import shared_neighbors, without_self
from adapt.errors import InputError
from adapt.evaluation.drift_results import (
    Drift,
    DriftBand,
    DriftSource,
    MovedWord,
    Movement,
    most_drifted,
)
from adapt.evaluation.results import Run
from adapt.seeds import check_seed

__all__ = ["DriftMeasurement", "drift_of_runs", "measure_drift"]

_BANDS = ((0, 0), (1, 1), (2, 4), (5, 19), (20, 99), (100, None))
"""Lowest and highest count of each band; the last has no highest."""

_N_COMPARED = 10
"""How many nearest neighbours before and after are compared."""

_N_SPECIAL = 2
"""Rows that are no words: `<pad>` and `<unk>`."""


@dataclass(frozen=True, eq=False)
class DriftMeasurement:
    """How far the rows of an embedding matrix moved in training.

    Parameters
    ----------
    bands, sources, n_from_zero, n_candidates, moved, moved_once
        As in `Drift`.
    shifts : ndarray of float32, shape (n_rows,)
        How far each row moved, relative to its length before; 0 where that was 0.
    """

    bands: tuple[DriftBand, ...]
    sources: tuple[DriftSource, ...]
    n_from_zero: int
    n_candidates: int
    moved: tuple[MovedWord, ...]
    moved_once: tuple[MovedWord, ...]
    shifts: NDArray[np.float32] = field(repr=False)


def measure_drift(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    words: Sequence[str],
    *,
    counts: ArrayLike,
    sources: Sequence[str],
    n_moved: int = 10,
    n_neighbors: int = 5,
    n_sampled: int = 500,
    seed: int = 0,
) -> DriftMeasurement:
    """Measure how far training moved the rows of an embedding matrix.

    Parameters
    ----------
    before, after : ndarray of float32, shape (n_rows, dim)
        The vectors that training began and ended with. Rows 0 and 1, `<pad>` and `<unk>`, are left
        out.
    words : sequence of str
        The word of each row.
    counts : array_like of int, shape (n_rows,)
        How often each word occurs in the documents that the vectors were trained on.
    sources : sequence of str
        Where each row came from; see `Provenance.named_sources`.
    n_moved : int
        How many of the most moved words to list, of those seen twice or more and of those seen
        once; 0 lists none.
    n_neighbors : int
        How many neighbours to list with each of them.
    n_sampled : int
        In how many words of a band, and of a source, neighbours before and after are compared.
    seed : int
        Of the choice of these.

    Returns
    -------
    DriftMeasurement
        By bands of counts (0, 1, 2 to 4, 5 to 19, 20 to 99, 100 and more), by source over the words
        with a count above 0, and by row.

    Raises
    ------
    InputError
        If sizes disagree, a value is out of range or not finite, a word moved that does not occur
        in the documents, or fewer than two words had a vector.

    Notes
    -----
    A word whose vector was zero before has neither a length nor a direction that it could be
    compared with: it is counted, and left out of everything else. A vector that did not change has
    the shift 0 and the cosine 1, exactly; one that became zero the shift 1 and the cosine 0.

    The 10 nearest neighbours by cosine are compared, or all if there are fewer, among all words
    whose vectors were not zero before. Those of a word that stays change too, as others come and
    go.

    References
    ----------
    W. L. Hamilton, J. Leskovec, D. Jurafsky (2016). Cultural shift or linguistic drift? Comparing
    two computational measures of semantic change. EMNLP.
    """
    check_seed(seed)
    for name, value, least in (
        ("n_moved", n_moved, 0), ("n_neighbors", n_neighbors, 1), ("n_sampled", n_sampled, 1),
    ):  # fmt: skip
        if value < least:
            raise InputError(f"{name} is {value}; it must be at least {least}")
    rows = _Rows.compare(before, after, words, counts, sources)
    bands, origins = list(rows.bands()), list(rows.origins())
    groups = [band[-1] for band in bands] + [origin[-1] for origin in origins]
    movements = rows.movements(groups, n_sampled, seed)
    trained = rows.known[rows.counts[rows.known] > 0]
    once = rows.counts[trained] == 1
    return DriftMeasurement(
        bands=tuple(
            DriftBand(lowest, highest, movement)
            for (lowest, highest, _), movement in zip(bands, movements, strict=False)
        ),
        sources=tuple(
            DriftSource(source, movement)
            for (source, _), movement in zip(origins, movements[len(bands) :], strict=True)
        ),
        n_from_zero=int(np.count_nonzero(rows.counts[_N_SPECIAL:])) - len(trained),
        n_candidates=len(rows.known),
        moved=rows.most_moved(trained[~once], n_moved, n_neighbors),
        moved_once=rows.most_moved(trained[once], n_moved, n_neighbors),
        shifts=rows.shifts.astype(np.float32),
    )


def drift_of_runs(
    runs: Sequence[Run], measured: Sequence[DriftMeasurement], words: Sequence[str]
) -> tuple[Drift, ...]:
    """Name the measurements of a study after its runs, and let those of one matrix be compared.

    Parameters
    ----------
    runs : sequence of Run
        The runs of which the drift was measured.
    measured : sequence of DriftMeasurement
        The measurement of each run.
    words : sequence of str
        The word of each row of the matrices.

    Returns
    -------
    tuple of Drift
        One for each run. Those of the same embedding, filling, model, label budget and seed follow
        the words that the strategy of the highest mean shift lists as moved most.

    Raises
    ------
    InputError
        If there are not as many runs as measurements, or not as many words as rows.
    """
    if len(runs) != len(measured):
        raise InputError(f"there are {len(runs)} runs, but {len(measured)} measurements of drift")
    if any(len(one.shifts) != len(words) for one in measured):
        raise InputError(f"a measurement of drift is not that of {len(words)} rows")
    named = [_named(run, one) for run, one in zip(runs, measured, strict=True)]
    row_of = {word: row for row, word in enumerate(words)}
    told = []
    for drift, one in zip(named, measured, strict=True):
        leader = most_drifted([other for other in named if drift.is_beside(other)])
        followed = [entry.word for entry in (*leader.moved, *leader.moved_once)]
        shifts = one.shifts[[row_of[word] for word in followed]].tolist()
        told.append(replace(drift, followed=tuple(zip(followed, shifts, strict=True))))
    return tuple(told)


def _named(run: Run, one: DriftMeasurement) -> Drift:
    return Drift(
        embedding=run.embedding,
        oov=run.oov,
        model=run.model,
        strategy=run.strategy,
        n_train=run.n_train,
        seed=run.seed,
        bands=one.bands,
        sources=one.sources,
        n_from_zero=one.n_from_zero,
        n_candidates=one.n_candidates,
        moved=one.moved,
        moved_once=one.moved_once,
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of a matrix before and after, and what may be said of each.

    `known` are the rows of words that had a vector, ascending; shifts and cosines of other rows
    are 0.
    """

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    words: Sequence[str]
    counts: NDArray[np.int64]
    sources: Sequence[str]
    known: NDArray[np.int64]
    shifts: NDArray[np.float64]
    cosines: NDArray[np.float64]

    @classmethod
    def compare(
        cls,
        before: NDArray[np.float32],
        after: NDArray[np.float32],
        words: Sequence[str],
        counts: ArrayLike,
        sources: Sequence[str],
    ) -> _Rows:
        numbers = _checked_counts(before, after, words, counts, sources)
        moves = _lengths(np.subtract(after, before, dtype=np.float64))
        was, became = _lengths(before), _lengths(after)
        is_word = np.arange(len(words)) >= _N_SPECIAL
        strayed = np.flatnonzero(is_word & (numbers == 0) & (moves > 0))
        if len(strayed):
            raise InputError(
                f"{words[strayed[0]]!r} moved, but its count is 0; give the counts of the "
                "documents that the vectors were trained on"
            )
        measured = is_word & (was > 0)
        known = np.flatnonzero(measured)
        if len(known) < 2:
            raise InputError(f"{len(known)} words had a vector before training; give at least two")
        products = np.einsum("ij,ij->i", before, after, dtype=np.float64)
        both = measured & (became > 0)
        cosines = np.divide(products, was * became, out=np.zeros(len(was)), where=both)
        cosines[measured & (moves == 0)] = 1
        shifts = np.divide(moves, was, out=np.zeros(len(was)), where=measured)
        np.clip(cosines, -1, 1, out=cosines)
        return cls(before, after, words, numbers, sources, known, shifts, cosines)

    def bands(self) -> Iterator[tuple[int, int | None, NDArray[np.int64]]]:
        """Part the known rows by their counts; bands without rows are left out."""
        counts = self.counts[self.known]
        for lowest, highest in _BANDS:
            inside = (counts >= lowest) & (counts <= (np.inf if highest is None else highest))
            if inside.any():
                yield lowest, highest, self.known[inside]

    def origins(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Part the known rows that were trained by their sources, those of most rows first."""
        groups: dict[str, list[int]] = {}
        for row in self.known[self.counts[self.known] > 0].tolist():
            groups.setdefault(self.sources[row], []).append(row)
        for source in sorted(groups, key=lambda name: (-len(groups[name]), name)):
            yield source, np.array(groups[source])

    def movements(
        self, groups: Sequence[NDArray[np.int64]], n_sampled: int, seed: int
    ) -> list[Movement]:
        """Sum up each group; neighbours are compared for the rows that draw the lowest lots."""
        lots = np.random.default_rng(seed).permutation(len(self.words))
        drawn = [group[np.argsort(lots[group])[:n_sampled]] for group in groups]
        queries = np.unique(np.concatenate(drawn))
        overlaps = np.zeros(len(self.words))
        overlaps[queries] = shared_neighbors(*self._neighbors(queries, _N_COMPARED))
        return [
            Movement(
                n_words=len(group),
                mean_shift=float(self.shifts[group].mean()),
                median_shift=float(np.median(self.shifts[group])),
                high_shift=float(np.quantile(self.shifts[group], 0.9)),
                mean_cosine=float(self.cosines[group].mean()),
                neighbor_overlap=float(overlaps[sample].mean()),
                n_sampled=len(sample),
            )
            for group, sample in zip(groups, drawn, strict=True)
        ]

    def most_moved(
        self, group: NDArray[np.int64], n: int, n_neighbors: int
    ) -> tuple[MovedWord, ...]:
        """Describe the rows of a group that moved most, of equals the first."""
        rows = group[np.argsort(-self.shifts[group], kind="stable")[:n]]
        rows = rows[self.shifts[rows] > 0]
        if not len(rows):
            return ()
        earlier, later = self._neighbors(rows, n_neighbors)
        return tuple(
            MovedWord(
                word=self.words[row],
                count=int(self.counts[row]),
                source=self.sources[row],
                shift=float(self.shifts[row]),
                cosine=float(self.cosines[row]),
                neighbors_before=tuple(self.words[other] for other in before),
                neighbors_after=tuple(self.words[other] for other in after),
            )
            for row, before, after in zip(rows, earlier, later, strict=True)
        )

    def _neighbors(
        self, rows: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the k known rows nearest to each row, before and after, shape (n, k) either."""
        k = min(k, len(self.known) - 1)
        earlier, later = (
            without_self(self.known[nearest(matrix[rows], matrix[self.known], k + 1)[0]], rows)
            for matrix in (self.before, self.after)
        )
        return earlier, later


def _lengths(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64)
    return np.sqrt(squares)


def _checked_counts(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    words: Sequence[str],
    counts: ArrayLike,
    sources: Sequence[str],
) -> NDArray[np.int64]:
    """Return the counts, if everything has as many rows and the vectors are finite."""
    numbers = np.asarray(counts)
    if before.ndim != 2 or before.shape != after.shape:
        raise InputError(
            f"vectors of shape {before.shape} before and {after.shape} after training are not "
            "those of one matrix; need (n_rows, dim) twice"
        )
    sizes = {"words": len(words), "sources": len(sources), "counts": numbers.size}
    if numbers.ndim != 1:
        raise InputError(f"counts of shape {numbers.shape} are not those of rows; need (n_rows,)")
    for name, size in sizes.items():
        if size != len(before):
            raise InputError(f"{size} {name}, but {len(before)} rows in the matrix")
    if numbers.dtype.kind not in "iu" or (numbers < 0).any():
        raise InputError("counts must be whole numbers that are not negative")
    for when, matrix in (("before", before), ("after", after)):
        finite = np.isfinite(matrix).all(axis=1)
        if not finite.all():
            row = int(finite.argmin())
            raise InputError(f"the vector of {words[row]!r} {when} training is not finite")
    return numbers.astype(np.int64)
