"""Words and characters together: what is encoded, what learns, and that typos cost less."""

import numpy as np
import pytest
import torch
from torch import nn

from adapt.classifiers import (
    HybridEmbedding,
    MaskedMean,
    TrainingConfig,
    idf_weights,
    train_classifier,
    train_hybrid_classifier,
)
from adapt.errors import InputError
from adapt.oov.encoders import NgramEncoder, RecurrentEncoder
from adapt.oov.inventories import NgramInventory
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary, with_typos

WORDS = ("fever", "cough", "renal", "kidney", "heart", "valve")
VOCABULARY = Vocabulary.from_counts({word: 9 - place for place, word in enumerate(WORDS)})
DIM = 4
ODD_WORDS = ["", "x" * 10_000, "1234", "🩺", "שלום", "e\u0301", "\udc80", "<pad>", "<unk>"]


@pytest.fixture
def matrix():
    table = np.random.default_rng(0).normal(size=(len(VOCABULARY), DIM)).astype(np.float32)
    table[0] = 0.0
    table.setflags(write=False)
    return table


def encoder_of(kind, matrix):
    torch.manual_seed(0)
    if kind is RecallEncoder:
        return RecallEncoder(VOCABULARY.words[2:], matrix[2:])
    encoder = kind(kind.kind.of_words(WORDS, min_words=1), torch.zeros(DIM))
    for parameter in encoder.parameters():
        nn.init.normal_(parameter)
    return encoder.eval()


@pytest.fixture(params=[NgramEncoder, RecurrentEncoder, RecallEncoder])
def encoder(request, matrix):
    return encoder_of(request.param, matrix)


@pytest.fixture(params=["gated", "concatenated"])
def join(request):
    return request.param


@pytest.fixture(params=[True, False], ids=["frozen", "learning"])
def layer(request, matrix, encoder, join):
    return HybridEmbedding(matrix, VOCABULARY, encoder, join=join, freeze=request.param).eval()


def test_unknown_words_get_vectors_that_differ(layer):
    vectors = layer(layer.batch([["fevre", "kidnex", "fever"]]))[0]
    assert vectors.shape == (3, layer.dim)
    assert not torch.allclose(vectors[0], vectors[1])


def test_padding_is_zero_and_its_amount_and_the_other_documents_do_not_matter(layer):
    documents = [["fevre"], ["renal", "heart", "valve", "valv"], []]
    together = layer(layer.batch(documents))
    alone = layer(layer.batch(documents[:1]))
    backwards = layer(layer.batch(documents[::-1]))
    torch.testing.assert_close(together[0, :1], alone[0])
    torch.testing.assert_close(backwards[2], together[0])
    assert not together[0, 1:].any()
    assert not together[2].any()


def test_odd_words_do_no_harm(layer):
    vectors = layer(layer.batch([ODD_WORDS, []]))
    assert vectors.isfinite().all()
    assert not vectors[1].any()
    assert layer(layer.batch([[]])).shape == (1, 0, layer.dim)


def test_each_distinct_word_is_encoded_once(matrix, join, monkeypatch):
    encoded = []
    forward = NgramEncoder.forward
    monkeypatch.setattr(
        NgramEncoder,
        "forward",
        lambda self, codes: encoded.append(len(codes)) or forward(self, codes),
    )
    layer = HybridEmbedding(
        matrix, VOCABULARY, encoder_of(NgramEncoder, matrix), join=join, freeze=False
    )
    layer(layer.batch([["fever", "fevre", "fever"], ["fevre", "cough"]]))
    assert encoded == [3]


def test_a_frozen_gated_layer_encodes_unknown_words_alone(matrix, encoder):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder)
    vectors = layer(layer.batch([["renal", "renall"]]))[0]
    np.testing.assert_array_equal(vectors[0].numpy(), matrix[VOCABULARY["renal"]])
    np.testing.assert_allclose(vectors[1].numpy(), encoder.vectors(["renall"])[0], rtol=1e-5)


