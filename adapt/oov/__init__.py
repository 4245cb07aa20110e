"""A vector for words that have none."""

from adapt.oov.blend import Blend
from adapt.oov.chain import Chain
from adapt.oov.characters import Characters
from adapt.oov.constant import Mean, Zeros
from adapt.oov.context import Context
from adapt.oov.fasttext import FastText
from adapt.oov.noise import Normal, Uniform
from adapt.oov.registry import strategy_components, strategy_named, strategy_names
from adapt.oov.related import Related
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.oov.subword import Subword
from adapt.oov.synonyms import read_synonyms

__all__ = [
    "Blend",
    "Chain",
    "Characters",
    "Context",
    "FastText",
    "Filled",
    "Mean",
    "Normal",
    "OOVStrategy",
    "Related",
    "Subword",
    "Uniform",
    "Zeros",
    "read_synonyms",
    "strategy_components",
    "strategy_named",
    "strategy_names",
]
