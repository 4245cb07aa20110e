"""A training run: what moves in which epoch, at what rate, on what loss."""

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from adapt.classifiers import (
    PretrainedEmbedding,
    Standardization,
    TextClassifier,
    TrainingConfig,
    WordDocuments,
    document_encoder,
    encoder_names,
    schedule_of,
    strategy_names,
)
from adapt.classifiers.fitting import Fitting, balanced_weights
from adapt.classifiers.shown import ShownDocuments
from adapt.errors import InputError

N_CLASSES = 3
MADE_UP = np.arange(60) == 45  # a word that is read often
RARE_COUNT = 9


@pytest.fixture
def start(matrix, documents, labels):
    """Start a run; what the head says in the beginning makes gradients reach every part."""

    def started(
        *, encoder="attention", documents=documents, labels=labels, made_up=None, **options
    ):
        config = TrainingConfig(
            **{"batch_size": 16, "rare_count": RARE_COUNT, "frozen_epochs": 1, "max_epochs": 9}
            | options
        )
        layer = PretrainedEmbedding(matrix, sparse=True)
        torch.manual_seed(0)
        scaling = None
        if config.scaling == "standardised":
            scaling = Standardization(torch.zeros(8), torch.ones(8))
        weights = torch.ones(len(matrix))
        model = TextClassifier(
            layer,
            document_encoder(encoder, 8, weights),
            N_CLASSES,
            scaling=scaling,
            dropout=config.dropout,
        )
        for parameter in (*model.encoder.parameters(), *model.head.parameters()):
            torch.nn.init.normal_(parameter, std=0.1)
        shown = ShownDocuments(layer, documents, labels, seed=config.seed)
        return Fitting(model, shown, schedule_of(config), config, made_up)

    return started


def parts(fitting):
    """Copy the numbers of every part, and of the rows that are read, rare, and neither."""
    table = fitting.table.detach().numpy()
    counts = fitting.shown.counts()
    rare = (counts < RARE_COUNT) | MADE_UP
    groups = {
        "embedding": table[(counts > 0) & ~rare],
        "rare": table[(counts > 0) & rare],
        "unread": table[counts == 0],
    }
    copies = {name: [row.tobytes() for row in rows] for name, rows in groups.items()}
    for name in ("encoder", "head"):
        part = getattr(fitting.model, name)
        copies[name] = [one.detach().numpy().tobytes() for one in part.parameters()]
    return copies


@pytest.mark.parametrize("decay", [True, False], ids=["decay", "level"])
@pytest.mark.parametrize("strategy", strategy_names())
def test_exactly_the_parts_with_a_rate_move_and_others_not_by_a_bit(start, strategy, decay):
    fitting = start(strategy=strategy, decay=decay, made_up=MADE_UP)
    for epoch in range(1, 5):
        before = parts(fitting)
        fitting.train_epoch(epoch)
        rates = vars(fitting.schedule.rates(epoch)) | {"unread": 0.0}
        for part, after in parts(fitting).items():
            moved = [now != then for now, then in zip(after, before[part], strict=True)]
            assert moved == [rates[part] > 0] * len(moved), (part, epoch)
        # what stays costs no gradient either
        for name in ("encoder", "head"):
            learning = [one.grad is not None for one in getattr(fitting.model, name).parameters()]
            assert learning == [rates[name] > 0] * len(learning)
        assert (fitting.table.grad is not None) == (rates["embedding"] > 0)
    assert not fitting.table[0].any()


@pytest.mark.parametrize(("held", "free"), [("embedding", "rare"), ("rare", "embedding")])
def test_common_or_rare_words_alone_can_be_held_where_they_are(start, held, free):
    rates = {"embedding_learning_rate": 1e-3, "rare_learning_rate": 1e-3}
    fitting = start(
        strategy="fine-tuned", made_up=MADE_UP, **rates | {f"{held}_learning_rate": 0.0}
    )
    before = parts(fitting)
    fitting.train_epoch(1)
    after = parts(fitting)
    assert before[held] == after[held]
    assert all(now != then for now, then in zip(after[free], before[free], strict=True))


