"""What merge policies have in common: the words of two spaces, and what becomes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import row_lengths
from adapt.errors import InputError
from adapt.vectors import WordVectors

__all__ = ["MergePolicy", "Merged", "Union", "matched_scale"]


@dataclass(frozen=True, eq=False)
class Union:
    """The words of either space: first those of the general one, then what the domain adds.

    Parameters
    ----------
    general : ndarray of float32, shape (n_general, d)
        The general vectors.
    domain : ndarray of float32, shape (n_domain, p)
        The in-domain vectors, at the scale of the general ones.
    general_rows, domain_rows : ndarray of int64, shape (n_words,)
        Where each word stands in both; -1 where a space lacks it.
    counts : ndarray of int64, shape (n_words,), or None
        How often each word occurs in the domain, if that is known.
    general_counts : ndarray of int64, shape (n_general,), or None
        How often each general word occurs in general text, if that is known.
    """

    general: NDArray[np.float32]
    domain: NDArray[np.float32]
    general_rows: NDArray[np.int64]
    domain_rows: NDArray[np.int64]
    counts: NDArray[np.int64] | None
    general_counts: NDArray[np.int64] | None

    @property
    def in_general(self) -> NDArray[np.bool_]:
        """Which words the general space has, shape (n_words,)."""
        return self.general_rows >= 0

    @property
    def in_domain(self) -> NDArray[np.bool_]:
        """Which words the domain has, shape (n_words,)."""
        return self.domain_rows >= 0

    @property
    def in_both(self) -> NDArray[np.bool_]:
        """Which words both have, shape (n_words,)."""
        return self.in_general & self.in_domain

    def pick(self, from_domain: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Take each word's vector from one space: the domain where the mask says so."""
        matrix = np.empty((len(from_domain), self.general.shape[1]), dtype=np.float32)
        matrix[from_domain] = self.domain[self.domain_rows[from_domain]]
        matrix[~from_domain] = self.general[self.general_rows[~from_domain]]
        return matrix

    @classmethod
    def of(
        cls, general: WordVectors, domain: WordVectors, *, match_scale: bool
    ) -> tuple[tuple[str, ...], Union]:
        """Unite two spaces; return the words and their rows."""
        shared = general.rows(domain.words)
        added = np.flatnonzero(shared < 0)
        words = general.words + tuple(domain.words[row] for row in added)
        general_rows = np.concatenate([np.arange(len(general)), np.full(len(added), -1)])
        domain_rows = np.full(len(words), -1)
        domain_rows[shared[shared >= 0]] = np.flatnonzero(shared >= 0)
        domain_rows[len(general) :] = added
        counts = None
        if domain.counts is not None:
            counts = np.where(domain_rows >= 0, domain.counts[domain_rows], 0)
        factor = matched_scale(general, domain) if match_scale else 1.0
        scaled = domain.matrix * np.float32(factor)
        return words, cls(general.matrix, scaled, general_rows, domain_rows, counts, general.counts)


@dataclass(frozen=True, eq=False)
class Merged:
    """What a policy made of a union.

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_words, any dim)
        The vectors.
    from_general, from_domain : ndarray of bool, shape (n_words,)
        Which words have a part from which space.
    """

    matrix: NDArray[np.float32]
    from_general: NDArray[np.bool_]
    from_domain: NDArray[np.bool_]


class MergePolicy(ABC):
    """Decides what becomes of the words that both spaces have.

    Attributes
    ----------
    name : str
        What it is called on the command line and in TOML.
    needs_one_space : bool
        Whether both spaces must have the same coordinates. Such policies keep the vectors of words
        that only the general space has as they are, byte for byte.
    needs_counts : bool
        Whether the domain must say how often its words occur.
    """

    name: ClassVar[str]
    needs_one_space: ClassVar[bool] = True
    needs_counts: ClassVar[bool] = False

    @abstractmethod
    def combine(self, union: Union) -> Merged:
        """Give every word of a union its vector.

        Raises
        ------
        InputError
            If the policy cannot be applied to these words.
        """

    def check(self, general: WordVectors, domain: WordVectors) -> None:
        """Refuse spaces that the policy cannot merge.

        Raises
        ------
        InputError
            If dimensions differ, or counts are missing, and the policy needs them.
        """
        if self.needs_one_space and general.dim != domain.dim:
            raise InputError(
                f"policy {self.name!r} needs one space, but the general vectors have {general.dim} "
                f"dimensions and the domain vectors {domain.dim}; align them first, or use 'concat'"
            )
        if self.needs_counts and domain.counts is None:
            raise InputError(
                f"policy {self.name!r} needs the counts of the domain's words, but "
                f"{domain.origin or 'its vectors'} come without; keep them as .safetensors, which "
                "holds counts, or use 'average'"
            )


def matched_scale(general: WordVectors, domain: WordVectors) -> float:
    """Factor that gives `domain` the mean norm of `general` over the words of both.

    Without shared words, or where those of one side are all zero, the factor is 1.

    Raises
    ------
    InputError
        If float32 cannot hold the factor.
    """
    rows = general.rows(domain.words)
    shared = rows >= 0
    if not shared.any():
        return 1.0
    wanted = float(row_lengths(general.matrix[rows[shared]]).mean())
    present = float(row_lengths(domain.matrix[shared]).mean())
    if not (wanted > 0 and present > 0):
        return 1.0
    factor, limits = wanted / present, np.finfo(np.float32)
    if not float(limits.tiny) <= factor <= float(limits.max):
        raise InputError(
            f"the shared words' vectors have a mean length of {wanted:.0e} in the general space "
            f"and of {present:.0e} in the domain, too far apart for one scale; rescale either"
        )
    return factor
