"""Merging of aligned spaces, and the embedding matrix made from them."""

from adapt.merging.building import build_matrix
from adapt.merging.exports import (
    EXPORTS,
    write_model2vec,
    write_projector,
    write_provenance,
    write_tokenizer,
)
from adapt.merging.matrix import EmbeddingMatrix, holds_matrix
from adapt.merging.policies import matched_scale, merge, policy_names
from adapt.merging.provenance import Provenance

__all__ = [
    "EXPORTS",
    "EmbeddingMatrix",
    "Provenance",
    "build_matrix",
    "holds_matrix",
    "matched_scale",
    "merge",
    "policy_names",
    "write_model2vec",
    "write_projector",
    "write_provenance",
    "write_tokenizer",
]