def test_vectors_by_hand():
    vocabulary = Vocabulary.from_counts({"a": 1})
    matrix = np.array([[0.0], [7.0], [1.0]], dtype=np.float32)
    encoder = NgramEncoder(NgramInventory(("a", "b")), torch.tensor([10.0]), 2.0).eval()
    with torch.no_grad():
        encoder.ngrams.weight[1:] = torch.tensor([[3.0], [5.0]])
    # a: 10 + 2 * 3 = 16; bbab: 10 + 2 * (3 + 3 * 5) / sqrt(4) = 28
    batch_of = [["a", "bbab"]]
    gated = HybridEmbedding(matrix, vocabulary, encoder)
    assert gated(gated.batch(batch_of)).tolist() == [[[1.0], [28.0]]]
    both = HybridEmbedding(matrix, vocabulary, encoder, join="concatenated")
    assert both(both.batch(batch_of)).tolist() == [[[1.0, 16.0], [28.0, 28.0]]]
    learning = HybridEmbedding(matrix, vocabulary, encoder, freeze=False).eval()
    share = 1 / (1 + np.exp(-3))
    known, unknown = learning(learning.batch(batch_of))[0].ravel().tolist()
    assert known == pytest.approx(share * 1 + (1 - share) * 16)
    assert unknown == pytest.approx(28)


def test_gradients_reach_the_words_of_the_batch_and_the_encoder_but_never_padding(
    matrix, encoder, join
):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder, join=join, freeze=False).eval()
    layer(layer.batch([["fever", "kidnex"], ["heart"]])).square().sum().backward()
    gradient = layer.words.table.weight.grad.to_dense()
    touched = gradient.abs().sum(dim=1).nonzero().ravel().tolist()
    assert touched == sorted([VOCABULARY["fever"], VOCABULARY["heart"]])
    for name, parameter in layer.encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.to_dense().abs().sum() > 0, name
    for table in (one for one in layer.encoder.modules() if isinstance(one, nn.Embedding)):
        if table.padding_idx is not None:
            assert not table.weight.grad.to_dense()[table.padding_idx].any()


def test_a_frozen_layer_has_nothing_to_learn_and_takes_copies(matrix, encoder, join):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder, join=join, freeze=True)
    assert not any(parameter.requires_grad for parameter in layer.parameters())
    assert not layer(layer.batch([["fever", "fevre"]])).requires_grad
    assert all(parameter.requires_grad for parameter in encoder.parameters())


def test_a_misspelt_word_weighs_what_the_right_one_does(matrix):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder_of(RecallEncoder, matrix))
    batch = layer.batch([["kidnney", "kidney"], ["🩺"]])
    assert layer.rows(batch).tolist() == [[VOCABULARY["kidney"]] * 2, [1, 0]]
    assert batch.words.tolist() == [1, VOCABULARY["kidney"], 1]
    weights = torch.arange(float(len(VOCABULARY)))
    pooled = MaskedMean(weights)(layer.rows(batch), layer(batch))
    torch.testing.assert_close(pooled[0], layer(batch)[0].mean(dim=0))


def test_what_does_not_fit_is_refused(matrix, encoder):
    with pytest.raises(InputError, match="does not fit a vocabulary of 8"):
        HybridEmbedding(matrix[:5], VOCABULARY, encoder)
    with pytest.raises(InputError, match="join is 'sum'; choose gated or concatenated"):
        HybridEmbedding(matrix, VOCABULARY, encoder, join="sum")


CLASSES = (("nephritis", "kidney", "renal", "bladder"), ("cardiac", "heart", "valve", "aortic"))
FILLERS = ("with", "abnormal", "finding", "severe", "progressive")


