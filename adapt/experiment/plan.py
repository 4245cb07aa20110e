"""What a study or a grid of studies would do, and about how long it would take here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from adapt.classifiers import TrainingConfig
from adapt.errors import InputError
from adapt.evaluation import BAGS_OF_WORDS
from adapt.experiment.alignment import align_spaces
from adapt.experiment.cells import label_subset
from adapt.experiment.config import AlignmentConfig, DataConfig, StudyConfig
from adapt.experiment.data import StudyData, prepare_data
from adapt.experiment.embeddings import alignment_methods
from adapt.experiment.fits import BagFit, EmbeddingFit, Fit, HybridFit
from adapt.experiment.grid import bag_models, n_cells, shared_documents
from adapt.experiment.leaks import find_leaks
from adapt.experiment.shared import SharedDocuments, SharedMatrix
from adapt.experiment.store import Store
from adapt.files import scratch_folder
from adapt.merging import build_matrix
from adapt.training import Word2VecConfig
from adapt.training.word2vec import train_word2vec_timed
from adapt.vectors import WordVectors, read_vectors

__all__ = ["Plan", "PlannedStudy", "plan_studies"]

_SAMPLE_TOKENS = 200_000
_LARGER = 4
"""A fit is timed at the smallest label budget and, if there are more, at this many times it."""

_LEFT_OUT = (
    "Not in it: making the matrices, tests of hidden words, statistics, and writing reports; these "
    "take seconds to a minute a study.",
    "What studies of a grid have in common is counted for each of them.",
)


@dataclass(frozen=True)
class PlannedStudy:
    """A study that would be run: its size, and seconds by stage."""

    name: str
    n_cells: int
    n_fits: int
    data_seconds: float
    training_seconds: float
    alignment_seconds: float
    classifier_seconds: float

    @property
    def seconds(self) -> float:
        """All stages together."""
        return (
            self.data_seconds
            + self.training_seconds
            + self.alignment_seconds
            + self.classifier_seconds
        )


@dataclass(frozen=True)
class Plan:
    """Studies that would be run, and what the estimate of time rests on."""

    studies: tuple[PlannedStudy, ...]
    basis: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """All studies one after the other."""
        return sum(study.seconds for study in self.studies)


def plan_studies(configs: Sequence[tuple[str, StudyConfig]], *, n_workers: int = 1) -> Plan:
    """Count the cells of studies, and estimate their time by measuring this machine.

    The data are read; word vectors are trained for an epoch on a sample of them, and aligned; and a
    classifier of every model and strategy is fitted to the smallest label budget, and to a larger
    one. All else is scaled from that. Files are written to a temporary folder alone.

    Parameters
    ----------
    configs : sequence of (str, StudyConfig)
        Names and configurations.
    n_workers : int
        Processes that would train classifiers at the same time.

    Raises
    ------
    AdaptError
        If the data or the general vectors cannot be used.
    """
    measured = _Measured()
    studies = tuple(_planned(name, config, measured, n_workers) for name, config in configs)
    return Plan(studies, (*measured.told, *_LEFT_OUT))


@dataclass(frozen=True, eq=False)
class _Read:
    """Data and general vectors that were read, and the seconds that both took."""

    data: StudyData
    general: WordVectors
    seconds: float


@dataclass(frozen=True)
class _FitTime:
    """Seconds of a fit over the number of its documents: a line through two measurements."""

    n: int
    seconds: float
    slope: float

    def at(self, n: int) -> float:
        """Seconds at `n` documents."""
        return self.seconds + self.slope * (n - self.n)


class _Measured:
    """Measures each thing once, and tells what it measured."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._known: dict[Any, Any] = {}

    def once(self, key: Any, measure: Callable[[], tuple[Any, str]]) -> Any:
        """Return what was measured for `key`, now or before."""
        if key not in self._known:
            self._known[key], told = measure()
            self.told.append(told)
        return self._known[key]


def _planned(name: str, config: StudyConfig, measured: _Measured, n_workers: int) -> PlannedStudy:
    whole = replace(config.data, corpus_share=1.0, seed=0)
    read: _Read = measured.once((whole, config.general), lambda: _read(whole, config.general))
    n_tokens = int(read.data.corpus_counts.total() * config.data.corpus_share)
    sample = (whole, replace(config.word2vec, epochs=1, seed=0))
    speed: _TrainingTime = measured.once(sample, lambda: _trained(read, config.word2vec))
    methods = alignment_methods(config.alignment.method, config.embeddings)
    aligning: float = measured.once(
        (sample, config.alignment, methods),
        lambda: _aligned(read, speed.sample, config.alignment, methods),
    )
    trainings = 2 if "compass" in config.embeddings else 1
    cells = n_cells(config.embeddings, config.classifier)
    fitting = _fitting_seconds(config, read, measured, whole)
    return PlannedStudy(
        name=name,
        n_cells=cells,
        n_fits=cells * len(config.classifier.seeds),
        data_seconds=read.seconds,
        training_seconds=trainings * speed.of(n_tokens, config.word2vec.epochs),
        alignment_seconds=aligning,
        classifier_seconds=fitting / n_workers,
    )


def _read(config: DataConfig, general: str) -> tuple[_Read, str]:
    start = time.perf_counter()
    data = prepare_data(config)
    with scratch_folder() as folder:  # not what is kept: searching takes time
        find_leaks(data, "stamp", Store(folder))
    vectors = read_vectors(general)
    seconds = time.perf_counter() - start
    told = f"Reading {data.name} and {general} once, and searching duplicates: {seconds:.1f} s."
    return _Read(data, vectors, seconds), told


