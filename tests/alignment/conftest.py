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

    n_threads = torch.get_num_threads()
    if request.param == "torch":
        monkeypatch.setattr(engines, "_WORTH_TORCH", 0)
        torch.set_num_threads(5)  # whatever the machine has: they shall meet at locks
    if request.param == "device":
        monkeypatch.setattr(engines, "engine_on", on_device)
    yield request.param
    torch.set_num_threads(n_threads)


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks and tiles where one would do."""
    monkeypatch.setattr(retrieval, "_WIDTH", 128)
    monkeypatch.setattr(engines, "_HEIGHT", 7)
