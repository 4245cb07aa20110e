"""Paired comparisons of a study as they stand in its results."""

from __future__ import annotations

from dataclasses import dataclass

from adapt.evaluation.bootstrap import Estimate

__all__ = ["ALPHA", "AreaComparison", "Comparison", "CurveArea", "McNemar", "NeededSize"]

ALPHA = 0.05
"""The share of studies in which some difference may be called one though there is none."""


@dataclass(frozen=True)
class McNemar:
    """Documents that one system gets right and the other does not, and McNemar's test of these.

    `odds_ratio` is `n_first` over `n_second`; None where the second is never right alone.
    """

    n_first: int
    n_second: int
    odds_ratio: float | None
    p_value: float


@dataclass(frozen=True)
class NeededSize:
    """How large a study would have to be to show a difference of the size that this one measured.

    Four such studies of five would then find a p-value below `alpha`. `n_seeds` is on the same
    number of test documents, and `n_documents` with the same number of seeds. None where no number
    would do, or none that is worth having (see `adapt.evaluation.power`); with a single seed
    nothing is known of what others would do, and `n_documents` speaks of this one alone.
    """

    n_seeds: int | None
    n_documents: int | None
    alpha: float


@dataclass(frozen=True)
class Comparison:
    """Paired difference in accuracy, `embedding` minus `baseline`, with its 95 % interval.

    Both have the same label budget; what is filled into unknown words, the model, and the strategy
    are named for either side. `p_corrected` is Holm's correction over all comparisons of the study,
    those of areas included. `effect` is Cohen's h. `mcnemar` is a second look, over documents alone
    and uncorrected, for readers who know it. `needed` is None where the comparison is decided.
    """

    embedding: str
    oov: str
    model: str
    baseline: str
    baseline_oov: str
    baseline_model: str
    baseline_strategy: str
    strategy: str
    n_train: int
    n_seeds: int
    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    p_corrected: float
    effect: Estimate
    mcnemar: McNemar
    needed: NeededSize | None


@dataclass(frozen=True)
class CurveArea:
    """Area under the learning curve of a configuration: its accuracy at all label budgets in one.

    Mean accuracy over the logarithm of the `budgets`, in [0, 1], with its 95 % interval.
    """

    embedding: str
    oov: str
    model: str
    strategy: str
    budgets: tuple[int, ...]
    area: float
    area_low: float
    area_high: float


@dataclass(frozen=True)
class AreaComparison:
    """Paired difference of two areas under learning curves, with its 95 % interval.

    Named and corrected as a `Comparison` is.
    """

    embedding: str
    oov: str
    model: str
    baseline: str
    baseline_oov: str
    baseline_model: str
    baseline_strategy: str
    strategy: str
    budgets: tuple[int, ...]
    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    p_corrected: float
