"""The grid of a study: every embedding at every label budget, with every strategy and seed."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from adapt.classifiers import token_weights_for, validation_folds, weighting_of
from adapt.errors import AdaptWarning, InputError
from adapt.evaluation import BAGS_OF_WORDS, MatrixRows
from adapt.experiment.cells import Cell, CellScores, label_subset
from adapt.experiment.config import ClassifierConfig
from adapt.experiment.data import StudyData
from adapt.experiment.executors import Executor
from adapt.experiment.fits import BagFit, EmbeddingFit, HybridFit, Outcome, run_fits
from adapt.experiment.shared import SharedDocuments, SharedMatrix
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.experiment.store import Store
from adapt.files import scratch_folder
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
    store: Store,
) -> Iterator[CellScores | MatrixRows]:
    """Train and test every cell, in an order that does not depend on the executor.

    The rows of every matrix are told too, before its cells. While the fits of one matrix run, the
    next is made, and its fits are handed to the executor, so that workers never wait; no more than
    these two matrices exist at a time. Fits that the store knows are not run, and where it knows
    all those of a matrix, that is not made.
    """
    with scratch_folder() as folder:
        documents = shared_documents(folder, data, config)
        grid = _Grid(folder, documents, budgets, spaces, data, config, executor, store)
        begun: Iterator[CellScores] = iter(())
        for embedding, oov in _matrices(embeddings, config):
            told: tuple[MatrixRows, ...] = ()
            if embedding in BAGS_OF_WORDS:
                following = grid.begin_bags(embedding)
            else:
                rows, following = grid.begin_embedding(embedding, oov)
                told = (rows,)
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


def bag_models(embedding: str, config: ClassifierConfig) -> tuple[str, ...]:
    """List the classifiers of a bag of words."""
    return config.tfidf_models if embedding == "tfidf" else ("fasttext",)


@dataclass(frozen=True)
class _MatrixFacts:
    """What is known of a matrix without making it: where its rows came from, and its digest."""

    rows: MatrixRows
    digest: str


@dataclass(frozen=True)
class _Grid:
    """Begins the fits of one matrix after the other, all on the same documents."""

    folder: Path
    documents: SharedDocuments
    budgets: tuple[LabelBudget, ...]
    spaces: EmbeddingSpaces
    data: StudyData
    config: ClassifierConfig
    executor: Executor
    store: Store

    def begin_embedding(self, embedding: str, oov: str) -> tuple[MatrixRows, Iterator[CellScores]]:
        """Hand the fits of a matrix to the executor; its files are deleted after the last."""
        path = self.folder / f"{embedding}-{self.config.oov.index(oov)}.npy"
        facts, make = self._made_or_known(embedding, oov, path)
        matrix = SharedMatrix(path, facts.digest)
        cells = [
            (layer, model, strategy, budget)
            for layer in self.config.layers
            for model in self.config.models
            for strategy in self.config.strategies
            for budget in self.budgets
        ]
        fits = [fit for cell in cells for fit in self._fits(matrix, *cell)]
        outcomes = run_fits(fits, self.store, self.executor, prepare=make)

        def scores() -> Iterator[CellScores]:
            for layer, model, strategy, budget in cells:
                name = model if layer == "plain" else f"{layer}:{model}"
                yield self._scored(Cell(embedding, oov, name, strategy, budget.n_train), outcomes)
            matrix.delete()

        return facts.rows, scores()

    def _made_or_known(
        self, embedding: str, oov: str, path: Path
    ) -> tuple[_MatrixFacts, Callable[[], object]]:
        """Tell the facts of a matrix, and give what makes its files if they are not there yet."""
        config, data = self.config, self.data
        asked = (self.spaces.digest, data.corpus_digest, data.vocabulary)
        key = self.store.key("matrices", *asked, embedding, oov, config.seeds[0])
        known = self.store.get(key, _MatrixFacts)
        self.store.count("matrices", kept=known is not None)

        def write() -> _MatrixFacts:
            built = _matrix(embedding, oov, self.spaces, data, config)
            digest = SharedMatrix.write(path, built).digest
            return _MatrixFacts(_rows_of(embedding, oov, built), digest)

        def write_again() -> None:
            if write() != known:
                warnings.warn(
                    f"{embedding}, {oov}: what was computed before does not come out again; run "
                    "without what is kept (--no-resume)",
                    AdaptWarning,
                    stacklevel=2,
                )

        if known is not None:
            return known, write_again
        facts = write()
        self.store.put(key, facts)
        return facts, _nothing

    def _fits(
        self, matrix: SharedMatrix, layer: str, model: str, strategy: str, budget: LabelBudget
    ) -> Iterator[EmbeddingFit]:
        """Yield the fits of a cell, one for each seed."""
        kind = HybridFit if layer == "hybrid" else EmbeddingFit
        labels = self.data.train_labels
        for seed, subset in zip(self.config.seeds, budget.subsets, strict=True):
            yield kind(
                matrix,
                self.documents,
                subset,
                labels[subset],
                len(self.data.classes),
                model,
                replace(self.config.training, strategy=strategy, seed=seed),
                self.config.members,
                with_drift=self.config.drift and layer == "plain" and strategy != "frozen",
            )

    def begin_bags(self, embedding: str) -> Iterator[CellScores]:
        """Hand the fits of a bag of words to the executor."""
        models = bag_models(embedding, self.config)
        cells = [(model, budget) for model in models for budget in self.budgets]
        fits = [
            BagFit(
                model,
                [self.data.train.texts[row] for row in subset],
                self.data.train_labels[subset],
                self.documents,
                seed,
            )
            for model, budget in cells
            for seed, subset in zip(self.config.seeds, budget.subsets, strict=True)
        ]
        outcomes = run_fits(fits, self.store, self.executor, prepare=_nothing)
        return (
            self._scored(Cell(embedding, "none", model, "bag-of-words", budget.n_train), outcomes)
            for model, budget in cells
        )

    def _scored(self, cell: Cell, outcomes: Iterator[Outcome]) -> CellScores:
        """Score the next outcomes, one for each seed."""
        own = [next(outcomes) for _ in self.config.seeds]
        return CellScores.from_outcomes(
            cell,
            self.config.seeds,
            own,
            self.data.test_labels,
            typo_shares=self.config.typo_shares,
        )


def _nothing() -> None:
    """Prepare nothing: all that a fit needs is there."""
