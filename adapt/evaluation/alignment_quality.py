"""How well an aligner maps words that it was not fitted on, beside two baselines that know nothing.

Scores are taken over the held-out pairs that both spaces hold; `coverage` says how many those are.
Precision times coverage is the figure that counts missing words as errors, as some evaluations do.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner
from adapt.alignment.anchors import Anchors
from adapt.alignment.linear import Identity, random_orthogonal_map
from adapt.alignment.retrieval import nearest
from adapt.errors import InputError
from adapt.evaluation.results import AlignmentQuality
from adapt.vectors.word_vectors import WordVectors

__all__ = ["N_BINS", "alignment_baselines", "alignment_quality"]

N_BINS = 40
"""Bins of the histogram of cosines over [-1, 1]."""

_PRECISIONS = (1, 5, 10)


def alignment_quality(
    aligner: Aligner,
    domain: WordVectors,
    general: WordVectors,
    held_out: Anchors,
    *,
    n_candidates: int = 50_000,
) -> AlignmentQuality:
    """Score a fitted aligner on held-out anchors.

    Every held-out domain word looks for its general word by cosine among the first `n_candidates`
    general words (the most frequent ones, where they are in order of frequency, as in GloVe) and
    the held-out general words themselves.

    Parameters
    ----------
    aligner : Aligner
        Fitted on other anchors than `held_out`.
    domain, general : WordVectors
        The two spaces, as the aligner was fitted on them.
    held_out : Anchors
        Pairs to test on; those that a space lacks or has only zeros for lower the coverage.
    n_candidates : int
        How many of the first general words to search.

    Returns
    -------
    AlignmentQuality
        Its `n_candidates` counts the words searched: also held-out ones beyond the first rows.

    Raises
    ------
    InputError
        If no held-out pair can be scored, or `n_candidates` is negative.
    NotFittedError
        If the aligner is not fitted.
    """
    return _score(aligner, domain, general, held_out, n_candidates, method=aligner.name)


def alignment_baselines(
    aligner: Aligner,
    domain: WordVectors,
    general: WordVectors,
    held_out: Anchors,
    *,
    seed: int,
    n_candidates: int = 50_000,
) -> tuple[AlignmentQuality, AlignmentQuality]:
    """Score what the aligner must beat: a random map, and one fitted on anchors that mean nothing.

    Parameters
    ----------
    aligner : Aligner
        The fitted aligner; it is not changed.
    domain, general, held_out, n_candidates
        As for `alignment_quality`.
    seed : int
        Of the random map and of the shuffling.

    Returns
    -------
    random_rotation : AlignmentQuality
        Of a random semi-orthogonal map with the aligner's own normalisations.
    shuffled_anchors : AlignmentQuality
        Of the same aligner fitted on its anchors with the general words shuffled among them.

    Raises
    ------
    InputError, NotFittedError
        As `alignment_quality`.
    """
    aligner.check_fitted()
    anchors = aligner.anchors_
    unturned = Identity(space=aligner.space).fit(domain, general, anchors)
    turned = unturned.with_map(random_orthogonal_map(domain.dim, general.dim, seed=seed))
    order = np.random.default_rng(seed).permutation(len(anchors))
    shuffled_anchors = Anchors(anchors.domain, tuple(anchors.general[i] for i in order))
    shuffled = copy.copy(aligner).fit(domain, general, shuffled_anchors)
    return (
        _score(turned, domain, general, held_out, n_candidates, method="random-rotation"),
        _score(shuffled, domain, general, held_out, n_candidates, method="shuffled-anchors"),
    )


def _score(
    aligner: Aligner,
    domain: WordVectors,
    general: WordVectors,
    held_out: Anchors,
    n_candidates: int,
    *,
    method: str,
) -> AlignmentQuality:
    if n_candidates < 0:
        raise InputError(f"n_candidates is {n_candidates}; give 0 or more")
    present, _ = held_out.restrict(domain, general)
    general_rows = general.rows(present.general)
    x = aligner.normalized_domain(domain.matrix[domain.rows(present.domain)])
    y = aligner.normalized_general(general.matrix[general_rows])
    scored = np.any(x != 0, axis=1) & np.any(y != 0, axis=1)
    if not scored.any():
        raise InputError(
            f"none of the {len(held_out)} held-out anchors has a vector in both spaces; hold out "
            "more of them, or check that the aligner was given the spaces they belong to"
        )
    x, y, general_rows = x[scored], y[scored], general_rows[scored]

    first = np.arange(min(n_candidates, len(general)))
    beyond = np.unique(general_rows[general_rows >= len(first)])
    candidate_rows = np.concatenate([first, beyond])
    candidates = aligner.normalized_general(general.matrix[candidate_rows])
    precisions = _precisions(x, candidates, np.searchsorted(candidate_rows, general_rows))
    cosines = np.einsum("ij,ij->i", x, y, dtype=np.float64).clip(-1, 1)
    return AlignmentQuality(
        method=method,
        space=aligner.space,
        domain_dim=domain.dim,
        general_dim=general.dim,
        n_anchors=aligner.n_anchors_,
        n_held_out=len(held_out),
        n_candidates=len(candidate_rows),
        coverage=len(x) / len(held_out),
        mean_cosine=float(cosines.mean()),
        precision_at_1=precisions[0],
        precision_at_5=precisions[1],
        precision_at_10=precisions[2],
        histogram=tuple(np.histogram(cosines, bins=N_BINS, range=(-1, 1))[0].tolist()),
    )


def _precisions(
    queries: NDArray[np.floating[Any]],
    candidates: NDArray[np.floating[Any]],
    targets: NDArray[np.int64],
) -> list[float]:
    """Shares of the queries whose target is among their 1, 5 and 10 nearest candidates."""
    found, _ = nearest(queries, candidates, min(max(_PRECISIONS), len(candidates)))
    hits = found == targets[:, None]
    return [float(hits[:, :k].any(axis=1).mean()) for k in _PRECISIONS]
