"""Mapping an in-domain space and a general space into one.

The general space is never deformed: the domain space is mapped into it, or it is embedded
isometrically in the domain space.
"""

from adapt.alignment.aligner import LinearAligner, Space
from adapt.alignment.alternating import alternating_procrustes
from adapt.alignment.anchors import Anchors, read_anchors, shared_anchors
from adapt.alignment.linear import (
    ALIGNERS,
    Identity,
    Procrustes,
    aligner_named,
    aligner_names,
    orthogonal_map,
    random_orthogonal_map,
)
from adapt.alignment.normalization import UnitCentreUnit, unit_rows
from adapt.alignment.retrieval import nearest

__all__ = [
    "ALIGNERS",
    "Anchors",
    "Identity",
    "LinearAligner",
    "Procrustes",
    "Space",
    "UnitCentreUnit",
    "aligner_named",
    "aligner_names",
    "alternating_procrustes",
    "nearest",
    "orthogonal_map",
    "random_orthogonal_map",
    "read_anchors",
    "shared_anchors",
    "unit_rows",
]
