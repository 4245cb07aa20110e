"""Training, whatever the model and the strategy: what is learnt, and what must stay untouched."""

import numpy as np
import pytest
import torch

from adapt.classifiers import (
    TextClassifier,
    TrainingConfig,
    encoder_names,
    idf_weights,
    pool_documents,
    strategy_names,
    token_weights_for,
    train_classifier,
)
from adapt.classifiers import batches as batches_module
from adapt.errors import InputError

N_ROWS, DIM, N_CLASSES = 60, 8, 3
ENCODERS = [*encoder_names(), "mean+max", "cnn+mean-idf"]
# every strategy, every encoder, and one of each with the settings that nothing else uses
CASES = {
    **{f"{strategy}-attention": (strategy, "attention", {}) for strategy in strategy_names()},
    **{f"fine-tuned-{name}": ("fine-tuned", name, {}) for name in ENCODERS},
    "fine-tuned-mean": ("fine-tuned", "mean", {"refit": True}),
    "frozen-mean": ("frozen", "mean", {}),
    "frozen-mean+max": ("frozen", "mean+max", {"class_weights": "balanced"}),
    "standardised": ("two-stage", "cnn", {"scaling": "standardised", "refit": True}),
    "smoothed": ("fine-tuned", "mean-sif", {"label_smoothing": 0.1, "decay": False}),
}


def config(strategy, **options):
    defaults = {"batch_size": 16, "max_epochs": 3, "frozen_epochs": 1, "refit": False}
    return TrainingConfig(strategy=strategy, **defaults | options)


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request):
    strategy, model, options = request.param
    return {"model": model, "config": config(strategy, **options)}


@pytest.fixture(scope="module")
def trained(case, matrix, documents, labels):
    return train_classifier(matrix, documents, labels, **case)


def state(classifier):
    return {name: value.numpy().tobytes() for name, value in classifier.model.state_dict().items()}


def test_predictions_are_class_numbers_and_probabilities(trained, documents):
    predicted, probabilities = trained.predict(documents), trained.predict_proba(documents)
    assert predicted.dtype == np.int64
    assert probabilities.shape == (len(documents), N_CLASSES)
    assert trained.decision_function(documents).dtype == probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), predicted)
    assert trained.predict([]).shape == (0,)
    assert trained.predict_proba([]).shape == (0, N_CLASSES)


