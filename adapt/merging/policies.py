"""Merging: two aligned spaces become one, by a policy.

The general vectors go first everywhere: their words keep their order, and the in-domain words that
they lack follow. Every word of the result says where its vector came from: `general`, `domain`, or
`both`.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.merging.blending import Average, Convex, FrequencyWeighted, SpecificityWeighted
from adapt.merging.concatenation import Concat, ConcatPCA
from adapt.merging.policy import Merged, MergePolicy, Union
from adapt.vectors import WordVectors

__all__ = ["DomainFirst", "GeneralFirst", "merge", "policy_named", "policy_names"]


@dataclass(frozen=True)
class DomainFirst(MergePolicy):
    """Shared words keep their in-domain vectors."""

    name: ClassVar[str] = "domain_first"

    def combine(self, union: Union) -> Merged:
        """Take the in-domain vector of every word that has one."""
        return Merged(union.pick(union.in_domain), ~union.in_domain, union.in_domain)


@dataclass(frozen=True)
class GeneralFirst(MergePolicy):
    """Shared words keep their general vectors, as all general words do."""

    name: ClassVar[str] = "general_first"

    def combine(self, union: Union) -> Merged:
        """Take the general vector of every word that has one."""
        return Merged(union.pick(~union.in_general), union.in_general, ~union.in_general)


_POLICIES: dict[str, type[MergePolicy]] = {
    policy.name: policy
    for policy in (
        DomainFirst,
        GeneralFirst,
        Average,
        FrequencyWeighted,
        SpecificityWeighted,
        Convex,
        Concat,
        ConcatPCA,
    )
}


def policy_names() -> tuple[str, ...]:
    """Names of the merge policies, as used on the command line and in TOML."""
    return tuple(_POLICIES)


def policy_named(name: str, **options: Any) -> MergePolicy:
    """Make the merge policy called `name`, with its options.

    Parameters
    ----------
    name : str
        One of `policy_names`.
    **options
        As the policy's class takes.

    Raises
    ------
    InputError
        If there is no such policy, or an option has an impossible value.

    Examples
    --------
    >>> policy_named("frequency_weighted", k=100)
    FrequencyWeighted(k=100, restore=True)
    """
    if name not in _POLICIES:
        near = get_close_matches(name, _POLICIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(_POLICIES)}"
        raise InputError(f"no merge policy is called {name!r}; {hint}")
    return _POLICIES[name](**options)


def merge(
    general: WordVectors,
    domain: WordVectors,
    policy: MergePolicy | str = "domain_first",
    *,
    match_scale: bool = True,
) -> WordVectors:
    """Merge two spaces that share coordinates into one.

    Parameters
    ----------
    general : WordVectors
        The general vectors, ``(n, d)``.
    domain : WordVectors
        The in-domain vectors after alignment: ``(m, d)``; any dimension for those policies that
        concatenate, which need no alignment.
    policy : MergePolicy or str
        What becomes of the words that both spaces have; a name of `policy_names` stands for a
        policy with its usual options.
    match_scale : bool
        Multiply the in-domain vectors by one number, so that over the shared words both spaces
        have the same mean norm.

    Returns
    -------
    WordVectors
        One vector for each word of either space, with `sources`. Counts are those of the domain,
        0 for words that it lacks.

    Raises
    ------
    InputError
        If there is no such policy, or the policy cannot merge these spaces.

    See Also
    --------
    policy_named : policies with options of one's own.
    """
    if isinstance(policy, str):
        policy = policy_named(policy)
    policy.check(general, domain)
    with np.errstate(over="ignore"):  # what overflows float32 is refused below, with its word
        words, union = Union.of(general, domain, match_scale=match_scale)
        merged = policy.combine(union)
    only = np.where(
        merged.from_general,
        _labels(general, "general")[union.general_rows],
        _labels(domain, "domain")[union.domain_rows],
    )
    sources = np.where(merged.from_general & merged.from_domain, "both", only)
    return WordVectors(
        words=words,
        matrix=merged.matrix,
        counts=union.counts,
        origin=f"merged:{policy.name}",
        sources=tuple(sources.tolist()),
    )


def _labels(vectors: WordVectors, side: str) -> NDArray[np.object_]:
    """Name where each vector came from: what it was merged from before, or else this side."""
    if vectors.sources is None:
        return np.full(len(vectors), side, dtype=object)
    return np.asarray(vectors.sources, dtype=object)
