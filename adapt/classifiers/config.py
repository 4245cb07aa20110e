"""How classifiers are trained."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from adapt.errors import InputError

__all__ = ["TrainingConfig"]


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a classifier is trained.

    Parameters
    ----------
    strategy : {"frozen", "fine-tuned"}
        `frozen` keeps the word vectors, pools every document once, and solves for the head alone;
        `fine-tuned` trains vectors and head together, with early stopping.
    penalties : tuple of float
        Candidates for the inverse penalty C of the frozen head; validation chooses.
    batch_size : int
        Documents in a step of fine-tuning.
    learning_rate, embedding_learning_rate : float
        Of the head and of the word vectors, in fine-tuning.
    weight_decay : float
        Decoupled decay of the head in fine-tuning.
    max_epochs, patience : int
        Fine-tuning ends after `max_epochs`, or when the validation loss has not fallen for
        `patience` epochs. The table and head are then trained again on all documents, for the
        number of epochs that was best.
    seed : int
        Seed of the validation split and of the order of documents.
    device : {"cpu", "cuda", "auto"}
        Where to train; `auto` takes CUDA if there is one.

    Raises
    ------
    InputError
        If a value is impossible, or CUDA is asked for and absent.
    """

    strategy: str = "frozen"
    penalties: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    batch_size: int = 64
    learning_rate: float = 2e-3
    embedding_learning_rate: float = 1e-3
    weight_decay: float = 0.01
    max_epochs: int = 40
    patience: int = 3
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.strategy not in ("frozen", "fine-tuned"):
            raise InputError(f"strategy is {self.strategy!r}; choose frozen or fine-tuned")
        if not self.penalties or not all(0 < c < float("inf") for c in self.penalties):
            raise InputError(f"penalties are {self.penalties}; give positive numbers")
        for name in ("batch_size", "max_epochs", "patience"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("learning_rate", "embedding_learning_rate", "weight_decay"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InputError(f"{name} is {getattr(self, name)}; it must not be negative")
        if self.device not in ("cpu", "cuda", "auto"):
            raise InputError(f"device is {self.device!r}; choose cpu, cuda or auto")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise InputError("device is 'cuda', but no CUDA device is there; use 'cpu' or 'auto'")

    def torch_device(self) -> torch.device:
        """Resolve `auto`."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)
