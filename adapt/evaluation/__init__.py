"""Pure functions and result objects: what adapting did, and how sure that is."""

from adapt.evaluation.alignment_quality import alignment_baselines, alignment_quality
from adapt.evaluation.coverage import oov_rate
from adapt.evaluation.results import (
    AlignmentQuality,
    Comparison,
    DatasetSummary,
    FallbackUse,
    NeighborList,
    OovRate,
    Results,
    Run,
    Summary,
    read_results,
    write_results,
)
from adapt.evaluation.significance import (
    PairedDifference,
    accuracy_interval,
    holm,
    paired_bootstrap,
)

__all__ = [
    "AlignmentQuality",
    "Comparison",
    "DatasetSummary",
    "FallbackUse",
    "NeighborList",
    "OovRate",
    "PairedDifference",
    "Results",
    "Run",
    "Summary",
    "accuracy_interval",
    "alignment_baselines",
    "alignment_quality",
    "holm",
    "oov_rate",
    "paired_bootstrap",
    "read_results",
    "write_results",
]
