"""Training on words and their characters: typos cost less, and what learns is what shall."""

import numpy as np
import pytest
import torch

from adapt.classifiers import HybridEmbedding, TrainingConfig, strategy_names, train_classifier
from adapt.classifiers.fitting import Fitting
from adapt.errors import InputError
from adapt.oov.encoders import NgramEncoder, RecurrentEncoder
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary, with_typos

CLASSES = (("nephritis", "kidney", "renal", "bladder"), ("cardiac", "heart", "valve", "aortic"))
FILLERS = ("with", "abnormal", "finding", "severe", "progressive")
WORDS = (*CLASSES[0], *CLASSES[1], *FILLERS)
VOCABULARY = Vocabulary.from_counts(dict.fromkeys(WORDS, 1))
ODD_WORDS = ["", "x" * 10_000, "1234", "🩺", "שלום", "e\u0301", "\udc80", "<pad>", "<unk>"]
DIM = 8


@pytest.fixture(scope="module")
def table():
    vectors = np.random.default_rng(1).normal(size=(len(VOCABULARY), DIM)).astype(np.float32)
    vectors[:2] = 0.0
    vectors.setflags(write=False)
    return vectors


@pytest.fixture(scope="module")
def labels():
    return np.arange(80) % 2


@pytest.fixture(scope="module")
def documents(labels):
    """Documents of two classes, each told by the words of its own."""
    rng = np.random.default_rng(1)
    return [
        [*rng.choice(CLASSES[label], 2).tolist(), *rng.choice(FILLERS, 3).tolist()]
        for label in labels
    ]


def encoder_of(kind, table):
    if kind is RecallEncoder:
        return RecallEncoder(VOCABULARY.words[2:], table[2:])
    torch.manual_seed(0)
    encoder = kind(kind.kind.of_words(WORDS, min_words=1), torch.zeros(DIM))
    for parameter in encoder.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return encoder


@pytest.fixture(scope="module")
def train(table, documents, labels):
    def trained(
        strategy, *, kind=RecallEncoder, join="gated", typos=0.2, model="mean-idf", **options
    ):
        defaults = {
            "max_epochs": 8,
            "batch_size": 16,
            "learning_rate": 0.02,
            "embedding_learning_rate": 0.005,
        }
        layer = HybridEmbedding(
            table, VOCABULARY, encoder_of(kind, table), join=join, freeze=strategy == "frozen"
        )
        config = TrainingConfig(strategy=strategy, **defaults | options)
        return train_classifier(layer, documents, labels, model=model, config=config, typos=typos)

    return trained


@pytest.fixture(scope="module", params=["frozen", "fine-tuned"])
def strategy(request):
    return request.param


@pytest.fixture(scope="module")
def classifier(train, strategy):
    return train(strategy)


def state(classifier):
    return {name: value.numpy().tobytes() for name, value in classifier.model.state_dict().items()}


def test_learns_and_still_knows_when_every_word_is_misspelt(classifier, table, documents, labels):
    assert (classifier.predict(documents) == labels).mean() > 0.9
    misspelt = with_typos(documents, 1.0, seed=9)
    assert (classifier.predict(misspelt) == labels).mean() > 0.85
    plain = train_classifier(table, [VOCABULARY.encode(one) for one in documents], labels)
    unknown = plain.predict([VOCABULARY.encode(one) for one in misspelt])
    assert (unknown == labels).mean() < 0.7


def test_predictions_do_not_depend_on_the_batch_or_its_order(classifier, documents):
    some = [*with_typos(documents[:6], 0.5, seed=0), ODD_WORDS, []]
    together = classifier.decision_function(some)
    alone = np.concatenate([classifier.decision_function([document]) for document in some])
    backwards = classifier.decision_function(some[::-1])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(backwards, together, atol=1e-5)
    assert classifier.predict([]).shape == (0,)


