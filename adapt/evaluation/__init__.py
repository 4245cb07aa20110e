"""Pure functions and result objects: what adapting did, and how sure that is."""

from adapt.evaluation.alignment_quality import (
    QualityTest,
    alignment_baselines,
    alignment_quality,
    learning_curve,
)
from adapt.evaluation.alignment_results import (
    AlignmentQuality,
    AnchorOverlap,
    AnchorSelectionSummary,
    BandQuality,
    Estimate,
    Isometry,
    LearningPoint,
    Precision,
)
from adapt.evaluation.coverage import oov_rate
from adapt.evaluation.hubness import hubness
from adapt.evaluation.isometry import isometry
from adapt.evaluation.results import (
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
    "AnchorOverlap",
    "AnchorSelectionSummary",
    "BandQuality",
    "Comparison",
    "DatasetSummary",
    "Estimate",
    "FallbackUse",
    "Isometry",
    "LearningPoint",
    "NeighborList",
    "OovRate",
    "PairedDifference",
    "Precision",
    "QualityTest",
    "Results",
    "Run",
    "Summary",
    "accuracy_interval",
    "alignment_baselines",
    "alignment_quality",
    "holm",
    "hubness",
    "isometry",
    "learning_curve",
    "oov_rate",
    "paired_bootstrap",
    "read_results",
    "write_results",
]
