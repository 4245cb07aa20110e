"""Classifiers that know no word vectors: what any embedding has to beat.

Each of them chooses among six candidates, as many as the frozen head on word vectors has, on the
same folds. The candidates are those that did best on documents held out from the training split of
the clinical task, at 200, 1,000 and all labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from adapt.classifiers.ngram_bag import NgramBag, ngram_counts
from adapt.classifiers.search import validation_folds
from adapt.classifiers.training import checked_labels
from adapt.errors import InputError
from adapt.seeds import check_seed

__all__ = ["TrainedBaseline", "train_ngram_bag", "train_tfidf_logistic", "train_tfidf_svm"]

_Tokenizer = Callable[[str], list[str]]

_SVM_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_LOGISTIC_PENALTIES = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
_RATES = (0.25, 0.5, 1.0)
_UNITS = ("words", "characters")


@dataclass(frozen=True)
class TrainedBaseline:
    """A classifier of texts ready to predict.

    Parameters
    ----------
    features : object
        Turns texts into the rows that `model` takes, by `transform`.
    model : object
        Turns those into class numbers, by `predict`.
    validation_accuracy : float
        Accuracy on the part of the training documents that chose the settings.
    chosen : dict of str to float
        What validation chose.
    """

    features: Any
    model: Any
    validation_accuracy: float
    chosen: Mapping[str, float]

    def __str__(self) -> str:
        return ", ".join(f"{name} {value:g}" for name, value in self.chosen.items())

    def predict(self, texts: Iterable[str]) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64."""
        classes: np.ndarray = self.model.predict(self.features.transform(list(texts)))
        return classes


def train_tfidf_svm(
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    tokenizer: _Tokenizer,
    units: str = "words",
    seed: int = 0,
    penalties: Sequence[float] = _SVM_PENALTIES,
) -> TrainedBaseline:
    """Train TF-IDF and a linear support vector machine.

    Parameters
    ----------
    texts : sequence of str
        Training documents.
    labels : numpy.ndarray
        ``(n_documents,)`` class numbers from 0.
    tokenizer : callable
        The one that the embeddings use.
    units : {"words", "characters"}
        What is counted: the words, or the runs of three to five characters within them, ends
        included.
    seed : int
        Seed of the folds, and of the solver's order of documents.
    penalties : sequence of float
        Candidates for the inverse penalty C.

    Returns
    -------
    TrainedBaseline
        Trained on all documents, with the `C` that validation on a part of them chose.

    Raises
    ------
    InputError
        If there is nothing to learn (one class, no pair of documents of one class, no word), or
        an option is impossible.

    Notes
    -----
    Pairs of words beside the words help neither this nor logistic regression on the clinical task.
    Characters do with few labels: on held-out training documents they are better than words by two
    points at 200 labels, by four at 1,000, and equal with all. They take up to ten times as long.
    """
    from sklearn.svm import LinearSVC

    return _train(
        *(texts, labels, tokenizer, seed),
        features=_tfidf(tokenizer, units),
        model=partial(LinearSVC, random_state=seed),
        candidates=_candidates("C", penalties),
    )


def train_tfidf_logistic(
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    tokenizer: _Tokenizer,
    units: str = "words",
    seed: int = 0,
    penalties: Sequence[float] = _LOGISTIC_PENALTIES,
) -> TrainedBaseline:
    """Train TF-IDF and logistic regression, each class against the rest.

    Parameters
    ----------
    texts, labels, tokenizer, units, seed, penalties
        As for `train_tfidf_svm`.

    Returns
    -------
    TrainedBaseline
        Trained on all documents, with the `C` that validation on a part of them chose.

    Raises
    ------
    InputError
        As `train_tfidf_svm`.

    Notes
    -----
    Against the softmax over all classes, this is as accurate or better, and several times faster.
    """
    return _train(
        *(texts, labels, tokenizer, seed),
        features=_tfidf(tokenizer, units),
        model=partial(_one_against_rest, seed=seed),
        candidates=_candidates("C", penalties),
    )


