"""Training: what is learnt, what must stay untouched, and what cannot be learnt from."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from adapt.classifiers import (
    TrainingConfig,
    fit_heads,
    idf_weights,
    pool_documents,
    train_classifier,
    validation_folds,
)
from adapt.classifiers.finetune import fine_tune
from adapt.classifiers.pooling import mean_operator
from adapt.errors import InputError

STRATEGIES = ("frozen", "fine-tuned")
N_ROWS, DIM, N_CLASSES = 60, 8, 3


def config(strategy, **options):
    return TrainingConfig(**({"strategy": strategy, "batch_size": 16, "max_epochs": 6} | options))


@pytest.fixture(scope="module")
def matrix():
    table = np.random.default_rng(0).normal(size=(N_ROWS, DIM)).astype(np.float32)
    table[0] = 0.0
    table[2:41] += 2 * np.repeat(np.eye(3, DIM, dtype=np.float32), 13, axis=0)
    table.setflags(write=False)
    return table


@pytest.fixture(scope="module")
def labels():
    return np.arange(120) % N_CLASSES


@pytest.fixture(scope="module")
def documents(labels):
    """Half of every document's words belong to its class; rows 50 and above never occur."""
    rng = np.random.default_rng(1)
    return [
        np.concatenate([rng.integers(2 + 13 * label, 15 + 13 * label, 3), rng.integers(41, 50, 3)])
        for label in labels
    ]


@pytest.fixture(scope="module", params=STRATEGIES)
def strategy(request):
    return request.param


@pytest.fixture(scope="module")
def trained(strategy, matrix, documents, labels):
    return train_classifier(matrix, documents, labels, config=config(strategy))


def test_learns_the_classes(trained, documents, labels):
    assert (trained.predict(documents) == labels).mean() > 0.9
    assert trained.validation_accuracy > 0.8


def test_predictions_are_class_numbers_and_probabilities(trained, documents):
    predicted, probabilities = trained.predict(documents), trained.predict_proba(documents)
    assert predicted.dtype == np.int64
    assert probabilities.shape == (len(documents), N_CLASSES)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), predicted)


def test_predictions_do_not_depend_on_the_batch_or_its_order(trained, documents):
    together = trained.decision_function(documents)
    alone = np.concatenate([trained.decision_function([document]) for document in documents])
    backwards = trained.decision_function(documents[::-1])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(backwards, together, atol=1e-5)


def test_predictions_do_not_depend_on_padding(trained, documents):
    padded = [np.concatenate([[0], document, [0, 0]]) for document in documents]
    np.testing.assert_allclose(
        trained.decision_function(padded), trained.decision_function(documents), atol=1e-5
    )


def test_two_runs_are_identical_whatever_the_global_seed(
    strategy, trained, matrix, documents, labels
):
    torch.manual_seed(1234)
    np.random.seed(1234)  # noqa: NPY002  the legacy global state is what must not matter
    before = torch.random.get_rng_state(), torch.get_num_threads()
    again = train_classifier(matrix, documents, labels, config=config(strategy))
    np.testing.assert_array_equal(again.matrix, trained.matrix)
    assert torch.equal(again.head.weight, trained.head.weight)
    assert torch.equal(again.head.bias, trained.head.bias)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]


def test_the_seed_matters_to_fine_tuning(matrix, documents, labels):
    first, second = (
        train_classifier(matrix, documents, labels, config=config("fine-tuned", seed=seed))
        for seed in (0, 1)
    )
    assert not np.array_equal(first.matrix, second.matrix)


def test_frozen_training_shares_the_matrix(matrix, documents, labels):
    assert train_classifier(matrix, documents, labels).matrix is matrix


def test_fine_tuning_changes_exactly_the_rows_of_the_training_words(matrix, documents, labels):
    padded = [np.concatenate([document, [0, 0]]) for document in documents]
    tuned = train_classifier(matrix, padded, labels, config=config("fine-tuned"))
    changed = np.flatnonzero((tuned.matrix != matrix).any(axis=1))
    np.testing.assert_array_equal(changed, np.unique(np.concatenate(documents)))
    assert not tuned.matrix[0].any()


def test_fine_tuning_learns_what_the_vectors_do_not_say(documents, labels):
    uninformative = np.zeros((N_ROWS, DIM), dtype=np.float32)
    uninformative[2:] = np.random.default_rng(3).normal(0, 1e-3, size=(N_ROWS - 2, DIM))
    options = {"max_epochs": 30, "embedding_learning_rate": 1e-2}
    tuned = train_classifier(
        uninformative, documents, labels, config=config("fine-tuned", **options)
    )
    assert (tuned.predict(documents) == labels).mean() > 0.9


