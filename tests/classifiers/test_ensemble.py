"""Ensembles: what differs among members, and what they decide together."""

import numpy as np
import pytest

from adapt.classifiers import (
    ClassifierEnsemble,
    TrainingConfig,
    member_seeds,
    token_weights_for,
    train_classifier,
    train_ensemble,
)
from adapt.errors import InputError

QUICK = TrainingConfig(strategy="fine-tuned", max_epochs=2, batch_size=16, seed=7)


def test_members_are_the_classifiers_of_their_seeds(matrix, documents, labels):
    ensemble = train_ensemble(matrix, documents, labels, n_members=3, config=QUICK, model="cnn")
    seeds = member_seeds(7, 3)
    alone = [
        train_classifier(
            matrix,
            documents,
            labels,
            model="cnn",
            config=TrainingConfig(strategy="fine-tuned", max_epochs=2, batch_size=16, seed=seed),
        )
        for seed in seeds
    ]
    given = [one.predict_proba(documents) for one in alone]
    for member, probabilities in zip(ensemble.members, given, strict=True):
        np.testing.assert_array_equal(member.predict_proba(documents), probabilities)
    assert not np.array_equal(given[0], given[1])
    together = ensemble.predict_proba(documents)
    np.testing.assert_allclose(together, sum(given) / 3, atol=1e-6)
    np.testing.assert_array_equal(ensemble.predict(documents), together.argmax(axis=1))
    accuracies = [one.chosen.accuracy for one in alone]
    assert ensemble.validation_accuracy == pytest.approx(sum(accuracies) / 3)


def test_probabilities_are_averaged_not_votes():
    """Two members that are hardly sure are outvoted by a third that is."""

    class Sure:
        def __init__(self, *probabilities):
            self.probabilities = probabilities

        def predict_proba(self, documents):
            return np.array([self.probabilities], dtype=np.float32)

    ensemble = ClassifierEnsemble((Sure(0.55, 0.45), Sure(0.55, 0.45), Sure(0.1, 0.9)))
    assert ensemble.predict([None]).tolist() == [1]


def test_one_member_is_the_classifier_itself(matrix, documents, labels):
    ensemble = train_ensemble(matrix, documents, labels, n_members=1, config=QUICK)
    alone = train_classifier(matrix, documents, labels, config=QUICK)
    np.testing.assert_array_equal(ensemble.predict(documents), alone.predict(documents))
    assert ensemble.chosen == str(alone.chosen)


def test_a_head_that_is_solved_for_needs_no_company(matrix, documents, labels):
    weights = token_weights_for("mean-idf", documents, len(matrix))
    ensemble = train_ensemble(
        matrix, documents, labels, n_members=4, model="mean-idf", token_weights=weights
    )
    assert len(ensemble.members) == 1


def test_seeds_are_shared_with_no_near_ensemble():
    seeds = [seed for first in range(50) for seed in member_seeds(first, 8)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert member_seeds(3, 2) == member_seeds(3, 5)[:2]


def test_an_ensemble_of_none_is_refused(matrix, documents, labels):
    with pytest.raises(InputError, match="0 members"):
        train_ensemble(matrix, documents, labels, n_members=0)
