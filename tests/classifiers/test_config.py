"""The configuration of training refuses what cannot be."""

import pytest
import torch

from adapt.classifiers import TrainingConfig
from adapt.errors import InputError


@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "thawed"},
        {"penalties": ()},
        {"penalties": (0.1, 0.0)},
        {"rate_scales": ()},
        {"rate_scales": (float("inf"),)},
        {"embedding_rate_scales": (0.0,)},
        {"batch_size": 0},
        {"batch_size": 1},
        {"max_epochs": 0},
        {"patience": 0},
        {"frozen_epochs": 0},
        {"rare_count": 0},
        {"learning_rate": -1.0},
        {"embedding_learning_rate": float("nan")},
        {"rare_learning_rate": float("inf")},
        {"pull": -0.1},
        {"weight_decay": -0.1},
        {"dropout": 1.0},
        {"word_dropout": -0.1},
        {"label_smoothing": 1.0},
        {"class_weights": "equal"},
        {"scaling": "minmax"},
        {"seed": -1},
        {"seed": 2**32},
        {"device": "tpu"},
    ],
    ids=str,
)
def test_impossible_configurations_are_errors_that_name_the_option(options):
    with pytest.raises(InputError, match=next(iter(options))) as caught:
        TrainingConfig(**options)
    assert "\n" not in str(caught.value)


def test_batches_of_one_document_need_fixed_statistics():
    assert TrainingConfig(batch_size=1, scaling="standardised").batch_size == 1


def test_cuda_asked_for_and_absent_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device"):
        TrainingConfig(device="cuda")
    assert TrainingConfig(device="auto").torch_device() == torch.device("cpu")
