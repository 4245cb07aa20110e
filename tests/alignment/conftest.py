"""Retrieval on everything that can multiply, in blocks of any size."""

from contextlib import contextmanager

import pytest
import torch

from adapt.alignment import engines, retrieval


@pytest.fixture(params=["numpy", "torch", "device"])
def engine(request, monkeypatch):
    """Each engine in turn; what is a device here is torch's processor, which every machine has."""

    @contextmanager
    def on_device(device, work):
        yield engines.Device(torch.device("cpu"))

    if request.param == "torch":
        monkeypatch.setattr(engines, "_WORTH_TORCH", 0)
    if request.param == "device":
        monkeypatch.setattr(engines, "engine_on", on_device)
    return request.param


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks, tiles and locks where one would do."""
    monkeypatch.setattr(retrieval, "_WIDTH", 128)
    monkeypatch.setattr(engines, "_HEIGHT", 7)
    monkeypatch.setattr(engines, "_LOCKED", 64)
