"""The aligners by name, as on the command line and in TOML."""

from __future__ import annotations

import difflib
from typing import Any

from adapt.alignment.aligner import Aligner
from adapt.alignment.automatic import Automatic
from adapt.alignment.kernel import KernelRidge
from adapt.alignment.linear import Identity, Procrustes
from adapt.alignment.rcsls import RCSLS
from adapt.alignment.refined import Refined
from adapt.alignment.regression import CCA, Reweighted, Ridge
from adapt.alignment.robust import RobustProcrustes, WeightedProcrustes
from adapt.errors import InputError

__all__ = ["ALIGNERS", "aligner_named", "aligner_names"]

ALIGNERS: dict[str, type[Aligner]] = {
    aligner.name: aligner
    for aligner in (
        Procrustes,
        WeightedProcrustes,
        RobustProcrustes,
        Ridge,
        CCA,
        Reweighted,
        RCSLS,
        KernelRidge,
        Refined,
        Automatic,
        Identity,
    )
}
"""The aligners by name."""


def aligner_names() -> tuple[str, ...]:
    """Names of the aligners, as used on the command line and in TOML."""
    return tuple(ALIGNERS)


def aligner_named(name: str, **options: Any) -> Aligner:
    """Make the aligner called `name`, with its options.

    Parameters
    ----------
    name : str
        One of `aligner_names`; ``refined:NAME`` refines the aligner of that name.
    **options
        As the aligner's class takes; those of ``refined:NAME`` go to the aligner that is refined.

    Raises
    ------
    InputError
        If there is no such aligner, or an option has an impossible value.
    """
    wrapper, colon, base = name.partition(":")
    if colon and wrapper == Refined.name and base not in (Refined.name, Automatic.name):
        return Refined(aligner_named(base, **options))
    if name not in ALIGNERS:
        close = difflib.get_close_matches(name, ALIGNERS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(ALIGNERS)}"
        raise InputError(f"unknown aligner {name!r}; {hint}")
    return ALIGNERS[name](**options)
