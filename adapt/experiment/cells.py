"""The cells of a study's grid: a classifier trained on some labels and tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapt.errors import InputError
from adapt.evaluation import (
    Comparison,
    Run,
    Stratum,
    Summary,
    TypoAccuracy,
    accuracy_by_oov,
    accuracy_interval,
    holm,
    paired_bootstrap,
)

__all__ = ["Cell", "CellScores", "compare", "label_subset", "stratify", "summarize"]

_BASELINES = ("general", "domain")
"""What the other embeddings are compared with, where the study has it."""


@dataclass(frozen=True)
class Cell:
    """A configuration of the grid, over all of its seeds."""

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int

    def __str__(self) -> str:
        return f"{self.embedding}, {self.oov}, {self.model}, {self.strategy}, {self.n_train} labels"


@dataclass(frozen=True)
class CellScores:
    """Predictions of a cell: correctness ``(n_seeds, n_test)`` and one run for each seed.

    `typos` has the accuracy on misspelt test documents, if there were any.
    """

    cell: Cell
    correct: np.ndarray
    runs: tuple[Run, ...]
    typos: tuple[TypoAccuracy, ...] = ()

    @classmethod
    def from_predictions(
        cls,
        cell: Cell,
        seeds: Sequence[int],
        predicted: np.ndarray,
        labels: np.ndarray,
        *,
        typo_shares: Sequence[float] = (),
    ) -> CellScores:
        """Score predicted classes against `labels` ``(n_test,)``.

        `predicted` has shape ``(1 + n_shares, n_seeds, n_test)``: of the test documents as they
        are, and of those misspelt by each of `typo_shares`.
        """
        from sklearn.metrics import f1_score

        runs = tuple(
            Run(
                **vars(cell),
                seed=seed,
                accuracy=float((row == labels).mean()),
                macro_f1=float(f1_score(labels, row, average="macro", zero_division=0.0)),
            )
            for seed, row in zip(seeds, predicted[0], strict=True)
        )
        shares = (0.0, *typo_shares) if typo_shares else ()
        typos = tuple(
            TypoAccuracy(**vars(cell), typo_share=share, **vars(_Interval.of(rows == labels)))
            for share, rows in zip(shares, predicted if shares else (), strict=True)
        )
        return cls(cell, predicted[0] == labels, runs, typos)


def label_subset(labels: np.ndarray, budget: int | str, seed: int) -> np.ndarray:
    """Choose the training documents of a label budget.

    Parameters
    ----------
    labels : numpy.ndarray
        ``(n,)`` class numbers of the training split.
    budget : int or "all"
        How many documents; the same `seed` gives the same documents to every embedding.
    seed : int
        Seed of the stratified choice.

    Returns
    -------
    numpy.ndarray
        Sorted row numbers, int64.

    Raises
    ------
    InputError
        If the split has fewer documents.
    """
    from sklearn.model_selection import train_test_split

    if budget == "all" or budget == len(labels):
        return np.arange(len(labels))
    if int(budget) > len(labels):
        raise InputError(f"label budget {budget} exceeds the {len(labels)} training documents")
    n_classes = len(np.unique(labels))
    if int(budget) < n_classes:
        raise InputError(f"label budget {budget} is below the number of classes, {n_classes}")
    # a stratified choice needs room for every class on both sides
    stratify = labels if len(labels) - int(budget) >= n_classes else None
    chosen, _ = train_test_split(
        np.arange(len(labels)), train_size=int(budget), random_state=seed, stratify=stratify
    )
    return np.sort(chosen)


def summarize(scores: Sequence[CellScores]) -> tuple[Summary, ...]:
    """Mean over seeds of every cell, with bootstrap intervals."""
    rows = []
    for score in scores:
        rows.append(
            Summary(
                **vars(score.cell),
                n_seeds=len(score.runs),
                **vars(_Interval.of(score.correct)),
                macro_f1=float(np.mean([run.macro_f1 for run in score.runs])),
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class _Interval:
    """An accuracy with its interval, named as results do."""

    accuracy: float
    accuracy_low: float
    accuracy_high: float

    @classmethod
    def of(cls, correct: np.ndarray) -> _Interval:
        return cls(*accuracy_interval(correct))


def stratify(scores: Sequence[CellScores], oov_shares: np.ndarray) -> tuple[Stratum, ...]:
    """Part the accuracy of every cell by the ``(n_test,)`` shares of unknown tokens."""
    return tuple(
        Stratum(
            **vars(score.cell),
            lowest_share=part.lowest,
            highest_share=part.highest,
            n_documents=part.n_documents,
            accuracy=part.accuracy,
            accuracy_low=part.accuracy_low,
            accuracy_high=part.accuracy_high,
        )
        for score in scores
        for part in accuracy_by_oov(score.correct, oov_shares)
    )


def compare(scores: Sequence[CellScores]) -> tuple[Comparison, ...]:
    """Compare every embedding with the baselines, at the same budget, strategy, filling and model.

    Every embedding also stands against itself with the first filling and the first model.

    `compass` stands against `aligned` too: training that needs no map, against the map. So do the
    variants of `aligned`, by other methods or policies.
    `tfidf` has a strategy of its own, and stands against all of them. Holm's correction runs over
    all comparisons made here.
    """
    first = next((score.cell for score in scores if score.cell.embedding != "tfidf"), None)
    pairs = [
        (score, base)
        for score in scores
        for base in scores
        if first is not None and _are_compared(score.cell, base.cell, first)
    ]
    tests = [paired_bootstrap(score.correct, base.correct) for score, base in pairs]
    corrected = holm([test.p_value for test in tests])
    return tuple(
        Comparison(
            embedding=score.cell.embedding,
            oov=score.cell.oov,
            model=score.cell.model,
            baseline=base.cell.embedding,
            baseline_oov=base.cell.oov,
            baseline_model=base.cell.model,
            strategy=score.cell.strategy,
            n_train=score.cell.n_train,
            difference=test.difference,
            difference_low=test.low,
            difference_high=test.high,
            p_value=test.p_value,
            p_corrected=p_corrected,
        )
        for (score, base), test, p_corrected in zip(pairs, tests, corrected, strict=True)
    )


def _are_compared(cell: Cell, base: Cell, first: Cell) -> bool:
    """Whether a cell stands against a baseline, and not the other way round.

    `first` has the filling and the model that the others of an embedding are compared with.
    """
    if cell.n_train != base.n_train or cell.embedding == "tfidf":
        return False
    if base.embedding == "tfidf":
        return True
    if cell.strategy != base.strategy:
        return False
    same_filling, same_model = cell.oov == base.oov, cell.model == base.model
    if cell.embedding == base.embedding:
        # one thing is changed at a time
        return (same_model and not same_filling and base.oov == first.oov) or (
            same_filling and not same_model and base.model == first.model
        )
    return same_filling and same_model and _is_baseline(cell.embedding, base.embedding)


def _is_baseline(embedding: str, baseline: str) -> bool:
    if (embedding, baseline) == ("general", "domain"):
        return False
    if baseline == "aligned":  # what needs no map, or has another one, or is merged otherwise
        return embedding == "compass" or embedding.startswith("aligned:")
    return baseline in _BASELINES
