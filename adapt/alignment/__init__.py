"""Mapping an in-domain space and a general space into one.

The general space is never deformed: the domain space is mapped into it, or it is embedded
isometrically in the domain space.
"""

from adapt.alignment.aligner import Aligner, Space
from adapt.alignment.alternating import alternating_procrustes
from adapt.alignment.anchors import Anchors, read_anchors, shared_anchors
from adapt.alignment.automatic import Automatic
from adapt.alignment.kernel import KernelRidge
from adapt.alignment.linear import (
    Identity,
    LinearAligner,
    Procrustes,
    orthogonal_map,
    random_orthogonal_map,
)
from adapt.alignment.neighborhood import neighbor_overlap
from adapt.alignment.normalization import UnitCentreUnit, row_lengths, unit_rows
from adapt.alignment.pairs import AnchorPairs
from adapt.alignment.rcsls import RCSLS
from adapt.alignment.refined import Refined
from adapt.alignment.registry import ALIGNERS, aligner_named, aligner_names
from adapt.alignment.regression import CCA, Reweighted, Ridge
from adapt.alignment.retrieval import csls, nearest
from adapt.alignment.robust import RobustProcrustes, WeightedProcrustes
from adapt.alignment.selected import REASONS, Candidate, SelectedAnchors
from adapt.alignment.selection import AnchorSelection, select_anchors

__all__ = [
    "ALIGNERS",
    "CCA",
    "RCSLS",
    "REASONS",
    "Aligner",
    "AnchorPairs",
    "AnchorSelection",
    "Anchors",
    "Automatic",
    "Candidate",
    "Identity",
    "KernelRidge",
    "LinearAligner",
    "Procrustes",
    "Refined",
    "Reweighted",
    "Ridge",
    "RobustProcrustes",
    "SelectedAnchors",
    "Space",
    "UnitCentreUnit",
    "WeightedProcrustes",
    "aligner_named",
    "aligner_names",
    "alternating_procrustes",
    "csls",
    "nearest",
    "neighbor_overlap",
    "orthogonal_map",
    "random_orthogonal_map",
    "read_anchors",
    "row_lengths",
    "select_anchors",
    "shared_anchors",
    "unit_rows",
]