def watched_steps(fitting):
    """List the part and the rate of every step that an optimiser takes from now on."""
    taken = []

    def watch(optimizer, rates):
        step = optimizer.step

        def told():
            taken.extend(rates())
            return step()

        optimizer.step = told

    rare = fitting.rare
    watch(
        fitting.rows,
        lambda: [
            *(("rare", rate) for rate in torch.unique(fitting.rows.rates[rare]).tolist()),
            *(("embedding", rate) for rate in torch.unique(fitting.rows.rates[~rare]).tolist()),
        ],
    )
    for part, (_, optimizers) in fitting.parts.items():
        for one in optimizers:
            watch(one, lambda part=part, one=one: [(part, one.param_groups[0]["lr"])])
    return taken


@pytest.mark.parametrize("decay", [True, False], ids=["decay", "level"])
@pytest.mark.parametrize("strategy", strategy_names())
def test_optimisers_step_at_the_rates_of_the_schedule(start, strategy, decay):
    fitting = start(strategy=strategy, decay=decay, made_up=MADE_UP)
    taken = watched_steps(fitting)
    for epoch in range(1, 5):
        fitting.train_epoch(epoch)
        rates = fitting.schedule.rates(epoch)
        assert len(taken) == 4 * -(-120 // 16)
        for part, rate in taken:
            assert rate == pytest.approx(getattr(rates, part), rel=1e-6), part
        taken.clear()


def test_rare_and_made_up_words_step_at_their_own_rate(start):
    fitting = start(
        strategy="by-frequency",
        encoder="mean",
        batch_size=120,
        made_up=MADE_UP,
        dropout=0.0,
        word_dropout=0.0,
        decay=False,
        embedding_learning_rate=1e-2,
        rare_learning_rate=1e-3,
    )
    before, counts = fitting.table.detach().clone(), fitting.shown.counts()
    rare = (counts < RARE_COUNT) | MADE_UP
    fitting.train_epoch(1)
    steps = (fitting.table.detach() - before).abs()
    # the first step of Adam is as long as the rate in every dimension
    assert 5 < rare[counts > 0].sum() < 40
    np.testing.assert_allclose(steps[(counts > 0) & rare].median(), 1e-3, rtol=1e-2)
    np.testing.assert_allclose(steps[(counts > 0) & ~rare].median(), 1e-2, rtol=1e-2)
    assert steps[(counts > 0) & rare].max() < 1.1e-3


def gradient_of_the_head(fitting, documents, labels, loss):
    """Differentiate a loss of all documents' logits by the weights of the head."""
    model = fitting.model
    batch = next(model.embedding.documents(documents).large_batches())
    value = loss(model(batch), torch.from_numpy(labels.copy()))
    return torch.autograd.grad(value, model.head.weight)[0]


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_weighted_by_document_and_smoothed(
    start, documents, labels, smoothing, weighted
):
    kept = np.flatnonzero((labels != 2) | (np.arange(120) % 4 == 0))  # class 2 is rare
    some, classes = [documents[place] for place in kept], labels[kept]
    options = {"label_smoothing": smoothing, "class_weights": "balanced" if weighted else None}
    fitting = start(
        **options,
        documents=some,
        labels=classes,
        batch_size=200,
        scaling="standardised",
        dropout=0.0,
        word_dropout=0.0,
    )
    weights = torch.ones(3)
    if weighted:  # a batch is rarely as balanced as all documents are
        weights = fitting.class_weights = torch.tensor([0.5, 1.0, 4.0])

    def loss(logits, wanted):
        shares = functional.one_hot(wanted, 3) * (1 - smoothing) + smoothing / 3
        losses = -(shares * logits.log_softmax(dim=1)).sum(dim=1)
        return (losses * weights[wanted]).sum() / weights[wanted].sum()

    expected = gradient_of_the_head(fitting, some, classes, loss)
    fitting.train_epoch(1)
    torch.testing.assert_close(fitting.model.head.weight.grad, expected, rtol=1e-4, atol=1e-6)


def test_classes_weigh_as_scikit_learn_has_it_and_one_without_documents_is_average():
    labels = torch.tensor([0, 0, 0, 0, 0, 2, 2, 3])
    assert balanced_weights(labels, 4, TrainingConfig()) is None
    weights = balanced_weights(labels, 5, TrainingConfig(class_weights="balanced"))
    expected = compute_class_weight("balanced", classes=np.array([0, 2, 3]), y=labels.numpy())
    np.testing.assert_allclose(weights[[0, 2, 3]], expected, rtol=1e-6)
    assert weights[[1, 4]].tolist() == [1.0, 1.0]


def test_evaluation_tells_the_weighted_loss_of_labels_not_smoothed(start, documents, labels):
    fitting = start(class_weights="balanced", label_smoothing=0.5, labels=np.sort(labels) // 2)
    fitting.train_epoch(1)
    batches = [*fitting.model.embedding.documents(documents[:40]).large_batches()]
    wanted = torch.from_numpy(labels[:40].copy())
    loss, accuracy = fitting.evaluate(batches, wanted)
    with torch.no_grad():
        logits = torch.cat([fitting.model.eval()(batch) for batch in batches])
    own = fitting.class_weights[wanted]
    losses = -logits.log_softmax(dim=1)[torch.arange(40), wanted]
    assert loss == pytest.approx(((losses * own).sum() / own.sum()).item(), rel=1e-5)
    assert accuracy == pytest.approx((logits.argmax(dim=1) == wanted).float().mean().item())


@pytest.mark.parametrize("n_documents", [2, 3, 15, 17, 33])
def test_no_batch_is_too_small_to_be_normalised(start, documents, labels, n_documents):
    chosen = np.arange(n_documents)
    fitting = start(documents=[documents[one] for one in chosen], labels=labels[chosen])
    fitting.train_epoch(1)
    assert all(one.isfinite().all() for one in fitting.result().state_dict().values())


@pytest.mark.parametrize("encoder", [*encoder_names(), "mean+max"])
def test_documents_that_are_empty_or_unknown_do_no_harm(start, encoder, labels):
    nothing, unknown = np.empty(0, dtype=np.int64), np.ones(3, dtype=np.int64)
    for some in ([nothing] * 120, [unknown] * 120, [nothing, unknown] * 60):
        fitting = start(encoder=encoder, documents=some, strategy="fine-tuned")
        fitting.train_epoch(1)
        model = fitting.result()
        assert all(one.isfinite().all() for one in model.state_dict().values())


@pytest.mark.parametrize("rate", ["learning_rate", "embedding_learning_rate"])
def test_a_loss_that_is_not_finite_names_the_epoch_the_step_and_the_rates(start, rate):
    fitting = start(**{"strategy": "fine-tuned", "decay": False, rate: 1e38})

    def train():
        for epoch in range(1, 10):
            reached.append(epoch)
            fitting.train_epoch(epoch)

    reached = []
    with pytest.raises(InputError, match="the loss is (nan|inf) in epoch") as caught:
        train()
    message = str(caught.value)
    assert f"in epoch {reached[-1]}, step " in message
    assert ("1e+38 (head)" if rate == "learning_rate" else "1e+38 (vectors)") in message
    assert "\n" not in message


def test_weights_that_a_last_step_spoiled_are_an_error(start):
    fitting = start()
    with torch.no_grad():
        fitting.model.head.bias[0] = float("inf")
    with pytest.raises(InputError, match="weights are not finite after training"):
        fitting.result()


def test_results_are_copies_ready_to_predict(start):
    fitting = start(strategy="fine-tuned")
    fitting.train_epoch(1)
    model = fitting.result()
    assert not model.training
    assert not any(one.requires_grad or one.grad is not None for one in model.parameters())
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    fitting.train_epoch(2)
    assert all(torch.equal(value, kept[name]) for name, value in model.state_dict().items())


def test_mixed_precision_has_no_effect_on_a_processor(start):
    tables = []
    for mixed in (False, True):
        torch.manual_seed(1)
        fitting = start(strategy="fine-tuned", mixed_precision=mixed)
        fitting.train_epoch(1)
        tables.append(fitting.table.detach().numpy().tobytes())
    assert tables[0] == tables[1]


def test_word_dropout_differs_between_epochs_and_repeats_with_the_seed(start, monkeypatch):
    left, without_words = [], WordDocuments.without_words

    def watched(self, share, random):
        thinned = without_words(self, share, random)
        left.append(thinned.places.tobytes())
        return thinned

    monkeypatch.setattr(WordDocuments, "without_words", watched)
    for seed in (0, 0, 1):
        fitting = start(word_dropout=0.3, seed=seed)
        for epoch in (1, 2):
            fitting.train_epoch(epoch)
    assert left[:2] == left[2:4]
    assert len(set(left)) == 4
