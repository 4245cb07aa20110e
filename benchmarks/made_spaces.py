"""A general and a domain space with what real ones have: clusters, few directions that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["read_spaces", "write_spaces"]

_NAMES = ("general", "domain", "rows")
_N_CLUSTERS = 2_000
_SPREAD = 0.7
"""Of the words of a cluster, in its radius."""

_NOISE = 1.0
"""That the domain adds to a word, in the radius of a cluster."""

_BLOCK = 50_000


def write_spaces(folder: str, n_general: int, n_domain: int, dim: int) -> dict[str, Any]:
    """Write both matrices, and the general row of every domain word, as NumPy files.

    Direction i has a standard deviation of ``i ** -0.75``. The domain space is the general one,
    turned, with noise of its own; its words are some of the general ones, in any order.
    """
    generator = np.random.default_rng(0)
    deviations = (np.arange(1, dim + 1) ** -0.75).astype(np.float32)

    def drawn(n: int) -> np.ndarray:
        return generator.standard_normal((n, dim), dtype=np.float32) * deviations

    centres = drawn(_N_CLUSTERS)
    general = np.empty((n_general, dim), dtype=np.float32)
    for start in range(0, n_general, _BLOCK):
        block = general[start : start + _BLOCK]
        block[:] = centres[generator.integers(0, _N_CLUSTERS, len(block))]
        block += _SPREAD * drawn(len(block))
    rows = generator.permutation(n_general)[:n_domain]
    turn, _ = np.linalg.qr(generator.standard_normal((dim, dim)))
    domain = (general[rows] + _NOISE * drawn(n_domain)) @ turn.astype(np.float32)

    target = Path(folder)
    partial = target.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    for name, array in zip(_NAMES, (general, domain, rows), strict=True):
        np.save(partial / f"{name}.npy", array)
    partial.replace(target)
    return {}


def read_spaces(folder: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read what `write_spaces` has written: general and domain matrix, and general rows."""
    general, domain, rows = (np.load(Path(folder) / f"{name}.npy") for name in _NAMES)
    return general, domain, rows
