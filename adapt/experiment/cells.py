"""The cells of a study's grid: a classifier trained on some labels and tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapt.errors import InputError
from adapt.evaluation import Comparison, Run, Summary, accuracy_interval, holm, paired_bootstrap

__all__ = ["Cell", "CellScores", "compare", "label_subset", "summarize"]

_BASELINES = ("general", "domain", "tfidf")
"""What the other embeddings are compared with, where the study has it."""


@dataclass(frozen=True)
class Cell:
    """A configuration of the grid, over all of its seeds."""

    embedding: str
    oov: str
    model: str
    strategy: str
    n_train: int


@dataclass(frozen=True)
class CellScores:
    """Predictions of a cell: correctness ``(n_seeds, n_test)`` and one run for each seed."""

    cell: Cell
    correct: np.ndarray
    runs: tuple[Run, ...]

    @classmethod
    def from_predictions(
        cls, cell: Cell, seeds: Sequence[int], predicted: np.ndarray, labels: np.ndarray
    ) -> CellScores:
        """Score predicted class numbers ``(n_seeds, n_test)`` against `labels` ``(n_test,)``."""
        from sklearn.metrics import f1_score

        runs = tuple(
            Run(
                **vars(cell),
                seed=seed,
                accuracy=float((row == labels).mean()),
                macro_f1=float(f1_score(labels, row, average="macro", zero_division=0.0)),
            )
            for seed, row in zip(seeds, predicted, strict=True)
        )
        return cls(cell, predicted == labels, runs)


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
        accuracy, low, high = accuracy_interval(score.correct)
        rows.append(
            Summary(
                **vars(score.cell),
                n_seeds=len(score.runs),
                accuracy=accuracy,
                accuracy_low=low,
                accuracy_high=high,
                macro_f1=float(np.mean([run.macro_f1 for run in score.runs])),
            )
        )
    return tuple(rows)


def compare(scores: Sequence[CellScores]) -> tuple[Comparison, ...]:
    """Compare every embedding with the baselines, at the same budget and strategy.

    `compass` stands against `aligned` too: training that needs no map, against the map. So do the
    variants of `aligned`, by other methods or policies.
    `tfidf` has a strategy of its own, and stands against all of them. Holm's correction runs over
    all comparisons made here.
    """
    pairs = [
        (score, base)
        for score in scores
        for base in scores
        if _are_compared(score.cell.embedding, base.cell.embedding)
        and base.cell.n_train == score.cell.n_train
        and (base.cell.strategy == score.cell.strategy or base.cell.embedding == "tfidf")
    ]
    tests = [paired_bootstrap(score.correct, base.correct) for score, base in pairs]
    corrected = holm([test.p_value for test in tests])
    return tuple(
        Comparison(
            embedding=score.cell.embedding,
            baseline=base.cell.embedding,
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


def _are_compared(embedding: str, baseline: str) -> bool:
    """Whether the embedding stands against the baseline, and not the other way round."""
    if embedding in (baseline, "tfidf") or (embedding, baseline) == ("general", "domain"):
        return False
    if baseline == "aligned":  # what needs no map, or has another one, or is merged otherwise
        return embedding == "compass" or embedding.startswith("aligned:")
    return baseline in _BASELINES
