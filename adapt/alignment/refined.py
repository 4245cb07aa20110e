"""Refinement: an aligner fitted anew on the pairs that it finds itself, beside the given ones."""

from __future__ import annotations

import copy
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner, Space
from adapt.alignment.anchors import Anchors
from adapt.alignment.linear import Procrustes
from adapt.alignment.pairs import AnchorPairs
from adapt.alignment.retrieval import csls
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

__all__ = ["Refined", "mutual_pairs"]


class Refined(Aligner):
    """CSLS refinement around another aligner (Conneau et al. 2018).

    The aligner is fitted on the anchors; the most frequent words are translated both ways by CSLS;
    pairs of mutual nearest neighbours join the anchors, which keep their own partners; the aligner
    is fitted on both; and so on until the mean CSLS of the mutual pairs no longer rises. The fit
    with the highest is kept.

    Parameters
    ----------
    base : Aligner
        What to refine; it is copied, not changed. Procrustes in `space`, unless given.
    space : {"general", "domain"}, optional
        The unified space: that of `base`.
    n_words : int
        How many of the first words of either space are translated.
    max_turns : int
        Most refinements.

    Attributes
    ----------
    aligner_ : Aligner
        The fitted aligner.
    found_ : Anchors
        The mutual pairs that it was fitted on beside the anchors.
    mean_csls_ : tuple of float
        Mean CSLS of the mutual pairs of the first fit and of every refinement that was kept. For
        the others see `Aligner`; `anchors_` are the given ones.

    References
    ----------
    A. Conneau, G. Lample, M. Ranzato, L. Denoyer, H. Jégou (2018). Word translation without
    parallel data. ICLR.
    """

    name = "refined"

    aligner_: Aligner
    found_: Anchors
    mean_csls_: tuple[float, ...]

    def __init__(
        self,
        base: Aligner | None = None,
        *,
        space: Space | None = None,
        n_words: int = 10_000,
        max_turns: int = 5,
    ) -> None:
        self.base = base if base is not None else Procrustes(space=space or "general")
        if space not in (None, self.base.space):
            raise InputError(
                f"the space is {space!r}, but the aligner to refine has {self.base.space!r}; "
                "give one of both"
            )
        self.orthogonal, self.regularized = self.base.orthogonal, self.base.regularized
        super().__init__(space=self.base.space)
        if self.base.name != Procrustes.name:
            self.name = f"refined:{self.base.name}"
        self.n_words, self.max_turns = n_words, max_turns

    def _solve(self, pairs: AnchorPairs) -> None:
        domain, general = pairs.domain, pairs.general
        frequent = domain.head(self.n_words), general.head(self.n_words)
        fitted = copy.copy(self.base).fit(domain, general, pairs.anchors)
        found, score = mutual_pairs(fitted, *frequent)
        used, scores = Anchors((), ()), [score]
        for _ in range(self.max_turns):
            added = _without(found, pairs.anchors)
            refitted = copy.copy(self.base).fit(domain, general, _joined(pairs.anchors, added))
            found, score = mutual_pairs(refitted, *frequent)
            if score <= scores[-1]:
                break
            fitted, used = refitted, added
            scores.append(score)
        self.aligner_, self.found_, self.mean_csls_ = fitted, used, tuple(scores)

    def fit(self, domain: WordVectors, general: WordVectors, anchors: Anchors) -> Self:
        """Fit as `Aligner.fit`; normalisations and scales are those of the refined fit."""
        super().fit(domain, general, anchors)
        self.domain_normalization_ = self.aligner_.domain_normalization_
        self.general_normalization_ = self.aligner_.general_normalization_
        self.scale_, self.spread_ = self.aligner_.scale_, self.aligner_.spread_
        return self

    def _predict(self, normalized: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        return self.aligner_._predict(normalized)

    @property
    def linear_map(self) -> NDArray[np.float64] | None:
        """That of the refined aligner."""
        return self.aligner_.linear_map


def mutual_pairs(
    aligner: Aligner, domain: WordVectors, general: WordVectors
) -> tuple[Anchors, float]:
    """Find words that are each other's nearest by CSLS.

    Parameters
    ----------
    aligner : Aligner
        A fitted one.
    domain, general : WordVectors
        The words to pair.

    Returns
    -------
    pairs : Anchors
        In the order of the domain words.
    mean_csls : float
        Their mean CSLS; minus infinity without pairs.
    """
    x, y = aligner.normalized_domain(domain), aligner.normalized_general(general)
    forth, scores = csls(x, y, 1)
    back, _ = csls(y, x, 1)
    mutual = (back[forth[:, 0], 0] == np.arange(len(x))) & x.any(axis=1)
    rows = np.flatnonzero(mutual)
    if not len(rows):
        return Anchors((), ()), -np.inf
    pairs = Anchors(
        tuple(domain.words[row] for row in rows),
        tuple(general.words[forth[row, 0]] for row in rows),
    )
    return pairs, float(scores[rows, 0].mean(dtype=np.float64))


def _without(pairs: Anchors, anchors: Anchors) -> Anchors:
    """Leave out the pairs of words that are anchors on either side."""
    domain, general = set(anchors.domain), set(anchors.general)
    words = zip(pairs.domain, pairs.general, strict=True)
    return pairs.subset(
        i for i, (one, other) in enumerate(words) if one not in domain and other not in general
    )


def _joined(anchors: Anchors, others: Anchors) -> Anchors:
    return Anchors(anchors.domain + others.domain, anchors.general + others.general)
