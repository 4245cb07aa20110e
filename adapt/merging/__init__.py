"""Merging of aligned spaces, and the embedding matrix made from them."""

from adapt.merging.blending import Average, Convex, FrequencyWeighted, SpecificityWeighted
from adapt.merging.building import build_matrix
from adapt.merging.concatenation import Concat, ConcatPCA
from adapt.merging.exports import (
    EXPORTS,
    write_model2vec,
    write_projector,
    write_provenance,
    write_tokenizer,
)
from adapt.merging.matrix import EmbeddingMatrix, holds_matrix
from adapt.merging.policies import DomainFirst, GeneralFirst, merge, policy_named, policy_names
from adapt.merging.policy import MergePolicy, matched_scale
from adapt.merging.provenance import Provenance

__all__ = [
    "EXPORTS",
    "Average",
    "Concat",
    "ConcatPCA",
    "Convex",
    "DomainFirst",
    "EmbeddingMatrix",
    "FrequencyWeighted",
    "GeneralFirst",
    "MergePolicy",
    "Provenance",
    "SpecificityWeighted",
    "build_matrix",
    "holds_matrix",
    "matched_scale",
    "merge",
    "policy_named",
    "policy_names",
    "write_model2vec",
    "write_projector",
    "write_provenance",
    "write_tokenizer",
]
