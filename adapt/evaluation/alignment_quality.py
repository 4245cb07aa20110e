"""How well an aligner maps words that it was not fitted on, beside baselines that know nothing.

Scores are taken over the held-out pairs that both spaces hold, and once more over all of them,
those that a space lacks as errors: evaluations differ in which they report. Every figure has a
bootstrap interval over the held-out pairs, which are resampled alike for all aligners.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner
from adapt.alignment.anchors import Anchors
from adapt.alignment.linear import Identity, random_orthogonal_map
from adapt.alignment.retrieval import csls, nearest
from adapt.errors import InputError
from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    BandQuality,
    LearningPoint,
    Precision,
    Retrieval,
)
from adapt.evaluation.bootstrap import Estimate, mean_estimates
from adapt.evaluation.hubness import hubness
from adapt.vectors.word_vectors import WordVectors

__all__ = ["N_BINS", "QualityTest", "alignment_baselines", "alignment_quality", "learning_curve"]

N_BINS = 40
"""Bins of the histogram of cosines over [-1, 1]."""

_K = (1, 5, 10)
_BANDS = 4
_FEWEST_IN_BAND = 10
_HUBNESS_QUERIES = 5000


@dataclass(frozen=True, eq=False, kw_only=True)
class QualityTest:
    """What aligners are tested on: the same spaces, pairs and candidates for all.

    Every held-out domain word looks for its general word among the first `n_candidates` general
    words (the most frequent ones, where they are in order of frequency, as in GloVe) and the
    held-out general words themselves.

    Parameters
    ----------
    domain, general : WordVectors
        The two spaces, as the aligners were fitted on them.
    held_out : Anchors
        Pairs that no aligner was fitted on.
    n_candidates : int
        How many of the first general words to search.
    n_references : int
        How many of the first domain words CSLS takes the neighbourhood of general words from.
    seed : int
        Of the resamples and the baselines.

    Raises
    ------
    InputError
        If a number is negative, or nothing is held out.
    """

    domain: WordVectors
    general: WordVectors
    held_out: Anchors
    n_candidates: int = 50_000
    n_references: int = 10_000
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("n_candidates", 0), ("n_references", 1)):
            if getattr(self, name) < least:
                raise InputError(f"{name} is {getattr(self, name)}; give {least} or more")
        if not len(self.held_out):
            raise InputError("no anchors are held out; keep some to test the map on")


def alignment_quality(aligner: Aligner, test: QualityTest) -> AlignmentQuality:
    """Score a fitted aligner on held-out anchors.

    Parameters
    ----------
    aligner : Aligner
        Fitted on other anchors than those held out.
    test : QualityTest
        What to test it on.

    Returns
    -------
    AlignmentQuality
        Its `n_candidates` counts the words searched: also held-out ones beyond the first rows.

    Raises
    ------
    InputError
        If no held-out pair can be scored.
    NotFittedError
        If the aligner is not fitted.
    """
    return _quality(aligner, test, method=aligner.name, note=getattr(aligner, "reason_", ""))


def alignment_baselines(aligner: Aligner, test: QualityTest) -> tuple[AlignmentQuality, ...]:
    """Score what knows nothing: no map, a random one, and one fitted on meaningless anchors.

    Parameters
    ----------
    aligner : Aligner
        The fitted aligner; it is not changed.
    test : QualityTest
        As for `alignment_quality`.

    Returns
    -------
    tuple of AlignmentQuality
        ``identity`` has the aligner's normalisations and no map, ``random-rotation`` a random
        semi-orthogonal one; ``shuffled-anchors`` is the same aligner, fitted on its anchors with
        the general words shuffled among them.

    Raises
    ------
    InputError, NotFittedError
        As `alignment_quality`.
    """
    aligner.check_fitted()
    domain, general, anchors = test.domain, test.general, aligner.anchors_
    unturned = Identity(space=aligner.space).fit(domain, general, anchors)
    turned = unturned.with_map(random_orthogonal_map(domain.dim, general.dim, seed=test.seed))
    order = np.random.default_rng(test.seed).permutation(len(anchors))
    shuffled_anchors = Anchors(anchors.domain, tuple(anchors.general[i] for i in order))
    shuffled = copy.copy(aligner).fit(domain, general, shuffled_anchors)
    return (
        _quality(unturned, test, method=unturned.name),
        _quality(turned, test, method="random-rotation"),
        _quality(shuffled, test, method="shuffled-anchors"),
    )


def learning_curve(
    aligners: Iterable[Aligner], anchors: Anchors, test: QualityTest, *, n_points: int = 5
) -> tuple[LearningPoint, ...]:
    """Fit aligners on ever more of the anchors, and score each fit.

    Parameters
    ----------
    aligners : iterable of Aligner
        Options of each; the aligners themselves are not changed.
    anchors : Anchors
        To fit on; the smaller sets are random parts of the larger ones.
    test : QualityTest
        As for `alignment_quality`.
    n_points : int
        Numbers of anchors, each about the same factor above the one before, up to all; from 50 on.

    Returns
    -------
    tuple of LearningPoint
        By aligner, then by number of anchors; sizes that an aligner refuses are left out.
    """
    order = np.random.default_rng(test.seed).permutation(len(anchors))
    return tuple(
        LearningPoint(aligner.name, size, cosine, precisions)
        for aligner in aligners
        for size, fitted in _fits(aligner, anchors, order, test, n_points)
        for cosine, precisions in [_overall(_scored_pairs(fitted, test), test)]
    )


def _fits(
    aligner: Aligner,
    anchors: Anchors,
    order: NDArray[np.int64],
    test: QualityTest,
    n_points: int,
) -> Iterator[tuple[int, Aligner]]:
    least = min(50, len(anchors))
    sizes = np.unique(np.geomspace(least, len(anchors), n_points).round().astype(int))
    for size in sizes.tolist():
        some = anchors.subset(np.sort(order[:size]).tolist())
        try:
            yield size, copy.copy(aligner).fit(test.domain, test.general, some)
        except InputError:
            continue


@dataclass(frozen=True, eq=False)
class _ScoredPairs:
    """Held-out pairs, scored: which could be, their cosines, and whether they were found.

    `figures` has a row for every held-out pair and seven columns: the cosine, and for either
    retrieval whether the general word is among the 1, 5 and 10 first.
    """

    scored: NDArray[np.bool_]
    figures: NDArray[np.float64]
    candidates: NDArray[np.floating[Any]]


def _quality(
    aligner: Aligner, test: QualityTest, *, method: str, note: str = ""
) -> AlignmentQuality:
    pairs = _scored_pairs(aligner, test)
    cosine, precisions = _overall(pairs, test)
    queries = aligner.normalized_domain(test.domain.matrix[:_HUBNESS_QUERIES])
    neighbors, _ = nearest(queries, pairs.candidates, min(10, len(pairs.candidates)))
    condition, error = _shape_of_map(aligner)
    cosines = pairs.figures[pairs.scored, 0]
    return AlignmentQuality(
        method=method,
        space=aligner.space,
        domain_dim=test.domain.dim,
        general_dim=test.general.dim,
        n_anchors=aligner.n_anchors_,
        n_held_out=len(test.held_out),
        n_candidates=len(pairs.candidates),
        coverage=float(pairs.scored.mean()),
        mean_cosine=cosine,
        precisions=precisions,
        bands=tuple(_bands(pairs, test)),
        hubness=hubness(neighbors, len(pairs.candidates), seed=test.seed),
        condition_number=condition,
        orthogonality_error=error,
        histogram=tuple(np.histogram(cosines, bins=N_BINS, range=(-1, 1))[0].tolist()),
        note=note,
    )


def _scored_pairs(aligner: Aligner, test: QualityTest) -> _ScoredPairs:
    domain_rows, general_rows = (
        space.rows(words)
        for space, words in (
            (test.domain, test.held_out.domain),
            (test.general, test.held_out.general),
        )
    )
    scored = (domain_rows >= 0) & (general_rows >= 0)
    x = aligner.normalized_domain(test.domain.matrix[domain_rows[scored]])
    y = aligner.normalized_general(test.general.matrix[general_rows[scored]])
    nonzero = np.any(x != 0, axis=1) & np.any(y != 0, axis=1)
    scored[scored] = nonzero
    x, y = x[nonzero], y[nonzero]
    if not len(x):
        raise InputError(
            f"none of the {len(test.held_out)} held-out anchors has a vector in both spaces; hold "
            "out more of them, or check that the aligner was given the spaces they belong to"
        )
    targets = general_rows[scored]
    rows = np.union1d(np.arange(min(test.n_candidates, len(test.general))), targets)
    candidates = aligner.normalized_general(test.general.matrix[rows])
    k = min(max(_K), len(candidates))
    references = aligner.normalized_domain(test.domain.matrix[: test.n_references])
    found = (
        nearest(x, candidates, k)[0],
        csls(x, candidates, k, references=references)[0],
    )
    hits = [rows[one] == targets[:, None] for one in found]
    figures = np.zeros((len(test.held_out), 1 + 2 * len(_K)))
    figures[scored, 0] = np.einsum("ij,ij->i", x, y, dtype=np.float64).clip(-1, 1)
    figures[scored, 1:] = np.stack([one[:, :k].any(axis=1) for one in hits for k in _K], axis=1)
    return _ScoredPairs(scored, figures, candidates)


def _overall(pairs: _ScoredPairs, test: QualityTest) -> tuple[Estimate, tuple[Precision, ...]]:
    """Return the mean cosine and the precisions over all held-out pairs."""
    everywhere = np.ones(len(pairs.scored), dtype=bool)
    return _estimates(pairs, pairs.scored, everywhere, test.seed)


def _estimates(
    pairs: _ScoredPairs, scored: NDArray[np.bool_], asked: NDArray[np.bool_], seed: int
) -> tuple[Estimate, tuple[Precision, ...]]:
    """Take means over the pairs that could be scored, and over all that were asked for."""
    cosine, *of_scored = mean_estimates(pairs.figures, scored, seed=seed)
    of_all = mean_estimates(pairs.figures[:, 1:], asked, seed=seed)
    kinds: list[tuple[Retrieval, int]] = [(r, k) for r in ("nearest", "csls") for k in _K]
    return cosine, tuple(
        Precision(retrieval, k, first, second)
        for (retrieval, k), first, second in zip(kinds, of_scored, of_all, strict=True)
    )


def _bands(pairs: _ScoredPairs, test: QualityTest) -> Iterator[BandQuality]:
    """Part the scored pairs into bands of equal size, the most frequent domain words first."""
    domain_rows = test.domain.rows(test.held_out.domain)
    ranks = np.flatnonzero(pairs.scored)
    counts = test.domain.counts
    frequency = domain_rows if counts is None else counts[domain_rows]
    keys = domain_rows if counts is None else -frequency
    ranks = ranks[np.argsort(keys[ranks], kind="stable")]
    n_bands = max(1, min(_BANDS, len(ranks) // _FEWEST_IN_BAND))
    for band in np.array_split(ranks, n_bands):
        inside = np.zeros(len(pairs.scored), dtype=bool)
        inside[band] = True
        # a pair that a space lacks has no frequency to speak of: here all pairs are scored
        cosine, precisions = _estimates(pairs, inside, inside, test.seed)
        yield BandQuality(
            by="rank" if counts is None else "count",
            lowest=int(frequency[band].min()),
            highest=int(frequency[band].max()),
            n_pairs=len(band),
            mean_cosine=cosine,
            precisions=precisions,
        )


def _shape_of_map(aligner: Aligner) -> tuple[float | None, float | None]:
    """Return condition number and orthogonality error of a linear map."""
    W = aligner.linear_map
    if W is None:
        return None, None
    small = W if W.shape[0] >= W.shape[1] else W.T
    s = np.linalg.svd(small, compute_uv=False)
    condition = float(s[0] / s[-1]) if s[-1] > 0 else math.inf
    error = float(np.sqrt(np.mean((small.T @ small - np.eye(len(s))) ** 2)))
    return (condition if math.isfinite(condition) else None), error
