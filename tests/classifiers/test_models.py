"""The model as a module: logits by hand, whatever pads the documents, and where gradients go."""

import numpy as np
import pytest
import torch

from adapt.classifiers import (
    LinearHead,
    MeanPooling,
    PretrainedEmbedding,
    SideBySide,
    Standardization,
    TextClassifier,
    document_encoder,
    encoder_names,
    weighting_of,
)
from adapt.errors import InputError

MATRIX = np.array([[0, 0], [1, 2], [3, 4], [-1, 0]], dtype=np.float32)
STANDARDIZATION = Standardization(torch.tensor([1.0, 1.0]), torch.tensor([0.5, 2.0]))
HEAD = LinearHead(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), torch.tensor([0.0, 0.5, 1]))
NAMES = [*encoder_names(), "mean+max", "cnn+mean-idf"]
WEIGHTS = torch.tensor([0.0, 3.0, 1.0, 1.0])


def model(name="mean", *, padding=0, matrix=MATRIX, weights=None, freeze=True):
    made = TextClassifier(
        PretrainedEmbedding(matrix, freeze=freeze, padding_idx=padding),
        document_encoder(name, 2, weights),
        3,
    )
    made.set_head(STANDARDIZATION, HEAD)
    return made.eval()


def random_model(name, *, padding=0, matrix=MATRIX, weights=WEIGHTS, freeze=False):
    """Make a model of any encoder, no parameter of which is zero."""
    torch.manual_seed(0)
    embedding = PretrainedEmbedding(matrix, freeze=freeze, padding_idx=padding)
    made = TextClassifier(embedding, document_encoder(name, 2, weights), 3).eval()
    with torch.no_grad():
        for parameter in (*made.encoder.parameters(), *made.head.parameters()):
            torch.nn.init.normal_(parameter)
    return made


def test_logits_by_hand():
    # mean of rows 1 and 2: (2, 3); standardised: (2, 1); an empty document: (0, 0) -> (-2, -0.5)
    logits = model()(torch.tensor([[1, 2, 0], [0, 0, 0]]))
    torch.testing.assert_close(logits, torch.tensor([[2.0, 1.5, 2.0], [-2.0, 0.0, -0.5]]))


def test_weighted_logits_by_hand():
    # weights 3 and 1: (3 * (1, 2) + (3, 4)) / 4 = (1.5, 2.5); standardised: (1, 0.75)
    for name in ("mean-idf", "mean-sif"):
        logits = model(name, weights=WEIGHTS)(torch.tensor([[1, 2, 0]]))
        torch.testing.assert_close(logits, torch.tensor([[1.0, 1.25, 1.25]]))


def test_logits_of_the_maximum_by_hand():
    # maximum of rows 1 and 3: (1, 2); standardised: (0, 0.5)
    logits = model("max")(torch.tensor([[1, 3, 0]]))
    torch.testing.assert_close(logits, torch.tensor([[0.0, 1.0, 0.5]]))


def test_logits_of_windows_by_hand():
    # windows of five of rows 1 1 1 1 1 3: (1, 2) and (0.6, 1.6); their maximum: (1, 2)
    logits = model("hierarchical")(torch.tensor([[1, 1, 1, 1, 1, 3]]))
    torch.testing.assert_close(logits, torch.tensor([[0.0, 1.0, 0.5]]))


@pytest.mark.parametrize("name", NAMES)
def test_a_padding_id_other_than_zero_gives_the_same_logits(name):
    order = [1, 2, 0, 3]  # old row 0, the padding, becomes row 2
    moved = random_model(name, padding=2, matrix=MATRIX[order], weights=WEIGHTS[order])
    torch.testing.assert_close(
        moved(torch.tensor([[0, 1, 2], [3, 2, 2]])),
        random_model(name)(torch.tensor([[1, 2, 0], [3, 0, 0]])),
    )


