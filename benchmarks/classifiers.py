"""Classifiers on all 7,352 training documents of the clinical task, 300-d in-domain vectors.

Claims, for `adapt` on two cores: 18 classifiers on frozen vectors (the clinical study's six
embeddings, three seeds), each with its choice among six penalties, in less than 20 seconds, by two
processes; one fine-tuned mean⊕max classifier, its number of epochs chosen by validation, in less
than 15 seconds on one thread.

The in-domain vectors are trained once, for few epochs, and are the same for all contenders.
Accuracies on the test split stand beside the speed to show that all do the same work: all settings
are defaults, and none was chosen by them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, Outcome, call, measure, median_peak
from benchmarks.results import Report, Row
from benchmarks.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.clinical_task import ClinicalTask

__all__ = ["PART", "fine_tuned_by_adapt", "fine_tuned_by_torch", "frozen"]

_EMBEDDINGS = ("random", "general", "domain", "unaligned", "aligned", "concat")
_SEEDS = (0, 1, 2)
_MODELS = ("mean+max", "cnn")
_FINE_TUNED = "domain"
_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
_WORKERS = (1, 2)
_THREADS = (1, 2)
_WORD2VEC_EPOCHS = 5
_FEW, _FEW_EPOCHS = 300, 2
_TRIAL = 2_100
"""Documents on which the peer's numbers of threads are tried: enough for a single split."""


def measure_classifiers(settings: Settings) -> Report:
    """Measure frozen vectors in one process and in two, and fine-tuning."""
    epochs = 1 if settings.quick else _WORD2VEC_EPOCHS
    task = str(settings.clinical_task(_EMBEDDINGS, epochs))
    rows = [row for n in _WORKERS for row in _frozen_rows(settings, task, n)]
    rows += [row for model in _MODELS for row in _fine_tuned_rows(settings, task, model)]
    return Report(
        name="classifiers",
        title="Classifiers",
        machine=describe(),
        rows=tuple(rows),
        remarks=(
            f"Word2Vec, {_WORD2VEC_EPOCHS} epochs; embeddings {', '.join(_EMBEDDINGS)} of the "
            "clinical study, in 300 dimensions but for general (50) and concat (350), each with "
            f"seeds {', '.join(map(str, _SEEDS))}. Seconds without imports, reading, and the start "
            "of processes. *accuracy*: on the test split, mean over all fits; the first repeat's.",
            "Frozen: `mean-idf`. scikit-learn: features pooled by a sparse product, "
            "`LogisticRegression` by L-BFGS with its own tolerance, C from the smallest to the "
            "largest with warm starts, on the same folds. It solves for all six, adapt for none "
            "beyond the one at which the loss on held-out documents rises again. One process: "
            "scikit-learn on all threads of its linear algebra, adapt on one; two processes: each "
            "on one.",
            "Fine-tuned: `straightforward_classifiers.py` has the same recipe and is given the "
            "number of epochs that adapt's validation chose (of the search, and then on all "
            "documents). It pads to the longest document of a batch, adapt does not pad. It "
            "runs on one thread or two, whichever was faster in an epoch on a part of the "
            "documents, and is not repeated; adapt on one.",
        ),
    )


# -------------------------------------------------------------------------------- frozen


@dataclass(frozen=True)
class _Fit:
    """One frozen classifier: whose vectors, which seed, and how many documents; 0 for all."""

    path: str
    embedding: str
    seed: int
    n_train: int

    def task(self) -> ClinicalTask:
        """Give the documents and the vectors, which a process reads once."""
        task = _read(self.path)
        return task.head(self.n_train) if self.n_train else task


