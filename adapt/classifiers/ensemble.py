"""Classifiers that differ in chance alone, and decide together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adapt.classifiers.config import TrainingConfig
from adapt.classifiers.hybrid import HybridEmbedding
from adapt.classifiers.training import TrainedClassifier, train_classifier
from adapt.errors import InputError

__all__ = ["ClassifierEnsemble", "member_seeds", "train_ensemble"]


@dataclass(frozen=True)
class ClassifierEnsemble:
    """Trained classifiers whose probabilities are averaged.

    Parameters
    ----------
    members : tuple of TrainedClassifier
        At least one, all of the same classes.

    References
    ----------
    Lakshminarayanan, Pritzel and Blundell (2017). Simple and scalable predictive uncertainty
    estimation using deep ensembles. NeurIPS.
    """

    members: tuple[TrainedClassifier, ...]

    @property
    def validation_accuracy(self) -> float:
        """Mean accuracy of single members on the training documents that each held out.

        Every member holds out others, so that there are none to test them together on: this is a
        cautious estimate, as averaging seldom does worse than its members.
        """
        return float(np.mean([member.chosen.accuracy for member in self.members]))

    @property
    def chosen(self) -> str:
        """The settings that validation chose, each named once."""
        return " / ".join(dict.fromkeys(str(member.chosen) for member in self.members))

    def predict_proba(self, documents: Sequence[Any]) -> np.ndarray:
        """Give class probabilities ``(n_documents, n_classes)``, float32."""
        given = [member.predict_proba(documents) for member in self.members]
        probabilities: np.ndarray = np.mean(given, axis=0)
        return probabilities

    def predict(self, documents: Sequence[Any]) -> np.ndarray:
        """Give class numbers ``(n_documents,)``, int64."""
        classes: np.ndarray = self.predict_proba(documents).argmax(axis=1)
        return classes


def train_ensemble(
    embedding: np.ndarray | HybridEmbedding,
    documents: Sequence[Any],
    labels: np.ndarray,
    *,
    n_members: int,
    config: TrainingConfig | None = None,
    **options: Any,
) -> ClassifierEnsemble:
    """Train classifiers that have other held-out documents, initial weights and orders.

    Parameters
    ----------
    embedding, documents, labels, **options
        As for `train_classifier`, which trains every member.
    n_members : int
        How many; they take as many times as long to train. Where the head is solved for, nothing
        is left to chance but the folds, and one is all.
    config : TrainingConfig, optional
        Its seed is that of the first member, and those of the others follow from it.

    Returns
    -------
    ClassifierEnsemble
        With one member, it predicts as `train_classifier` alone does.

    Raises
    ------
    InputError
        As `train_classifier` does, or if `n_members` is below 1.
    """
    config = config or TrainingConfig()
    members: list[TrainedClassifier] = []
    for seed in member_seeds(config.seed, n_members):
        own = replace(config, seed=seed)
        members.append(train_classifier(embedding, documents, labels, config=own, **options))
        if members[0].chosen.penalty is not None:  # a head that was solved for
            break
    return ClassifierEnsemble(tuple(members))


def member_seeds(seed: int, n_members: int) -> list[int]:
    """Give the seeds of the members: the seed itself, and others that no near seed shares.

    Raises
    ------
    InputError
        If `n_members` is below 1.
    """
    if n_members < 1:
        raise InputError(f"an ensemble of {n_members} members is none; give at least 1")
    others = (np.random.SeedSequence([seed, place]) for place in range(1, n_members))
    return [seed, *(int(other.generate_state(1)[0]) for other in others)]
