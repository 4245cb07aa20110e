"""The grid of a study: every embedding at every label budget, with every strategy and seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adapt.classifiers import (
    TrainingConfig,
    idf_weights,
    train_classifier,
    train_tfidf_svm,
    validation_folds,
)
from adapt.errors import InputError
from adapt.experiment.cells import Cell, CellScores, label_subset
from adapt.experiment.config import ClassifierConfig
from adapt.experiment.data import StudyData
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.merging import build_matrix
from adapt.text import WordTokenizer

__all__ = ["LabelBudget", "label_budgets", "n_cells", "run_grid"]


@dataclass(frozen=True)
class LabelBudget:
    """The training documents of a label budget, one choice a seed."""

    n_train: int
    subsets: tuple[np.ndarray, ...]


def n_cells(embeddings: tuple[str, ...], config: ClassifierConfig) -> int:
    """How many cells `run_grid` yields."""
    per_budget = sum(1 if name == "tfidf" else len(config.strategies) for name in embeddings)
    return per_budget * len(config.label_budgets)


def run_grid(
    embeddings: tuple[str, ...],
    budgets: tuple[LabelBudget, ...],
    spaces: EmbeddingSpaces,
    data: StudyData,
    config: ClassifierConfig,
) -> Iterator[CellScores]:
    """Train and test every cell; embedding by embedding, so that one matrix is held at a time."""
    for embedding in embeddings:
        if embedding == "tfidf":
            yield from (_tfidf_cell(budget, data, config.seeds) for budget in budgets)
        else:
            yield from _embedding_cells(embedding, budgets, spaces, data, config)


def label_budgets(data: StudyData, config: ClassifierConfig) -> tuple[LabelBudget, ...]:
    """Choose the training documents of every label budget.

    Raises
    ------
    InputError
        If a budget does not fit the training split, or two of them come to the same size.
    """
    found: dict[int, LabelBudget] = {}
    for wanted in config.label_budgets:
        subsets = tuple(label_subset(data.train_labels, wanted, seed) for seed in config.seeds)
        budget = LabelBudget(len(subsets[0]), subsets)
        if budget.n_train in found:
            raise InputError(
                f"classifier.label_budgets: {wanted!r} comes to {budget.n_train} documents, as "
                "another budget does; leave one out"
            )
        for subset in subsets:
            validation_folds(data.train_labels[subset], 0)  # refuses what is too small to learn
        found[budget.n_train] = budget
    return tuple(found.values())


def _embedding_cells(
    embedding: str,
    budgets: tuple[LabelBudget, ...],
    spaces: EmbeddingSpaces,
    data: StudyData,
    config: ClassifierConfig,
) -> Iterator[CellScores]:
    vectors = spaces.embedding(embedding, data.vocabulary.words[2:], seed=config.seeds[0])
    matrix = build_matrix(
        data.vocabulary,
        vectors,
        oov=config.oov,
        fallbacks=config.fallbacks,
        seed=config.seeds[0],
    ).matrix
    weights = None
    if config.pooling == "mean-idf":
        # from all training texts: document frequencies need no labels
        weights = idf_weights(data.train_rows, len(data.vocabulary))
    for strategy in config.strategies:
        for budget in budgets:
            cell = Cell(embedding, config.oov, config.pooling, strategy, budget.n_train)
            predicted = [
                train_classifier(
                    matrix,
                    [data.train_rows[row] for row in subset],
                    data.train_labels[subset],
                    config=TrainingConfig(strategy=strategy, seed=seed, device=config.device),
                    token_weights=weights,
                    n_classes=len(data.classes),
                ).predict(data.test_rows)
                for seed, subset in zip(config.seeds, budget.subsets, strict=True)
            ]
            yield CellScores.from_predictions(
                cell, config.seeds, np.stack(predicted), data.test_labels
            )


def _tfidf_cell(budget: LabelBudget, data: StudyData, seeds: tuple[int, ...]) -> CellScores:
    cell = Cell("tfidf", "none", "linear-svm", "bag-of-words", budget.n_train)
    predicted = [
        train_tfidf_svm(
            [data.train.texts[row] for row in subset],
            data.train_labels[subset],
            tokenizer=WordTokenizer(),
            seed=seed,
        ).predict(data.test.texts)
        for seed, subset in zip(seeds, budget.subsets, strict=True)
    ]
    return CellScores.from_predictions(cell, seeds, np.stack(predicted), data.test_labels)
