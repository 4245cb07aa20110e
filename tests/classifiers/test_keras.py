"""The Keras layer: the logits of torch, a padding that never moves, and files that load again."""

import os
import random
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from adapt.classifiers import MeanPooling, PretrainedEmbedding, Standardization, TextClassifier
from adapt.errors import InputError, MissingDependencyError
from adapt.merging import build_matrix
from adapt.text import Vocabulary
from adapt.vectors import WordVectors

if find_spec("keras") is None:
    pytest.skip("needs Keras", allow_module_level=True)

import keras

from adapt.classifiers.keras import to_keras_embedding

# Keras's variables lack a keyword of `__array__` that NumPy 2 asks for
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)

N_ROWS, DIM, N_CLASSES = 12, 5, 3


@pytest.fixture
def matrix():
    values = np.random.default_rng(0).normal(size=(N_ROWS, DIM)).astype(np.float32)
    values[0] = 0.0
    return values


@pytest.fixture
def documents():
    """Padded documents of 1, 4 and 7 words, one word of which is there twice."""
    return np.array(
        [[3, 0, 0, 0, 0, 0, 0], [2, 5, 5, 11, 0, 0, 0], [1, 2, 3, 4, 6, 7, 8]], dtype=np.int64
    )


@pytest.fixture
def linear():
    """The head of both models."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.nn.Linear(DIM, N_CLASSES)


def classifier(layer, linear):
    """Mean over the words that are no padding, and the linear head, in Keras."""
    rows = keras.Input((None,), dtype="int64")
    dense = keras.layers.Dense(N_CLASSES)
    logits = dense(keras.layers.GlobalAveragePooling1D()(layer(rows)))
    dense.set_weights([linear.weight.detach().numpy().T, linear.bias.detach().numpy()])
    return keras.Model(rows, logits)


def torch_logits(matrix, linear, documents):
    """Compute the same with the classifier of this package."""
    plain = Standardization(torch.zeros(DIM), torch.ones(DIM))
    model = TextClassifier(
        PretrainedEmbedding(matrix), MeanPooling(DIM), N_CLASSES, scaling=plain
    ).eval()
    model.head.load_state_dict(linear.state_dict())
    with torch.no_grad():
        return model(torch.from_numpy(documents)).numpy()


def train(model, documents, optimizer):
    """Make a few steps towards labels that the model does not know."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer, loss=loss)
    model.fit(documents, np.array([2, 0, 1]), epochs=3, batch_size=2, verbose=0)


def weights_of(layer):
    (weights,) = layer.get_weights()
    return weights


@pytest.mark.parametrize("trainable", [False, True])
def test_logits_are_those_of_torch(matrix, documents, linear, trainable):
    model = classifier(to_keras_embedding(matrix, trainable=trainable), linear)
    np.testing.assert_allclose(
        model.predict(documents, verbose=0), torch_logits(matrix, linear, documents), atol=1e-5
    )


def test_more_padding_changes_nothing(matrix, documents, linear):
    model = classifier(to_keras_embedding(matrix), linear)
    longer = np.pad(documents, ((0, 0), (0, 9)))
    np.testing.assert_allclose(
        model.predict(longer, verbose=0), model.predict(documents, verbose=0), atol=1e-6
    )


def test_the_mask_is_where_the_rows_are_not_zero(matrix, documents):
    mask = to_keras_embedding(matrix).compute_mask(documents)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(mask), documents != 0)
    assert to_keras_embedding(matrix, mask_zero=False).compute_mask(documents) is None


def test_an_embedding_matrix_gives_its_rows():
    vocabulary = Vocabulary.from_counts({"ataxia": 5, "ptosis": 3})
    vectors = WordVectors(("ptosis", "ataxia"), np.array([[4, 5], [2, 3]], dtype=np.float32))
    layer = to_keras_embedding(build_matrix(vocabulary, vectors))
    looked_up = keras.ops.convert_to_numpy(layer(vocabulary.encode(["ataxia", "ptosis"])))
    np.testing.assert_array_equal(looked_up, [[2, 3], [4, 5]])


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_frozen_vectors_stay_in_training(matrix, documents, linear, optimizer):
    layer = to_keras_embedding(matrix)
    model = classifier(layer, linear)
    head = model.layers[-1].get_weights()[0]
    train(model, documents, optimizer)
    np.testing.assert_array_equal(weights_of(layer), matrix)
    assert (model.layers[-1].get_weights()[0] != head).any()


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_trainable_vectors_move_but_not_the_padding(matrix, documents, linear, optimizer):
    layer = to_keras_embedding(matrix, trainable=True)
    before = matrix.copy()
    train(classifier(layer, linear), documents, optimizer)
    seen = np.unique(documents[documents > 0])
    assert (weights_of(layer)[seen] != before[seen]).all()
    assert not weights_of(layer)[0].any()
    np.testing.assert_array_equal(matrix, before)


