"""Single fits of a study: what an executor hands to a worker, one classifier at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import numpy as np

from adapt.classifiers import (
    HybridEmbedding,
    TrainedBaseline,
    TrainingConfig,
    train_ensemble,
    train_ngram_bag,
    train_tfidf_logistic,
    train_tfidf_svm,
)
from adapt.cores import one_thread
from adapt.evaluation import DriftMeasurement, measure_drift
from adapt.experiment.executors import Executor
from adapt.experiment.shared import SharedDocuments, SharedMatrix
from adapt.experiment.store import Store
from adapt.oov.recall import RecallEncoder
from adapt.text import WordTokenizer

__all__ = ["BAG_MODELS", "BagFit", "EmbeddingFit", "Fit", "HybridFit", "Outcome", "run_fits"]

_TYPOS = 0.2
"""Share of the words that are misspelt in the copies which hybrid layers learn from."""

BAG_MODELS: Mapping[str, Callable[..., TrainedBaseline]] = {
    "linear-svm": train_tfidf_svm,
    "linear-svm-characters": partial(train_tfidf_svm, units="characters"),
    "logistic-regression": train_tfidf_logistic,
    "fasttext": train_ngram_bag,
}


@dataclass(frozen=True)
class Outcome:
    """What came of a fit.

    Parameters
    ----------
    predicted : numpy.ndarray
        ``(n_versions, n_test)`` int64 classes of all versions of the test documents.
    validation_accuracy : float
        On the held-out training documents that chose the settings.
    chosen : str
        Those settings.
    drift : DriftMeasurement or None
        How far training moved the words, if that was asked for.
    """

    predicted: np.ndarray
    validation_accuracy: float
    chosen: str
    drift: DriftMeasurement | None = None


class Fit(Protocol):
    """Something to train and to test, here or in another process."""

    def run(self) -> Outcome:
        """Train, choose settings by validation, and predict the test documents."""
        ...


@dataclass(frozen=True)
class EmbeddingFit:
    """A classifier on word vectors.

    Parameters
    ----------
    matrix : SharedMatrix
        The word vectors.
    documents : SharedDocuments
        To train and to test on.
    chosen : numpy.ndarray
        Which training documents are used.
    labels : numpy.ndarray
        Class numbers of those.
    n_classes : int
        Number of classes.
    model : str
        What encodes documents.
    config : TrainingConfig
        How to train.
    n_members : int
        Classifiers that decide together.
    with_drift : bool
        Whether to measure how far training moved the words, those of the first member.
    """

    matrix: SharedMatrix
    documents: SharedDocuments
    chosen: np.ndarray
    labels: np.ndarray
    n_classes: int
    model: str
    config: TrainingConfig
    n_members: int = 1
    with_drift: bool = False

    _typos: ClassVar[float] = 0.0

    def run(self) -> Outcome:
        """Train, choose settings by validation, and predict the test documents."""
        before, documents = self.matrix.vectors(), self._training_documents()
        trained = train_ensemble(
            self._embedding(before),
            documents,
            self.labels,
            n_members=self.n_members,
            model=self.model,
            config=self.config,
            token_weights=self.documents.weights(self.model),
            n_classes=self.n_classes,
            made_up=self.matrix.made_up(),
            typos=self._typos,
        )
        versions = range(self.documents.n_versions)
        predicted = np.stack([trained.predict(self._test_documents(one)) for one in versions])
        drift = self._drift(before, trained.members[0].matrix) if self.with_drift else None
        return Outcome(predicted, trained.validation_accuracy, trained.chosen, drift)

    def _embedding(self, vectors: np.ndarray) -> np.ndarray | HybridEmbedding:
        return vectors

    def _training_documents(self) -> Sequence[Any]:
        return self.documents.train(self.chosen)

    def _test_documents(self, version: int) -> Sequence[Any]:
        return self.documents.test(version)

    def _drift(self, before: np.ndarray, after: np.ndarray) -> DriftMeasurement:
        rows = np.concatenate([np.empty(0, np.int64), *self.documents.train(self.chosen)])
        return measure_drift(
            before,
            after,
            self.documents.vocabulary().words,
            counts=np.bincount(rows, minlength=len(before)),
            sources=self.matrix.sources(),
        )


@dataclass(frozen=True)
class HybridFit(EmbeddingFit):
    """A classifier on word vectors that reads words beyond the vocabulary by their spelling."""

    _typos: ClassVar[float] = _TYPOS

    def _embedding(self, vectors: np.ndarray) -> np.ndarray | HybridEmbedding:
        vocabulary = self.documents.vocabulary()
        encoder = RecallEncoder(vocabulary.words[2:], vectors[2:], vocabulary.counts[2:])
        frozen = self.config.strategy == "frozen"
        return HybridEmbedding(vectors, vocabulary, encoder, freeze=frozen)

    def _training_documents(self) -> Sequence[Any]:
        return self.documents.train_words(self.chosen)

    def _test_documents(self, version: int) -> Sequence[Any]:
        return self.documents.test_words(version)


@dataclass(frozen=True)
class BagFit:
    """A bag of words, or of words and n-grams, without any pretrained vectors.

    Parameters
    ----------
    model : str
        One of `BAG_MODELS`.
    texts : sequence of str
        Training documents.
    labels : numpy.ndarray
        Class numbers of those.
    documents : SharedDocuments
        To test on, all versions.
    seed : int
        Of the folds and the solver.
    """

    model: str
    texts: Sequence[str]
    labels: np.ndarray
    documents: SharedDocuments
    seed: int

    def run(self) -> Outcome:
        """Train, choose settings by validation, and predict the test documents."""
        train = BAG_MODELS[self.model]
        trained = train(self.texts, self.labels, tokenizer=WordTokenizer(), seed=self.seed)
        versions = map(self.documents.test_words, range(self.documents.n_versions))
        predicted = [np.asarray(trained.predict([*map(" ".join, words)])) for words in versions]
        return Outcome(np.stack(predicted), trained.validation_accuracy, str(trained))


def run_fits(
    fits: Sequence[Fit], store: Store, executor: Executor, *, prepare: Callable[[], object]
) -> Iterator[Outcome]:
    """Give the outcomes of fits in their order, and run only those that the store lacks.

    An outcome is kept by the worker that it comes from, as soon as it is there: whatever interrupts
    a study, no finished fit is lost.

    Parameters
    ----------
    fits : sequence of Fit
        What to run.
    store : Store
        Where outcomes are kept.
    executor : Executor
        Runs the fits; all may begin at once.
    prepare : callable
        Called before any fit is run, and not if none has to be.
    """
    keys = [store.key("fits", fit) for fit in fits]
    kept = [store.get(key, Outcome) for key in keys]
    lacking = [(k, fit) for k, fit, one in zip(keys, fits, kept, strict=True) if one is None]
    for one in kept:
        store.count("fits", kept=one is not None)
    if lacking:
        prepare()
    arriving = executor.map(partial(_run_and_keep, store), lacking)
    return _merged(keys, kept, arriving, store)


def _run_and_keep(store: Store, item: tuple[str, Fit]) -> Outcome:
    key, fit = item
    with one_thread():  # sums are then the same wherever it runs
        outcome = fit.run()
    store.try_put(key, outcome)
    return outcome


def _merged(
    keys: Sequence[str],
    kept: Sequence[Outcome | None],
    arriving: Iterator[Outcome],
    store: Store,
) -> Iterator[Outcome]:
    for key, one in zip(keys, kept, strict=True):
        outcome = next(arriving) if one is None else one
        if not store.holds(key):  # the worker could not, or its machine has another folder
            store.put(key, outcome)
        yield outcome
