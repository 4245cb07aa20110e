"""A vector for words that have none."""

from adapt.oov.chain import Chain
from adapt.oov.characters import Characters
from adapt.oov.constant import Mean, Zeros
from adapt.oov.noise import Normal, Uniform
from adapt.oov.registry import strategy_named, strategy_names
from adapt.oov.strategy import Filled, OOVStrategy

__all__ = [
    "Chain",
    "Characters",
    "Filled",
    "Mean",
    "Normal",
    "OOVStrategy",
    "Uniform",
    "Zeros",
    "strategy_named",
    "strategy_names",
]
