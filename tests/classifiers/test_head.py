"""The linear head: scikit-learn's logistic regression, from torch."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from adapt.classifiers import LinearHead, Standardization, fit_heads

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


@pytest.fixture(scope="module")
def heads(problem):
    return list(fit_heads(*problem, 4, PENALTIES))


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
    (cold,) = fit_heads(*problem, 4, PENALTIES[-1:])
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
    (cold,) = fit_heads(features, labels, 4, [1.0])
    n_cold = len(steps)
    (warm,) = fit_heads(features, labels, 4, [1.0], start=cold)
    assert len(steps) - n_cold < n_cold / 2
    torch.testing.assert_close(warm(features), cold(features), atol=1e-2, rtol=0)


def test_heads_are_solved_only_when_asked_for(problem):
    path = fit_heads(*problem, 4, iter([0.1, float("nan")]))
    assert next(path).weight.isfinite().all()
    path.close()  # the penalty that cannot be solved was never reached


def test_a_class_without_documents_is_never_predicted(problem):
    features, labels = problem
    (head,) = fit_heads(features, labels, 6, [1.0])
    assert head.weight.shape == (6, 20)
    assert head(features).argmax(dim=1).max() < 4


def test_constant_features_do_no_harm(problem):
    features, labels = problem
    raw = torch.cat([features, torch.full((len(features), 1), 7.0)], dim=1)
    standardized = Standardization.fit(raw)(raw)
    assert not standardized[:, -1].any()
    (head,) = fit_heads(standardized, labels, 4, [1.0])
    assert head.weight[:, -1].abs().max() < 1e-6


def test_standardized_features_have_zero_mean_and_unit_deviation():
    features = torch.from_numpy(np.random.default_rng(2).normal(3, 5, (50, 4)))
    standardized = Standardization.fit(features)(features)
    torch.testing.assert_close(standardized.mean(dim=0), torch.zeros(4).double())
    torch.testing.assert_close(standardized.square().mean(dim=0), torch.ones(4).double())


def test_logits_by_hand():
    head = LinearHead(torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([0.5, 0.0]))
    assert head(torch.tensor([[3.0, 1.0]])).tolist() == [[5.5, -1.0]]
