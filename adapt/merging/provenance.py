"""Where every row of an embedding matrix came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError

__all__ = ["OOV_SOURCE", "Provenance"]

OOV_SOURCE = "oov"
"""The source of a row that an out-of-vocabulary strategy made."""


@dataclass(frozen=True, eq=False)
class Provenance:
    """A table with a row for every row of an embedding matrix, kept as columns.

    Parameters
    ----------
    sources : sequence of str
        Where the vector came from: `pad`, `unk`, `general`, `domain`, `both`, the origin of plain
        vectors, or `oov`.
    domain_counts : ndarray of int64, shape (n_rows,)
        How often the word occurs in the text that the vocabulary was made from.
    general_ranks : ndarray of int64, shape (n_rows,)
        The word's row in the general vectors, which are in order of frequency as a rule; -1 where
        they lack it, or are not known.
    steps : sequence of str
        What made the vector, for `oov` and `unk`: a strategy's name, or that, a colon, and what it
        did (``related:lower_case``). Empty for all others.
    confidences : ndarray of float32, shape (n_rows,)
        How far the vector can be trusted, in [0, 1]: 1 for a word with a vector of its own, for an
        `oov` word by the account of what made it.

    Raises
    ------
    InputError
        If the columns differ in length, or a value is out of range.

    Notes
    -----
    Texts become tuples and arrays are held through read-only views.
    """

    sources: tuple[str, ...]
    domain_counts: NDArray[np.int64]
    general_ranks: NDArray[np.int64]
    steps: tuple[str, ...]
    confidences: NDArray[np.float32]

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", tuple(self.sources))
        object.__setattr__(self, "steps", tuple(self.steps))
        for name, dtype in (
            ("domain_counts", np.int64),
            ("general_ranks", np.int64),
            ("confidences", np.float32),
        ):
            object.__setattr__(self, name, _read_only(getattr(self, name), dtype))
        lengths = {column.name: np.shape(getattr(self, column.name)) for column in fields(self)}
        if set(lengths.values()) != {(len(self.sources),)}:
            sizes = ", ".join(f"{name} {shape}" for name, shape in lengths.items())
            raise InputError(f"the columns of the provenance differ in shape: {sizes}")
        if (self.domain_counts < 0).any() or (self.general_ranks < -1).any():
            raise InputError("a count is below 0, or a rank below -1")
        if not ((self.confidences >= 0) & (self.confidences <= 1)).all():
            raise InputError("a confidence is not between 0 and 1")

    def __len__(self) -> int:
        return len(self.sources)

    def source_counts(self) -> dict[str, int]:
        """Rows from each source, most first."""
        return _most_first(self.sources)

    def named_sources(self) -> tuple[str, ...]:
        """Source of every row, with the strategy's name for those that a strategy made."""
        return tuple(
            step.partition(":")[0] if source == OOV_SOURCE else source
            for source, step in zip(self.sources, self.steps, strict=True)
        )

    def step_counts(self) -> dict[str, int]:
        """Rows of `oov` words that each step made, most first."""
        return _most_first(
            [
                step
                for source, step in zip(self.sources, self.steps, strict=True)
                if source == OOV_SOURCE
            ]
        )


def _read_only(values: NDArray[np.generic], dtype: type[np.generic]) -> NDArray[np.generic]:
    column = np.ascontiguousarray(values, dtype=dtype).view()
    column.flags.writeable = False
    return column


def _most_first(names: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))
