"""Merging of aligned spaces, and the embedding matrix made from them."""

from adapt.merging.matrix import EmbeddingMatrix, build_matrix
from adapt.merging.policies import matched_scale, merge, policy_names

__all__ = ["EmbeddingMatrix", "build_matrix", "matched_scale", "merge", "policy_names"]
