"""The grid of a study: every embedding at every label budget, with every strategy and seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from adapt.classifiers import token_weights_for, validation_folds, weighting_of
from adapt.errors import InputError
from adapt.evaluation import BAGS_OF_WORDS, MatrixRows
from adapt.experiment.cells import Cell, CellScores, label_subset
from adapt.experiment.config import ClassifierConfig
from adapt.experiment.data import StudyData
from adapt.experiment.executors import Executor
from adapt.experiment.fits import BagFit, EmbeddingFit, Fit, HybridFit, Outcome
from adapt.experiment.shared import SharedDocuments, SharedMatrix
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.merging import EmbeddingMatrix, build_matrix
from adapt.text import with_typos

__all__ = [
    "LabelBudget",
    "bag_models",
    "label_budgets",
    "n_cells",
    "run_grid",
    "shared_documents",
]


@dataclass(frozen=True)
class LabelBudget:
    """The training documents of a label budget, one choice a seed."""

    n_train: int
    subsets: tuple[np.ndarray, ...]


def n_cells(embeddings: tuple[str, ...], config: ClassifierConfig) -> int:
    """How many cells `run_grid` yields."""
    variants = len(config.models) * len(config.strategies) * len(config.oov) * len(config.layers)
    per_budget = sum(
        len(bag_models(name, config)) if name in BAGS_OF_WORDS else variants for name in embeddings
    )
    return per_budget * len(config.label_budgets)


def run_grid(
    embeddings: tuple[str, ...],
    budgets: tuple[LabelBudget, ...],
    spaces: EmbeddingSpaces,
    data: StudyData,
    config: ClassifierConfig,
    executor: Executor,
) -> Iterator[CellScores | MatrixRows]:
    """Train and test every cell, in an order that does not depend on the executor.

    The rows of every matrix are told too, before its cells. While the fits of one matrix run, the
    next is made, and its fits are handed to the executor, so that workers never wait; no more than
    these two matrices exist at a time.
    """
    with TemporaryDirectory(prefix="adapt-") as name:
        folder = Path(name)
        documents = shared_documents(folder, data, config)
        begun: Iterator[CellScores] = iter(())
        for embedding, oov in _matrices(embeddings, config):
            told: tuple[MatrixRows, ...] = ()
            if embedding in BAGS_OF_WORDS:
                following = _begin_bags(embedding, budgets, documents, data, config, executor)
            else:
                built = _matrix(embedding, oov, spaces, data, config)
                told = (_rows_of(embedding, oov, built),)
                path = folder / f"{embedding}-{config.oov.index(oov)}.npy"
                matrix = SharedMatrix.write(path, built)
                following = _begin_embedding(
                    embedding, oov, matrix, documents, budgets, data, config, executor
                )
            yield from begun
            yield from told
            begun = following
        yield from begun


def shared_documents(folder: Path, data: StudyData, config: ClassifierConfig) -> SharedDocuments:
    """Write the documents of a study, as its fits read them."""
    return SharedDocuments.write(
        folder,
        vocabulary=data.vocabulary,
        train=data.train_words,
        test_versions=_test_versions(data, config),
        weights=_weights(data, config),
    )


def _weights(data: StudyData, config: ClassifierConfig) -> dict[str, np.ndarray]:
    """Weigh the words for the models that ask for it, by all training texts: no labels needed."""
    wanted = {weighting_of(model): model for model in config.models}
    made = {
        kind: token_weights_for(model, data.train_rows, len(data.vocabulary))
        for kind, model in wanted.items()
    }
    return {kind: weights for kind, weights in made.items() if kind and weights is not None}


def _matrices(embeddings: tuple[str, ...], config: ClassifierConfig) -> Iterator[tuple[str, str]]:
    """Yield every embedding with everything that its unknown words may be filled with."""
    for embedding in embeddings:
        for oov in config.oov[:1] if embedding in BAGS_OF_WORDS else config.oov:
            yield embedding, oov


def _test_versions(data: StudyData, config: ClassifierConfig) -> list[Sequence[Sequence[str]]]:
    """Give the words of the test documents as they are, and misspelt by each share."""
    seed = config.seeds[0]
    misspelt = [with_typos(data.test_words, share, seed=seed) for share in config.typo_shares]
    return [data.test_words, *misspelt]


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
    embedding: str, oov: str, spaces: EmbeddingSpaces, data: StudyData, config: ClassifierConfig
) -> EmbeddingMatrix:
    """Give every word of the vocabulary its vector."""
    vectors = spaces.embedding(embedding, data.vocabulary.words[2:], seed=config.seeds[0])
    return build_matrix(
        data.vocabulary,
        vectors,
        oov=oov,
        corpus=data.corpus,
        general=spaces.general,
        seed=config.seeds[0],
    )


def _rows_of(embedding: str, oov: str, matrix: EmbeddingMatrix) -> MatrixRows:
    provenance = matrix.provenance
    return MatrixRows(
        embedding=embedding,
        oov=oov,
        sources=tuple(provenance.source_counts().items()),
        steps=tuple(provenance.step_counts().items()),
    )


def _begin_embedding(
    embedding: str,
    oov: str,
    matrix: SharedMatrix,
    documents: SharedDocuments,
    budgets: tuple[LabelBudget, ...],
    data: StudyData,
    config: ClassifierConfig,
    executor: Executor,
) -> Iterator[CellScores]:
    """Hand the fits of a matrix to the executor; its files are deleted after the last."""
    cells = [
        (layer, model, strategy, budget)
        for layer in config.layers
        for model in config.models
        for strategy in config.strategies
        for budget in budgets
    ]
    fits = [
        (HybridFit if layer == "hybrid" else EmbeddingFit)(
            matrix,
            documents,
            subset,
            data.train_labels[subset],
            len(data.classes),
            model,
            replace(config.training, strategy=strategy, seed=seed),
            config.members,
            with_drift=config.drift and layer == "plain" and strategy != "frozen",
        )
        for layer, model, strategy, budget in cells
        for seed, subset in zip(config.seeds, budget.subsets, strict=True)
    ]
    outcomes = executor.map(_run, fits)

    def scores() -> Iterator[CellScores]:
        for layer, model, strategy, budget in cells:
            name = model if layer == "plain" else f"{layer}:{model}"
            cell = Cell(embedding, oov, name, strategy, budget.n_train)
            yield _scored(cell, outcomes, data, config)
        matrix.delete()

    return scores()


def bag_models(embedding: str, config: ClassifierConfig) -> tuple[str, ...]:
    """List the classifiers of a bag of words."""
    return config.tfidf_models if embedding == "tfidf" else ("fasttext",)


def _begin_bags(
    embedding: str,
    budgets: tuple[LabelBudget, ...],
    documents: SharedDocuments,
    data: StudyData,
    config: ClassifierConfig,
    executor: Executor,
) -> Iterator[CellScores]:
    """Hand the fits of a bag of words to the executor."""
    cells = [(model, budget) for model in bag_models(embedding, config) for budget in budgets]
    fits = [
        BagFit(
            model,
            [data.train.texts[row] for row in subset],
            data.train_labels[subset],
            documents,
            seed,
        )
        for model, budget in cells
        for seed, subset in zip(config.seeds, budget.subsets, strict=True)
    ]
    outcomes = executor.map(_run, fits)
    return (
        _scored(
            Cell(embedding, "none", model, "bag-of-words", budget.n_train), outcomes, data, config
        )
        for model, budget in cells
    )


def _run(fit: Fit) -> Outcome:
    """Run whatever kind of fit it is."""
    return fit.run()


def _scored(
    cell: Cell, outcomes: Iterator[Outcome], data: StudyData, config: ClassifierConfig
) -> CellScores:
    """Score the next outcomes, one for each seed."""
    own = [next(outcomes) for _ in config.seeds]
    return CellScores.from_outcomes(
        cell, config.seeds, own, data.test_labels, typo_shares=config.typo_shares
    )
