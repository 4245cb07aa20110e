"""A scikit-learn classifier of texts, on word vectors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from sklearn import exceptions
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.estimator_file import read_estimator, write_estimator
from adapt.classifiers.estimator_input import (
    checked_labels,
    checked_texts,
    tokenizer_of,
    vectors_of,
)
from adapt.classifiers.persistence import naming_damage
from adapt.classifiers.pooling import MeanPooling
from adapt.classifiers.training import TrainedClassifier, token_weights_for, train_classifier
from adapt.errors import InputError, NotFittedError
from adapt.merging import EmbeddingMatrix, build_matrix
from adapt.merging.provenance import OOV_SOURCE
from adapt.text import Corpus, Tokenizer, Vocabulary
from adapt.vectors import WordVectors

__all__ = ["EmbeddingTextClassifier"]


class EmbeddingTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of raw texts on word vectors, for pipelines, searches and cross-validation.

    Nothing is fitted on other texts than those that `fit` is given: its vocabulary is the words of
    these, and words that the vectors lack are made from the vectors and these texts alone. In
    other texts, words that the training texts lack have their own vectors all the same, and in
    models that weigh words by frequency the weight of a word that was never seen. A word that the
    vectors lack too stands as ``<unk>``.

    Parameters
    ----------
    vectors : WordVectors, EmbeddingMatrix, str or Path
        The word vectors; a file of either, or a name that `read_vectors` takes, is read at each
        fit. The words of an `EmbeddingMatrix` are taken as they are: its vocabulary is the
        classifier's, and all words beyond it are ``<unk>``.
    oov : str
        What gives training words that the vectors lack theirs, as `strategy_named` reads it.
        ``related,subword,mean`` does a little better where labels are few, but learns from all
        vectors at each fit, for seconds. Without effect on an `EmbeddingMatrix`, which has been
        through that.
    model : str
        The document encoder, as `document_encoder` reads it: ``mean-idf+max``, ``cnn``...
    strategy : str
        Which parts learn when; see `schedule_of`.
    tokenizer : str or callable
        Turns a text into its words: one by name, as `tokenizer_named` reads it, or a callable.
    penalties, rate_scales, embedding_rate_scales : sequence of float
        Candidates for the penalty of a head that is solved for, for a factor of the learning rates
        in training by gradient, and for a further one of those of word vectors; validation inside
        the training texts chooses.
    learning_rate, embedding_learning_rate : float, optional
        Of head and document encoder, and of the word vectors; the strategy's own without.
    batch_size, max_epochs, patience, dropout, word_dropout, label_smoothing, device
        As in `TrainingConfig`.
    class_weight : {None, "balanced"}
        `balanced` weighs texts by the inverse frequency of their class. There is no
        `sample_weight`.
    random_state : int, RandomState or None
        Seed of the validation split, of initial weights and the order of texts. The same number
        gives the same classifier.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    vocabulary_ : Vocabulary
        The words of the training texts, or those of the `EmbeddingMatrix`.
    classifier_ : TrainedClassifier
        The torch module, and how it was chosen; takes rows of `vocabulary_`.
    chosen_ : Chosen
        The settings that validation chose, and how well they did there.
    vectors_ : WordVectors or None
        Where words are looked up that `vocabulary_` lacks; None for an `EmbeddingMatrix`.
    tokenizer_ : callable
        From a text to its words.

    Notes
    -----
    Copies of the estimator share the vectors, so that `cross_val_score` and `GridSearchCV` hold
    them once; with ``n_jobs`` above 1, every worker process holds them.

    Examples
    --------
    >>> from adapt.vectors import WordVectors
    >>> words = ("cough", "wheeze", "asthma", "rash", "eczema", "itch")
    >>> vectors = WordVectors(words, [[1, 0], [0.9, 0.1], [1, 0.2], [0, 1], [0.1, 0.9], [0.2, 1]])
    >>> texts = ["a cough", "cough and wheeze", "wheeze", "a rash", "itch and rash", "itch"]
    >>> labels = ["lung", "lung", "lung", "skin", "skin", "skin"]
    >>> classifier = EmbeddingTextClassifier(vectors, oov="mean").fit(texts, labels)
    >>> classifier.predict(["asthma", "eczema"]).tolist()  # words of no training text
    ['lung', 'skin']
    """

    def __init__(
        self,
        vectors: WordVectors | EmbeddingMatrix | Path | str | None = None,
        *,
        oov: str = "mean",
        model: str = "mean-idf",
        strategy: str = "frozen",
        tokenizer: str | Tokenizer = "word",
        penalties: Sequence[float] = TrainingConfig.penalties,
        rate_scales: Sequence[float] = TrainingConfig.rate_scales,
        embedding_rate_scales: Sequence[float] = TrainingConfig.embedding_rate_scales,
        learning_rate: float | None = None,
        embedding_learning_rate: float | None = None,
        batch_size: int = TrainingConfig.batch_size,
        max_epochs: int = TrainingConfig.max_epochs,
        patience: int = TrainingConfig.patience,
        dropout: float = TrainingConfig.dropout,
        word_dropout: float = TrainingConfig.word_dropout,
        label_smoothing: float = TrainingConfig.label_smoothing,
        class_weight: str | None = None,
        device: str = TrainingConfig.device,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.vectors = vectors
        self.oov = oov
        self.model = model
        self.strategy = strategy
        self.tokenizer = tokenizer
        self.penalties = penalties
        self.rate_scales = rate_scales
        self.embedding_rate_scales = embedding_rate_scales
        self.learning_rate = learning_rate
        self.embedding_learning_rate = embedding_learning_rate
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.dropout = dropout
        self.word_dropout = word_dropout
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.device = device
        self.random_state = random_state

    def fit(self, X: Iterable[str], y: npt.ArrayLike) -> Self:
        """Train on texts and their labels.

        Parameters
        ----------
        X : iterable of str
            A list, a 1-D array, a column of a table.
        y : array-like of shape (n_texts,)
            The label of each text: any texts or whole numbers.

        Returns
        -------
        EmbeddingTextClassifier
            Itself, fitted.

        Raises
        ------
        InputError
            If a text is not one, there are none, an option is impossible, or the labels leave
            nothing to learn.
        ValueError
            From scikit-learn, if `y` is not a list of classes as long as `X`.
        """
        texts = checked_texts(X)
        classes, labels = checked_labels(y, len(texts))
        seed = self._seed()
        config = self._config(seed)
        tokenizer = tokenizer_of(self.tokenizer)
        corpus = Corpus.from_texts(texts, tokenizer=tokenizer)
        vectors = vectors_of(self.vectors)
        known = vectors if isinstance(vectors, WordVectors) else None
        matrix = self._matrix(vectors, corpus, seed)
        vocabulary = matrix.vocabulary
        documents = [vocabulary.encode(words) for words in corpus]
        # one row more than there is stands for all words that no training text holds
        weights = token_weights_for(self.model, documents, len(vocabulary) + 1)
        self.classifier_ = train_classifier(
            matrix.matrix,
            documents,
            labels,
            model=self.model,
            config=config,
            token_weights=None if weights is None else weights[:-1],
            made_up=np.array([source == OOV_SOURCE for source in matrix.provenance.sources]),
        )
        self.chosen_ = self.classifier_.chosen
        self.classes_, self.vocabulary_, self.vectors_ = classes, vocabulary, known
        self.tokenizer_ = tokenizer
        self._unseen_weight = 1.0 if weights is None else float(weights[-1])
        return self

    def predict(self, X: Iterable[str]) -> np.ndarray:
        """Give the most likely label of each text, shape (n_texts,).

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If a text is not one.
        """
        likeliest = self._logits(X).argmax(axis=1)
        labels: np.ndarray = self.classes_[likeliest]
        return labels

    def predict_proba(self, X: Iterable[str]) -> np.ndarray:
        """Give the probabilities of `classes_`, float32, shape (n_texts, n_classes)."""
        probabilities: np.ndarray = torch.from_numpy(self._logits(X)).softmax(dim=1).numpy()
        return probabilities

    def decision_function(self, X: Iterable[str]) -> np.ndarray:
        """Give logits, float32, shape (n_texts, n_classes).

        Of two classes, the difference of their logits, shape (n_texts,): above 0 for the second.
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if logits.shape[1] == 2 else logits

    def save(self, path: Path | str) -> None:
        """Write the fitted classifier to one safetensors file, whole or not at all.

        With it go the words and vectors of `vectors_`, which unseen words are looked up in: the
        file is as large as these. Give `fit` fewer of them (``vectors.head(100_000)``), or an
        `EmbeddingMatrix`, for a small one.

        Raises
        ------
        NotFittedError
            Before `fit`.
        InputError
            If an option cannot be written: a tokenizer without a name, a `RandomState`.
        FileAccessError
            If the file cannot be written.
        """
        self._check_fitted()
        write_estimator(self, path)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read what `save` wrote, without pickle; predictions are the same to the last bit.

        Its parameter `vectors` is None: set it to fit anew. The vectors of words beyond the
        vocabulary stay a map of the file.

        Raises
        ------
        FileAccessError
            If the file cannot be read.
        FileFormatError
            If it is not such a file, is of another version, or is damaged.
        """
        parameters, fitted = read_estimator(path)
        with naming_damage(path):
            estimator = cls(**parameters)
        for name, value in fitted.items():
            setattr(estimator, name, value)
        return estimator

    def _logits(self, X: Iterable[str]) -> np.ndarray:
        self._check_fitted()
        documents = [self.tokenizer_(text) for text in checked_texts(X, may_be_empty=True)]
        classifier, vocabulary = self._with_unseen(documents)
        return classifier.decision_function([vocabulary.encode(words) for words in documents])

    def _with_unseen(self, documents: list[list[str]]) -> tuple[TrainedClassifier, Vocabulary]:
        """Add the words that the vectors hold, but the training texts do not."""
        unseen = [
            word
            for word in dict.fromkeys(chain.from_iterable(documents))
            if word not in self.vocabulary_
        ]
        if self.vectors_ is None or not unseen:
            return self.classifier_, self.vocabulary_
        rows = self.vectors_.rows(unseen)
        words = [word for word, row in zip(unseen, rows, strict=True) if row >= 0]
        more = self.vectors_.matrix[rows[rows >= 0]]
        counts = np.concatenate([self.vocabulary_.counts, np.zeros(len(words), dtype=np.int64)])
        vocabulary = Vocabulary((*self.vocabulary_.words, *words), counts)
        return _with_rows(self.classifier_, more, self._unseen_weight), vocabulary

    def _matrix(
        self, vectors: WordVectors | EmbeddingMatrix, corpus: Corpus, seed: int
    ) -> EmbeddingMatrix:
        """Give the words of the training texts their vectors, if that is not done already."""
        if isinstance(vectors, EmbeddingMatrix):
            return vectors
        counts = corpus.word_counts()
        if not counts:
            raise InputError("no text of X holds a word; check the texts and the tokenizer")
        vocabulary = Vocabulary.from_counts(counts)
        return build_matrix(vocabulary, vectors, oov=self.oov, corpus=corpus, seed=seed)

    def _config(self, seed: int) -> TrainingConfig:
        return TrainingConfig(
            strategy=self.strategy,
            penalties=tuple(self.penalties),
            rate_scales=tuple(self.rate_scales),
            embedding_rate_scales=tuple(self.embedding_rate_scales),
            learning_rate=self.learning_rate,
            embedding_learning_rate=self.embedding_learning_rate,
            batch_size=self.batch_size,
            max_epochs=self.max_epochs,
            patience=self.patience,
            dropout=self.dropout,
            word_dropout=self.word_dropout,
            label_smoothing=self.label_smoothing,
            class_weights=self.class_weight,
            device=self.device,
            seed=seed,
        )

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _check_fitted(self) -> None:
        if not hasattr(self, "classifier_"):
            raise _EstimatorNotFittedError(
                "the EmbeddingTextClassifier is used before fit; call fit(texts, labels) first"
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


class _EstimatorNotFittedError(NotFittedError, exceptions.NotFittedError):  # type: ignore[misc]
    """What users of either library catch."""


@torch.no_grad()
def _with_rows(classifier: TrainedClassifier, more: np.ndarray, weight: float) -> TrainedClassifier:
    """Add rows of one weight behind the table of a classifier, and leave all else as it is."""
    old = classifier.model.embedding
    layer = PretrainedEmbedding(np.concatenate([classifier.matrix, more]))
    # a copy in which the longer table stands where the old one would
    model = deepcopy(classifier.model, {id(old): layer})
    for part in model.encoder.modules():
        if isinstance(part, MeanPooling) and part.weights is not None:
            part.weights = torch.cat([part.weights, torch.full((len(more),), weight)])
    return replace(classifier, model=model)