@pytest.mark.parametrize("at_once", [1, 50, 10**6])
def test_predictions_do_not_depend_on_batches_order_or_padding(
    trained, documents, at_once, monkeypatch
):
    expected = trained.decision_function(documents)
    monkeypatch.setattr(batches_module, "_TOKENS_AT_ONCE", at_once)
    padded = [np.concatenate([[0], document, [0, 0]]) for document in documents]
    for found in (
        trained.decision_function(documents),
        trained.decision_function(documents[::-1])[::-1],
        trained.decision_function(padded),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_two_runs_are_identical_whatever_the_global_seed_and_threads(
    case, trained, matrix, documents, labels
):
    torch.manual_seed(1234)
    np.random.seed(1234)  # noqa: NPY002  the legacy global state is what must not matter
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        before = torch.random.get_rng_state()
        again = train_classifier(matrix, documents, labels, **case)
        assert torch.equal(torch.random.get_rng_state(), before)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert state(again) == state(trained)
    assert again.chosen == trained.chosen


def test_exactly_the_rows_of_the_training_words_move_if_any(case, trained, matrix, documents):
    changed = np.flatnonzero((trained.matrix != matrix).any(axis=1)).tolist()
    read = np.unique(np.concatenate(documents)).tolist()
    assert changed == ([] if case["config"].strategy == "frozen" else read)
    assert not trained.matrix[0].any()


def test_the_module_gives_the_logits_of_the_classifier(trained, documents):
    rows = torch.full((5, 20), 0)
    for row, document in zip(rows, documents, strict=False):
        row[: len(document)] = torch.from_numpy(document.copy())
    assert isinstance(trained.model, TextClassifier)
    assert not trained.model.training
    np.testing.assert_allclose(
        trained.model(rows).numpy(), trained.decision_function(documents[:5]), atol=1e-5
    )


@pytest.mark.parametrize("model", ENCODERS)
@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
def test_learns_the_classes(strategy, model, matrix, documents, labels):
    options = {"max_epochs": 8, "learning_rate": 2e-2}
    trained = train_classifier(
        matrix, documents, labels, model=model, config=config(strategy, **options)
    )
    assert (trained.predict(documents) == labels).mean() > 0.85
    assert trained.chosen.accuracy > 0.75


def test_fine_tuning_learns_what_the_vectors_do_not_say(documents, labels):
    uninformative = np.zeros((N_ROWS, DIM), dtype=np.float32)
    uninformative[2:] = np.random.default_rng(3).normal(0, 1e-3, size=(N_ROWS - 2, DIM))
    options = {"max_epochs": 30, "embedding_learning_rate": 1e-2}
    accuracies = [
        (
            train_classifier(
                uninformative, documents, labels, config=config(strategy, **options)
            ).predict(documents)
            == labels
        ).mean()
        for strategy in ("frozen", "fine-tuned")
    ]
    assert accuracies[1] > max(0.9, accuracies[0])


def test_a_larger_pull_keeps_vectors_nearer_to_where_they_were(matrix, documents, labels):
    options = {"max_epochs": 6, "patience": 6, "embedding_learning_rate": 1e-2}
    drifts = [
        np.linalg.norm(
            train_classifier(
                matrix, documents, labels, config=config("penalised", pull=pull, **options)
            ).matrix
            - matrix
        )
        for pull in (0.0, 3.0, 30.0)
    ]
    assert drifts[0] > drifts[1] > drifts[2] > 0


@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
def test_token_weights_are_used(strategy, matrix, documents, labels):
    def accuracy(weights):
        trained = train_classifier(
            matrix,
            documents,
            labels,
            model="mean-idf",
            config=config(strategy, max_epochs=9),
            token_weights=weights,
        )
        return (trained.predict(documents) == labels).mean()

    weights = np.zeros(N_ROWS, dtype=np.float32)
    weights[41:50] = 1.0  # the words that every class shares
    assert accuracy(weights) < 0.8
    assert accuracy(None) > 0.9


def test_weights_of_words_are_those_of_the_training_documents_unless_given(
    matrix, documents, labels
):
    given = np.linspace(0, 1, N_ROWS)  # float64
    given.setflags(write=False)
    for weights, expected in ((None, idf_weights(documents, N_ROWS)), (given, given)):
        trained = train_classifier(
            matrix, documents, labels, model="mean+mean-idf", token_weights=weights
        )
        features = torch.cat(
            [
                trained.model.features(b)
                for b in trained.model.embedding.documents(documents).large_batches()
            ]
        )
        plain, weighted = features.numpy()[:, :DIM], features.numpy()[:, DIM:]
        np.testing.assert_allclose(plain, pool_documents(matrix, documents), atol=1e-5)
        np.testing.assert_allclose(weighted, pool_documents(matrix, documents, expected), atol=1e-5)
    assert token_weights_for("mean+max", documents, N_ROWS) is None


def test_words_of_no_training_document_are_represented_and_weighed_all_the_same(
    matrix, documents, labels
):
    trained = train_classifier(
        matrix, documents, labels, model="mean-idf", config=config("fine-tuned")
    )
    np.testing.assert_array_equal(trained.matrix[50:], matrix[50:])
    weights = trained.model.encoder.weights.numpy()
    np.testing.assert_allclose(weights, idf_weights(documents, N_ROWS))
    unseen = trained.decision_function([np.array([55]), np.array([56])])
    assert not np.allclose(*unseen)


@pytest.mark.parametrize("model", ENCODERS)
@pytest.mark.parametrize("strategy", ["frozen", "gradual"])
def test_empty_and_unknown_documents_are_learnt_from_and_predicted(
    strategy, model, matrix, documents, labels
):
    nothing, unknown = np.array([]), np.ones(2, dtype=np.int64)
    some = [nothing] * 6 + [unknown] * 6 + documents[12:]
    trained = train_classifier(matrix, some, labels, model=model, config=config(strategy))
    found = trained.predict_proba([nothing, documents[12], unknown, np.array([58, 59])])
    assert np.isfinite(found).all()
    alone = trained.predict_proba([nothing])
    np.testing.assert_allclose(alone[0], found[0], atol=1e-5)


def test_documents_that_are_all_empty_leave_the_shares_of_the_classes():
    labels = np.repeat([0, 1], [30, 10])
    for strategy in ("frozen", "fine-tuned"):
        trained = train_classifier(
            np.ones((3, 2), dtype=np.float32),
            [np.array([])] * 40,
            labels,
            config=config(strategy, max_epochs=30, learning_rate=0.05),
        )
        np.testing.assert_allclose(
            trained.predict_proba([np.array([2])])[0], [0.75, 0.25], atol=0.1
        )


@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
def test_a_class_without_documents_gets_a_column(strategy, matrix, documents, labels):
    for options in ({}, {"class_weights": "balanced", "label_smoothing": 0.1}):
        trained = train_classifier(
            matrix, documents, labels, config=config(strategy, **options), n_classes=5
        )
        assert trained.predict_proba(documents).shape == (len(documents), 5)
        assert trained.predict(documents).max() < N_CLASSES


@pytest.mark.parametrize("n_documents", [4, 15, 17, 33])
def test_few_documents_and_one_left_over_in_the_last_batch_train(
    matrix, documents, labels, n_documents
):
    trained = train_classifier(
        matrix, documents[:n_documents], labels[:n_documents], config=config("fine-tuned")
    )
    assert np.isfinite(trained.predict_proba(documents)).all()


def test_settings_matter(matrix, documents, labels):
    base = train_classifier(matrix, documents, labels, config=config("fine-tuned"))
    for change in (
        {"seed": 1},
        {"dropout": 0.0},
        {"word_dropout": 0.7},
        {"weight_decay": 5.0},
        {"label_smoothing": 0.3},
        {"scaling": "standardised"},
        {"decay": False},
        {"batch_size": 30},
    ):
        other = train_classifier(matrix, documents, labels, config=config("fine-tuned", **change))
        assert state(other) != state(base), change


def test_made_up_words_learn_at_the_rate_of_rare_ones(matrix, documents, labels):
    made_up = np.isin(np.arange(N_ROWS), [43, 44, 58])
    still = {"rare_count": 1, "rare_learning_rate": 0.0}
    trained = train_classifier(
        matrix, documents, labels, config=config("by-frequency", **still), made_up=made_up
    )
    changed = np.flatnonzero((trained.matrix != matrix).any(axis=1))
    expected = np.setdiff1d(np.concatenate(documents), np.flatnonzero(made_up))
    np.testing.assert_array_equal(changed, expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_floats_are_taken_as_float32(dtype, matrix, documents, labels):
    for strategy in ("frozen", "fine-tuned"):
        given = matrix.astype(dtype)
        given.setflags(write=False)
        found = train_classifier(given, documents, labels, config=config(strategy))
        same = train_classifier(
            given.astype(np.float32), documents, labels, config=config(strategy)
        )
        assert state(found) == state(same)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_training_on_cuda_agrees_with_the_processor(case, trained, matrix, documents, labels):
    from dataclasses import replace

    there = train_classifier(
        matrix, documents, labels, **case | {"config": replace(case["config"], device="cuda")}
    )
    assert there.model.head.weight.device == torch.device("cpu")
    assert (there.predict(documents) == trained.predict(documents)).mean() > 0.9


HUGE = np.full((N_ROWS, DIM), 3e38, dtype=np.float32) * np.resize([1, -1], (N_ROWS, 1))


@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"embedding": np.full((N_ROWS, DIM), np.nan, dtype=np.float32)}, "row 0 .* not finite"),
        ({"embedding": np.full((N_ROWS, DIM), 1e300)}, "row 0 .* not finite"),
        ({"embedding": HUGE}, "not finite|is nan|is inf"),
        ({"embedding": np.zeros(5, dtype=np.float32)}, "shape"),
        ({"n_classes": 2}, "label 2, but n_classes is 2"),
        ({"labels": np.arange(120) % 3 - 1}, "negative"),
        ({"labels": np.arange(120) / 2}, "whole numbers"),
        ({"labels": np.full(120, np.nan)}, "whole numbers"),
        ({"labels": np.array(["a", "b", "c"] * 40)}, "whole numbers"),
        ({"labels": np.zeros(120, dtype=int)}, "one class"),
        ({"labels": np.zeros((120, 3), dtype=int)}, "120 documents, but 360 labels"),
        ({"labels": np.arange(119) % 3}, "120 documents, but 119 labels"),
        ({"labels": np.arange(120)}, "single document"),
        ({"token_weights": np.ones(3, dtype=np.float32)}, "3 token weights, but 60 rows"),
        ({"token_weights": np.full(N_ROWS, -1, dtype=np.float32)}, "negative"),
        ({"token_weights": np.full(N_ROWS, np.nan, dtype=np.float32)}, "not finite"),
        ({"token_weights": np.ones(N_ROWS), "model": "max"}, "'max' does not weigh words"),
        ({"model": "mean-idx"}, "did you mean 'mean-idf'"),
        ({"made_up": np.ones(3, dtype=bool)}, "made_up holds bool of shape .3,.; mark each"),
        ({"made_up": np.ones(N_ROWS)}, "made_up holds float64"),
        ({"typos": 0.1}, "typos need a HybridEmbedding"),
    ],
)
def test_impossible_arguments_are_refused(strategy, matrix, documents, labels, change, message):
    arguments = {"embedding": matrix, "labels": labels, "model": "mean-idf"} | change
    with pytest.raises(InputError, match=message) as caught:
        train_classifier(documents=documents, config=config(strategy), **arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", [-1, N_ROWS])
def test_rows_outside_the_matrix_are_an_error(row, matrix, documents, labels):
    with pytest.raises(InputError, match=f"the table has {N_ROWS}"):
        train_classifier(matrix, [*documents[1:], np.array([row])], labels)
    with pytest.raises(InputError, match=f"the table has {N_ROWS}"):
        train_classifier(matrix, documents, labels).predict([np.array([row])])
