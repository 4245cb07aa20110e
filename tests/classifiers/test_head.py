"""The linear head: scikit-learn's logistic regression, from torch."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from adapt.classifiers import LinearHead, Standardization, Targets, fit_heads

PENALTIES = (0.01, 0.1, 1.0, 3.0)


@pytest.fixture(scope="module")
def problem():
    """Correlated features, as pooled word vectors are, and four overlapping classes."""
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(20, 20)) * np.geomspace(1, 0.05, 20)[:, None]
    features = rng.normal(size=(600, 20)) @ mixing
    logits = features @ rng.normal(size=(20, 4)) + np.array([1.0, 0.0, 0.0, -1.0])
    labels = (logits + 2 * rng.gumbel(size=logits.shape)).argmax(axis=1)
    raw = torch.from_numpy(features.astype(np.float32))
    return Standardization.fit(raw)(raw), torch.from_numpy(labels)


def targets(labels, n_classes=4, **options):
    return Targets.of_labels(labels, n_classes, **options)


def solved(problem, penalties, **options):
    features, labels = problem
    return list(fit_heads(features, targets(labels, **options), penalties))


BALANCED = torch.tensor([0.5, 1.0, 2.0, 4.0])


@pytest.fixture(scope="module")
def heads(problem):
    return solved(problem, PENALTIES)


@pytest.mark.parametrize("place", range(len(PENALTIES)))
def test_agrees_with_scikit_learn(problem, heads, place):
    features, labels = problem
    reference = LogisticRegression(C=PENALTIES[place], tol=1e-8, max_iter=5000)
    reference.fit(features.numpy().astype(float), labels.numpy())
    logits = heads[place](features)
    same = logits.argmax(dim=1).numpy() == reference.predict(features.numpy())
    assert same.mean() > 0.995
    np.testing.assert_allclose(
        logits.softmax(dim=1).numpy(), reference.predict_proba(features.numpy()), atol=5e-3
    )


def agreement(head, reference, features):
    found = head(features).softmax(dim=1).numpy()
    np.testing.assert_allclose(found, reference.predict_proba(features.numpy()), atol=5e-3)


@pytest.mark.parametrize("penalty", PENALTIES[1:])
def test_class_weights_agree_with_scikit_learn(problem, penalty):
    features, labels = problem
    (head,) = solved(problem, [penalty], weights=BALANCED)
    # scikit-learn takes weights as they are, ours have a mean of 1
    weights = BALANCED / BALANCED[labels].mean()
    reference = LogisticRegression(
        C=penalty, tol=1e-8, max_iter=5000, class_weight=dict(enumerate(weights.tolist()))
    )
    agreement(head, reference.fit(features.numpy().astype(float), labels.numpy()), features)


@pytest.mark.parametrize("smoothing", [0.1, 0.5])
@pytest.mark.parametrize("weights", [None, BALANCED], ids=["alike", "weighted"])
def test_smoothed_labels_agree_with_a_direct_optimisation(problem, smoothing, weights):
    features, labels = problem
    (head,) = solved(problem, [0.5], smoothing=smoothing, weights=weights)
    unknowns = torch.zeros(4, 21, dtype=torch.float64, requires_grad=True)
    own = torch.ones(len(labels)) if weights is None else weights[labels]
    own = own.double() / own.mean()
    optimizer = torch.optim.LBFGS([unknowns], max_iter=500, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        logits = features.double() @ unknowns[:, :-1].T + unknowns[:, -1]
        losses = torch.nn.functional.cross_entropy(
            logits, labels, label_smoothing=smoothing, reduction="none"
        )
        value = (own * losses).sum() + unknowns[:, :-1].square().sum() / 2 / 0.5
        value.backward()
        return value

    optimizer.step(loss)
    expected = (features.double() @ unknowns[:, :-1].T + unknowns[:, -1]).softmax(dim=1)
    found = head(features).softmax(dim=1)
    torch.testing.assert_close(found.double(), expected.detach(), rtol=0, atol=5e-3)


def test_targets_by_hand():
    wanted = targets(torch.tensor([0, 2]), 3, smoothing=0.3, weights=torch.tensor([1.0, 9.0, 3.0]))
    torch.testing.assert_close(wanted.shares, torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]]))
    assert wanted.weights.tolist() == [0.5, 1.5]
    assert wanted.subset(torch.tensor([1])).weights.tolist() == [1.0]
    # the loss that is told is that of the labels themselves
    logits = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, np.log(2)]])
    assert wanted.loss(logits) == pytest.approx((0.5 * np.log(3) + 1.5 * np.log(2)) / 2)


def test_the_objective_cannot_be_improved_by_a_step_along_its_gradient(problem, heads):
    features, labels = problem
    for c, head in zip(PENALTIES, heads, strict=True):
        weight = head.weight.double().requires_grad_()
        bias = head.bias.double().requires_grad_()
        logits = features.double() @ weight.T + bias
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss = loss + weight.square().sum() / (2 * c * len(labels))
        gradients = torch.autograd.grad(loss, (weight, bias))
        assert max(gradient.abs().max().item() for gradient in gradients) < 5e-3


def test_warm_starts_lead_where_a_cold_start_leads(problem, heads):
    (cold,) = solved(problem, PENALTIES[-1:])
    features = problem[0]
    torch.testing.assert_close(
        cold(features).softmax(dim=1), heads[-1](features).softmax(dim=1), atol=1e-2, rtol=0
    )


def test_a_start_shortens_the_way_but_does_not_move_the_goal(problem, heads, monkeypatch):
    steps = []
    log_softmax = torch.Tensor.log_softmax
    monkeypatch.setattr(
        torch.Tensor, "log_softmax", lambda self, dim: steps.append(0) or log_softmax(self, dim)
    )
    features, labels = problem
    (cold,) = fit_heads(features, targets(labels), [1.0])
    n_cold = len(steps)
    (warm,) = fit_heads(features, targets(labels), [1.0], start=cold)
    assert len(steps) - n_cold < n_cold / 2
    torch.testing.assert_close(warm(features), cold(features), atol=1e-2, rtol=0)


def test_heads_are_solved_only_when_asked_for(problem):
    features, labels = problem
    path = fit_heads(features, targets(labels), iter([0.1, float("nan")]))
    assert next(path).weight.isfinite().all()
    path.close()  # the penalty that cannot be solved was never reached


def test_a_class_without_documents_is_never_predicted(problem):
    features, labels = problem
    (head,) = fit_heads(features, targets(labels, 6), [1.0])
    assert head.weight.shape == (6, 20)
    assert head(features).argmax(dim=1).max() < 4


def test_constant_features_do_no_harm(problem):
    features, labels = problem
    raw = torch.cat([features, torch.full((len(features), 1), 7.0)], dim=1)
    standardized = Standardization.fit(raw)(raw)
    assert not standardized[:, -1].any()
    (head,) = fit_heads(standardized, targets(labels), [1.0])
    assert head.weight[:, -1].abs().max() < 1e-6


def test_standardized_features_have_zero_mean_and_unit_deviation():
    features = torch.from_numpy(np.random.default_rng(2).normal(3, 5, (50, 4)))
    standardized = Standardization.fit(features)(features)
    torch.testing.assert_close(standardized.mean(dim=0), torch.zeros(4).double())
    torch.testing.assert_close(standardized.square().mean(dim=0), torch.ones(4).double())


def test_logits_by_hand():
    head = LinearHead(torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([0.5, 0.0]))
    assert head(torch.tensor([[3.0, 1.0]])).tolist() == [[5.5, -1.0]]
