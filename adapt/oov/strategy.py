"""The protocol of the strategies that give a vector to a word that has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np

from adapt.errors import InputError
from adapt.oov.noise import Normal, Uniform
from adapt.oov.zeros import Zeros
from adapt.seeds import check_seed
from adapt.vectors import WordVectors

__all__ = ["OOVStrategy", "strategy_named", "strategy_names"]


@runtime_checkable
class OOVStrategy(Protocol):
    """Learns from known vectors, then answers for unknown words.

    A word's vector depends on the word, the fitted vectors and the seed alone: never on the other
    words asked for, nor on their order, so that unseen text cannot leak into it.
    """

    name: ClassVar[str]

    def fit(self, vectors: WordVectors) -> Self:
        """Learn whatever is needed from the known vectors."""

    def vectors_for(self, words: Sequence[str]) -> np.ndarray:
        """Give float32 vectors ``(len(words), dim)``, all finite."""


_STRATEGIES: dict[str, Callable[[int], OOVStrategy]] = {
    Zeros.name: lambda seed: Zeros(),
    Uniform.name: lambda seed: Uniform(seed=seed),
    Normal.name: lambda seed: Normal(seed=seed),
}


def strategy_names() -> tuple[str, ...]:
    """Names of the strategies, as used on the command line and in TOML."""
    return tuple(_STRATEGIES)


def strategy_named(name: str, *, seed: int = 0) -> OOVStrategy:
    """Make the strategy called `name`, not yet fitted.

    Raises
    ------
    InputError
        If there is no such strategy.

    Examples
    --------
    >>> strategy_named("normal", seed=1)
    Normal(seed=1)
    """
    if name not in _STRATEGIES:
        near = get_close_matches(name, _STRATEGIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(_STRATEGIES)}"
        raise InputError(f"no out-of-vocabulary strategy is called {name!r}; {hint}")
    check_seed(seed)
    return _STRATEGIES[name](seed)
