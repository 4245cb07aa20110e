"""A vector for words that have none."""

from adapt.oov.noise import Normal, Uniform
from adapt.oov.strategy import OOVStrategy, strategy_named, strategy_names
from adapt.oov.zeros import Zeros

__all__ = ["Normal", "OOVStrategy", "Uniform", "Zeros", "strategy_named", "strategy_names"]
