"""What is known of an alignment once it has been measured: plain data, for files and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapt.evaluation.bootstrap import Estimate

__all__ = [
    "AlignmentQuality",
    "AnchorOverlap",
    "AnchorSelectionSummary",
    "BandQuality",
    "Isometry",
    "LearningPoint",
    "Precision",
    "Retrieval",
]

Retrieval = Literal["nearest", "csls"]


@dataclass(frozen=True)
class Precision:
    """P@k: the share of pairs whose general word is among the k best candidates.

    `scored` is the share of the pairs that both spaces hold; in `all`, pairs that a space lacks
    count as errors. Evaluations differ in which of the two they report.
    """

    retrieval: Retrieval
    k: int
    scored: Estimate
    all: Estimate


class _HasPrecisions:
    """What was measured by several retrievals and at several ranks."""

    precisions: tuple[Precision, ...]

    def precision(self, retrieval: Retrieval, k: int) -> Precision:
        """Return one of `precisions`.

        Raises
        ------
        KeyError
            If there is none for that retrieval and k.
        """
        for one in self.precisions:
            if (one.retrieval, one.k) == (retrieval, k):
                return one
        raise KeyError(f"no precision at {k} by {retrieval}")


@dataclass(frozen=True)
class BandQuality(_HasPrecisions):
    """Quality on the held-out pairs of one band of frequency.

    `lowest` and `highest` are the in-domain counts of the band's words, or, where `by` is
    ``"rank"``, their ranks in the domain vectors.
    """

    by: Literal["count", "rank"]
    lowest: int
    highest: int
    n_pairs: int
    mean_cosine: Estimate
    precisions: tuple[Precision, ...]


@dataclass(frozen=True)
class AlignmentQuality(_HasPrecisions):
    """Quality of a map on held-out anchors.

    `method` is the aligner's name, or `identity`, `random-rotation` or `shuffled-anchors` for its
    baselines. `precisions` are taken among `n_candidates` general words. `coverage` is the share of
    the held-out pairs that both spaces hold and that could be scored. `hubness` is the skewness of
    how often a candidate is among the 10 nearest of frequent domain words. `condition_number` and
    `orthogonality_error` (root mean square of the entries of ``W'W - I``, or of ``W W' - I`` where
    that is the smaller) are those of a linear map, and None for others. `histogram` counts the
    cosines of the pairs in equal bins over [-1, 1]. `note` is what the aligner says of its choice.
    """

    method: str
    space: str
    domain_dim: int
    general_dim: int
    n_anchors: int
    n_held_out: int
    n_candidates: int
    coverage: float
    mean_cosine: Estimate
    precisions: tuple[Precision, ...]
    bands: tuple[BandQuality, ...]
    hubness: Estimate
    condition_number: float | None
    orthogonality_error: float | None
    histogram: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True)
class LearningPoint(_HasPrecisions):
    """Quality of a method fitted on some of the anchors: a point of its learning curve."""

    method: str
    n_anchors: int
    mean_cosine: Estimate
    precisions: tuple[Precision, ...]


@dataclass(frozen=True)
class Isometry:
    """How alike the two spaces are in themselves, whatever map is between them.

    Over the same `n_words` words in both: `relational_similarity` is the correlation of their
    cosines with one another (1 for copies). `eigenvector_similarity` sums the squared differences
    of the Laplacian eigenvalues of both graphs of nearest neighbours, and `gromov_hausdorff` is the
    bottleneck distance of both spaces' connected components (0 for copies, each); these two are
    means over draws of `n_drawn` words, and their intervals hold 95 % of the draws.
    """

    n_words: int
    n_drawn: int
    relational_similarity: Estimate
    eigenvector_similarity: Estimate
    gromov_hausdorff: Estimate


@dataclass(frozen=True)
class AnchorOverlap:
    """A shared word, and the share of its neighbours that it has in common in both spaces.

    `count` is how often it occurs in the domain and `general_rank` its rank in the general space,
    from 1; `domain_neighbors` and `general_neighbors` are the anchors nearest to it in either.
    """

    domain: str
    general: str
    count: int | None
    general_rank: int | None
    overlap: float | None
    domain_neighbors: tuple[str, ...]
    general_neighbors: tuple[str, ...]


@dataclass(frozen=True)
class AnchorSelectionSummary:
    """Which candidates became anchors, why the others did not, and which words changed meaning.

    `rejected` counts the candidates by reason. `changed` lists frequent words of least overlap, and
    `chance_overlap` is what overlap strangers would have; None if overlaps were not measured.
    """

    n_candidates: int
    n_kept: int
    n_held_out: int
    rejected: tuple[tuple[str, int], ...]
    changed: tuple[AnchorOverlap, ...]
    chance_overlap: float | None
