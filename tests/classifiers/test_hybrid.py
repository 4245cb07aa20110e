"""Words and characters together: what is encoded, and what learns."""

import numpy as np
import pytest
import torch
from torch import nn

from adapt.classifiers import HybridEmbedding, MeanPooling, WordBatch
from adapt.errors import InputError
from adapt.oov.encoders import NgramEncoder, RecurrentEncoder
from adapt.oov.inventories import NgramInventory
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary

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


def batch_of(layer, documents):
    return next(layer.documents(documents).batches(np.arange(len(documents)), len(documents)))


def vectors_of(layer, documents):
    """Represent the words of documents where they stand; one tensor for each document."""
    batch = batch_of(layer, documents)
    return torch.split(layer.vectors(batch)[batch.places], batch.lengths.tolist())


def test_unknown_words_get_vectors_that_differ(layer):
    (vectors,) = vectors_of(layer, [["fevre", "kidnex", "fever"]])
    assert vectors.shape == (3, layer.dim)
    assert not torch.allclose(vectors[0], vectors[1])


def test_the_other_documents_do_not_matter(layer):
    documents = [["fevre"], ["renal", "heart", "valve", "valv"], []]
    together = vectors_of(layer, documents)
    (alone,) = vectors_of(layer, documents[:1])
    backwards = vectors_of(layer, documents[::-1])
    torch.testing.assert_close(together[0], alone)
    torch.testing.assert_close(backwards[2], together[0])
    assert together[2].shape == (0, layer.dim)


def test_odd_words_do_no_harm(layer):
    vectors, none = vectors_of(layer, [ODD_WORDS, []])
    assert vectors.isfinite().all()
    assert len(vectors) == len(ODD_WORDS)
    assert not len(none)
    assert vectors_of(layer, [[]])[0].shape == (0, layer.dim)
    assert len(layer.documents([])) == 0


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
    vectors_of(layer, [["fever", "fevre", "fever"], ["fevre", "cough"]])
    assert encoded == [3]


def test_a_frozen_gated_layer_encodes_unknown_words_alone(matrix, encoder):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder)
    (vectors,) = vectors_of(layer, [["renal", "renall"]])
    np.testing.assert_array_equal(vectors[0].numpy(), matrix[VOCABULARY["renal"]])
    np.testing.assert_allclose(vectors[1].numpy(), encoder.vectors(["renall"])[0], rtol=1e-5)


def test_vectors_by_hand():
    vocabulary = Vocabulary.from_counts({"a": 1})
    matrix = np.array([[0.0], [7.0], [1.0]], dtype=np.float32)
    encoder = NgramEncoder(NgramInventory(("a", "b")), torch.tensor([10.0]), 2.0).eval()
    with torch.no_grad():
        encoder.ngrams.weight[1:] = torch.tensor([[3.0], [5.0]])
    # a: 10 + 2 * 3 = 16; bbab: 10 + 2 * (3 + 3 * 5) / sqrt(4) = 28
    documents = [["a", "bbab"]]
    gated = HybridEmbedding(matrix, vocabulary, encoder)
    assert vectors_of(gated, documents)[0].tolist() == [[1.0], [28.0]]
    both = HybridEmbedding(matrix, vocabulary, encoder, join="concatenated")
    assert vectors_of(both, documents)[0].tolist() == [[1.0, 16.0], [28.0, 28.0]]
    learning = HybridEmbedding(matrix, vocabulary, encoder, freeze=False).eval()
    share = 1 / (1 + np.exp(-3))
    known, unknown = vectors_of(learning, documents)[0].ravel().tolist()
    assert known == pytest.approx(share * 1 + (1 - share) * 16)
    assert unknown == pytest.approx(28)


def test_gradients_reach_the_words_of_the_batch_and_the_encoder_but_never_padding(
    matrix, encoder, join
):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder, join=join, freeze=False).eval()
    words = [["fever", "kidnex", "fever"], ["heart", "<pad>", "<unk>"]]
    torch.cat(vectors_of(layer, words)).square().sum().backward()
    gradient = layer.table.weight.grad
    touched = sorted([VOCABULARY["fever"], VOCABULARY["heart"]])
    assert gradient._indices()[0].tolist() == touched  # each once, as `RowAdam` needs it
    assert gradient.to_dense().abs().sum(dim=1).nonzero().ravel().tolist() == touched
    for name, parameter in layer.encoder.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.to_dense().abs().sum() > 0, name
    for table in (one for one in layer.encoder.modules() if isinstance(one, nn.Embedding)):
        if table.padding_idx is not None:
            assert not table.weight.grad.to_dense()[table.padding_idx].any()


def test_a_frozen_layer_has_nothing_to_learn_and_takes_copies(matrix, encoder, join):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder, join=join, freeze=True)
    assert not any(parameter.requires_grad for parameter in layer.parameters())
    assert not vectors_of(layer, [["fever", "fevre"]])[0].requires_grad
    assert all(parameter.requires_grad for parameter in encoder.parameters())


def test_a_misspelt_word_weighs_what_the_right_one_does(matrix):
    layer = HybridEmbedding(matrix, VOCABULARY, encoder_of(RecallEncoder, matrix))
    batch = batch_of(layer, [["kidnney", "kidney"], ["🩺"]])
    kidney = VOCABULARY["kidney"]
    assert batch.meant[batch.places].tolist() == [kidney, kidney, 1]
    assert batch.words[batch.places].tolist() == [1, kidney, 1]
    pooling = MeanPooling(DIM, torch.arange(float(len(VOCABULARY))))
    vectors = layer.vectors(batch)
    misspelt, right = vectors[batch.places[:2]]
    torch.testing.assert_close(pooling(vectors, batch)[0], (misspelt + right) / 2)


def test_what_spells_words_is_the_encoder_and_the_gate(matrix, encoder):
    gated = HybridEmbedding(matrix, VOCABULARY, encoder, freeze=False)
    both = HybridEmbedding(matrix, VOCABULARY, encoder, freeze=False, join="concatenated")
    assert list(gated.spelling) == [gated.encoder, gated.gate]
    assert list(both.spelling) == [both.encoder]
    learning = [*gated.spelling.parameters(), gated.table.weight]
    assert {id(one) for one in learning} == {id(one) for one in gated.parameters()}


def test_rows_that_stand_for_words_are_refused(layer):
    with pytest.raises(InputError, match="a hybrid layer reads words"):
        layer.vectors(WordBatch.of_padded(torch.tensor([[2, 3, 0]])))


def test_what_does_not_fit_is_refused(matrix, encoder):
    with pytest.raises(InputError, match="does not fit a vocabulary of 8"):
        HybridEmbedding(matrix[:5], VOCABULARY, encoder)
    with pytest.raises(InputError, match="join is 'sum'; choose gated or concatenated"):
        HybridEmbedding(matrix, VOCABULARY, encoder, join="sum")
