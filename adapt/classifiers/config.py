"""How classifiers are trained."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from adapt.classifiers.schedules import check_strategy
from adapt.errors import InputError
from adapt.seeds import check_seed

__all__ = ["SCALINGS", "TrainingConfig"]

SCALINGS = ("batch-normalised", "standardised")
_NOT_NEGATIVE = (
    "learning_rate",
    "embedding_learning_rate",
    "rare_learning_rate",
    "pull",
    "weight_decay",
)


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a classifier is trained.

    Parameters
    ----------
    strategy : str
        Which parts learn when, and how fast; see `schedule_of` for the choices. Where word vectors
        are frozen and the document encoder has nothing to learn, every document is encoded once
        and the head is solved for; otherwise all is trained by gradient, with early stopping.
    penalties : tuple of float
        Candidates for the inverse penalty C of a head that is solved for; validation chooses.
    rate_scales : tuple of float
        Candidates for a factor of all learning rates in training by gradient; validation chooses.
    embedding_rate_scales : tuple of float
        Candidates for a further factor of the rates of word vectors; each is tried with each of
        `rate_scales`.
    learning_rate, embedding_learning_rate, rare_learning_rate : float, optional
        Of head and document encoder, of the word vectors, and of those of rare words; the
        strategy's own without.
    rare_count : int
        Words are rare that occur fewer times in the training documents.
    frozen_epochs : int
        Epochs of a stage, in the strategies that unfreeze parts one after the other.
    pull : float, optional
        Strength of the penalty toward the initial vectors, in the strategy ``penalised``.
    batch_size : int
        Documents in a step.
    weight_decay : float
        Decoupled decay of head and document encoder.
    dropout : float
        Share of the features that are left out in each step.
    word_dropout : float
        Share of the words that are left out in each epoch.
    label_smoothing : float
        Share of the wanted probability that is spread over all classes.
    class_weights : {None, "balanced"}
        `balanced` weighs documents by the inverse frequency of their class.
    scaling : {"batch-normalised", "standardised"}
        Features are normalised in each batch, or by their statistics before training.
    decay : bool
        Whether learning rates fall linearly toward the last of `max_epochs`.
    max_epochs, patience : int
        Training ends after `max_epochs`, or when the validation loss has not fallen for `patience`
        epochs.
    refit : bool
        Whether to train again on all documents with the settings that validation chose. Otherwise
        the weights of the best epoch are kept, which have not seen the validation documents.
    mixed_precision : bool
        Whether products are taken in bfloat16; on CUDA alone, without effect on a CPU.
    seed : int
        Seed of the validation split, the initial weights, and the order of documents.
    device : {"cpu", "cuda", "auto"}
        Where to train; `auto` takes CUDA if there is one.

    Raises
    ------
    InputError
        If a value is impossible, or CUDA is asked for and absent.
    """

    strategy: str = "frozen"
    penalties: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    rate_scales: tuple[float, ...] = (1.0,)
    embedding_rate_scales: tuple[float, ...] = (1.0,)
    learning_rate: float | None = None
    embedding_learning_rate: float | None = None
    rare_learning_rate: float | None = None
    rare_count: int = 5
    frozen_epochs: int = 3
    pull: float | None = None
    batch_size: int = 64
    weight_decay: float = 0.1
    dropout: float = 0.5
    word_dropout: float = 0.1
    label_smoothing: float = 0.0
    class_weights: str | None = None
    scaling: str = "batch-normalised"
    decay: bool = True
    max_epochs: int = 30
    patience: int = 4
    refit: bool = True
    mixed_precision: bool = False
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_strategy(self.strategy)
        for name in ("penalties", "rate_scales", "embedding_rate_scales"):
            values = getattr(self, name)
            if not values or not all(0 < value < float("inf") for value in values):
                raise InputError(f"{name} are {values}; give positive numbers")
        for name in ("batch_size", "max_epochs", "patience", "frozen_epochs", "rare_count"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        if self.batch_size == 1 and self.scaling == "batch-normalised":
            raise InputError(
                "batch_size is 1, which has no statistics to normalise by; give at least 2, or "
                "scaling 'standardised'"
            )
        for name in _NOT_NEGATIVE:
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise InputError(f"{name} is {value}; it must not be negative")
        for name in ("dropout", "word_dropout", "label_smoothing"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; give a share from 0 to below 1")
        if self.class_weights not in (None, "balanced"):
            raise InputError(f"class_weights is {self.class_weights!r}; choose balanced or none")
        if self.scaling not in SCALINGS:
            raise InputError(f"scaling is {self.scaling!r}; choose {' or '.join(SCALINGS)}")
        check_seed(self.seed)
        if self.device not in ("cpu", "cuda", "auto"):
            raise InputError(f"device is {self.device!r}; choose cpu, cuda or auto")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise InputError("device is 'cuda', but no CUDA device is there; use 'cpu' or 'auto'")

    def torch_device(self) -> torch.device:
        """Resolve `auto`."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)