def train_ngram_bag(
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    tokenizer: _Tokenizer,
    seed: int = 0,
    rates: Sequence[float] = _RATES,
) -> TrainedBaseline:
    """Train the classifier of fastText: vectors of words, or of pairs too, and a linear softmax.

    The vectors start at random and are learned from the labels alone.

    Parameters
    ----------
    texts, labels, tokenizer
        As for `train_tfidf_svm`.
    seed : int
        Seed of the folds, of the initial vectors and of the order of documents.
    rates : sequence of float
        Candidates for the learning rate, each with and without pairs of words.

    Returns
    -------
    TrainedBaseline
        Trained on all documents, with the `max_n` (1: words, 2: pairs too) and the `rate` that
        validation on a part of them chose.

    Raises
    ------
    InputError
        As `train_tfidf_svm`, or if a rate is so large that the vectors grow beyond all bounds.

    Notes
    -----
    On held-out training documents of the clinical task, the accuracy is within a point of that of
    fastText's own program with the same settings.

    References
    ----------
    Joulin, Grave, Bojanowski and Mikolov (2017). Bag of tricks for efficient text classification.
    EACL.
    """
    return _train(
        *(texts, labels, tokenizer, seed),
        features=partial(ngram_counts, tokenizer),
        model=partial(NgramBag, seed=seed),
        candidates=[
            {"max_n": max_n} | rate for max_n in (1, 2) for rate in _candidates("rate", rates)
        ],
    )


def _candidates(name: str, values: Sequence[float]) -> list[dict[str, Any]]:
    """Make a setting of each value."""
    if not values or not all(0 < value < float("inf") for value in values):
        raise InputError(f"candidates for {name} are {tuple(values)}; give positive numbers")
    return [{name: value} for value in values]


def _train(
    texts: Sequence[str],
    labels: np.ndarray,
    tokenizer: _Tokenizer,
    seed: int,
    *,
    features: Callable[[], Any],
    model: Callable[..., Any],
    candidates: Sequence[Mapping[str, float]],
) -> TrainedBaseline:
    """Choose the candidate with the best accuracy on held-out documents, the first of equals."""
    check_seed(seed)
    classes, _ = checked_labels(labels, len(texts), None)
    if not any(map(tokenizer, texts)):
        raise InputError("no training document has a word; there is nothing to count")
    accuracies = np.zeros(len(candidates))
    folds = validation_folds(classes, seed)
    for fitted, held_out in folds:
        counted = features()
        known = counted.fit_transform([texts[row] for row in fitted])
        unseen = counted.transform([texts[row] for row in held_out])
        for place, settings in enumerate(candidates):
            trained = model(**settings).fit(known, classes[fitted])
            accuracies[place] += (trained.predict(unseen) == classes[held_out]).mean()
    best = int(accuracies.argmax())
    counted = features()
    trained = model(**candidates[best]).fit(counted.fit_transform(texts), classes)
    return TrainedBaseline(counted, trained, float(accuracies[best] / len(folds)), candidates[best])


def _tfidf(tokenizer: _Tokenizer, units: str) -> Callable[[], Any]:
    """Give what makes a fresh TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    if units not in _UNITS:
        raise InputError(f"units are {units!r}; choose {' or '.join(_UNITS)}")
    if units == "words":
        return partial(TfidfVectorizer, analyzer=tokenizer, sublinear_tf=True)
    return partial(
        TfidfVectorizer,
        preprocessor=partial(_joined, tokenizer),
        analyzer="char_wb",
        ngram_range=(3, 5),
        sublinear_tf=True,
    )


def _joined(tokenizer: _Tokenizer, text: str) -> str:
    return " ".join(tokenizer(text))


def _one_against_rest(*, C: float, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(LogisticRegression(C=C, solver="liblinear", random_state=seed))
