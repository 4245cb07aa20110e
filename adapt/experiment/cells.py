"""The cells of a study's grid: a classifier trained on some labels and tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapt.errors import InputError
from adapt.evaluation import (
    DriftMeasurement,
    Run,
    Stratum,
    Summary,
    TypoAccuracy,
    accuracy_by_oov,
    accuracy_interval,
)
from adapt.experiment.fits import Outcome

__all__ = ["Cell", "CellScores", "label_subset", "stratify", "summarize"]


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
    """A cell's predicted classes, whether they are right, both ``(n_seeds, n_test)``, and its runs.

    `typos` has the accuracy on misspelt test documents, if there were any, and `drift` how far each
    run moved the words, if that was measured.
    """

    cell: Cell
    predicted: np.ndarray
    correct: np.ndarray
    runs: tuple[Run, ...]
    typos: tuple[TypoAccuracy, ...] = ()
    drift: tuple[DriftMeasurement, ...] = ()

    @classmethod
    def from_outcomes(
        cls,
        cell: Cell,
        seeds: Sequence[int],
        outcomes: Sequence[Outcome],
        labels: np.ndarray,
        *,
        typo_shares: Sequence[float] = (),
    ) -> CellScores:
        """Score the classes that each seed predicted against `labels` ``(n_test,)``.

        The first version of the test documents is that as they are; the others are misspelt by each
        of `typo_shares`.
        """
        from sklearn.metrics import f1_score

        predicted = np.stack([outcome.predicted for outcome in outcomes], axis=1)
        runs = tuple(
            Run(
                **vars(cell),
                seed=seed,
                accuracy=float((row == labels).mean()),
                macro_f1=float(f1_score(labels, row, average="macro", zero_division=0.0)),
                validation_accuracy=outcome.validation_accuracy,
                chosen=outcome.chosen,
            )
            for seed, row, outcome in zip(seeds, predicted[0], outcomes, strict=True)
        )
        shares = (0.0, *typo_shares) if typo_shares else ()
        typos = tuple(
            TypoAccuracy(**vars(cell), typo_share=share, **vars(_Interval.of(rows == labels)))
            for share, rows in zip(shares, predicted if shares else (), strict=True)
        )
        drift = tuple(outcome.drift for outcome in outcomes if outcome.drift is not None)
        return cls(cell, predicted[0], predicted[0] == labels, runs, typos, drift)


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
                validation_accuracy=float(np.mean([run.validation_accuracy for run in score.runs])),
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
