"""Training classifiers on word vectors, whatever the model and the strategy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from adapt.classifiers.batches import WordDocuments
from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.embedding import PretrainedEmbedding, checked_matrix
from adapt.classifiers.encoders import DocumentEncoder
from adapt.classifiers.head import Standardization
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.classifiers.models import TextClassifier, document_encoder, weighting_of
from adapt.classifiers.pooling import MeanPooling, checked_weights, idf_weights, sif_weights
from adapt.classifiers.schedules import schedule_of
from adapt.classifiers.search import Chosen, search_and_train
from adapt.classifiers.shown import ShownDocuments
from adapt.cores import one_torch_thread
from adapt.errors import InputError

__all__ = [
    "TrainedClassifier",
    "checked_labels",
    "token_weights_for",
    "train_classifier",
]


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier ready to predict.

    Parameters
    ----------
    model : TextClassifier
        The torch module, for padded batches or further training.
    chosen : Chosen
        What validation chose, and how well that did on held-out training documents.
    encoder : str
        Name of the document encoder, as `document_encoder` reads it.
    """

    model: TextClassifier
    chosen: Chosen
    encoder: str

    @property
    def matrix(self) -> np.ndarray:
        """``(n_rows, dim)`` float32 word vectors, after fine-tuning if there was any."""
        table: np.ndarray = self.model.embedding.table.weight.detach().numpy()
        return table

    @torch.no_grad()
    def decision_function(self, documents: Sequence[Any]) -> np.ndarray:
        """Give logits ``(n_documents, n_classes)``, float32.

        Documents are row numbers, or words if the classifier spells them.
        """
        with one_torch_thread():
            batches = self.model.embedding.documents(documents).large_batches()
            logits = [self.model(batch) for batch in batches]
            result: np.ndarray = torch.cat(
                [torch.empty(0, self.model.head.out_features), *logits]
            ).numpy()
        return result

    def predict_proba(self, documents: Sequence[Any]) -> np.ndarray:
        """Give class probabilities ``(n_documents, n_classes)``, float32."""
        logits = torch.from_numpy(self.decision_function(documents))
        probabilities: np.ndarray = logits.softmax(dim=1).numpy()
        return probabilities

    def predict(self, documents: Sequence[Any]) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64."""
        classes: np.ndarray = self.decision_function(documents).argmax(axis=1)
        return classes


def train_classifier(
    embedding: np.ndarray | HybridEmbedding,
    documents: Sequence[Any],
    labels: np.ndarray,
    *,
    model: str = "mean",
    config: TrainingConfig | None = None,
    token_weights: np.ndarray | None = None,
    n_classes: int | None = None,
    made_up: np.ndarray | None = None,
    typos: float = 0.0,
) -> TrainedClassifier:
    """Train a classifier.

    Parameters
    ----------
    embedding : numpy.ndarray or HybridEmbedding
        ``(n_rows, dim)`` float32 word vectors, of which row 0 is padding; or a layer that spells
        words too. Never changed.
    documents : sequence
        Every training document as an array of row numbers, not padded; for a `HybridEmbedding`, as
        words.
    labels : numpy.ndarray
        ``(n_documents,)`` class numbers from 0.
    model : str
        The document encoder, as `document_encoder` reads it: ``mean``, ``mean-idf+max``, ``cnn``...
    config : TrainingConfig, optional
        How to train.
    token_weights : numpy.ndarray, optional
        ``(n_rows,)`` weights, for models that weigh words; those of the training documents without.
    n_classes : int, optional
        Number of classes, if more than `labels` shows.
    made_up : numpy.ndarray, optional
        ``(n_rows,)`` bool, rows that an out-of-vocabulary strategy made: they learn at the rate of
        rare words, if the strategy has one.
    typos : float
        Share of words to misspell in copies that are learned from beside the documents, so that the
        head learns how far spelling can be trusted; for a `HybridEmbedding` alone. Training by
        gradient shows other typos in each epoch.

    Returns
    -------
    TrainedClassifier
        Trained on all documents, with the settings that validation on a part of them chose.

    Raises
    ------
    InputError
        If there is nothing to learn (one class, no pair of documents of one class), sizes disagree,
        or the loss is not finite.
    """
    config = config or TrainingConfig()
    classes, count = checked_labels(labels, len(documents), n_classes)
    if isinstance(embedding, np.ndarray):
        if typos:
            raise InputError("typos need a HybridEmbedding, which reads words; leave them out")
        full = checked_matrix(embedding)
        documents, rows = _compact(documents, len(full))
        layer: PretrainedEmbedding | HybridEmbedding = PretrainedEmbedding(full[rows], sparse=True)
    else:
        layer, rows = _checked_layer(embedding, config), np.arange(embedding.n_rows)
    weights = _weights(model, token_weights, documents, rows, embedding)
    if made_up is not None:
        made_up = _checked_made_up(made_up, _n_rows(embedding))[rows]
    shown = ShownDocuments(layer, documents, classes, typos, config.seed)
    with one_torch_thread(), _seeded(config):
        own = None if weights is None else torch.from_numpy(weights[rows])
        initial = _initial_model(document_encoder(model, layer.dim, own), shown, count, config)
        trained, chosen = search_and_train(initial, shown, config, made_up)
    if isinstance(embedding, np.ndarray):
        _put_back(trained, full, rows, weights)
    return TrainedClassifier(trained, chosen, model)


@contextmanager
def _seeded(config: TrainingConfig) -> Iterator[None]:
    """Seed the generators that training draws from, and restore what they were."""
    cuda = [torch.cuda.current_device()] if config.torch_device().type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        # torch.manual_seed would seed all devices, and leave those that are not restored changed
        torch.default_generator.manual_seed(config.seed)
        if cuda:
            torch.cuda.manual_seed(config.seed)
        yield


def token_weights_for(
    model: str, documents: Sequence[np.ndarray], n_rows: int
) -> np.ndarray | None:
    """Weigh words as a model asks for, by the documents in which they occur.

    Parameters
    ----------
    model : str
        As `document_encoder` reads it.
    documents : sequence of numpy.ndarray
        Row numbers of documents; they need no labels.
    n_rows : int
        Rows of the vocabulary.

    Returns
    -------
    numpy.ndarray or None
        ``(n_rows,)`` float32, `idf_weights` or `sif_weights`; None for models that do not weigh.
    """
    weighting = weighting_of(model)
    if weighting is None:
        return None
    return (idf_weights if weighting == "idf" else sif_weights)(documents, n_rows)


def _weights(
    model: str,
    given: np.ndarray | None,
    documents: Sequence[Any],
    rows: np.ndarray,
    embedding: np.ndarray | HybridEmbedding,
) -> np.ndarray | None:
    """Give every row of the vocabulary the weight that the model asks for, if it does."""
    if weighting_of(model) is None:
        if given is not None:
            raise InputError(f"model {model!r} does not weigh words; leave token_weights out")
        return None
    n_rows = _n_rows(embedding)
    if given is not None:
        return checked_weights(given, n_rows)
    if isinstance(embedding, np.ndarray):
        return token_weights_for(model, [rows[document] for document in documents], n_rows)
    known = [embedding.vocabulary.encode(words) for words in documents]
    return token_weights_for(model, known, n_rows)


def _n_rows(embedding: np.ndarray | HybridEmbedding) -> int:
    return len(embedding) if isinstance(embedding, np.ndarray) else embedding.n_rows


def _compact(documents: Sequence[np.ndarray], n_rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Give the rows that occur new numbers: training then never copies the others."""
    known = WordDocuments.of_rows(documents, n_rows)
    rows = np.concatenate([[0], known.words])
    return np.split(known.places + 1, known.starts[1:-1]), rows