@dataclass(frozen=True, eq=False)
class _TrainingTime:
    """Seconds of training word vectors: to begin, by token read, and by token of an epoch.

    `sample` are those that were trained to measure it.
    """

    sample: WordVectors
    once: float
    a_token: float
    a_token_and_epoch: float

    def of(self, n_tokens: int, epochs: int) -> float:
        return self.once + n_tokens * (self.a_token + epochs * self.a_token_and_epoch)


def _trained(read: _Read, config: Word2VecConfig) -> tuple[_TrainingTime, str]:
    n_tokens = read.data.corpus_counts.total()
    corpus = read.data.corpus.sample(min(1.0, _SAMPLE_TOKENS / n_tokens))
    sampled = corpus.word_counts().total()
    vectors, times = train_word2vec_timed(corpus, replace(config, epochs=1))
    found = _TrainingTime(
        vectors,
        times.compile_seconds,
        times.read_seconds / sampled,
        times.train_seconds / sampled,
    )
    told = (
        f"One epoch of {config.dim}-d vectors on {sampled:,} tokens of {read.data.name}: "
        f"{times.train_seconds:.1f} s; scaled to all tokens and epochs."
    )
    return found, told


def _aligned(
    read: _Read, sample: WordVectors, config: AlignmentConfig, methods: Sequence[str]
) -> tuple[float, str]:
    """Time the alignment of what was trained on the sample: most of it is the general space's."""
    start = time.perf_counter()
    names = ", ".join(methods)
    try:
        aligned = align_spaces(sample, read.general, config, methods)
    except InputError as error:  # all of the text may hold anchors enough
        return 0.0, f"Aligning by {names} was not measured: the sample is too small ({error})."
    aligned.quality()
    aligned.learning_curve()
    aligned.isometry()
    seconds = time.perf_counter() - start
    told = f"Aligning {len(sample):,} words of the sample by {names}, and testing it"
    return seconds, f"{told}: {seconds:.1f} s; more words take a little longer."


def _fitting_seconds(
    config: StudyConfig, read: _Read, measured: _Measured, data: DataConfig
) -> float:
    """Sum the seconds of all fits, as one process after the other would take them."""
    options = config.classifier
    n_all = len(read.data.train)
    sizes = [n_all if budget == "all" else int(budget) for budget in options.label_budgets]
    dim = max(config.word2vec.dim, read.general.dim)
    embeddings = [name for name in config.embeddings if name not in BAGS_OF_WORDS]
    kinds: list[tuple[tuple[str, ...], int]] = [
        ((layer, model, strategy), len(embeddings) * len(options.oov))
        for layer in options.layers
        for model in options.models
        for strategy in options.strategies
        if embeddings
    ]
    kinds += [
        ((model,), 1)
        for name in config.embeddings
        if name in BAGS_OF_WORDS
        for model in bag_models(name, options)
    ]
    total = 0.0
    for kind, times in kinds:
        key = (data, kind, dim, min(sizes), options.training, options.members, options.typo_shares)
        measure = partial(_timed_fit, kind, dim, sizes, config, read.data)
        found: _FitTime = measured.once(key, measure)
        total += times * len(options.seeds) * sum(found.at(n) for n in sizes)
    return total


def _timed_fit(
    kind: tuple[str, ...], dim: int, sizes: Sequence[int], config: StudyConfig, data: StudyData
) -> tuple[_FitTime, str]:
    smallest = min(sizes)
    larger = min(max(sizes), _LARGER * smallest)
    with scratch_folder() as folder:
        documents = shared_documents(folder, data, config.classifier)
        make = _fit_maker(kind, dim, config, data, documents, folder)
        make(smallest).run()  # what is loaded or compiled once is no part of a fit
        seconds = {n: _seconds(make(n)) for n in dict.fromkeys((smallest, larger))}
    slope = (seconds[larger] - seconds[smallest]) / max(1, larger - smallest)
    found = _FitTime(smallest, seconds[smallest], max(0.0, slope))
    measured = " and ".join(f"{value:.2f} s with {n:,} labels" for n, value in seconds.items())
    return found, f"A fit of {', '.join(kind)}: {measured}; on a line through these for others."


def _seconds(fit: Fit) -> float:
    start = time.perf_counter()
    fit.run()
    return time.perf_counter() - start


def _fit_maker(
    kind: tuple[str, ...],
    dim: int,
    config: StudyConfig,
    data: StudyData,
    documents: SharedDocuments,
    folder: Path,
) -> Callable[[int], Fit]:
    """Make fits by the number of their documents, on random vectors where vectors are needed."""
    options = config.classifier
    seed = options.seeds[0]

    def chosen(n: int) -> np.ndarray:
        return label_subset(data.train_labels, n, seed)

    if len(kind) == 1:
        (model,) = kind
        return lambda n: BagFit(
            model,
            [data.train.texts[row] for row in chosen(n)],
            data.train_labels[chosen(n)],
            documents,
            seed,
        )
    layer, model, strategy = kind
    words = data.vocabulary.words[2:]
    random = np.random.default_rng(seed).normal(size=(len(words), dim)).astype(np.float32)
    vectors = WordVectors(words=words, matrix=random, origin="random")
    matrix = SharedMatrix.write(folder / "random.npy", build_matrix(data.vocabulary, vectors))
    training: TrainingConfig = replace(options.training, strategy=strategy, seed=seed)
    fit = HybridFit if layer == "hybrid" else EmbeddingFit
    return lambda n: fit(
        matrix,
        documents,
        chosen(n),
        data.train_labels[chosen(n)],
        len(data.classes),
        model,
        training,
        options.members,
    )
