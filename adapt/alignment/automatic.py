"""Choosing an aligner by cross-validation on the anchors."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.aligner import Aligner, Space
from adapt.alignment.anchors import Anchors
from adapt.alignment.kernel import KernelRidge
from adapt.alignment.linear import LinearAligner, Procrustes
from adapt.alignment.pairs import AnchorPairs
from adapt.alignment.regression import CCA, Reweighted, Ridge
from adapt.alignment.retrieval import csls
from adapt.alignment.robust import RobustProcrustes, WeightedProcrustes
from adapt.errors import InputError
from adapt.seeds import check_seed

__all__ = ["Automatic", "default_candidates"]

_LINEAR: tuple[type[LinearAligner], ...] = (
    Procrustes,
    WeightedProcrustes,
    RobustProcrustes,
    Ridge,
    CCA,
    Reweighted,
)


def default_candidates(space: Space) -> tuple[Aligner, ...]:
    """Return the aligners that `Automatic` chooses from, the simplest first."""
    candidates: tuple[type[Aligner], ...] = (*_LINEAR, KernelRidge)
    return tuple(one(space=space) for one in candidates if space == "general" or one.orthogonal)


class Automatic(Aligner):
    """The aligner with the highest cross-validated precision at 1 by CSLS on the anchors.

    Every candidate is fitted on all folds of the anchors but one, and looks for the general words
    of that one; the one that finds most is fitted on all anchors. Of equals the first wins.

    Parameters
    ----------
    candidates : sequence of Aligner, optional
        What to choose from; all of one space. Without, all but those that take long (rcsls,
        refined) and those that cannot serve the space.
    space : {"general", "domain"}, optional
        The unified space: that of the candidates.
    n_folds : int
        Folds of the anchors.
    n_candidates : int
        The general word is looked for among so many first ones and the fold's own.
    n_references : int
        CSLS takes the neighbourhood of general words from so many first domain words.
    seed : int
        Of the folds.

    Attributes
    ----------
    aligner_ : Aligner
        The chosen one, fitted on all anchors.
    precisions_ : dict of str to float
        Cross-validated precision at 1 of each candidate that could be fitted, by name.
    refusals_ : dict of str to str
        Why the others could not.
    reason_ : str
        One sentence for people: what was chosen, and why. For the others see `Aligner`.
    """

    name = "auto"
    regularized = True  # each candidate knows for itself how many anchors it needs

    aligner_: Aligner
    precisions_: dict[str, float]
    refusals_: dict[str, str]
    reason_: str

    def __init__(
        self,
        candidates: Sequence[Aligner] | None = None,
        *,
        space: Space | None = None,
        n_folds: int = 3,
        n_candidates: int = 50_000,
        n_references: int = 10_000,
        seed: int = 0,
    ) -> None:
        self.candidates = (
            default_candidates(space or "general") if candidates is None else tuple(candidates)
        )
        spaces = {candidate.space for candidate in self.candidates} | ({space} - {None})
        if len(spaces) != 1:
            raise InputError("give aligners to choose from, all of one space")
        if n_folds < 2:
            raise InputError(f"n_folds is {n_folds}; give 2 or more")
        check_seed(seed)
        self.orthogonal = all(candidate.orthogonal for candidate in self.candidates)
        super().__init__(space=self.candidates[0].space)
        self.n_folds, self.seed = n_folds, seed
        self.n_candidates, self.n_references = n_candidates, n_references

    def _solve(self, pairs: AnchorPairs) -> None:
        precisions: dict[str, float] = {}
        refusals: dict[str, str] = {}
        for candidate in self.candidates:
            try:
                precisions[candidate.name] = self._precision(candidate, pairs)
            except InputError as error:
                refusals[candidate.name] = str(error)
        if not precisions:
            raise InputError(
                f"no method could be fitted on {len(pairs)} anchors in {self.n_folds} folds: "
                + next(iter(refusals.values()))
            )
        best = max(precisions, key=precisions.__getitem__)  # the first of equals
        chosen = next(one for one in self.candidates if one.name == best)
        self.aligner_ = copy.copy(chosen).fit(pairs.domain, pairs.general, pairs.anchors)
        self.precisions_, self.refusals_ = precisions, refusals
        self.reason_ = _reason(best, precisions, refusals, self.n_folds, len(pairs))

    def _precision(self, candidate: Aligner, pairs: AnchorPairs) -> float:
        """Share of the anchors that are found by fits on the other folds."""
        order = np.random.default_rng(self.seed).permutation(len(pairs))
        folds = [np.sort(fold) for fold in np.array_split(order, min(self.n_folds, len(pairs)))]
        hits = 0
        for fold in folds:
            rest = np.setdiff1d(order, fold)
            fitted = copy.copy(candidate)
            fitted.fit(pairs.domain, pairs.general, pairs.anchors.subset(rest))
            hits += self._hits(fitted, pairs, pairs.anchors.subset(fold))
        return hits / len(pairs)

    def _hits(self, aligner: Aligner, pairs: AnchorPairs, held_out: Anchors) -> int:
        domain, general = pairs.domain, pairs.general
        targets = general.rows(held_out.general)
        rows = np.union1d(np.arange(min(self.n_candidates, len(general))), targets)
        found, _ = csls(
            aligner.normalized_domain(domain.matrix[domain.rows(held_out.domain)]),
            aligner.normalized_general(general.matrix[rows]),
            1,
            references=aligner.normalized_domain(domain.matrix[: self.n_references]),
        )
        return int(np.count_nonzero(rows[found[:, 0]] == targets))

    def _predict(self, normalized: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        return self.aligner_._predict(normalized)

    @property
    def linear_map(self) -> NDArray[np.float64] | None:
        """That of the chosen aligner."""
        return self.aligner_.linear_map


def _reason(
    best: str, precisions: dict[str, float], refusals: dict[str, str], n_folds: int, n_anchors: int
) -> str:
    others = [f"{name} {value:.1%}" for name, value in precisions.items() if name != best]
    tried = f", before {', '.join(others)}" if others else ""
    left = f"; could not be fitted: {', '.join(refusals)}" if refusals else ""
    return (
        f"{best}: CSLS finds {precisions[best]:.1%} of {n_anchors:,} anchors at rank 1 in "
        f"{n_folds}-fold cross-validation{tried}{left}"
    )
