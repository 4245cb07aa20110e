"""Files of classifiers: the same logits come back, and what is no such file is refused."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from torch import nn

from adapt.classifiers import (
    HybridEmbedding,
    TrainingConfig,
    encoder_names,
    load_classifier,
    save_classifier,
    strategy_names,
    train_classifier,
)
from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.oov.encoders import NgramEncoder, RecurrentEncoder
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary
from adapt.vectors import WordVectors, write_vectors

WORDS = ("fever", "cough", "renal", "kidney", "heart", "valve", "pulse", "urine")
VOCABULARY = Vocabulary.from_counts({word: 9 - place for place, word in enumerate(WORDS)})
TEXTS = [["fever", "cough"], ["cough"], ["kidney", "urine"], ["renal", "urine", "urine"]] * 5
LABELS = np.array([0, 0, 1, 1] * 5)
DIM = 6
UNSEEN = [["heart", "fever", "valve"], [], ["pulse"]]


@pytest.fixture(scope="module")
def matrix():
    table = np.random.default_rng(0).normal(size=(len(VOCABULARY), DIM)).astype(np.float32)
    table[0] = 0.0
    return table


def trained_on(embedding, model="mean-idf", **options):
    documents = TEXTS
    if isinstance(embedding, np.ndarray):
        documents = [VOCABULARY.encode(words) for words in TEXTS]
    config = TrainingConfig(
        **{"max_epochs": 3, "frozen_epochs": 1, "strategy": "fine-tuned"} | options
    )
    return train_classifier(embedding, documents, LABELS, model=model, config=config)


def spelling(kind, matrix):
    torch.manual_seed(0)
    if kind is RecallEncoder:
        return RecallEncoder(VOCABULARY.words[2:], matrix[2:], VOCABULARY.counts[2:])
    encoder = kind(kind.kind.of_words(WORDS, min_words=1), torch.ones(DIM), scale=0.7)
    for parameter in encoder.parameters():
        nn.init.normal_(parameter)
    return encoder.eval()


@pytest.fixture(scope="module")
def trained(matrix):
    return trained_on(matrix)


@pytest.fixture
def file(trained, tmp_path):
    save_classifier(trained, tmp_path / "classifier.safetensors")
    return tmp_path / "classifier.safetensors"


def assert_comes_back(trained, documents, path):
    save_classifier(trained, path)
    loaded = load_classifier(path)
    before, after = (one.decision_function(documents) for one in (trained, loaded))
    assert before.tobytes() == after.tobytes()
    assert loaded.chosen == trained.chosen
    assert loaded.encoder == trained.encoder
    assert loaded.model.dropout.p == trained.model.dropout.p
    assert not loaded.model.training
    assert not any(one.requires_grad for one in loaded.model.parameters())
    again = path.with_name("again.safetensors")
    save_classifier(loaded, again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("model", [*encoder_names(), "mean-sif+cnn+max"])
def test_every_encoder_comes_back(model, matrix, tmp_path):
    documents = [VOCABULARY.encode(words) for words in TEXTS + UNSEEN]
    assert_comes_back(trained_on(matrix, model), documents, tmp_path / "c.safetensors")


@pytest.mark.parametrize("scaling", ["batch-normalised", "standardised"])
@pytest.mark.parametrize("strategy", strategy_names())
def test_every_strategy_and_scaling_comes_back(strategy, scaling, matrix, tmp_path):
    documents = [VOCABULARY.encode(words) for words in TEXTS + UNSEEN]
    trained = trained_on(matrix, strategy=strategy, scaling=scaling)
    assert_comes_back(trained, documents, tmp_path / "c.safetensors")


@pytest.mark.parametrize("kind", [RecallEncoder, NgramEncoder, RecurrentEncoder])
@pytest.mark.parametrize("join", ["gated", "concatenated"])
@pytest.mark.parametrize("freeze", [True, False], ids=["frozen", "learning"])
def test_words_and_characters_come_back(kind, join, freeze, matrix, tmp_path):
    layer = HybridEmbedding(matrix, VOCABULARY, spelling(kind, matrix), join=join, freeze=freeze)
    trained = trained_on(layer, strategy="frozen" if freeze else "fine-tuned")
    documents = [*TEXTS, *UNSEEN, ["fevre", "kidnex", "Ω"]]
    assert_comes_back(trained, documents, tmp_path / "c.safetensors")


def test_loading_draws_nothing_at_random(file):
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    load_classifier(file)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_is_loaded_outlives_the_file(trained, file):
    documents = [VOCABULARY.encode(words) for words in TEXTS]
    loaded = load_classifier(file)
    file.write_bytes(bytes(file.stat().st_size))
    np.testing.assert_array_equal(
        loaded.decision_function(documents), trained.decision_function(documents)
    )


def test_an_encoder_that_no_file_can_hold_is_refused_before_anything_is_written(matrix, tmp_path):
    class OwnEncoder(NgramEncoder):
        pass

    layer = HybridEmbedding(matrix, VOCABULARY, spelling(OwnEncoder, matrix))
    trained = trained_on(layer, strategy="frozen")
    with pytest.raises(InputError, match="spelled by a OwnEncoder, which no file can hold"):
        save_classifier(trained, tmp_path / "c.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(FileAccessError, match=f"{path}: no such file"):
            load_classifier(path)


def test_other_files_are_refused(tmp_path):
    vectors = tmp_path / "v.safetensors"
    write_vectors(WordVectors(("a", "b"), np.eye(2)), vectors)
    with pytest.raises(FileFormatError, match="matrix, word_bytes, word_ends, but is not a class"):
        load_classifier(vectors)
    text = tmp_path / "t.safetensors"
    text.write_text("the fever 0.1 0.2\n" * 9)
    with pytest.raises(FileFormatError, match=f"{text}"):
        load_classifier(text)


def test_a_file_that_is_cut_off_anywhere_is_refused(file):
    whole = file.read_bytes()
    for length in {*range(0, len(whole), 97), len(whole) - 1}:
        file.write_bytes(whole[:length])
        with pytest.raises(FileFormatError, match=f"{file}"):
            load_classifier(file)


def changed(file, change):
    """Write the header of a file anew, changed and of the same length."""
    content = file.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    change(header)
    text = json.dumps(header, separators=(",", ":")).encode()
    assert len(text) <= end - 8
    file.write_bytes(content[:8] + text.ljust(end - 8) + content[end:])


def set_metadata(name, value):
    return lambda header: header["__metadata__"].__setitem__(name, value)


def rename(old, new):
    return lambda header: header.__setitem__(new, header.pop(old))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_metadata("version", "2"), "is of version 2, but this adapt reads version 1"),
        (set_metadata("encoder", "mean-sdf"), "is damaged .model is 'mean-sdf'"),
        (set_metadata("encoder", "mean"), "'model.encoder.weights' is not part of such"),
        (set_metadata("encoder", "bilstm"), "'model.encoder.weights' is not part of such"),
        (set_metadata("chosen", "{}"), "is damaged .*accuracy"),
        (set_metadata("chosen", "["), "is damaged"),
        (set_metadata("dropout", "2"), "is damaged .dropout probability"),
        (set_metadata("dropout", "null"), "is damaged"),
        (set_metadata("layer", "{}"), "is damaged .'padding_idx'"),
        (set_metadata("layer", "3"), "is damaged"),
        (lambda header: header["__metadata__"].pop("encoder"), "is damaged .'encoder'"),
        (rename("model.head.weight", "head.weight"), "proper entry for the tensor 'model.head.w"),
        (
            lambda header: header["model.head.weight"].__setitem__("shape", [DIM, 2]),
            "is damaged .*head.weight' is of shape .6, 2.",
        ),
        (
            lambda header: header["model.head.weight"].__setitem__("dtype", "I64"),
            "is I64 of shape",
        ),
    ],
)
def test_damage_is_told_on_one_line(change, message, file):
    changed(file, change)
    with pytest.raises(FileFormatError, match=message) as caught:
        load_classifier(file)
    assert str(caught.value).startswith(f"{file}")
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused(trained, file):
    broken = dataclasses.replace(trained)
    before = broken.model.head.bias[0].item()
    with torch.no_grad():
        broken.model.head.bias[0] = float("nan")
    save_classifier(broken, file)
    with torch.no_grad():
        broken.model.head.bias[0] = before
    with pytest.raises(FileFormatError, match="'model.head.bias' is not finite"):
        load_classifier(file)
