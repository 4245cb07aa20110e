"""The model as a module: logits by hand, and the same as the path without padding."""

import numpy as np
import torch

from adapt.classifiers import (
    LinearHead,
    MaskedMean,
    MeanPoolingClassifier,
    PretrainedEmbedding,
    Standardization,
    TrainedClassifier,
)

MATRIX = np.array([[0, 0], [1, 2], [3, 4], [-1, 0]], dtype=np.float32)
STANDARDIZATION = Standardization(torch.tensor([1.0, 1.0]), torch.tensor([0.5, 2.0]))
HEAD = LinearHead(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), torch.tensor([0.0, 0.5, 1]))


def model(*, padding=0, matrix=MATRIX, weights=None, freeze=True):
    return MeanPoolingClassifier(
        PretrainedEmbedding(matrix, freeze=freeze, padding_idx=padding),
        MaskedMean(weights, padding_idx=padding),
        STANDARDIZATION,
        HEAD,
    )


def test_logits_by_hand():
    # mean of rows 1 and 2: (2, 3); standardised: (2, 1); an empty document: (0, 0) -> (-2, -0.5)
    logits = model()(torch.tensor([[1, 2, 0], [0, 0, 0]]))
    torch.testing.assert_close(logits, torch.tensor([[2.0, 1.5, 2.0], [-2.0, 0.0, -0.5]]))


def test_weighted_logits_by_hand():
    # weights 3 and 1: (3 * (1, 2) + (3, 4)) / 4 = (1.5, 2.5); standardised: (1, 0.75)
    logits = model(weights=torch.tensor([0.0, 3.0, 1.0, 1.0]))(torch.tensor([[1, 2, 0]]))
    torch.testing.assert_close(logits, torch.tensor([[1.0, 1.25, 1.25]]))


def test_a_padding_id_other_than_zero_gives_the_same_logits():
    order = [1, 2, 0, 3]  # old row 0, the padding, becomes row 2
    moved = model(padding=2, matrix=MATRIX[order])
    torch.testing.assert_close(
        moved(torch.tensor([[0, 1, 2], [3, 2, 2]])), model()(torch.tensor([[1, 2, 0], [3, 0, 0]]))
    )


def test_logits_do_not_depend_on_padding_or_on_the_other_documents():
    alone = model()(torch.tensor([[3, 1]]))
    together = model()(torch.tensor([[0, 3, 0, 1, 0], [2, 2, 2, 2, 2]]))
    torch.testing.assert_close(together[:1], alone)


def test_gradients_reach_the_head_and_the_words_present_alone():
    tuned = model(freeze=False)
    tuned(torch.tensor([[1, 3, 0]])).square().sum().backward()
    gradient = tuned.embedding.table.weight.grad
    assert gradient.abs().sum(dim=1).nonzero().ravel().tolist() == [1, 3]
    assert tuned.weight.grad.abs().sum() > 0
    assert tuned.bias.grad.abs().sum() > 0


def test_a_frozen_table_is_no_parameter_to_train():
    trainable = [name for name, value in model().named_parameters() if value.requires_grad]
    assert trainable == ["weight", "bias"]


def test_the_module_gives_the_logits_of_the_trained_classifier():
    weights = np.array([0.0, 3.0, 1.0, 0.5], dtype=np.float32)
    trained = TrainedClassifier(MATRIX, weights, STANDARDIZATION, HEAD, 1.0, 1.0)
    logits = trained.decision_function([np.array([1, 2, 3]), np.array([3])])
    as_module = model(weights=torch.from_numpy(weights))(torch.tensor([[1, 2, 3], [3, 0, 0]]))
    np.testing.assert_allclose(logits, as_module.detach().numpy(), atol=1e-6)
