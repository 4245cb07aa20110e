"""Merging of aligned spaces, and the embedding matrix made from them."""

from adapt.merging.blending import Average, Convex, FrequencyWeighted, SpecificityWeighted
from adapt.merging.concatenation import Concat, ConcatPCA
from adapt.merging.matrix import EmbeddingMatrix, build_matrix
from adapt.merging.policies import DomainFirst, GeneralFirst, merge, policy_named, policy_names
from adapt.merging.policy import MergePolicy, matched_scale

__all__ = [
    "Average",
    "Concat",
    "ConcatPCA",
    "Convex",
    "DomainFirst",
    "EmbeddingMatrix",
    "FrequencyWeighted",
    "GeneralFirst",
    "MergePolicy",
    "SpecificityWeighted",
    "build_matrix",
    "matched_scale",
    "merge",
    "policy_named",
    "policy_names",
]
