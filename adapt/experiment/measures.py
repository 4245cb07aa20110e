"""What a study measures besides its classifiers: the alignment, and words without a vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from adapt.alignment import Aligner, nearest
from adapt.evaluation import (
    AlignmentQuality,
    AnchorSelectionSummary,
    Isometry,
    LearningPoint,
    NeighborList,
    OovRate,
    QualityTest,
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

_Value = TypeVar("_Value")


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
    kept = _KeptMeasures(aligned, store)
    methods = list(aligned.aligners)
    points = [point for name in methods for point in kept.learning_curve(name)]
    return AlignmentMeasures(
        anchors=aligned.anchors(),
        isometry=kept.isometry(),
        alignment=(*map(kept.quality, methods), *kept.baselines()),
        learning_curve=tuple(points),
        neighbors=kept.neighbors(),
    )


@dataclass(frozen=True)
class _KeptMeasures:
    """The measurements of an alignment: those in the store, and others once they are made."""

    aligned: SpaceAlignment
    store: Store

    def quality(self, method: str) -> AlignmentQuality:
        """Score an aligner on the held-out anchors."""
        return self._keep(
            "alignment",
            method,
            AlignmentQuality,
            lambda: alignment_quality(self.aligned.aligners[method], self.aligned.test),
        )

    def baselines(self) -> tuple[AlignmentQuality, ...]:
        """Score what the study's own aligner is compared with."""
        return self._keep(
            "alignment baselines",
            self.aligned.config.method,
            tuple[AlignmentQuality, ...],
            lambda: alignment_baselines(self.aligned.aligner, self.aligned.test),
        )

    def learning_curve(self, method: str) -> tuple[LearningPoint, ...]:
        """Score an aligner on ever more anchors; nothing if no points are asked for."""
        aligned, n_points = self.aligned, self.aligned.config.curve_points
        if not n_points:
            return ()
        return self._keep(
            "learning curves",
            (method, n_points),
            tuple[LearningPoint, ...],
            lambda: learning_curve(
                [aligned.aligners[method]], aligned.fitted, aligned.test, n_points=n_points
            ),
        )

    def isometry(self) -> Isometry | None:
        """Compare the two spaces in themselves."""
        found = self._keep("isometry", None, _Isometry, lambda: _Isometry(self.aligned.isometry()))
        return found.measured

    def neighbors(self) -> tuple[NeighborList, ...]:
        """Find the general neighbours of in-domain words, by the study's own aligner."""
        return self._keep(
            "neighbours",
            self.aligned.config.method,
            tuple[NeighborList, ...],
            lambda: _neighbors(self.aligned.aligner, self.aligned.test),
        )

    def _keep(
        self, stage: str, asked: object, kind: type[_Value], compute: Callable[[], _Value]
    ) -> _Value:
        everything = (self.aligned.digest, linear_algebra_threads(), asked)
        return self.store.keep(stage, everything, kind, compute)


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


def _neighbors(aligner: Aligner, test: QualityTest) -> tuple[NeighborList, ...]:
    """Nearest general words of the most frequent in-domain words that the general space lacks."""
    domain, general = test.domain, test.general
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
