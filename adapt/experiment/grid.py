"""The grid of a study: every embedding at every label budget, with every strategy and seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from adapt.classifiers import TrainingConfig, idf_weights, train_classifier, train_tfidf_svm
from adapt.experiment.cells import Cell, CellScores, label_subset
from adapt.experiment.config import ClassifierConfig
from adapt.experiment.data import StudyData
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.merging import build_matrix
from adapt.text import WordTokenizer

__all__ = ["n_cells", "run_grid"]


@dataclass(frozen=True)
class _Budget:
    """The training documents of a label budget, one choice a seed."""

    n_train: int
    subsets: tuple[np.ndarray, ...]


def n_cells(embeddings: tuple[str, ...], config: ClassifierConfig) -> int:
    """How many cells `run_grid` yields."""
    per_budget = sum(1 if name == "tfidf" else len(config.strategies) for name in embeddings)
    return per_budget * len(config.label_budgets)


def run_grid(
    embeddings: tuple[str, ...],
    spaces: EmbeddingSpaces,
    data: StudyData,
    config: ClassifierConfig,
) -> Iterator[CellScores]:
    """Train and test every cell; embedding by embedding, so that one matrix is held at a time."""
    budgets = [_budget(data, budget, config.seeds) for budget in config.label_budgets]
    for embedding in embeddings:
        if embedding == "tfidf":
            yield from (_tfidf_cell(budget, data, config.seeds) for budget in budgets)
        else:
            yield from _embedding_cells(embedding, budgets, spaces, data, config)


def _budget(data: StudyData, budget: int | str, seeds: tuple[int, ...]) -> _Budget:
    subsets = tuple(label_subset(data.train_labels, budget, seed) for seed in seeds)
    return _Budget(len(subsets[0]), subsets)


def _embedding_cells(
    embedding: str,
    budgets: list[_Budget],
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


def _tfidf_cell(budget: _Budget, data: StudyData, seeds: tuple[int, ...]) -> CellScores:
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
