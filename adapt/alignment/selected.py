"""The outcome of choosing anchors: those chosen, and the others, each with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from adapt.alignment.anchors import Anchors
from adapt.errors import InputError
from adapt.files import atomic_path

__all__ = ["REASONS", "Candidate", "SelectedAnchors"]

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "absent_from_domain": "the domain space lacks the domain word",
        "absent_from_general": "the general space lacks the general word",
        "zero_vector": "one of the two vectors holds only zeros",
        "too_rare": "rarer in the domain than min_count",
        "too_frequent": "more frequent in the domain than max_count",
        "too_rare_in_general": "of a greater general rank than max_general_rank",
        "too_frequent_in_general": "of a smaller general rank than min_general_rank",
        "stop_word": "one of the two is an English stop word",
        "number": "one of the two has no letter",
        "too_short": "one of the two has fewer characters than min_length",
        "skipped": "one of the skip_most_frequent first that pass the tests above",
        "held_out": "set aside to test the map",
        "neighbours_disagree": "its neighbours overlap by less than min_overlap",
        "beyond_limit": "less frequent than the `limit` first that pass all tests",
    }
)
"""Why a candidate is no anchor, in the order of the tests: of several reasons the first counts."""


@dataclass(frozen=True)
class Candidate:
    """A pair of words that might have become an anchor.

    Parameters
    ----------
    domain, general : str
        The two words.
    reason : str, optional
        Why it is no anchor, one of `REASONS`; None of an anchor.
    domain_count, general_count : int, optional
        How often the words occurred; None where that is not known, or the word is absent.
    domain_rank, general_rank : int, optional
        Their ranks by frequency; None where the word is absent.
    overlap : float, optional
        Share of its nearest neighbours that it has in common in both spaces; None where it was not
        measured.
    """

    domain: str
    general: str
    reason: str | None
    domain_count: int | None
    general_count: int | None
    domain_rank: int | None
    general_rank: int | None
    overlap: float | None


@dataclass(frozen=True, eq=False)
class SelectedAnchors:
    """The anchors, and all other candidates with the reason why they are none.

    Everything stands in columns, so that hundreds of thousands of candidates cost little. The
    most frequent candidates come first; those that the domain lacks are last, by word.

    Parameters
    ----------
    candidates : Anchors
        All n of them.
    reasons : tuple of (str or None), n long
        Why each is no anchor, one of `REASONS`; None of the anchors.
    domain_counts, general_counts : ndarray of int64, shape (n,), optional
        How often the words occurred, 0 where absent; None where that is not known.
    domain_ranks, general_ranks : ndarray of int64, shape (n,)
        Their ranks by frequency, 0 where absent.
    overlaps : ndarray of float64, shape (n,)
        Share of the nearest neighbours that a pair has in common in both spaces; NaN where it
        could not be measured, or was not asked for.
    n_neighbors : int
        How many neighbours were compared.
    n_references : int
        Among how many candidates they were looked for: those that pass all tests before
        `held_out`; 0 if overlaps were not asked for.
    """

    candidates: Anchors
    reasons: tuple[str | None, ...]
    domain_counts: NDArray[np.int64] | None
    general_counts: NDArray[np.int64] | None
    domain_ranks: NDArray[np.int64]
    general_ranks: NDArray[np.int64]
    overlaps: NDArray[np.float64]
    n_neighbors: int
    n_references: int

    def __post_init__(self) -> None:
        n = len(self.candidates)
        for name in ("reasons", "domain_ranks", "general_ranks", "overlaps"):
            if len(getattr(self, name)) != n:
                raise InputError(
                    f"{name} has {len(getattr(self, name))} entries, but there are {n} candidates"
                )

    def __repr__(self) -> str:
        return f"SelectedAnchors({len(self.anchors)} of {len(self.candidates)} candidates)"

    @property
    def anchors(self) -> Anchors:
        """The anchors to fit a map on, the most frequent first."""
        return self._because(None)

    @property
    def held_out(self) -> Anchors:
        """The pairs that were set aside to test it, the most frequent first."""
        return self._because("held_out")

    @property
    def n_rejected(self) -> dict[str, int]:
        """How many were rejected for each reason that occurred, in the order of `REASONS`."""
        numbers = Counter(self.reasons)
        return {name: numbers[name] for name in REASONS if name != "held_out" and numbers[name]}

    @property
    def chance_overlap(self) -> float | None:
        """What overlap is to be expected where spaces have nothing in common; None if unmeasured.

        It is ``n_neighbors / (n_references - 1)``, of the references themselves.
        """
        return self.n_neighbors / (self.n_references - 1) if self.n_references else None

    def rejected(self, *reasons: str) -> tuple[Candidate, ...]:
        """List the candidates that are neither anchors nor held out, the most frequent first.

        Parameters
        ----------
        *reasons : str
            Only those that were rejected for one of these `REASONS`; without any, all.

        Raises
        ------
        InputError
            If there is no such reason.
        """
        for reason in reasons:
            if reason not in REASONS:
                raise InputError(f"unknown reason {reason!r}; known are {', '.join(REASONS)}")
        wanted = reasons or tuple(name for name in REASONS if name != "held_out")
        return tuple(self._candidate(i) for i, why in enumerate(self.reasons) if why in wanted)

    def changed(
        self, n: int = 20, *, max_domain_rank: int = 5000, max_general_rank: int = 20_000
    ) -> tuple[Candidate, ...]:
        """List the words that changed meaning most: frequent in both spaces, of lowest overlap.

        The more neighbours were compared, the fewer words share an overlap of 0: a list wants more
        of them (3 to 5 % of the references) than a map does.

        Parameters
        ----------
        n : int
            At most how many. They may be anchors, held out, or rejected for their overlap or the
            limit; what other tests reject is not compared.
        max_domain_rank, max_general_rank : int
            Leave out words of greater rank: those have vectors that say little.

        Returns
        -------
        tuple of Candidate
            The lowest overlap first, and of equals the more frequent in the domain.

        Raises
        ------
        InputError
            If overlaps were not measured.
        """
        if not self.n_references:
            raise InputError(
                "overlaps were not measured, so no change of meaning is known; select with "
                "min_overlap, which may be 0"
            )
        compared = (None, "held_out", "neighbours_disagree", "beyond_limit")
        frequent = np.array([reason in compared for reason in self.reasons], dtype=bool)
        frequent &= (self.domain_ranks <= max_domain_rank) & (
            self.general_ranks <= max_general_rank
        )
        rows = np.flatnonzero(frequent)
        order = np.argsort(self.overlaps[rows], kind="stable")
        return tuple(self._candidate(int(i)) for i in rows[order[:n]])

    def write_table(self, path: Path | str) -> None:
        """Write all candidates as a TSV file with a header, whole or not at all.

        An anchor's reason is empty, as is whatever is not known.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        names = [field.name for field in fields(Candidate)]
        with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as file:
            file.write("\t".join(names) + "\n")
            for i in range(len(self.candidates)):
                values = vars(self._candidate(i)).values()
                file.write("\t".join("" if v is None else f"{v}" for v in values) + "\n")

    def _because(self, wanted: str | None) -> Anchors:
        return self.candidates.subset(i for i, why in enumerate(self.reasons) if why == wanted)

    def _candidate(self, i: int) -> Candidate:
        overlap = float(self.overlaps[i])
        return Candidate(
            domain=self.candidates.domain[i],
            general=self.candidates.general[i],
            reason=self.reasons[i],
            domain_count=_known(self.domain_counts, self.domain_ranks, i),
            general_count=_known(self.general_counts, self.general_ranks, i),
            domain_rank=_known(self.domain_ranks, self.domain_ranks, i),
            general_rank=_known(self.general_ranks, self.general_ranks, i),
            overlap=None if np.isnan(overlap) else overlap,
        )


def _known(column: NDArray[np.int64] | None, ranks: NDArray[np.int64], i: int) -> int | None:
    """Return a figure of word i, unless it is unknown or the word is absent."""
    return None if column is None or not ranks[i] else int(column[i])