def test_token_weights_are_used(strategy, matrix, documents, labels):
    weights = np.zeros(N_ROWS, dtype=np.float32)
    weights[41:50] = 1.0  # the words that every class shares
    deaf = train_classifier(
        matrix, documents, labels, config=config(strategy), token_weights=weights
    )
    assert (deaf.predict(documents) == labels).mean() < 0.8
    idf = idf_weights(documents, N_ROWS)
    keen = train_classifier(matrix, documents, labels, config=config(strategy), token_weights=idf)
    assert (keen.predict(documents) == labels).mean() > 0.9


def test_empty_documents_are_learnt_from_and_predicted(strategy, matrix, documents, labels):
    nothing = np.empty(0, dtype=np.int64)
    some_empty = [nothing] * 6 + documents[6:]
    trained = train_classifier(matrix, some_empty, labels, config=config(strategy))
    assert np.isfinite(trained.predict_proba([nothing, documents[7]])).all()
    assert trained.predict([]).shape == (0,)


def test_a_class_without_documents_gets_a_column(strategy, matrix, documents, labels):
    trained = train_classifier(matrix, documents, labels, config=config(strategy), n_classes=5)
    assert trained.predict_proba(documents).shape == (len(documents), 5)
    assert trained.predict(documents).max() < N_CLASSES


def test_the_best_epoch_is_at_most_the_last(matrix, documents, labels):
    tuned = train_classifier(matrix, documents, labels, config=config("fine-tuned", max_epochs=2))
    assert tuned.chosen in (1.0, 2.0)


def test_the_penalty_is_one_of_the_candidates(matrix, documents, labels):
    options = {"penalties": (3.0, 0.5)}
    frozen = train_classifier(matrix, documents, labels, config=config("frozen", **options))
    assert frozen.chosen in options["penalties"]


def test_one_class_only_is_an_error(strategy, matrix, documents, labels):
    with pytest.raises(InputError, match="one class"):
        train_classifier(matrix, documents, np.zeros_like(labels), config=config(strategy))


def test_as_many_classes_as_documents_is_an_error(strategy, matrix, documents):
    with pytest.raises(InputError, match="single document"):
        train_classifier(matrix, documents[:3], np.arange(3), config=config(strategy))


def test_labels_must_be_as_many_as_documents(strategy, matrix, documents, labels):
    with pytest.raises(InputError, match="120 documents, but 119 labels"):
        train_classifier(matrix, documents, labels[1:], config=config(strategy))


def test_a_loss_that_is_not_finite_names_the_epoch_and_the_rates(matrix, documents, labels):
    options = {"learning_rate": 1e30, "embedding_learning_rate": 1e30, "max_epochs": 20}
    with pytest.raises(InputError, match=r"epoch \d+ at learning rates 1e\+30") as caught:
        train_classifier(matrix, documents, labels, config=config("fine-tuned", **options))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "thawed"},
        {"penalties": ()},
        {"penalties": (0.1, 0.0)},
        {"batch_size": 0},
        {"max_epochs": 0},
        {"patience": 0},
        {"learning_rate": -1.0},
        {"embedding_learning_rate": float("nan")},
        {"device": "tpu"},
    ],
    ids=str,
)
def test_impossible_configurations_are_errors_that_name_the_option(options):
    with pytest.raises(InputError, match=next(iter(options)).replace("_", ".")):
        TrainingConfig(**options)


