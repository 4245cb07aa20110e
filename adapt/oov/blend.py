"""Several strategies at once: a word's vector points where they point on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.oov.strategy import Filled, OOVStrategy
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["Blend"]


class Blend(OOVStrategy):
    """The mean direction of what several strategies give, each seen from the mean of known vectors.

    Spelling and context err in different ways, so that their mean is nearer to the truth than
    either. Each strategy that has a vector for a word has one vote: the vectors are centred and
    scaled to length 1, and their sum is scaled to the mean of their lengths before.

    Parameters
    ----------
    parts : sequence of OOVStrategy
        At least two; none that knows nothing of the word, such as `Mean`.

    Attributes
    ----------
    name : str
        The names of the parts, with plus signs between them.
    total, needs_corpus : bool
        Whether any part is, or does.
    mean_ : ndarray of float32, shape (dim,)
        Of the known vectors.

    Raises
    ------
    InputError
        If there are fewer than two parts, one stands twice, or one is a guess.

    Notes
    -----
    Confidences are the largest among the parts. A step says which parts had a vote.

    References
    ----------
    T. Schick, H. Schütze (2019). Learning semantic representations for novel words: leveraging both
    form and context. AAAI. They learn the weights; here all are equal.

    Examples
    --------
    >>> from adapt.oov.related import Related
    >>> from adapt.oov.subword import Subword
    >>> Blend([Related(), Subword()]).name
    'related+subword'
    """

    def __init__(self, parts: Sequence[OOVStrategy]) -> None:
        self.parts = tuple(parts)
        names = [part.name for part in self.parts]
        if len(names) < 2:
            raise InputError(f"a blend of {len(names)} strategies is none; name two or more")
        for place, part in enumerate(self.parts):
            if part.name in names[:place]:
                raise InputError(f"{part.name!r} stands twice in the blend; leave one out")
            if not part.informed:
                raise InputError(
                    f"{part.name!r} knows nothing of a word and would only blur what the others "
                    "know; leave it out of the blend, and put it behind a comma"
                )
        self.name = "+".join(names)  # type: ignore[misc]
        self.total = any(part.total for part in self.parts)  # type: ignore[misc]
        self.needs_corpus = any(part.needs_corpus for part in self.parts)  # type: ignore[misc]
        self.mean_: NDArray[np.float32] | None = None

    def __repr__(self) -> str:
        return f"Blend({list(self.parts)!r})"

    def fit(self, vectors: WordVectors, corpus: Corpus | None = None) -> Self:
        """Fit every part on the same vectors and texts; see `OOVStrategy.fit`."""
        for part in self.parts:
            part.fit(vectors, corpus)
        self.mean_ = vectors.matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
        return self

    def fill(self, words: Sequence[str]) -> Filled:
        """Average the directions that the parts give, for words that any of them has one for."""
        if self.mean_ is None:
            raise self.not_fitted()
        shape = len(words), len(self.mean_)
        directions, lengths = np.zeros(shape), np.zeros(len(words))
        votes, confidences = np.zeros(len(words), dtype=np.int64), np.zeros(len(words), np.float32)
        voters: list[list[str]] = [[] for _ in words]
        for part in self.parts:
            answer = part.fill(words)
            centred = answer.matrix.astype(np.float64) - self.mean_
            length = np.linalg.norm(centred, axis=1)
            votes_here = answer.filled & (length > 0)
            directions[votes_here] += centred[votes_here] / length[votes_here, None]
            lengths[votes_here] += length[votes_here]
            votes += votes_here
            confidences = np.maximum(confidences, np.where(votes_here, answer.confidences, 0))
            for row in np.flatnonzero(votes_here).tolist():
                voters[row].append(part.name)
        whole = np.linalg.norm(directions, axis=1)
        filled = (votes > 0) & (whole > 0)  # votes may cancel one another
        scale = np.divide(lengths, votes * whole, out=np.zeros(len(words)), where=filled)
        matrix = np.where(filled[:, None], self.mean_ + scale[:, None] * directions, 0)
        return Filled(
            matrix.astype(np.float32),
            tuple(
                f"{self.name}:{'+'.join(names)}" if is_filled else ""
                for names, is_filled in zip(voters, filled.tolist(), strict=True)
            ),
            np.where(filled, confidences, 0).astype(np.float32),
        )