@pytest.fixture(scope="module")
def study():
    """Documents of two classes, each told by the words of its own."""
    rng = np.random.default_rng(1)
    labels = np.arange(80) % 2
    documents = [
        [*rng.choice(CLASSES[label], 2).tolist(), *rng.choice(FILLERS, 3).tolist()]
        for label in labels
    ]
    vocabulary = Vocabulary.from_counts({word: 1 for word in (*sum(CLASSES, ()), *FILLERS)})
    table = rng.normal(size=(len(vocabulary), 8)).astype(np.float32)
    table[:2] = 0.0
    return vocabulary, table, documents, labels


def trained(study, strategy, **options):
    vocabulary, table, documents, labels = study
    config = TrainingConfig(
        strategy=strategy,
        max_epochs=15,
        batch_size=16,
        learning_rate=0.02,
        embedding_learning_rate=0.005,
    )
    rows = [vocabulary.encode(document) for document in documents]
    return train_hybrid_classifier(
        table,
        vocabulary,
        RecallEncoder(vocabulary.words[2:], table[2:]),
        documents,
        labels,
        config=config,
        token_weights=idf_weights(rows, len(vocabulary)),
        **options,
    )


@pytest.fixture(scope="module", params=["frozen", "fine-tuned"])
def strategy(request):
    return request.param


@pytest.fixture(scope="module")
def classifier(study, strategy):
    return trained(study, strategy)


def test_learns_and_still_knows_when_every_word_is_misspelt(study, strategy, classifier):
    vocabulary, table, documents, labels = study
    assert (classifier.predict(documents) == labels).mean() > 0.9
    misspelt = with_typos(documents, 1.0, seed=9)
    assert (classifier.predict(misspelt) == labels).mean() > 0.85
    plain = train_classifier(table, [vocabulary.encode(one) for one in documents], labels)
    unknown = plain.predict([vocabulary.encode(one) for one in misspelt])
    assert (unknown == labels).mean() < 0.7


def test_predictions_do_not_depend_on_the_batch_or_its_order(study, classifier):
    documents = with_typos(study[2][:6], 0.5, seed=0)
    together = classifier.decision_function(documents)
    alone = np.concatenate([classifier.decision_function([document]) for document in documents])
    backwards = classifier.decision_function(documents[::-1])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(backwards, together, atol=1e-5)
    probabilities = classifier.predict_proba(documents)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)


def test_the_module_gives_the_logits_of_the_trained_classifier(study, classifier):
    documents = [*with_typos(study[2][:6], 0.5, seed=0), ODD_WORDS]
    module = classifier.module().eval()
    logits = module(classifier.embedding.batch(documents))
    np.testing.assert_allclose(
        logits.detach().numpy(), classifier.decision_function(documents), atol=1e-5
    )


def test_the_same_seed_gives_the_same_bytes_and_nothing_given_changes(study, strategy, classifier):
    _, table, documents, _ = study
    before = table.copy()
    again = trained(study, strategy)
    assert (
        again.decision_function(documents).tobytes()
        == classifier.decision_function(documents).tobytes()
    )
    np.testing.assert_array_equal(table, before)
    moved = (classifier.embedding.words.table.weight.numpy() != table).any()
    assert moved == (strategy == "fine-tuned")


def test_concatenated_layers_and_training_without_typos_work_too(study, strategy):
    classifier = trained(study, strategy, join="concatenated", typos=0.0)
    assert classifier.head.weight.shape == (2, 16)
    assert (classifier.predict(study[2]) == study[3]).mean() > 0.9


def test_a_loss_that_is_not_finite_is_an_error(study):
    vocabulary, table, documents, labels = study
    config = TrainingConfig(strategy="fine-tuned", learning_rate=1e30)
    with pytest.raises(InputError, match="the loss is .* choose lower ones"):
        train_hybrid_classifier(
            table,
            vocabulary,
            RecallEncoder(vocabulary.words[2:], table[2:]),
            documents,
            labels,
            config=config,
        )