def _initial_model(
    encoder: DocumentEncoder, shown: ShownDocuments, n_classes: int, config: TrainingConfig
) -> TextClassifier:
    scaling = None
    if config.scaling == "standardised":
        with torch.no_grad():
            embedding = deepcopy(shown.embedding).eval()  # without the dropout of its training
            batches = shown.at_first().large_batches()
            features = [encoder(embedding.vectors(batch), batch) for batch in batches]
        scaling = Standardization.fit(torch.cat(features))
    return TextClassifier(
        shown.embedding, encoder, n_classes, scaling=scaling, dropout=config.dropout
    )


@torch.no_grad()
def _put_back(
    model: TextClassifier, full: np.ndarray, rows: np.ndarray, weights: np.ndarray | None
) -> None:
    """Put the rows that were trained back into the whole matrix, for words of other documents."""
    assert isinstance(model.embedding, PretrainedEmbedding)
    trained = model.embedding.table.weight
    model.embedding = PretrainedEmbedding(full)
    model.embedding.table.weight[torch.from_numpy(rows)] = trained
    for part in model.encoder.modules():
        if isinstance(part, MeanPooling) and part.weights is not None:
            part.weights = torch.from_numpy(weights)


def _checked_made_up(made_up: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the marks of rows that were made up, if each row has one."""
    if made_up.shape != (n_rows,) or made_up.dtype != bool:
        raise InputError(
            f"made_up holds {made_up.dtype} of shape {made_up.shape}; mark each of the {n_rows} "
            "rows by true or false"
        )
    return made_up


def _checked_layer(layer: HybridEmbedding, config: TrainingConfig) -> HybridEmbedding:
    """Return the layer, if it may learn where the strategy wants it to."""
    if layer.freeze and schedule_of(config).trains_embedding:
        raise InputError(
            f"strategy {config.strategy!r} trains the word vectors, but the layer is frozen; make "
            "it with freeze=False"
        )
    return layer


def checked_labels(
    labels: np.ndarray, n_documents: int, n_classes: int | None
) -> tuple[np.ndarray, int]:
    """Return the labels as int64, and the number of classes."""
    given = np.asarray(labels)
    if given.shape != (n_documents,):
        raise InputError(f"{n_documents} documents, but {given.size} labels")
    with np.errstate(invalid="ignore"):  # what is no number is found below
        classes = given.astype(np.int64) if given.dtype.kind in "biuf" else np.empty(0)
    if not np.array_equal(classes, given):
        raise InputError("labels must be whole numbers from 0, one for each class")
    if len(np.unique(classes)) < 2:
        raise InputError("all training documents have one class; there is nothing to tell apart")
    if classes.min() < 0:
        raise InputError(f"label {classes.min()} is negative; number the classes from 0")
    count = int(classes.max()) + 1 if n_classes is None else n_classes
    if classes.max() >= count:
        raise InputError(f"there is a label {classes.max()}, but n_classes is {count}")
    return classes, count
