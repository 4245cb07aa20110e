"""Zero vectors for unknown words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from adapt.errors import NotFittedError
from adapt.vectors import WordVectors

__all__ = ["Zeros"]


@dataclass
class Zeros:
    """Every unknown word is the zero vector: it says nothing, and adds no noise."""

    name: ClassVar[str] = "zeros"
    dim_: int | None = field(default=None, init=False, repr=False)

    def fit(self, vectors: WordVectors) -> Self:
        """Note the dimension."""
        self.dim_ = vectors.dim
        return self

    def vectors_for(self, words: Sequence[str]) -> np.ndarray:
        """Give zeros ``(len(words), dim)``, float32.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        if self.dim_ is None:
            raise NotFittedError("the strategy 'zeros' is used before fit; call fit(vectors) first")
        return np.zeros((len(words), self.dim_), dtype=np.float32)
