"""Training classifiers on pooled word vectors, frozen or fine-tuned."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.embedding import PretrainedEmbedding
from adapt.classifiers.finetune import fine_tune
from adapt.classifiers.frozen import solve_head
from adapt.classifiers.head import LinearHead, Standardization
from adapt.classifiers.models import MeanPoolingClassifier
from adapt.classifiers.pooling import MaskedMean, mean_operator
from adapt.cores import one_torch_thread
from adapt.errors import InputError

__all__ = [
    "TrainedClassifier",
    "checked_labels",
    "checked_matrix",
    "checked_weights",
    "train_classifier",
    "validation_folds",
]

_CROSS_VALIDATED = 2_000
"""Up to so many documents, five folds choose the penalty; above, one split is enough."""


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier ready to predict.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(n_rows, dim)`` float32 word vectors, after fine-tuning if there was any.
    token_weights : numpy.ndarray or None
        ``(n_rows,)`` weights of the pooling.
    standardization : Standardization
        Of the pooled features.
    head : LinearHead
        Weight ``(n_classes, dim)`` and bias.
    validation_accuracy : float
        Accuracy on the part of the training documents that chose the settings.
    chosen : float
        What validation chose: the penalty C (frozen) or the number of epochs (fine-tuned).
    """

    matrix: np.ndarray
    token_weights: np.ndarray | None
    standardization: Standardization
    head: LinearHead
    validation_accuracy: float
    chosen: float

    def decision_function(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Give logits ``(n_documents, n_classes)``, float32."""
        operator = mean_operator(documents, len(self.matrix), self.token_weights)
        pooled = torch.from_numpy(np.asarray(operator @ self.matrix, dtype=np.float32))
        with one_torch_thread():
            logits: np.ndarray = self.head(self.standardization(pooled)).numpy()
        return logits

    def predict_proba(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Give class probabilities ``(n_documents, n_classes)``, float32."""
        logits = torch.from_numpy(self.decision_function(documents))
        probabilities: np.ndarray = logits.softmax(dim=1).numpy()
        return probabilities

    def predict(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64."""
        classes: np.ndarray = self.decision_function(documents).argmax(axis=1)
        return classes

    def module(self, *, freeze: bool = True) -> MeanPoolingClassifier:
        """Give a torch module with the same logits, for padded batches or further training.

        Parameters
        ----------
        freeze : bool
            Whether the word vectors of the module are frozen.
        """
        weights = None if self.token_weights is None else torch.tensor(self.token_weights)
        return MeanPoolingClassifier(
            PretrainedEmbedding(self.matrix, freeze=freeze),
            MaskedMean(weights),
            self.standardization,
            self.head,
        )


def train_classifier(
    matrix: np.ndarray,
    documents: Sequence[np.ndarray],
    labels: np.ndarray,
    *,
    config: TrainingConfig | None = None,
    token_weights: np.ndarray | None = None,
    n_classes: int | None = None,
) -> TrainedClassifier:
    """Train a mean-pooling classifier.

    Parameters
    ----------
    matrix : numpy.ndarray
        ``(n_rows, dim)`` float32 word vectors; row 0 is padding. Never changed.
    documents : sequence of numpy.ndarray
        Row numbers of every training document, not padded.
    labels : numpy.ndarray
        ``(n_documents,)`` class numbers from 0.
    config : TrainingConfig, optional
        How to train.
    token_weights : numpy.ndarray, optional
        ``(n_rows,)`` weights of the pooling, such as `idf_weights`; plain means without.
    n_classes : int, optional
        Number of classes, if more than `labels` shows.

    Returns
    -------
    TrainedClassifier
        Trained on all documents, with the settings that validation on a part of them chose.

    Raises
    ------
    InputError
        If there is nothing to learn (one class, no pair of documents of one class), or the loss
        is not finite.
    """
    config = config or TrainingConfig()
    matrix = checked_matrix(matrix)
    token_weights = checked_weights(token_weights, len(matrix))
    classes, count = checked_labels(labels, len(documents), n_classes)
    operator = mean_operator(documents, len(matrix), token_weights)
    train = _fit_frozen if config.strategy == "frozen" else _fit_fine_tuned
    with one_torch_thread():
        return train(matrix, operator, classes, count, config, token_weights)


def checked_matrix(matrix: np.ndarray) -> np.ndarray:
    """Return the matrix as float32, if it is a table of finite numbers."""
    if matrix.ndim != 2:
        raise InputError(f"matrix has shape {matrix.shape}; need (n_rows, dim)")
    finite = np.isfinite(matrix).all(axis=1)
    if not finite.all():
        raise InputError(f"row {int(finite.argmin())} of the matrix is not finite; mend its vector")
    return np.asarray(matrix, dtype=np.float32)


def checked_weights(weights: np.ndarray | None, n_rows: int) -> np.ndarray | None:
    """Return the weights, if each row has one that is finite and not negative."""
    if weights is None:
        return None
    if weights.shape != (n_rows,):
        raise InputError(f"{weights.size} token weights, but {n_rows} rows in the matrix")
    if not np.isfinite(weights).all():
        raise InputError("token weights are not finite; give one number for each row")
    if (weights < 0).any():
        raise InputError("token weights are negative somewhere; give 0 to leave a word out")
    return weights


def checked_labels(
    labels: np.ndarray, n_documents: int, n_classes: int | None
) -> tuple[torch.Tensor, int]:
    """Return the labels as int64, and the number of classes."""
    classes = np.asarray(labels).astype(np.int64)
    if len(classes) != n_documents:
        raise InputError(f"{n_documents} documents, but {len(classes)} labels")
    if not np.array_equal(classes, labels):
        raise InputError("labels must be whole numbers from 0, one for each class")
    if len(np.unique(classes)) < 2:
        raise InputError("all training documents have one class; there is nothing to tell apart")
    if classes.min() < 0:
        raise InputError(f"label {classes.min()} is negative; number the classes from 0")
    count = int(classes.max()) + 1 if n_classes is None else n_classes
    if classes.max() >= count:
        raise InputError(f"there is a label {classes.max()}, but n_classes is {count}")
    return torch.from_numpy(classes), count


def validation_folds(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split documents for the choice of settings, keeping the shares of the classes.

    Returns
    -------
    list of (numpy.ndarray, numpy.ndarray)
        Positions to fit on and to validate on: five folds for up to 2,000 documents, one split
        with a seventh held out for more.

    Raises
    ------
    InputError
        If no class has two documents, or no fold leaves two classes to learn from.
    """
    from sklearn.model_selection import StratifiedKFold

    largest = int(np.bincount(labels).max())
    if largest < 2:
        raise InputError("every class has a single document; give at least two of one")
    many = len(labels) > _CROSS_VALIDATED
    folds = StratifiedKFold(min(7 if many else 5, largest), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # classes smaller than the number of folds stand in some of them only, which is fine here
        warnings.filterwarnings("ignore", message="The least populated class")
        splits = [
            (fitted, held_out)
            for fitted, held_out in folds.split(np.zeros(len(labels)), labels)
            if len(np.unique(labels[fitted])) > 1
        ]
    if not splits:
        raise InputError(f"{len(labels)} documents are too few to validate on; give more of them")
    return splits[:1] if many else splits


def _fit_frozen(
    matrix: np.ndarray,
    operator: csr_matrix,
    labels: torch.Tensor,
    n_classes: int,
    config: TrainingConfig,
    token_weights: np.ndarray | None,
) -> TrainedClassifier:
    """Pool once, and solve for the head."""
    features = torch.from_numpy(np.asarray(operator @ matrix, dtype=np.float32))
    folds = validation_folds(labels.numpy(), config.seed)
    solved = solve_head(features, labels, n_classes, folds, config)
    return TrainedClassifier(
        matrix,
        token_weights,
        solved.standardization,
        solved.head,
        solved.validation_accuracy,
        solved.penalty,
    )


def _fit_fine_tuned(
    matrix: np.ndarray,
    operator: csr_matrix,
    labels: torch.Tensor,
    n_classes: int,
    config: TrainingConfig,
    token_weights: np.ndarray | None,
) -> TrainedClassifier:
    """Train the rows that occur in the documents, and put them back into a copy of the matrix."""
    rows = np.unique(operator.indices)
    compact = operator.tocsc()[:, rows].tocsr()
    tuned = fine_tune(
        torch.from_numpy(np.ascontiguousarray(matrix[rows])),
        compact,
        labels,
        n_classes,
        validation_folds(labels.numpy(), config.seed)[0],
        config,
    )
    trained = matrix.copy()
    trained[rows] = tuned.table.cpu().numpy()
    return TrainedClassifier(
        trained,
        token_weights,
        tuned.standardization.to("cpu"),
        tuned.head.to("cpu"),
        tuned.validation_accuracy,
        float(tuned.epochs),
    )