def frozen(
    contender: str,
    path: str,
    n_train: int,
    embeddings: Sequence[str],
    seeds: Sequence[int],
    n_workers: int,
) -> dict[str, Any]:
    """Train a classifier for every embedding and seed, by one of the functions below."""
    import numpy as np

    from adapt.experiment.executors import open_executor

    fit = {"by_adapt": _fit_by_adapt, "by_sklearn": _fit_by_sklearn}[contender]
    fits = [_Fit(path, name, seed, n_train) for name in embeddings for seed in seeds]
    with open_executor(n_workers) as executor:
        rehearsal = [replace(fits[0], n_train=_FEW // 2)] * n_workers
        list(executor.map(fit, rehearsal))  # imports and reads
        start = time.perf_counter()
        accuracies = list(executor.map(fit, fits))
        seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "accuracy": float(np.mean(accuracies)),
    }


def _fit_by_adapt(fit: _Fit) -> float:
    """`train_classifier`; gives the accuracy on the test split."""
    from adapt.classifiers import TrainingConfig, train_classifier

    task = fit.task()
    trained = train_classifier(
        task.matrices[fit.embedding],
        task.train,
        task.train_labels,
        model="mean-idf",
        config=TrainingConfig(strategy="frozen", penalties=_PENALTIES, seed=fit.seed),
        token_weights=task.idf,
        n_classes=task.n_classes,
    )
    return float((trained.predict(task.test) == task.test_labels).mean())


def _fit_by_sklearn(fit: _Fit) -> float:
    """`StandardScaler` and `LogisticRegression`; gives the accuracy on the test split."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    from adapt.classifiers import validation_folds

    task = fit.task()
    matrix, labels = task.matrices[fit.embedding], task.train_labels
    features = _pooled(matrix, task.idf, task.train)
    losses = np.zeros(len(_PENALTIES))
    for fitted, unseen in validation_folds(labels, fit.seed):
        scaler = StandardScaler().fit(features[fitted])
        known, new = scaler.transform(features[fitted]), scaler.transform(features[unseen])
        model = LogisticRegression(max_iter=1_000, warm_start=True)
        for place, penalty in enumerate(_PENALTIES):
            model.set_params(C=penalty).fit(known, labels[fitted])
            shares = np.full((len(new), task.n_classes), 1e-9)  # of classes that a fold lacks
            shares[:, model.classes_] = model.predict_proba(new)
            losses[place] -= np.log(shares[np.arange(len(new)), labels[unseen]]).mean()
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=_PENALTIES[int(losses.argmin())], max_iter=1_000)
    model.fit(scaler.transform(features), labels)
    return float(
        model.score(scaler.transform(_pooled(matrix, task.idf, task.test)), task.test_labels)
    )


def _pooled(matrix: np.ndarray, idf: np.ndarray, documents: Sequence[np.ndarray]) -> np.ndarray:
    """Average the vectors of each document by a sparse product."""
    import numpy as np
    from scipy.sparse import csr_array

    rows = np.concatenate(documents)
    bounds = np.cumsum([0, *map(len, documents)])
    weights = csr_array((idf[rows], rows, bounds), shape=(len(documents), len(matrix)))
    totals: np.ndarray = weights.sum(axis=1)
    return (weights @ matrix) / np.where(totals > 0, totals, 1)[:, None]


@cache
def _read(path: str) -> ClinicalTask:
    from benchmarks.clinical_task import ClinicalTask

    return ClinicalTask.read(path, _EMBEDDINGS)


def _frozen_rows(settings: Settings, path: str, n_workers: int) -> list[Row]:
    embeddings, seeds = (_EMBEDDINGS[:2], _SEEDS[:1]) if settings.quick else (_EMBEDDINGS, _SEEDS)
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    contenders = [
        Contender(
            name=_NAMES[function],
            command=call(
                "benchmarks.classifiers:frozen",
                contender=function,
                path=path,
                n_train=_FEW if settings.quick else 0,
                embeddings=embeddings,
                seeds=seeds,
                n_workers=n_workers,
            ),
            reference=function == "by_sklearn",
            environment=one_thread if n_workers > 1 or settings.quick else {},
        )
        for function in ("by_sklearn", "by_adapt")
    ]
    outcomes = measure(contenders, settings.repeats, settings.announce)
    n_fits = len(embeddings) * len(seeds)
    task = f"{n_fits} frozen, {n_workers} process" + "es" * (n_workers > 1)
    return [
        _row(
            task,
            contender,
            outcomes[contender.name],
            work=n_fits,
            unit="fits",
            n_processes=n_workers,
        )
        for contender in contenders
    ]


# ---------------------------------------------------------------------------- fine-tuned


def fine_tuned_by_adapt(path: str, model: str, n_train: int, max_epochs: int) -> dict[str, Any]:
    """`train_classifier`, everything at its default but the longest training, where that is cut."""
    from adapt.classifiers import TrainingConfig, train_classifier, validation_folds
    from benchmarks.clinical_task import ClinicalTask

    task = ClinicalTask.read(path, [_FINE_TUNED])
    task = task.head(n_train) if n_train else task
    config = TrainingConfig(strategy="fine-tuned")
    config = replace(config, max_epochs=max_epochs or config.max_epochs)
    few = task.head(_FEW // 2)

    def train(task: ClinicalTask, config: TrainingConfig) -> Any:
        matrix = task.matrices[_FINE_TUNED]
        return train_classifier(matrix, task.train, task.train_labels, model=model, config=config)

    train(few, replace(config, max_epochs=1))  # loads what was compiled once on this machine
    start = time.perf_counter()
    trained = train(task, config)
    seconds = time.perf_counter() - start
    last = trained.chosen.epochs
    searched = min(config.max_epochs, last + config.patience)
    folds = validation_folds(task.train_labels, config.seed)
    return {
        "seconds": seconds,
        "accuracy": float((trained.predict(task.test) == task.test_labels).mean()),
        "epochs": (searched, last),
        "n_documents": searched * sum(len(fitted) for fitted, _ in folds) + last * len(task.train),
    }


def fine_tuned_by_torch(
    path: str, model: str, n_train: int, epochs: Sequence[int], threads: int
) -> dict[str, Any]:
    """Train `straightforward_classifiers.train_fine_tuned` for as many epochs."""
    import torch

    from benchmarks.clinical_task import ClinicalTask
    from benchmarks.straightforward_classifiers import predict, train_fine_tuned

    torch.set_num_threads(threads)
    task = ClinicalTask.read(path, [_FINE_TUNED])
    task = task.head(n_train) if n_train else task
    train, test = (
        [(torch.from_numpy(rows), int(label)) for rows, label in zip(*part, strict=True)]
        for part in ((task.train, task.train_labels), (task.test, task.test_labels))
    )
    idf, matrix = torch.from_numpy(task.idf), task.matrices[_FINE_TUNED]
    search, last = epochs
    start = time.perf_counter()
    classifier = train_fine_tuned(
        matrix, train, idf, task.n_classes, 0, model=model, epochs=(search, last)
    )
    seconds = time.perf_counter() - start
    right = predict(classifier, test) == task.test_labels
    return {"seconds": seconds, "accuracy": float(right.mean())}


def _fine_tuned_rows(settings: Settings, path: str, model: str) -> list[Row]:
    """Measure `adapt`, whose validation says how many epochs the peer shall train."""
    n_train, max_epochs = (_FEW, _FEW_EPOCHS) if settings.quick else (0, 0)
    command = call(
        "benchmarks.classifiers:fine_tuned_by_adapt",
        path=path,
        model=model,
        n_train=n_train,
        max_epochs=max_epochs,
    )
    ours = Contender(name="adapt", command=command)
    outcomes = measure([ours], settings.repeats, settings.announce)
    facts = outcomes[ours.name][0].facts
    threads = _better_threads(settings, path, model)
    peer = _torch(path, model, n_train, facts["epochs"], threads)
    outcomes |= measure([peer], 1, settings.announce)
    searched, last = facts["epochs"]
    return [
        _row(
            f"fine-tuned {model}, {searched} + {last} epochs",
            contender,
            outcomes[contender.name],
            work=facts["n_documents"],
            unit="documents",
        )
        for contender in (peer, ours)
    ]


def _better_threads(settings: Settings, path: str, model: str) -> int:
    """Try the peer on one thread and on two, for an epoch on a part of the documents."""
    n_train = _FEW if settings.quick else _TRIAL
    trials = [_torch(path, model, n_train, (1, 0), threads) for threads in _THREADS]
    outcomes = measure(trials, 1, settings.announce)
    seconds = [outcomes[trial.name][0].seconds for trial in trials]
    return _THREADS[seconds.index(min(seconds))]


def _torch(path: str, model: str, n_train: int, epochs: Sequence[int], threads: int) -> Contender:
    command = call(
        "benchmarks.classifiers:fine_tuned_by_torch",
        path=path,
        model=model,
        n_train=n_train,
        epochs=epochs,
        threads=threads,
    )
    name = f"torch, {threads} thread" + "s" * (threads > 1)
    return Contender(name=name, command=command, reference=True)


# ------------------------------------------------------------------------------- results


def _row(
    task: str,
    contender: Contender,
    outcomes: Sequence[Outcome],
    *,
    work: float,
    unit: str,
    n_processes: int = 1,
) -> Row:
    return Row(
        task=task,
        contender=contender.name,
        seconds=tuple(outcome.seconds for outcome in outcomes),
        reference=contender.reference,
        # what is measured is the first process alone
        peak_mb=median_peak(outcomes) if n_processes == 1 else None,
        work=work,
        unit=unit,
        quality={"accuracy": f"{outcomes[0].facts['accuracy']:.4f}"},
    )


_NAMES = {"by_sklearn": "scikit-learn", "by_adapt": "adapt"}

PART = Part("classifiers", measure_classifiers)
