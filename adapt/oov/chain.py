"""Several strategies in a row: each word is filled by the first that can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from adapt.errors import InputError
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Chain"]


class Chain(OOVStrategy):
    """Strategies in order; a word's vector is that of the first that has one for it.

    Parameters
    ----------
    links : sequence of OOVStrategy
        The strategies, the most trusted first. What stands behind one that has a vector for every
        word would never be asked, and is refused.

    Attributes
    ----------
    name : str
        The names of the links, with commas between them.
    total, informed, needs_corpus : bool
        Whether any link is, or does.

    Raises
    ------
    InputError
        If there are no links, one stands twice, or one is never reached.

    Examples
    --------
    >>> from adapt.oov.constant import Mean, Zeros
    >>> chain = Chain([Mean()])
    >>> chain.name, chain.total
    ('mean', True)
    """

    def __init__(self, links: Sequence[OOVStrategy]) -> None:
        self.links = tuple(links)
        names = [link.name for link in self.links]
        if not names:
            raise InputError("a chain needs at least one strategy; name some, such as mean")
        for place, name in enumerate(names):
            if name in names[:place]:
                raise InputError(f"{name!r} stands twice in the chain; leave one out")
        for link, following in zip(self.links, names[1:], strict=False):
            if link.total:
                raise InputError(
                    f"{link.name!r} has a vector for every word, so {following!r} behind it would "
                    "never be asked; put it last"
                )
        self.name = ",".join(names)  # type: ignore[misc]
        self.total = self.links[-1].total  # type: ignore[misc]
        self.informed = any(link.informed for link in self.links)  # type: ignore[misc]
        self.needs_corpus = any(link.needs_corpus for link in self.links)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"Chain({list(self.links)!r})"

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Fit every link on the same vectors and texts; see `OOVStrategy.fit`."""
        for link in self.links:
            link.fit(vectors, corpus)
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Ask each link for the words that those before it have no vector for."""
        answer = self.links[0].fill(words)
        matrix, confidences = answer.matrix.copy(), answer.confidences.copy()
        steps = np.array(answer.steps, dtype=object)
        for link in self.links[1:]:
            open_rows = np.flatnonzero(steps == "").tolist()
            if not open_rows:
                break
            answer = link.fill([words[row] for row in open_rows])
            matrix[open_rows], confidences[open_rows] = answer.matrix, answer.confidences
            steps[open_rows] = np.array(answer.steps, dtype=object)
        return Filled(matrix, tuple(steps.tolist()), confidences)