@pytest.mark.parametrize("name", NAMES)
def test_logits_do_not_depend_on_padding_or_on_the_other_documents(name):
    alone = random_model(name)(torch.tensor([[3, 1]]))
    together = random_model(name)(torch.tensor([[0, 3, 0, 1, 0], [2, 2, 2, 2, 2]]))
    torch.testing.assert_close(together[:1], alone)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_gradients_reach_all_that_learns_and_the_words_present_alone(name, sparse):
    tuned = random_model(name)
    tuned.embedding = PretrainedEmbedding(MATRIX, freeze=False, sparse=sparse)
    tuned(torch.tensor([[1, 3, 0], [3, 0, 0]])).square().sum().backward()
    gradient = tuned.embedding.table.weight.grad
    if sparse:  # each row once, as `RowAdam` needs it, and without the padding
        assert gradient._indices()[0].tolist() == [1, 3]
        gradient = gradient.to_dense()
    assert gradient.abs().sum(dim=1).nonzero().ravel().tolist() == [1, 3]
    for part in (tuned.encoder, tuned.head):
        assert all(parameter.grad.any() for parameter in part.parameters())


def test_a_frozen_table_is_no_parameter_to_train():
    trainable = [name for name, value in model().named_parameters() if value.requires_grad]
    assert trainable == ["head.weight", "head.bias"]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_model_answers_nothing_yet_whatever_the_seed(name):
    fresh = TextClassifier(PretrainedEmbedding(MATRIX), document_encoder(name, 2, WEIGHTS), 3)
    assert not fresh(torch.tensor([[1, 2], [3, 0]])).any()


def test_features_are_normalised_by_the_batch_in_training_and_by_averages_after_it():
    fresh = TextClassifier(PretrainedEmbedding(MATRIX), MeanPooling(2), 2).train()
    documents = torch.tensor([[1, 0], [2, 0], [3, 0], [3, 2]])
    features = torch.tensor([[1.0, 2], [3, 4], [-1, 0], [1, 2]])
    mean, deviation = features.mean(dim=0), features.std(dim=0, correction=0)
    with torch.no_grad():
        torch.nn.init.eye_(fresh.head.weight)
        for _ in range(200):
            scaled = fresh(documents)
    torch.testing.assert_close(scaled, (features - mean) / deviation, rtol=1e-4, atol=1e-4)
    variance = features.var(dim=0)  # torch averages the unbiased one
    later = fresh.eval()(documents[:1])
    expected = ((features - mean) / variance.sqrt())[:1]
    torch.testing.assert_close(later, expected, rtol=1e-4, atol=1e-4)


def test_dropout_leaves_features_out_in_training_alone():
    fresh = TextClassifier(
        PretrainedEmbedding(MATRIX), MeanPooling(2), 2, scaling=STANDARDIZATION, dropout=0.5
    )
    with torch.no_grad():
        torch.nn.init.eye_(fresh.head.weight)
    torch.manual_seed(0)
    documents = torch.tensor([[2, 0]]).expand(400, 2)  # standardised: (4, 1.5)
    dropped = fresh.train()(documents)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.5, abs=0.08)
    assert torch.unique(dropped).tolist() == [0.0, 3.0, 8.0]
    torch.testing.assert_close(fresh.eval()(documents[:1]), torch.tensor([[4.0, 1.5]]))


def test_names_of_encoders_put_them_together():
    both = document_encoder("max+mean-idf+mean", 2, WEIGHTS)
    assert isinstance(both, SideBySide)
    assert both.n_features == 6
    assert [getattr(part, "weights", "none") for part in both.encoders][::2] == ["none", None]
    assert both.encoders[1].weights is WEIGHTS


@pytest.mark.parametrize("name", ["", "mean+", "mean-tfidf", "max-idf", "swem", "mean max"])
def test_names_that_are_none_are_refused(name):
    for make in (lambda: document_encoder(name, 2, WEIGHTS), lambda: weighting_of(name)):
        with pytest.raises(InputError, match="model is"):
            make()


def test_a_near_miss_of_a_name_is_told():
    with pytest.raises(InputError, match="model is 'hierarchic'; did you mean 'hierarchical'?"):
        document_encoder("mean+hierarchic", 2)


def test_weights_are_asked_for_where_they_are_needed_and_in_one_way():
    needed = {name: weighting_of(name) for name in NAMES}
    assert {name for name, kind in needed.items() if kind == "idf"} == {"mean-idf", "cnn+mean-idf"}
    assert [name for name, kind in needed.items() if kind == "sif"] == ["mean-sif"]
    with pytest.raises(InputError, match="weighs words, but no weights"):
        document_encoder("max+mean-idf", 2)
    with pytest.raises(InputError, match="in two ways"):
        weighting_of("mean-idf+mean-sif")
