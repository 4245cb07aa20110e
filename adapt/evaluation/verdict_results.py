"""The verdict on a study as it stands in its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Advice", "BudgetVerdict", "Rival", "StudyVerdict"]

Advice = Literal["adapt", "do not adapt", "undecided"]


@dataclass(frozen=True)
class Rival:
    """What the adapted configuration was set against, and how far ahead it is, in [-1, 1]."""

    family: str
    embedding: str
    oov: str
    model: str
    strategy: str
    difference: float
    difference_low: float
    difference_high: float
    p_corrected: float
    conclusion: Literal["better", "worse", "not confirmed", "no difference shown"]


@dataclass(frozen=True)
class BudgetVerdict:
    """Whether to adapt with so many labels, the adapted configuration to take, and its rivals."""

    n_train: int
    advice: Advice
    embedding: str
    oov: str
    model: str
    strategy: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    rivals: tuple[Rival, ...]


@dataclass(frozen=True)
class StudyVerdict:
    """Whether to adapt, in a sentence for each piece of advice, and what to bear in mind.

    `advice` is None where it depends on the label budget. `merging` says whether general vectors
    add to the in-domain ones; it is empty where the study has not tried.
    """

    advice: Advice | None
    headline: str
    merging: str
    cautions: tuple[str, ...]
    budgets: tuple[BudgetVerdict, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is said, in the order of its weight."""
        return tuple(text for text in (self.headline, self.merging, *self.cautions) if text)
