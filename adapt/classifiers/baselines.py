"""The bag of words: what any embedding has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adapt.classifiers.search import validation_folds

__all__ = ["train_tfidf_svm"]

_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""As many candidates as the frozen head has."""


def train_tfidf_svm(
    texts: Sequence[str],
    labels: np.ndarray,
    *,
    tokenizer: Callable[[str], list[str]],
    seed: int = 0,
    penalties: Sequence[float] = _PENALTIES,
) -> Any:
    """Train TF-IDF and a linear support vector machine.

    The penalty is chosen on the same folds, with as many candidates, as that of the frozen head on
    word vectors.

    Parameters
    ----------
    texts : sequence of str
        Training documents.
    labels : numpy.ndarray
        ``(n_documents,)`` class numbers.
    tokenizer : callable
        The one that the embeddings use.
    seed : int
        Seed of the folds, and of the solver's order of documents.
    penalties : sequence of float
        Candidates for C.

    Returns
    -------
    sklearn.pipeline.Pipeline
        With `predict(texts)`.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    accuracies = np.zeros(len(penalties))
    for fitted, held_out in validation_folds(labels, seed):
        vectorizer = _tfidf(tokenizer)
        known = vectorizer.fit_transform([texts[row] for row in fitted])
        unseen = vectorizer.transform([texts[row] for row in held_out])
        for place, penalty in enumerate(penalties):
            model = LinearSVC(C=penalty, random_state=seed).fit(known, labels[fitted])
            accuracies[place] += (model.predict(unseen) == labels[held_out]).mean()
    chosen = penalties[int(accuracies.argmax())]
    model = LinearSVC(C=chosen, random_state=seed)
    return make_pipeline(_tfidf(tokenizer), model).fit(texts, labels)


def _tfidf(tokenizer: Callable[[str], list[str]]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=tokenizer, sublinear_tf=True)
