"""Training strategies as schedules: the learning rate of every part of a model in every epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from adapt.errors import InputError, check_choice

if TYPE_CHECKING:
    from adapt.classifiers.config import TrainingConfig

__all__ = ["LearningRates", "Schedule", "check_strategy", "schedule_of", "strategy_names"]


@dataclass(frozen=True, kw_only=True)
class LearningRates:
    """Learning rates of the parts of a model in an epoch; a part with 0 is frozen.

    Parameters
    ----------
    embedding : float
        Of the word vectors; of the characters too, if words are spelled out.
    rare : float
        Of the vectors of rare words, and of those that an out-of-vocabulary strategy made.
    encoder : float
        Of the document encoder.
    head : float
        Of the head.
    """

    embedding: float
    rare: float
    encoder: float
    head: float

    def scaled(self, factor: float, words: float = 1.0) -> LearningRates:
        """Multiply all rates by `factor`, and those of word vectors by `words` besides."""
        return LearningRates(
            embedding=self.embedding * factor * words,
            rare=self.rare * factor * words,
            encoder=self.encoder * factor,
            head=self.head * factor,
        )


@dataclass(frozen=True)
class Schedule:
    """Learning rates that hold from one epoch to the next, until another stage begins.

    Parameters
    ----------
    stages : tuple of (int, LearningRates)
        The first epoch of every stage, from 1, and its rates.
    pull : float
        Strength of the penalty toward the initial vectors.
    decays_to : int or None
        Rates fall linearly from the first epoch on, and would be 0 in the epoch after this one;
        without, they stay as the stages have them.

    Raises
    ------
    InputError
        If the first stage does not begin in epoch 1, or one before another that it follows.
    """

    stages: tuple[tuple[int, LearningRates], ...]
    pull: float = 0.0
    decays_to: int | None = None

    def __post_init__(self) -> None:
        firsts = [first for first, _ in self.stages]
        if firsts[:1] != [1] or any(here >= after for here, after in pairwise(firsts)):
            raise InputError(
                f"stages begin in epochs {firsts}; begin in epoch 1, and each after the one before"
            )

    def rates(self, epoch: int) -> LearningRates:
        """Give the rates of an epoch, counted from 1."""
        rates = next(rates for first, rates in reversed(self.stages) if first <= epoch)
        if self.decays_to is None:
            return rates
        return rates.scaled(max(0.0, 1 - (epoch - 1) / self.decays_to))

    @property
    def trains_embedding(self) -> bool:
        """Whether word vectors move in any stage."""
        return any(rates.embedding > 0 or rates.rare > 0 for _, rates in self.stages)

    @property
    def last_start(self) -> int:
        """The epoch in which the last stage begins: before it, no part has been given its time."""
        return self.stages[-1][0]

    def scaled(self, factor: float, words: float = 1.0) -> Schedule:
        """Multiply all rates by `factor`, and those of word vectors by `words` besides."""
        stages = tuple((first, rates.scaled(factor, words)) for first, rates in self.stages)
        return replace(self, stages=stages)


def strategy_names() -> tuple[str, ...]:
    """List the training strategies."""
    return tuple(_STRATEGIES)


def schedule_of(config: TrainingConfig) -> Schedule:
    """Give the schedule of a configuration's strategy.

    The strategies, with the rates that hold where the configuration names none:

    - ``frozen``: the word vectors stay as they are.
    - ``fine-tuned``: word vectors at 1e-3, the rest at 2e-3, from the first epoch.
    - ``discriminative``: word vectors at 1e-5, the rest at 1e-3 (Howard and Ruder 2018).
    - ``two-stage``: `frozen_epochs` with frozen word vectors, then these too, at 1e-4.
    - ``gradual``: the head alone, then the document encoder too, then the word vectors too, each
      for `frozen_epochs` (gradual unfreezing, Howard and Ruder 2018).
    - ``penalised``: as ``fine-tuned``, pulled back to the initial vectors (L2-SP, Li et al. 2018).
    - ``by-frequency``: as ``fine-tuned``, but words that occur fewer than `rare_count` times in the
      training documents, and words that an out-of-vocabulary strategy made up, at a tenth of it.

    Raises
    ------
    InputError
        If the last stage would begin after `max_epochs`.

    References
    ----------
    Howard and Ruder (2018). Universal language model fine-tuning for text classification. ACL.

    Li, Grandvalet and Davoine (2018). Explicit inductive bias for transfer learning with
    convolutional networks. ICML.
    """
    schedule = _STRATEGIES[config.strategy](config)
    if schedule.last_start > config.max_epochs:
        raise InputError(
            f"strategy {config.strategy!r} begins its last stage in epoch {schedule.last_start}, "
            f"but max_epochs is {config.max_epochs}; give more of them, or lower frozen_epochs"
        )
    return replace(schedule, decays_to=config.max_epochs) if config.decay else schedule


def check_strategy(name: str) -> None:
    """Refuse a name that is none of `strategy_names`."""
    check_choice("strategy", name, _STRATEGIES)


def _rates(config: TrainingConfig, embedding: float, rest: float) -> LearningRates:
    """Take the rates of the configuration, or these where it names none."""
    words = config.embedding_learning_rate
    words = embedding if words is None else words
    rare = config.rare_learning_rate
    rest = rest if config.learning_rate is None else config.learning_rate
    return LearningRates(
        embedding=words, rare=words if rare is None else rare, encoder=rest, head=rest
    )


def _without(rates: LearningRates, *parts: str) -> LearningRates:
    return LearningRates(**{**vars(rates), **dict.fromkeys(parts, 0.0)})


def _frozen(config: TrainingConfig) -> Schedule:
    return Schedule(((1, _without(_rates(config, 0.0, 2e-3), "embedding", "rare")),))


def _fine_tuned(config: TrainingConfig) -> Schedule:
    return Schedule(((1, _rates(config, 1e-3, 2e-3)),))


def _discriminative(config: TrainingConfig) -> Schedule:
    return Schedule(((1, _rates(config, 1e-5, 1e-3)),))


def _two_stage(config: TrainingConfig) -> Schedule:
    first = _without(_rates(config, 0.0, 2e-3), "embedding", "rare")
    second = _rates(config, 1e-4, 2e-3)
    return Schedule(((1, first), (1 + config.frozen_epochs, second)))


def _gradual(config: TrainingConfig) -> Schedule:
    rates, wait = _rates(config, 1e-3, 2e-3), config.frozen_epochs
    return Schedule(
        (
            (1, _without(rates, "embedding", "rare", "encoder")),
            (1 + wait, _without(rates, "embedding", "rare")),
            (1 + 2 * wait, rates),
        )
    )


def _penalised(config: TrainingConfig) -> Schedule:
    pull = 10.0 if config.pull is None else config.pull
    return Schedule(_fine_tuned(config).stages, pull)


def _by_frequency(config: TrainingConfig) -> Schedule:
    rates = _rates(config, 1e-3, 2e-3)
    if config.rare_learning_rate is None:
        rates = LearningRates(**{**vars(rates), "rare": rates.embedding / 10})
    return Schedule(((1, rates),))


_STRATEGIES: Mapping[str, Callable[[TrainingConfig], Schedule]] = {
    "frozen": _frozen,
    "fine-tuned": _fine_tuned,
    "discriminative": _discriminative,
    "two-stage": _two_stage,
    "gradual": _gradual,
    "penalised": _penalised,
    "by-frequency": _by_frequency,
}
