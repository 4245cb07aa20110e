"""Merge policies: two aligned spaces become one.

The general vectors go first everywhere: their words keep their order, and the in-domain words that
they lack follow. Every word of the result says where its vector came from: `general`, `domain`, or
`both`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from adapt.errors import InputError
from adapt.vectors import WordVectors

__all__ = ["matched_scale", "merge", "policy_names"]


@dataclass(frozen=True)
class _Union:
    """Rows of both spaces for every word of either; -1 where a space lacks the word.

    `domain` is already scaled to the norms of `general`.
    """

    general: np.ndarray
    domain: np.ndarray
    general_rows: np.ndarray
    domain_rows: np.ndarray

    @property
    def in_general(self) -> np.ndarray:
        return self.general_rows >= 0

    @property
    def in_domain(self) -> np.ndarray:
        return self.domain_rows >= 0


def merge(
    general: WordVectors,
    domain: WordVectors,
    policy: str = "domain_first",
    *,
    match_scale: bool = True,
) -> WordVectors:
    """Merge two spaces that share coordinates into one.

    Parameters
    ----------
    general : WordVectors
        The general vectors, ``(n, d)``.
    domain : WordVectors
        The in-domain vectors after alignment: ``(m, d)``; any dimension for `concat`.
    policy : {"domain_first", "general_first", "average", "concat"}
        What becomes of the words that both spaces have. `concat` joins the two vectors of every
        word, with zeros for the one that is missing; it needs no alignment.
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
        If there is no such policy, or the dimensions differ and the policy needs equal ones.

    References
    ----------
    Coates, J., Bollegala, D. (2018). Frustratingly easy meta-embedding. NAACL.
    Yin, W., Schütze, H. (2016). Learning word meta-embeddings. ACL.
    """
    if policy not in _POLICIES:
        near = get_close_matches(policy, _POLICIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(_POLICIES)}"
        raise InputError(f"no merge policy is called {policy!r}; {hint}")
    if policy != "concat" and general.dim != domain.dim:
        raise InputError(
            f"policy {policy!r} needs one space, but the general vectors have {general.dim} "
            f"dimensions and the domain vectors {domain.dim}; align them first, or use 'concat'"
        )
    words, union = _union(general, domain, match_scale=match_scale)
    matrix, from_general, from_domain = _POLICIES[policy](union)
    only = np.where(
        from_general,
        _labels(general, "general")[union.general_rows],
        _labels(domain, "domain")[union.domain_rows],
    )
    sources = np.where(from_general & from_domain, "both", only)
    return WordVectors(
        words=words,
        matrix=matrix,
        counts=_domain_counts(domain, union),
        origin=f"merged:{policy}",
        sources=tuple(sources.tolist()),
    )


def policy_names() -> tuple[str, ...]:
    """Names of the merge policies, as used on the command line and in TOML."""
    return tuple(_POLICIES)


def matched_scale(general: WordVectors, domain: WordVectors) -> float:
    """Factor that gives `domain` the mean norm of `general` over the words of both.

    Without shared words, or where those of one side are all zero, the factor is 1.
    """
    rows = general.rows(domain.words)
    shared = rows >= 0
    if not shared.any():
        return 1.0
    wanted = float(np.linalg.norm(general.matrix[rows[shared]], axis=1).mean(dtype=np.float64))
    present = float(np.linalg.norm(domain.matrix[shared], axis=1).mean(dtype=np.float64))
    return wanted / present if wanted > 0 and present > 0 else 1.0


def _labels(vectors: WordVectors, side: str) -> np.ndarray:
    """Name where each vector came from: what it was merged from before, or else this side."""
    if vectors.sources is None:
        return np.full(len(vectors), side, dtype=object)
    return np.asarray(vectors.sources, dtype=object)


def _union(
    general: WordVectors, domain: WordVectors, *, match_scale: bool
) -> tuple[tuple[str, ...], _Union]:
    shared = general.rows(domain.words)
    added = np.flatnonzero(shared < 0)
    words = general.words + tuple(domain.words[row] for row in added)
    general_rows = np.concatenate([np.arange(len(general)), np.full(len(added), -1)])
    domain_rows = np.full(len(words), -1)
    domain_rows[shared[shared >= 0]] = np.flatnonzero(shared >= 0)
    domain_rows[len(general) :] = added
    factor = matched_scale(general, domain) if match_scale else 1.0
    scaled = domain.matrix * np.float32(factor)
    return words, _Union(general.matrix, scaled, general_rows, domain_rows)


_Merged = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Matrix ``(n, d)``, and masks ``(n,)`` of the words that have a part from general and domain."""


def _general_first(union: _Union) -> _Merged:
    from_domain = ~union.in_general
    return _pick(union, from_domain), ~from_domain, from_domain


def _domain_first(union: _Union) -> _Merged:
    from_domain = union.in_domain
    return _pick(union, from_domain), ~from_domain, from_domain


def _average(union: _Union) -> _Merged:
    matrix = _pick(union, union.in_domain)
    both = union.in_general & union.in_domain
    matrix[both] = (matrix[both] + union.general[union.general_rows[both]]) / 2
    return matrix, union.in_general, union.in_domain


def _concat(union: _Union) -> _Merged:
    split = union.general.shape[1]
    matrix = np.zeros((len(union.general_rows), split + union.domain.shape[1]), dtype=np.float32)
    matrix[union.in_general, :split] = union.general[union.general_rows[union.in_general]]
    matrix[union.in_domain, split:] = union.domain[union.domain_rows[union.in_domain]]
    return matrix, union.in_general, union.in_domain


def _pick(union: _Union, from_domain: np.ndarray) -> np.ndarray:
    """Take each word's vector from one space: the domain where the mask says so."""
    matrix = np.empty((len(from_domain), union.general.shape[1]), dtype=np.float32)
    matrix[from_domain] = union.domain[union.domain_rows[from_domain]]
    matrix[~from_domain] = union.general[union.general_rows[~from_domain]]
    return matrix


_POLICIES: dict[str, Callable[[_Union], _Merged]] = {
    "domain_first": _domain_first,
    "general_first": _general_first,
    "average": _average,
    "concat": _concat,
}


def _domain_counts(domain: WordVectors, union: _Union) -> np.ndarray | None:
    if domain.counts is None:
        return None
    counts = np.zeros(len(union.domain_rows), dtype=np.int64)
    counts[union.in_domain] = domain.counts[union.domain_rows[union.in_domain]]
    return counts