def test_the_same_seed_gives_the_same_bytes_and_nothing_given_changes(
    train, strategy, classifier, table
):
    assert state(train(strategy)) == state(classifier)
    moved = (classifier.matrix != table).any()
    assert moved == (strategy == "fine-tuned")


def test_the_layer_that_is_given_stays_as_it_is(table, documents, labels):
    layer = HybridEmbedding(
        table, VOCABULARY, encoder_of(RecallEncoder, table), freeze=False
    ).eval()
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    for strategy in ("frozen", "fine-tuned"):
        config = TrainingConfig(strategy=strategy, max_epochs=2, scaling="standardised")
        train_classifier(layer, documents, labels, config=config, typos=0.2)
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())
    assert all(one.requires_grad and one.grad is None for one in layer.parameters())
    assert not layer.training


@pytest.mark.parametrize(
    ("kind", "join", "typos"),
    [
        (NgramEncoder, "gated", 0.0),
        (NgramEncoder, "concatenated", 0.3),
        (RecurrentEncoder, "gated", 0.3),
        (RecallEncoder, "concatenated", 0.0),
    ],
)
def test_every_encoder_and_join_learns_with_and_without_typos(
    train, kind, join, typos, documents, labels
):
    for strategy in ("frozen", "fine-tuned"):
        options = {"max_epochs": 5, "refit": False}
        found = train(strategy, kind=kind, join=join, typos=typos, **options)
        assert found.model.head.weight.shape == (2, DIM * (2 if join == "concatenated" else 1))
        assert (found.predict(documents) == labels).mean() > 0.9


@pytest.mark.parametrize("strategy", strategy_names())
def test_characters_learn_when_word_vectors_do(train, strategy, monkeypatch):
    """In every epoch, the spelling moves exactly if the schedule lets the vectors move."""
    seen, train_epoch = [], Fitting.train_epoch

    def spelled(fitting):
        return [
            one.detach().numpy().tobytes() for one in fitting.model.embedding.spelling.parameters()
        ]

    def watched(fitting, epoch):
        before = spelled(fitting)
        train_epoch(fitting, epoch)
        moved = any(now != then for now, then in zip(spelled(fitting), before, strict=True))
        seen.append((moved, fitting.schedule.rates(epoch).embedding > 0))

    monkeypatch.setattr(Fitting, "train_epoch", watched)
    train(strategy, model="attention", frozen_epochs=1, max_epochs=4, patience=4, refit=False)
    assert len(seen) == 4
    assert all(moved == wanted for moved, wanted in seen)


def test_features_are_standardised_as_prediction_will_have_them(train, documents):
    # the encoder leaves n-grams out at random while it trains, but not where it is measured
    options = {"scaling": "standardised", "embedding_learning_rate": 0.0, "max_epochs": 1}
    found = train("fine-tuned", kind=NgramEncoder, typos=0.0, model="mean", **options)
    batches = found.model.embedding.documents(documents).large_batches()
    features = torch.cat([found.model.features(batch) for batch in batches])
    torch.testing.assert_close(found.model.scaling.mean, features.mean(dim=0))


@pytest.mark.parametrize("model", ["max", "cnn", "bilstm", "hierarchical"])
def test_other_encoders_of_documents_take_words_too(train, model, documents, labels):
    found = train("fine-tuned", model=model, max_epochs=4, refit=False)
    assert (found.predict(documents) == labels).mean() > 0.9
    assert np.isfinite(found.predict_proba([ODD_WORDS, []])).all()


def test_a_frozen_layer_cannot_be_fine_tuned(table, documents, labels):
    layer = HybridEmbedding(table, VOCABULARY, encoder_of(RecallEncoder, table))
    with pytest.raises(InputError, match="layer is frozen; make it with freeze=False"):
        train_classifier(layer, documents, labels, config=TrainingConfig(strategy="two-stage"))


def test_a_loss_that_is_not_finite_is_an_error(train):
    with pytest.raises(InputError, match="choose lower"):
        train("fine-tuned", learning_rate=1e38)
