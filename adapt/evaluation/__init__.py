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
    Isometry,
    LearningPoint,
    Precision,
)
from adapt.evaluation.bootstrap import Estimate
from adapt.evaluation.coverage import oov_rate, oov_shares
from adapt.evaluation.hubness import hubness
from adapt.evaluation.isometry import isometry
from adapt.evaluation.oov_quality import (
    OovDifference,
    OovQuality,
    OovScores,
    hidden_words,
    oov_difference,
    oov_quality,
)
from adapt.evaluation.results import (
    Comparison,
    DatasetSummary,
    LinkUse,
    MatrixRows,
    NeighborList,
    OovGain,
    OovRate,
    Results,
    Run,
    StrategyQuality,
    Stratum,
    Summary,
    TypoAccuracy,
    read_results,
    write_results,
)
from adapt.evaluation.significance import (
    PairedDifference,
    accuracy_interval,
    holm,
    paired_bootstrap,
)
from adapt.evaluation.similarity import ScoredPair, SimilarityScore, read_pairs, word_similarity
from adapt.evaluation.strata import OovStratum, accuracy_by_oov

__all__ = [
    "AlignmentQuality",
    "AnchorOverlap",
    "AnchorSelectionSummary",
    "BandQuality",
    "Comparison",
    "DatasetSummary",
    "Estimate",
    "Isometry",
    "LearningPoint",
    "LinkUse",
    "MatrixRows",
    "NeighborList",
    "OovDifference",
    "OovGain",
    "OovQuality",
    "OovRate",
    "OovScores",
    "OovStratum",
    "PairedDifference",
    "Precision",
    "QualityTest",
    "Results",
    "Run",
    "ScoredPair",
    "SimilarityScore",
    "StrategyQuality",
    "Stratum",
    "Summary",
    "TypoAccuracy",
    "accuracy_by_oov",
    "accuracy_interval",
    "alignment_baselines",
    "alignment_quality",
    "hidden_words",
    "holm",
    "hubness",
    "isometry",
    "learning_curve",
    "oov_difference",
    "oov_quality",
    "oov_rate",
    "oov_shares",
    "paired_bootstrap",
    "read_pairs",
    "read_results",
    "word_similarity",
    "write_results",
]
