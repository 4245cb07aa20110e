"""The strategies by name, as on the command line and in TOML."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from adapt.errors import InputError
from adapt.oov.blend import Blend
from adapt.oov.chain import Chain
from adapt.oov.characters import Characters
from adapt.oov.constant import Mean, Zeros
from adapt.oov.context import Context
from adapt.oov.fasttext import FastText
from adapt.oov.noise import Normal, Uniform
from adapt.oov.related import Related
from adapt.oov.strategy import OOVStrategy
from adapt.oov.subword import Subword
from adapt.oov.synonyms import read_synonyms
from adapt.seeds import check_seed

__all__ = ["strategy_components", "strategy_named", "strategy_names"]

_Make = Callable[[str | None, int], OOVStrategy]
"""From what stands behind the colon, if anything, and the seed."""

_STRATEGIES: dict[str, _Make] = {
    Zeros.name: lambda argument, seed: Zeros(),
    Mean.name: lambda argument, seed: Mean(),
    Uniform.name: lambda argument, seed: Uniform(seed=seed),
    Normal.name: lambda argument, seed: Normal(seed=seed),
    Related.name: lambda argument, seed: Related(read_synonyms(argument) if argument else {}),
    Subword.name: lambda argument, seed: Subword(),
    FastText.name: lambda argument, seed: FastText(argument or ""),
    Context.name: lambda argument, seed: Context(),
    Characters.name: lambda argument, seed: Characters(argument or "ngrams", seed=seed),
}
_TAKE_ARGUMENTS: dict[str, str] = {
    Related.name: "a file of words and their synonyms",
    FastText.name: "the file of a fastText model (.bin)",
    Characters.name: "an encoder, ngrams or bilstm,",
}
"""Strategies that may be followed by a colon and something more, and what that is."""

_NEED_ARGUMENTS = (FastText.name,)
"""Those of them that must be."""


def strategy_names() -> tuple[str, ...]:
    """Names of the strategies that need nothing but their name, as on the command line and TOML."""
    return tuple(name for name in _STRATEGIES if name not in _NEED_ARGUMENTS)


def strategy_named(name: str, *, seed: int = 0) -> OOVStrategy:
    """Make the strategy called `name`, not yet fitted.

    Parameters
    ----------
    name : str
        One of `strategy_names`; several with plus signs between them for a `Blend`; any of these
        with commas between them for a `Chain`. Some take, or need, an argument behind a colon.
    seed : int
        Of the strategies that draw at random.

    Raises
    ------
    InputError
        If there is no such strategy, or the chain makes no sense.

    Examples
    --------
    >>> strategy_named("normal", seed=1)
    Normal(seed=1)
    """
    check_seed(seed)
    links = [_link(part.strip(), seed) for part in name.split(",")]
    return links[0] if len(links) == 1 else Chain(links)


def strategy_components(name: str) -> tuple[str, ...]:
    """List the single strategies that a chain of blends is made of, each as it was written.

    Examples
    --------
    >>> strategy_components("related+subword, mean")
    ('related', 'subword', 'mean')
    """
    return tuple(part for link in name.split(",") for part in _blended(link.strip()))


def _link(text: str, seed: int) -> OOVStrategy:
    made = [_single(part, seed) for part in _blended(text)]
    return made[0] if len(made) == 1 else Blend(made)


def _blended(text: str) -> list[str]:
    # a plus sign that no strategy follows belongs to the name of a file
    parts = re.split(rf"\+(?=\s*(?:{'|'.join(_STRATEGIES)})\b)", text)
    return [part.strip() for part in parts]


def _single(text: str, seed: int) -> OOVStrategy:
    name, colon, argument = text.partition(":")
    if name not in _STRATEGIES:
        near = get_close_matches(name, _STRATEGIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(_STRATEGIES)}"
        raise InputError(f"no out-of-vocabulary strategy is called {name!r}; {hint}")
    missing = not argument and (colon or name in _NEED_ARGUMENTS)
    if missing or (colon and name not in _TAKE_ARGUMENTS):
        takes = _TAKE_ARGUMENTS.get(name)
        hint = f"give {takes} behind the colon" if takes else f"write {name!r} alone"
        raise InputError(f"the out-of-vocabulary strategy {text!r} cannot be made; {hint}")
    return _STRATEGIES[name](argument or None, seed)