def test_cuda_asked_for_and_absent_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device"):
        TrainingConfig(device="cuda")
    assert TrainingConfig(device="auto").torch_device() == torch.device("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_training_on_cuda_agrees_with_the_processor(strategy, matrix, documents, labels):
    there, here = (
        train_classifier(matrix, documents, labels, config=config(strategy, device=device))
        for device in ("cuda", "cpu")
    )
    assert there.head.weight.device == torch.device("cpu")
    np.testing.assert_allclose(
        there.predict_proba(documents), here.predict_proba(documents), atol=0.02
    )


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


def test_features_are_standardized_by_the_weighted_means(strategy, matrix, documents, labels):
    idf = idf_weights(documents, N_ROWS)
    trained = train_classifier(
        matrix, documents, labels, config=config(strategy), token_weights=idf
    )
    pooled = pool_documents(matrix, documents, idf)
    np.testing.assert_allclose(trained.standardization.mean, pooled.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(trained.standardization.deviation, pooled.std(axis=0), rtol=1e-4)


def test_the_final_fit_starts_from_the_given_table_not_from_the_trial(matrix, documents, labels):
    table = torch.tensor(matrix)
    operator = mean_operator(documents, N_ROWS)
    (fold, *_) = validation_folds(labels, 0)
    fine_tune(table, operator, torch.from_numpy(labels), N_CLASSES, fold, config("fine-tuned"))
    np.testing.assert_array_equal(table.numpy(), matrix)


def test_folds_differ_between_seeds(labels):
    first, second = (validation_folds(labels, seed)[0][1] for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_validation_chooses_strong_decay_for_noise_and_weak_for_signal(matrix, documents, labels):
    noise = np.random.default_rng(5).permutation(labels)
    options = {"penalties": (1e-4, 1.0)}
    by_noise, by_signal = (
        train_classifier(matrix, documents, wanted, config=config("frozen", **options)).chosen
        for wanted in (noise, labels)
    )
    assert (by_noise, by_signal) == (1e-4, 1.0)


def test_weaker_penalties_than_the_best_are_not_tried(matrix, documents, labels, monkeypatch):
    asked = []

    def watched(features, labels, n_classes, penalties, **options):
        def told():
            for penalty in penalties:
                asked.append(penalty)
                yield penalty

        return fit_heads(features, labels, n_classes, told(), **options)

    monkeypatch.setattr("adapt.classifiers.frozen.fit_heads", watched)
    noise = np.random.default_rng(5).permutation(labels)
    options = {"penalties": (1e-4, 1e-2, 1.0, 100.0)}
    trained = train_classifier(matrix, documents, noise, config=config("frozen", **options))
    assert trained.chosen == 1e-4
    assert set(asked) == {1e-4, 1e-2}


def test_vectors_too_large_for_their_precision_are_an_error(strategy, documents, labels):
    huge = np.full((N_ROWS, DIM), 3e38, dtype=np.float32)
    huge[::2] *= -1
    with pytest.raises(InputError, match="not finite; scale the vectors down"):
        train_classifier(huge, documents, labels, config=config(strategy))


def test_the_module_gives_the_same_logits(strategy, matrix, documents, labels):
    trained = train_classifier(
        matrix,
        documents,
        labels,
        config=config(strategy),
        token_weights=idf_weights(documents, N_ROWS),
    )
    rows = torch.zeros((5, 20), dtype=torch.int64)
    for place, document in enumerate(documents[:5]):
        rows[place, : len(document)] = torch.from_numpy(document)
    with torch.no_grad():
        logits = trained.module()(rows).numpy()
    np.testing.assert_allclose(logits, trained.decision_function(documents[:5]), atol=1e-4)


def test_a_very_long_document_is_finite(trained):
    assert np.isfinite(trained.decision_function([np.full(100_000, 5)])).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matrix": np.full((N_ROWS, DIM), np.nan, dtype=np.float32)}, "row 0 .* not finite"),
        ({"matrix": np.zeros(5, dtype=np.float32)}, "shape"),
        ({"n_classes": 2}, "label 2, but n_classes is 2"),
        ({"labels": np.arange(120) % 3 - 1}, "negative"),
        ({"labels": np.arange(120) / 2}, "whole numbers"),
        ({"token_weights": np.ones(3, dtype=np.float32)}, "3 token weights, but 60 rows"),
        ({"token_weights": np.full(N_ROWS, -1, dtype=np.float32)}, "negative"),
        ({"token_weights": np.full(N_ROWS, np.nan, dtype=np.float32)}, "not finite"),
    ],
)
def test_impossible_arrays_are_refused(strategy, matrix, documents, labels, change, message):
    arguments = {"matrix": matrix, "labels": labels} | change
    with pytest.raises(InputError, match=message):
        train_classifier(
            arguments.pop("matrix"),
            documents,
            arguments.pop("labels"),
            config=config(strategy),
            **arguments,
        )


def test_other_floats_are_taken_as_float32(strategy, trained, matrix, documents, labels):
    double = train_classifier(matrix.astype(np.float64), documents, labels, config=config(strategy))
    np.testing.assert_allclose(
        double.decision_function(documents), trained.decision_function(documents), atol=1e-5
    )


@pytest.mark.parametrize("labels", [[0, 0], [0, 0, 1], [0, 1, 1, 1]])
def test_no_fold_leaves_a_single_class_to_learn_from(labels):
    wanted = np.array(labels)
    try:
        folds = validation_folds(wanted, seed=0)
    except InputError as error:
        assert "too few to validate on" in str(error)  # noqa: PT017
    else:
        assert all(len(np.unique(wanted[fitted])) > 1 for fitted, _ in folds)
