"""The choice of settings on held-out training documents, and the training that follows."""

from __future__ import annotations

import warnings
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.fitting import Fitting, balanced_weights
from adapt.classifiers.frozen import solve_head
from adapt.classifiers.models import TextClassifier
from adapt.classifiers.schedules import Schedule, schedule_of
from adapt.classifiers.shown import ShownDocuments
from adapt.errors import InputError

__all__ = ["Chosen", "search_and_train", "validation_folds"]

_CROSS_VALIDATED = 2_000
"""Up to so many documents, five folds choose the settings; above, one split is enough."""


@dataclass(frozen=True)
class Chosen:
    """The settings that held-out training documents chose, and how well they did there.

    Parameters
    ----------
    accuracy : float
        Mean accuracy on the held-out documents of each fold.
    loss : float
        Mean cross-entropy there.
    penalty : float or None
        Inverse penalty C of a head that was solved for.
    rate_scale, embedding_rate_scale : float or None
        Factor of the learning rates in training by gradient, and a further one of those of word
        vectors.
    epochs : int or None
        Epochs of that.
    """

    accuracy: float
    loss: float
    penalty: float | None = None
    rate_scale: float | None = None
    embedding_rate_scale: float | None = None
    epochs: int | None = None

    def __str__(self) -> str:
        if self.penalty is not None:
            return f"C {self.penalty:g}"
        words = self.embedding_rate_scale
        told = f", of words x {words:g} besides" if words not in (None, 1.0) else ""
        return f"{self.epochs} epochs, rates x {self.rate_scale:g}{told}"


def search_and_train(
    model: TextClassifier,
    shown: ShownDocuments,
    config: TrainingConfig,
    made_up: np.ndarray | None = None,
) -> tuple[TextClassifier, Chosen]:
    """Choose settings by validation, and train a copy of the model with them on all documents."""
    folds = validation_folds(shown.labels, config.seed)
    if config.strategy == "frozen" and not model.encoder.learns:
        return _solve(model, shown, folds, config)
    schedule = schedule_of(config)
    tried: list[tuple[Chosen, TextClassifier | None]] = []
    for scale, words in _scales(schedule, config):
        search = _Search(model, shown, folds, schedule.scaled(scale, words), config, made_up)
        tried.append(search.run(scale, words))
    chosen, kept = min(tried, key=lambda one: one[0].loss)
    if kept is not None:
        return kept, chosen
    assert chosen.rate_scale is not None
    assert chosen.embedding_rate_scale is not None
    assert chosen.epochs is not None
    schedule = schedule.scaled(chosen.rate_scale, chosen.embedding_rate_scale)
    final = Fitting(model, shown, schedule, config, made_up)
    for epoch in range(1, chosen.epochs + 1):
        final.train_epoch(epoch)
    return final.result(), chosen


def _scales(schedule: Schedule, config: TrainingConfig) -> list[tuple[float, float]]:
    """Pair the factors of all rates and of word vectors' that come to different schedules."""
    pairs: dict[Schedule, tuple[float, float]] = {}
    for scale in config.rate_scales:
        for words in config.embedding_rate_scales:
            pairs.setdefault(schedule.scaled(scale, words), (scale, words))
    return list(pairs.values())


def _solve(
    model: TextClassifier,
    shown: ShownDocuments,
    folds: list[tuple[np.ndarray, np.ndarray]],
    config: TrainingConfig,
) -> tuple[TextClassifier, Chosen]:
    """Encode every document once, choose the penalty, and solve for the head."""
    model = deepcopy(model).eval()
    with torch.no_grad():
        batches = shown.at_first().large_batches()
        features = torch.cat([model.features(batch) for batch in batches])
    labels = torch.from_numpy(shown.shown_labels)
    n_classes = model.head.out_features
    # a document and its copies stand on the same side
    folds = [(shown.places_shown(fitted), shown.places_shown(unseen)) for fitted, unseen in folds]
    weights = balanced_weights(labels, n_classes, config)
    solved = solve_head(features, labels, n_classes, folds, config, class_weights=weights)
    model.set_head(solved.standardization, solved.head)
    chosen = Chosen(solved.validation_accuracy, solved.validation_loss, penalty=solved.penalty)
    return model.requires_grad_(False), chosen


class _Search:
    """Trainings on all folds at the same time, which end when their mean loss no longer falls."""

    def __init__(
        self,
        model: TextClassifier,
        shown: ShownDocuments,
        folds: list[tuple[np.ndarray, np.ndarray]],
        schedule: Schedule,
        config: TrainingConfig,
        made_up: np.ndarray | None,
    ) -> None:
        self.config, self.schedule = config, schedule
        folds = folds if config.refit else folds[:1]
        self.fittings = [
            Fitting(model, shown.subset(fitted), schedule, config, made_up) for fitted, _ in folds
        ]
        unseen = [shown.subset(held_out) for _, held_out in folds]
        self.unseen = [[*one.at_first().large_batches()] for one in unseen]
        self.labels = [torch.from_numpy(one.shown_labels) for one in unseen]

    def run(self, scale: float, words: float) -> tuple[Chosen, TextClassifier | None]:
        """Train; gives what is best, and its model if that is to be kept."""
        scales = {"rate_scale": scale, "embedding_rate_scale": words}
        best, kept = Chosen(0.0, float("inf"), **scales, epochs=1), None
        for epoch in range(1, self.config.max_epochs + 1):
            loss, accuracy = self._epoch(epoch)
            if loss < best.loss:
                best = Chosen(accuracy, loss, **scales, epochs=epoch)
                if not self.config.refit:
                    kept = self.fittings[0].result()
            elif epoch - max(best.epochs or 1, self.schedule.last_start) >= self.config.patience:
                break
        return best, kept

    def _epoch(self, epoch: int) -> tuple[float, float]:
        """Train every fold for an epoch; gives the mean loss and accuracy on what is held out."""
        figures = []
        for fitting, batches, labels in zip(self.fittings, self.unseen, self.labels, strict=True):
            fitting.train_epoch(epoch)
            figures.append(fitting.evaluate(batches, labels))
        loss, accuracy = np.mean(figures, axis=0).tolist()
        if not np.isfinite(loss):
            raise InputError(
                f"the loss on held-out documents is {loss} in epoch {epoch}; choose lower learning "
                "rates, or scale the vectors down"
            )
        return loss, accuracy


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
