"""Training: agreement with scikit-learn, repeatability, and what is refused."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from adapt.classifiers import (
    Standardization,
    TrainingConfig,
    fit_heads,
    idf_weights,
    pool_documents,
    train_classifier,
    train_tfidf_svm,
    validation_folds,
)
from adapt.errors import InputError

STRATEGIES = ("frozen", "fine-tuned")


@pytest.fixture(scope="module")
def task():
    """Three topics, each with words of its own and many in common."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, size=240)
    documents = []
    for label in labels:
        own = generator.integers(2 + 10 * label, 12 + 10 * label, size=3)
        common = generator.integers(32, 90, size=generator.integers(2, 12))
        documents.append(np.concatenate([own, common]))
    matrix = generator.normal(size=(100, 8)).astype(np.float32)
    matrix[0] = 0
    for label in range(3):
        matrix[2 + 10 * label : 12 + 10 * label, label] += 1.5
    return matrix, documents, labels


def test_heads_agree_with_logistic_regression():
    generator = np.random.default_rng(1)
    features = generator.normal(size=(400, 20)) @ generator.normal(size=(20, 20))
    labels = (features[:, :4] + generator.normal(size=(400, 4))).argmax(axis=1)
    tensor = torch.from_numpy(features).float()
    standard = Standardization.fit(tensor)(tensor)
    penalties = (0.01, 0.1, 1.0)
    heads = fit_heads(standard, torch.from_numpy(labels), 4, penalties)
    for head, penalty in zip(heads, penalties, strict=True):
        peer = LogisticRegression(C=penalty, max_iter=2000, tol=1e-6).fit(standard.numpy(), labels)
        ours = head(standard).softmax(dim=1).numpy()
        np.testing.assert_allclose(ours, peer.predict_proba(standard.numpy()), atol=5e-3)


@pytest.mark.parametrize("strategy", STRATEGIES)
class TestEveryStrategy:
    def test_learns_and_repeats_itself(self, task, strategy):
        matrix, documents, labels = task
        before = matrix.copy()
        config = TrainingConfig(strategy=strategy, seed=3)
        first, again = (
            train_classifier(matrix, documents[:160], labels[:160], config=config) for _ in range(2)
        )
        assert (first.predict(documents[160:]) == labels[160:]).mean() > 0.7
        np.testing.assert_array_equal(
            first.decision_function(documents), again.decision_function(documents)
        )
        np.testing.assert_array_equal(matrix, before)

    def test_prediction_does_not_depend_on_the_other_documents(self, task, strategy):
        matrix, documents, labels = task
        model = train_classifier(
            matrix, documents, labels, config=TrainingConfig(strategy=strategy)
        )
        together = model.decision_function(documents[:9])
        alone = np.concatenate([model.decision_function([d]) for d in documents[:9]])
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_module_gives_the_same_logits(self, task, strategy):
        matrix, documents, labels = task
        model = train_classifier(
            matrix,
            documents,
            labels,
            config=TrainingConfig(strategy=strategy),
            token_weights=idf_weights(documents, len(matrix)),
        )
        rows = torch.zeros((5, 20), dtype=torch.int64)
        for place, document in enumerate(documents[:5]):
            rows[place, : len(document)] = torch.from_numpy(document)
        with torch.no_grad():
            np.testing.assert_allclose(
                model.module()(rows), model.decision_function(documents[:5]), atol=1e-4
            )

    def test_classes_without_documents_and_with_a_single_one(self, task, strategy):
        matrix, documents, labels = task
        labels = labels.copy()
        labels[0] = 5
        model = train_classifier(
            matrix, documents, labels, config=TrainingConfig(strategy=strategy), n_classes=7
        )
        probabilities = model.predict_proba(documents[:4])
        assert probabilities.shape == (4, 7)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)

    def test_empty_and_unknown_documents_get_finite_logits(self, task, strategy):
        matrix, documents, labels = task
        odd = [np.array([], dtype=np.int64), np.array([1]), np.full(100_000, 5)]
        model = train_classifier(
            matrix,
            [*documents, *odd],
            np.append(labels, [0, 1, 2]),
            config=TrainingConfig(strategy=strategy),
        )
        assert np.isfinite(model.decision_function(odd)).all()

    @pytest.mark.parametrize(
        ("labels", "message"),
        [([0, 0, 0], "one class"), ([0, 1, 2], "single document"), ([0, 1], "3 documents")],
    )
    def test_what_cannot_be_learned_is_refused(self, task, strategy, labels, message):
        matrix, documents, _ = task
        with pytest.raises(InputError, match=message):
            train_classifier(
                matrix,
                documents[:3],
                np.array(labels),
                config=TrainingConfig(strategy=strategy),
            )


def test_fine_tuning_moves_the_rows_of_the_documents_and_no_others(task):
    matrix, documents, labels = task
    model = train_classifier(
        matrix, documents, labels, config=TrainingConfig(strategy="fine-tuned")
    )
    moved = np.flatnonzero((model.matrix != matrix).any(axis=1))
    np.testing.assert_array_equal(moved, np.unique(np.concatenate(documents)))


def test_frozen_vectors_are_the_callers_own(task):
    matrix, documents, labels = task
    assert train_classifier(matrix, documents, labels).matrix is matrix


def test_frozen_accuracy_equals_logistic_regression_on_the_same_features(task):
    matrix, documents, labels = task
    model = train_classifier(matrix, documents[:160], labels[:160])
    features = pool_documents(matrix, documents)
    mean, deviation = features[:160].mean(axis=0), features[:160].std(axis=0)
    standard = (features - mean) / deviation
    peer = LogisticRegression(C=model.chosen, max_iter=2000).fit(standard[:160], labels[:160])
    agree = model.predict(documents[160:]) == peer.predict(standard[160:])
    assert agree.mean() > 0.97


def test_losses_that_are_not_finite_stop_with_epoch_and_rate(task):
    matrix, documents, labels = task
    config = TrainingConfig(strategy="fine-tuned", learning_rate=1e30)
    with pytest.raises(InputError, match=r"in epoch \d+ at learning rates 1e\+30"):
        train_classifier(matrix, documents, labels, config=config)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"strategy": "thawed"}, "frozen or fine-tuned"),
        ({"penalties": ()}, "positive numbers"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"learning_rate": -1.0}, "must not be negative"),
        ({"device": "gpu"}, "choose cpu, cuda or auto"),
    ],
)
def test_impossible_options_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        TrainingConfig(**option)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_cuda_asked_for_and_absent():
    with pytest.raises(InputError, match="no CUDA device"):
        TrainingConfig(device="cuda")


def test_folds_cover_every_document_once():
    labels = np.repeat([0, 1, 2], [50, 30, 1])
    held_out = np.concatenate([fold[1] for fold in validation_folds(labels, seed=0)])
    np.testing.assert_array_equal(np.sort(held_out), np.arange(81))
    assert len(validation_folds(np.arange(3000) % 4, seed=0)) == 1


def test_tfidf_svm_learns_from_words():
    texts = ["renal cyst found", "hepatic lesion found"] * 20
    labels = np.array([0, 1] * 20)
    model = train_tfidf_svm(texts, labels, tokenizer=str.split)
    assert model.predict(["a renal lump", "an hepatic lump"]).tolist() == [0, 1]
