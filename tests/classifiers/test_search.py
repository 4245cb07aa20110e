"""The choice of settings: folds, penalties, the best epoch, and what is trained with them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from adapt.classifiers import (
    Standardization,
    TrainingConfig,
    fit_heads,
    pool_documents,
    search,
    train_classifier,
    validation_folds,
)
from adapt.classifiers.fitting import Fitting
from adapt.errors import InputError


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=80).filter(
        # a class of one document leaves the other of two classes alone in some fold
        lambda found: np.count_nonzero(np.bincount(found) > 1) > 1
    ),
    seed=st.integers(0, 3),
)
def test_folds_part_the_documents_and_repeat(labels, seed):
    folds = validation_folds(np.array(labels), seed)
    held_out = np.concatenate([held for _, held in folds])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(len(labels)))
    for fitted, held in folds:
        assert len(fitted)
        np.testing.assert_array_equal(
            np.sort(np.concatenate([fitted, held])), np.arange(len(labels))
        )
    again = validation_folds(np.array(labels), seed)
    assert all(np.array_equal(one[1], two[1]) for one, two in zip(folds, again, strict=True))


def test_many_documents_are_split_once_and_keep_the_shares_of_the_classes():
    labels = np.repeat([0, 1, 2], [1400, 700, 70])
    ((fitted, held_out),) = validation_folds(labels, seed=0)
    assert len(fitted) + len(held_out) == len(labels)
    np.testing.assert_array_equal(np.bincount(labels[held_out]), [200, 100, 10])


def test_folds_differ_between_seeds(labels):
    first, second = (validation_folds(labels, seed)[0][1] for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("labels", [[0, 0], [0, 0, 1], [0, 1, 1, 1]])
def test_no_fold_leaves_a_single_class_to_learn_from(labels):
    wanted = np.array(labels)
    try:
        folds = validation_folds(wanted, seed=0)
    except InputError as error:
        assert "too few to validate on" in str(error)  # noqa: PT017
    else:
        assert all(len(np.unique(wanted[fitted])) > 1 for fitted, _ in folds)


@pytest.fixture
def frozen(matrix, documents, labels):
    def trained(wanted=labels, **options):
        return train_classifier(matrix, documents, wanted, config=TrainingConfig(**options))

    return trained


@pytest.fixture(scope="module")
def noise(labels):
    return np.random.default_rng(5).permutation(labels)


def test_the_penalty_is_one_of_the_candidates(frozen):
    chosen = frozen(penalties=(3.0, 0.5)).chosen
    assert chosen.penalty in (3.0, 0.5)
    assert chosen.epochs is None
    assert chosen.rate_scale is None


def test_validation_chooses_strong_decay_for_noise_and_weak_for_signal(frozen, noise, labels):
    found = [frozen(wanted, penalties=(1e-4, 1.0)).chosen.penalty for wanted in (noise, labels)]
    assert found == [1e-4, 1.0]


def test_weaker_penalties_than_the_best_are_not_tried(frozen, noise, monkeypatch):
    asked = []

    def watched(features, targets, penalties, **options):
        def told():
            for penalty in penalties:
                asked.append(penalty)
                yield penalty

        return fit_heads(features, targets, told(), **options)

    monkeypatch.setattr("adapt.classifiers.frozen.fit_heads", watched)
    trained = frozen(noise, penalties=(1e-4, 1e-2, 1.0, 100.0))
    assert trained.chosen.penalty == 1e-4
    assert set(asked) == {1e-4, 1e-2}


@pytest.mark.parametrize("class_weights", [None, "balanced"])
def test_the_frozen_head_is_the_logistic_regression_of_scikit_learn(
    matrix, documents, labels, class_weights
):
    kept = np.flatnonzero((labels != 2) | (np.arange(120) % 4 == 0))  # class 2 is rare
    some, classes = [documents[place] for place in kept], labels[kept]
    config = TrainingConfig(penalties=(0.05,), class_weights=class_weights)
    trained = train_classifier(matrix, some, classes, config=config)
    pooled = torch.from_numpy(pool_documents(matrix, some))
    features = Standardization.fit(pooled)(pooled).double().numpy()
    peer = LogisticRegression(C=0.05, tol=1e-8, max_iter=5000, class_weight=class_weights)
    expected = peer.fit(features, classes).predict_proba(features)
    np.testing.assert_allclose(trained.predict_proba(some), expected, atol=2e-3)


@pytest.fixture
def scripted(matrix, documents, labels, monkeypatch):
    """Train where the validation losses are those of a script; tells who trained when."""

    def trained(losses, **options):
        log, train_epoch, given = [], Fitting.train_epoch, {}

        def told(fitting, epoch):
            log.append((id(fitting), epoch))
            given[id(fitting)] = losses[epoch - 1]
            train_epoch(fitting, epoch)
            kept[id(fitting), epoch] = fitting.table.detach().numpy().tobytes()

        kept = {}
        monkeypatch.setattr(Fitting, "train_epoch", told)
        monkeypatch.setattr(
            Fitting, "evaluate", lambda fitting, *_: (given[id(fitting)], 1 - given[id(fitting)])
        )
        defaults = {"strategy": "fine-tuned", "max_epochs": 9, "patience": 2, "frozen_epochs": 2}
        config = TrainingConfig(**defaults | options)
        found = train_classifier(matrix, documents, labels, config=config)
        alive = list(dict.fromkeys(fitting for fitting, _ in log))
        return found, [[epoch for one, epoch in log if one == fitting] for fitting in alive], kept

    return trained


FALLS_TWICE = [0.9, 0.8, 0.85, 0.7, 0.75, 0.72, 0.1, 0.1, 0.1]


def test_the_best_epoch_is_that_of_the_least_loss_and_all_documents_train_so_long(scripted):
    found, epochs, _ = scripted(FALLS_TWICE)
    assert (found.chosen.epochs, found.chosen.loss) == (4, 0.7)
    assert found.chosen.accuracy == pytest.approx(0.3)
    assert found.chosen.penalty is None
    # five folds until the loss has not fallen for two epochs, then all documents for four
    assert epochs == [[1, 2, 3, 4, 5, 6]] * 5 + [[1, 2, 3, 4]]


def test_without_a_refit_the_weights_of_the_best_epoch_are_kept(scripted, documents):
    found, epochs, kept = scripted(FALLS_TWICE, refit=False)
    assert epochs == [[1, 2, 3, 4, 5, 6]]
    assert found.chosen.epochs == 4
    (best,) = (table for (_, epoch), table in kept.items() if epoch == 4)
    trained = np.unique(np.concatenate([[0], *documents]))
    assert found.matrix[trained].tobytes() == best
    assert len(set(kept.values())) == 6


@pytest.mark.parametrize(
    ("strategy", "last_start"), [("fine-tuned", 1), ("two-stage", 3), ("gradual", 5)]
)
def test_patience_counts_from_the_beginning_of_the_last_stage(scripted, strategy, last_start):
    found, epochs, _ = scripted([0.1, *[0.2] * 8], strategy=strategy)
    assert epochs[0] == list(range(1, last_start + 2 + 1))
    assert found.chosen.epochs == 1


def test_training_ends_with_the_last_epoch_where_the_loss_still_falls(scripted):
    found, epochs, _ = scripted(np.linspace(0.9, 0.1, 9))
    assert found.chosen.epochs == 9
    assert epochs == [list(range(1, 10))] * 6


def test_a_loss_on_held_out_documents_that_is_not_finite_is_an_error(scripted):
    with pytest.raises(InputError, match="held-out documents is nan in epoch 2; choose lower"):
        scripted([0.5, float("nan")])


@pytest.mark.parametrize("refit", [True, False])
def test_the_scale_of_the_rates_with_the_least_loss_is_taken(matrix, documents, labels, refit):
    options = {"strategy": "fine-tuned", "max_epochs": 3, "refit": refit}
    scales = (1e-6, 1.0)
    both, low, high = (
        train_classifier(
            matrix, documents, labels, config=TrainingConfig(rate_scales=rates, **options)
        )
        for rates in (scales, scales[:1], scales[1:])
    )
    assert low.chosen.loss > high.chosen.loss
    assert both.chosen.rate_scale == high.chosen.rate_scale == 1.0
    # the draws of dropout go on from one scale to the next
    assert both.chosen.loss == pytest.approx(high.chosen.loss, rel=0.2)
    assert both.chosen.epochs == high.chosen.epochs


def test_the_scale_of_the_rates_of_words_with_the_least_loss_is_taken(matrix, documents, labels):
    options = {"strategy": "discriminative", "max_epochs": 3, "embedding_learning_rate": 1e-3}
    both, low, high = (
        train_classifier(
            matrix, documents, labels, config=TrainingConfig(embedding_rate_scales=words, **options)
        )
        for words in ((1e-6, 30.0), (1e-6,), (30.0,))
    )
    assert low.chosen.loss > high.chosen.loss
    assert (both.chosen.rate_scale, both.chosen.embedding_rate_scale) == (1.0, 30.0)
    assert str(both.chosen).endswith("epochs, rates x 1, of words x 30 besides")


def test_scales_that_come_to_the_same_schedule_are_tried_once(
    matrix, documents, labels, monkeypatch
):
    tried = []

    class Watched(search._Search):
        def run(self, scale, words):
            tried.append((scale, words))
            return super().run(scale, words)

    monkeypatch.setattr(search, "_Search", Watched)
    scales = {"rate_scales": (1.0, 0.1), "embedding_rate_scales": (1.0, 10.0)}
    options = {"max_epochs": 1, **scales}
    for strategy in ("fine-tuned", "frozen"):  # frozen word vectors have no rate to scale
        config = TrainingConfig(strategy=strategy, **options)
        train_classifier(matrix, documents, labels, model="cnn", config=config)
    assert tried == [(1.0, 1.0), (1.0, 10.0), (0.1, 1.0), (0.1, 10.0), (1.0, 1.0), (0.1, 1.0)]
