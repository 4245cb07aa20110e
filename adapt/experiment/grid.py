"""The grid of a study: every embedding at every label budget, with every strategy and seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from adapt.classifiers import TrainingConfig, idf_weights, validation_folds
from adapt.errors import InputError
from adapt.experiment.cells import Cell, CellScores, label_subset
from adapt.experiment.config import ClassifierConfig
from adapt.experiment.data import StudyData
from adapt.experiment.executors import Executor
from adapt.experiment.fits import EmbeddingFit, SharedDocuments, TfidfFit
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.merging import build_matrix

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
    executor: Executor,
) -> Iterator[CellScores]:
    """Train and test every cell, in an order that does not depend on the executor.

    While the fits of one embedding run, the matrix of the next is made, and its fits are handed to
    the executor, so that workers never wait; no more than these two matrices exist at a time.
    """
    weights = None
    if config.pooling == "mean-idf":
        # from all training texts: document frequencies need no labels
        weights = idf_weights(data.train_rows, len(data.vocabulary))
    with TemporaryDirectory(prefix="adapt-") as name:
        folder = Path(name)
        documents = SharedDocuments.write(
            folder, train=data.train_rows, test=data.test_rows, weights=weights
        )
        begun: Iterator[CellScores] = iter(())
        for embedding in embeddings:
            if embedding == "tfidf":
                following = _begin_tfidf(budgets, data, config, executor)
            else:
                matrix = folder / f"{embedding}.npy"
                np.save(matrix, _matrix(embedding, spaces, data, config))
                following = _begin_embedding(
                    embedding, matrix, documents, budgets, data, config, executor
                )
            yield from begun
            begun = following
        yield from begun


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


def _matrix(
    embedding: str, spaces: EmbeddingSpaces, data: StudyData, config: ClassifierConfig
) -> np.ndarray:
    """Give every word of the vocabulary its vector, ``(n_rows, dim)``."""
    vectors = spaces.embedding(embedding, data.vocabulary.words[2:], seed=config.seeds[0])
    return build_matrix(
        data.vocabulary,
        vectors,
        oov=config.oov,
        corpus=data.corpus,
        seed=config.seeds[0],
    ).matrix


def _begin_embedding(
    embedding: str,
    matrix: Path,
    documents: SharedDocuments,
    budgets: tuple[LabelBudget, ...],
    data: StudyData,
    config: ClassifierConfig,
    executor: Executor,
) -> Iterator[CellScores]:
    """Hand the fits of an embedding to the executor; its matrix is deleted after the last."""
    cells = [(strategy, budget) for strategy in config.strategies for budget in budgets]
    fits = [
        EmbeddingFit(
            matrix,
            documents,
            subset,
            data.train_labels[subset],
            len(data.classes),
            TrainingConfig(strategy=strategy, seed=seed, device=config.device),
        )
        for strategy, budget in cells
        for seed, subset in zip(config.seeds, budget.subsets, strict=True)
    ]
    predicted = executor.map(EmbeddingFit.predict, fits)

    def scores() -> Iterator[CellScores]:
        for strategy, budget in cells:
            cell = Cell(embedding, config.oov, config.pooling, strategy, budget.n_train)
            yield _scored(cell, predicted, data, config)
        matrix.unlink()

    return scores()


def _begin_tfidf(
    budgets: tuple[LabelBudget, ...],
    data: StudyData,
    config: ClassifierConfig,
    executor: Executor,
) -> Iterator[CellScores]:
    """Hand the fits of the bag of words to the executor."""
    fits = [
        TfidfFit(
            [data.train.texts[row] for row in subset],
            data.train_labels[subset],
            data.test.texts,
            seed,
        )
        for budget in budgets
        for seed, subset in zip(config.seeds, budget.subsets, strict=True)
    ]
    predicted = executor.map(TfidfFit.predict, fits)
    cells = [
        Cell("tfidf", "none", "linear-svm", "bag-of-words", budget.n_train) for budget in budgets
    ]
    return (_scored(cell, predicted, data, config) for cell in cells)


def _scored(
    cell: Cell, predicted: Iterator[np.ndarray], data: StudyData, config: ClassifierConfig
) -> CellScores:
    """Score the next predictions, one for each seed."""
    rows = np.stack([next(predicted) for _ in config.seeds])
    return CellScores.from_predictions(cell, config.seeds, rows, data.test_labels)
