"""Document encoders: one contract for all of them, and each against one document at a time."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from adapt.classifiers import (
    AttentionPooling,
    BiLSTM,
    DocumentEncoder,
    HierarchicalPooling,
    MaxPooling,
    MeanPooling,
    TextCNN,
    WordBatch,
    WordDocuments,
    document_encoder,
    encoder_names,
)
from adapt.classifiers import batches as batches_module
from adapt.errors import InputError

N_ROWS, DIM = 12, 4
VECTORS = torch.from_numpy(np.random.default_rng(0).normal(size=(N_ROWS, DIM))).float()
WEIGHTS = torch.from_numpy(np.random.default_rng(1).uniform(0.1, 3.0, size=N_ROWS)).float()
LENGTHS = (3, 0, 1, 5, 12, 2, 0)
DOCUMENTS = [np.random.default_rng(length).integers(1, N_ROWS, length) for length in LENGTHS]


def encoder_of(name, seed=0):
    """Make an encoder, none of whose parameters is zero."""
    torch.manual_seed(seed)
    encoder = document_encoder(name, DIM, WEIGHTS).eval()
    with torch.no_grad():
        for parameter in encoder.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
    return encoder


@pytest.fixture(params=[*encoder_names(), "mean+max", "cnn+mean-idf"])
def encoder(request):
    return encoder_of(request.param)


def encoded(encoder, documents, vectors=VECTORS):
    """Encode documents that are one batch."""
    batches = list(WordDocuments.of_rows(documents, N_ROWS).batches(np.arange(len(documents)), 99))
    return torch.cat([encoder(vectors[batch.words], batch) for batch in batches])


def test_a_document_becomes_a_vector_of_the_length_that_is_told(encoder):
    assert isinstance(encoder, DocumentEncoder)
    features = encoded(encoder, DOCUMENTS)
    assert features.shape == (len(DOCUMENTS), encoder.n_features)
    assert features.dtype == torch.float32
    assert features.isfinite().all()
    assert encoder.learns == any(True for _ in encoder.parameters())


def test_features_do_not_depend_on_what_else_is_in_the_batch(encoder):
    together = encoded(encoder, DOCUMENTS)
    alone = torch.cat([encoded(encoder, [document]) for document in DOCUMENTS])
    backwards = encoded(encoder, DOCUMENTS[::-1]).flip(0)
    torch.testing.assert_close(alone, together)
    torch.testing.assert_close(backwards, together)


@pytest.mark.parametrize("at_once", [1, 7, 10**6])
def test_features_do_not_depend_on_the_size_of_batches(encoder, at_once, monkeypatch):
    monkeypatch.setattr(batches_module, "_TOKENS_AT_ONCE", at_once)
    batches = WordDocuments.of_rows(DOCUMENTS, N_ROWS).large_batches()
    features = torch.cat([encoder(VECTORS[batch.words], batch) for batch in batches])
    torch.testing.assert_close(features, encoded(encoder, DOCUMENTS))


@pytest.mark.parametrize("padding", [0, 5])
def test_features_do_not_depend_on_padding_or_on_its_number(encoder, padding):
    rows = torch.full((len(DOCUMENTS), 20), padding)
    for row, document in zip(rows, DOCUMENTS, strict=True):
        row[2 : 2 + len(document)] = torch.from_numpy(document)
    batch = WordBatch.of_padded(rows, padding)
    found = encoder(VECTORS[batch.words], batch)
    kept = [document[document != padding] for document in DOCUMENTS]
    torch.testing.assert_close(found, encoded(encoder, kept))


def test_empty_documents_are_zeros_even_where_there_is_nothing_else(encoder):
    nothing = np.empty(0, dtype=np.int64)
    assert not encoded(encoder, DOCUMENTS)[[1, 6]].any()
    assert encoded(encoder, [nothing] * 3).tolist() == [[0.0] * encoder.n_features] * 3
    none = WordBatch.of_padded(torch.zeros(0, 4, dtype=torch.int64))
    assert encoder(VECTORS[none.words], none).shape == (0, encoder.n_features)


def test_gradients_are_finite_and_reach_the_words_present_and_every_parameter(encoder):
    vectors = VECTORS.clone().requires_grad_()
    documents = [np.array([2, 5, 2, 7]), np.array([], dtype=np.int64), np.array([7])]
    encoded(encoder, documents, vectors).square().sum().backward()
    assert vectors.grad.isfinite().all()
    assert vectors.grad.abs().sum(dim=1).nonzero().ravel().tolist() == [2, 5, 7]
    for name, parameter in encoder.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


def test_gradients_of_empty_documents_alone_do_no_harm(encoder):
    vectors = VECTORS.clone().requires_grad_()
    features = encoded(encoder, [np.empty(0, dtype=np.int64)] * 2, vectors)
    if features.requires_grad:
        features.sum().backward()
    assert vectors.grad is None or not vectors.grad.any()


def test_double_precision_agrees_with_single(encoder):
    single = encoded(encoder, DOCUMENTS)
    double = encoded(encoder.double(), DOCUMENTS, VECTORS.double())
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-5)


def test_products_in_bfloat16_leave_the_vectors_their_precision(encoder):
    vectors = VECTORS.clone().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = encoded(encoder, DOCUMENTS, vectors)
    features.float().square().sum().backward()
    assert vectors.grad.dtype == torch.float32
    torch.testing.assert_close(features.float(), encoded(encoder, DOCUMENTS), rtol=0.1, atol=0.1)


LONG = 100_000


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name == "bilstm" else [])
        for name in (*encoder_names(), "mean+max")
    ],
)
def test_a_very_long_document_is_encoded_like_any_other(name):
    encoder = document_encoder(name, DIM, WEIGHTS)
    with torch.no_grad():
        features = encoded(encoder, [np.full(LONG, 5), np.array([3, 4])])
        likewise = encoded(encoder, [np.full(50, 5), np.array([3, 4])])
    # of one word over and over, every encoder has seen enough after fifty
    torch.testing.assert_close(features, likewise, rtol=1e-3, atol=1e-3)


def one_by_one(encode, n_features):
    """Encode the documents that are not empty, each alone, from its vectors ``(length, dim)``."""
    features = torch.zeros(len(DOCUMENTS), n_features)
    for place, document in enumerate(DOCUMENTS):
        if len(document):
            features[place] = encode(VECTORS[torch.from_numpy(document)])
    return features


def test_the_mean_and_the_maximum_are_those_of_the_words():
    for encoder, encode in (
        (MeanPooling(DIM), lambda words: words.mean(dim=0)),
        (MaxPooling(DIM), lambda words: words.amax(dim=0)),
    ):
        torch.testing.assert_close(encoded(encoder, DOCUMENTS), one_by_one(encode, DIM))


@pytest.mark.parametrize("window", [1, 2, 3, 5, 50])
def test_hierarchical_pooling_is_the_maximum_over_means_of_windows(window):
    def encode(words):
        n_windows = max(1, len(words) - window + 1)
        return torch.stack([words[at : at + window].mean(dim=0) for at in range(n_windows)]).amax(0)

    encoder = HierarchicalPooling(DIM, window)
    torch.testing.assert_close(encoded(encoder, DOCUMENTS), one_by_one(encode, DIM))


def test_attention_is_a_mean_by_the_softmax_of_scores():
    encoder = encoder_of("attention")

    def encode(words):
        hidden = torch.tanh(words @ encoder.hidden.weight.T + encoder.hidden.bias)
        return torch.softmax(hidden @ encoder.score.weight[0], dim=0) @ words

    torch.testing.assert_close(encoded(encoder, DOCUMENTS), one_by_one(encode, DIM))


def test_attention_begins_as_a_plain_mean():
    features = encoded(AttentionPooling(DIM), DOCUMENTS)
    torch.testing.assert_close(features, encoded(MeanPooling(DIM), DOCUMENTS))


@pytest.mark.parametrize("size", [1e4, -1e4, 1e30])
def test_attention_of_huge_scores_takes_the_word_of_the_greatest(size):
    encoder = encoder_of("attention")
    with torch.no_grad():
        encoder.score.weight.mul_(size)
        scores = encoder.score(encoder.hidden(VECTORS).tanh()).ravel()
    document = np.array([2, 9, 4, 2])
    expected = VECTORS[document[scores[torch.from_numpy(document)].argmax()]]
    vectors = VECTORS.clone().requires_grad_()
    features = encoded(encoder, [document, DOCUMENTS[1]], vectors)
    torch.testing.assert_close(features[0], expected)
    features.sum().backward()
    assert vectors.grad.isfinite().all()


@pytest.mark.parametrize("widths", [(1,), (2,), (3, 1), (4, 7)])
def test_a_convolution_is_that_of_each_document_between_zeros(widths):
    torch.manual_seed(0)
    encoder = TextCNN(DIM, widths, n_filters=6)
    torch.nn.init.normal_(encoder.bias)

    def encode(words):
        found, first = [], 0
        for width, filters in zip(widths, encoder.filters, strict=True):
            left = (width - 1) // 2
            between = functional.pad(words.T, (left, width - 1 - left))
            bias = encoder.bias[first : first + 6]
            first += 6
            matched = functional.conv1d(between[None], filters.permute(1, 2, 0), bias)
            found.append(matched[0].relu().amax(dim=1))
        return torch.cat(found)

    torch.testing.assert_close(encoded(encoder, DOCUMENTS), one_by_one(encode, 6 * len(widths)))


def test_a_recurrent_encoder_is_an_lstm_along_each_document():
    encoder = BiLSTM(DIM, n_hidden=5)
    expected = one_by_one(lambda words: encoder.lstm(words[:, None])[0][:, 0].amax(dim=0), 10)
    torch.testing.assert_close(encoded(encoder, DOCUMENTS), expected)


def test_features_stand_side_by_side():
    both = encoded(encoder_of("mean+max"), DOCUMENTS)
    torch.testing.assert_close(both[:, :DIM], encoded(MeanPooling(DIM), DOCUMENTS))
    torch.testing.assert_close(both[:, DIM:], encoded(MaxPooling(DIM), DOCUMENTS))


def test_encoders_that_see_nothing_are_refused():
    with pytest.raises(InputError, match="window is 0"):
        HierarchicalPooling(DIM, 0)
    for options in ({"widths": ()}, {"widths": (2, 0)}, {"n_filters": 0}):
        with pytest.raises(InputError, match="give at least one width"):
            TextCNN(DIM, **options)
