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
from adapt.evaluation.similarity import ScoredPair, SimilarityScore, read_pairs, word_similarity

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
    "ScoredPair",
    "SimilarityScore",
    "Summary",
    "accuracy_interval",
    "alignment_baselines",
    "alignment_quality",
    "holm",
    "oov_rate",
    "paired_bootstrap",
    "read_pairs",
    "read_results",
    "word_similarity",
    "write_results",
]