def test_the_padding_stays_zero_under_layers_that_heed_no_mask(matrix, documents):
    layer = to_keras_embedding(matrix, trainable=True, mask_zero=False)
    rows = keras.Input((None,), dtype="int64")
    found = keras.layers.GlobalAveragePooling1D()(keras.layers.Conv1D(N_CLASSES, 2)(layer(rows)))
    model = keras.Model(rows, found)
    train(model, documents, "adam")
    assert not weights_of(layer)[0].any()
    assert (weights_of(layer)[3] != matrix[3]).all()
    # there is something to guard against: without the constraint, the padding is trained too
    layer.embeddings.constraint = None
    train(model, documents, "adam")
    assert weights_of(layer)[0].any()


@pytest.mark.parametrize("trainable", [False, True])
def test_a_saved_model_gives_the_same_logits(matrix, documents, linear, trainable, tmp_path):
    model = classifier(to_keras_embedding(matrix, trainable=trainable), linear)
    train(model, documents, "sgd")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict(documents, verbose=0), model.predict(documents, verbose=0)
    )
    assert [layer.trainable for layer in loaded.layers] == [
        layer.trainable for layer in model.layers
    ]
    train(loaded, documents, "sgd")
    assert not weights_of(loaded.layers[1])[0].any()


def test_a_frozen_model_is_loaded_by_keras_alone(matrix, documents, linear, tmp_path):
    model = classifier(to_keras_embedding(matrix), linear)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "documents.npy", documents)
    code = (
        "import sys, numpy, keras; "
        "model = keras.saving.load_model('model.keras'); "
        "numpy.save('logits.npy', model.predict(numpy.load('documents.npy'), verbose=0)); "
        "print('adapt' in sys.modules)"
    )
    assert run_python(code, cwd=tmp_path) == "False"
    np.testing.assert_array_equal(
        np.load(tmp_path / "logits.npy"), model.predict(documents, verbose=0)
    )


def test_a_document_without_words_is_undefined_until_it_is_unknown(matrix, linear):
    model = classifier(to_keras_embedding(matrix), linear)
    assert np.isnan(model.predict(np.zeros((1, 4), dtype=np.int64), verbose=0)).all()
    unknown = np.array([[1, 0, 0, 0]])
    np.testing.assert_allclose(
        model.predict(unknown, verbose=0), torch_logits(matrix, linear, unknown), atol=1e-5
    )


def test_row_0_of_an_array_is_taken_for_zero(matrix):
    matrix[0] = 7.0
    layer = to_keras_embedding(matrix)
    assert not weights_of(layer)[0].any()
    assert (matrix[0] == 7.0).all()


def test_a_read_only_array_is_taken_without_a_warning(matrix):
    matrix.setflags(write=False)
    np.testing.assert_array_equal(weights_of(to_keras_embedding(matrix)), matrix)


def test_what_is_done_to_the_array_later_does_not_reach_the_layer(matrix):
    layer = to_keras_embedding(matrix)
    before = matrix.copy()
    matrix += 1
    np.testing.assert_array_equal(weights_of(layer), before)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.full((3, 2), np.nan), "row 0 of the matrix is not finite"),
        (np.zeros(3), "need \\(n_rows, dim\\)"),
        (np.zeros((0, 2)), "empty"),
        (np.zeros((2, 0)), "empty"),
    ],
)
def test_impossible_matrices_are_refused(matrix, message):
    with pytest.raises(InputError, match=message):
        to_keras_embedding(matrix)


def test_random_numbers_of_the_caller_are_not_drawn(matrix):
    random.seed(0)
    before = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    to_keras_embedding(matrix, trainable=True)
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), before[2])


def run_python(code, *, cwd=None, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_nothing_else_loads_keras():
    code = "import sys, adapt, adapt.classifiers, adapt.merging; print('keras' in sys.modules)"
    assert run_python(code) == "False"


def test_without_keras_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.delitem(sys.modules, "adapt.classifiers.keras")
    with pytest.raises(MissingDependencyError, match=r"adapt-embeddings\[keras\]"):
        import_module("adapt.classifiers.keras")


def test_a_backend_that_is_not_installed_is_named():
    code = (
        "import sys; sys.modules['jax'] = None\n"
        "from adapt.errors import MissingDependencyError\n"
        "try: import adapt.classifiers.keras\n"
        "except MissingDependencyError as error: print(error)"
    )
    said = run_python(code, KERAS_BACKEND="jax")
    assert "needs the package jax" in said
    assert "KERAS_BACKEND to torch" in said
