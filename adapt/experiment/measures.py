"""What a study measures besides its classifiers: the alignment, and words without a vector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from adapt.alignment import Aligner, nearest
from adapt.evaluation import (
    AlignmentQuality,
    AnchorSelectionSummary,
    Isometry,
    LearningPoint,
    NeighborList,
    OovRate,
    alignment_baselines,
    alignment_quality,
    learning_curve,
    oov_rate,
)
from adapt.experiment.alignment import SpaceAlignment
from adapt.experiment.data import StudyData
from adapt.experiment.environment import linear_algebra_threads
from adapt.experiment.store import Store
from adapt.vectors import WordVectors

__all__ = ["AlignmentMeasures", "measure_alignment", "oov_rates"]

_N_NEIGHBOR_WORDS = 20
_N_NEIGHBORS = 5
_NEIGHBOR_CANDIDATES = 50_000


@dataclass(frozen=True)
class AlignmentMeasures:
    """What was measured of an alignment, named as in `Results`."""

    anchors: AnchorSelectionSummary
    isometry: Isometry | None
    alignment: tuple[AlignmentQuality, ...]
    learning_curve: tuple[LearningPoint, ...]
    neighbors: tuple[NeighborList, ...]


@dataclass(frozen=True)
class _Isometry:
    """The comparison of two spaces, where there are anchors enough for it."""

    measured: Isometry | None


def measure_alignment(aligned: SpaceAlignment, store: Store) -> AlignmentMeasures:
    """Score every aligner and what it is compared with; each score is kept by itself."""
    own, test = aligned.config.method, aligned.test
    asked = (aligned.digest, linear_algebra_threads())

    def score(name: str) -> AlignmentQuality:
        return alignment_quality(aligned.aligners[name], test)

    def curve(name: str) -> tuple[LearningPoint, ...]:
        fitted = [aligned.aligners[name]]
        return learning_curve(fitted, aligned.fitted, test, n_points=n_points)

    n_points = aligned.config.curve_points
    quality = [
        store.keep("alignment", (*asked, name), AlignmentQuality, partial(score, name))
        for name in aligned.aligners
    ]
    baselines = store.keep(
        "alignment baselines",
        (*asked, own),
        tuple[AlignmentQuality, ...],
        lambda: alignment_baselines(aligned.aligner, test),
    )
    curves = [
        store.keep(
            "learning curves",
            (*asked, name, n_points),
            tuple[LearningPoint, ...],
            partial(curve, name),
        )
        for name in (aligned.aligners if n_points else ())
    ]
    return AlignmentMeasures(
        anchors=aligned.anchors(),
        isometry=store.keep(
            "isometry", asked, _Isometry, lambda: _Isometry(aligned.isometry())
        ).measured,
        alignment=(*quality, *baselines),
        learning_curve=tuple(point for points in curves for point in points),
        neighbors=store.keep(
            "neighbours",
            (*asked, own),
            tuple[NeighborList, ...],
            lambda: _neighbors(aligned.aligner, test.domain, test.general),
        ),
    )


def oov_rates(data: StudyData, general: WordVectors, domain: WordVectors) -> tuple[OovRate, ...]:
    """Measure rates before (general alone), with the domain alone, and after (both)."""
    known = set(general.words)
    sets = {"general": known, "domain": set(domain.words), "aligned": known | set(domain.words)}
    splits = {"train": data.train_counts, "test": data.test_counts}
    return tuple(
        oov_rate(counts, words, name=name, split=split)
        for split, counts in splits.items()
        for name, words in sets.items()
    )


def _neighbors(
    aligner: Aligner, domain: WordVectors, general: WordVectors
) -> tuple[NeighborList, ...]:
    """Nearest general words of the most frequent in-domain words that the general space lacks."""
    missing = [
        word for word in domain.words if word not in general and not word.replace("-", "").isdigit()
    ][:_N_NEIGHBOR_WORDS]
    if not missing:
        return ()
    lacking = domain.select(missing)
    candidates = general.head(_NEIGHBOR_CANDIDATES)
    rows, cosines = nearest(
        aligner.normalized_domain(lacking), aligner.normalized_general(candidates), _N_NEIGHBORS
    )
    counts = lacking.counts if lacking.counts is not None else [0] * len(missing)
    return tuple(
        NeighborList(
            word=word,
            count=int(count),
            neighbors=tuple(
                (candidates.words[row], float(cosine))
                for row, cosine in zip(word_rows, word_cosines, strict=True)
            ),
        )
        for word, count, word_rows, word_cosines in zip(missing, counts, rows, cosines, strict=True)
    )
