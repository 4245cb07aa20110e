"""Building the embedding matrix of a vocabulary from known vectors and a strategy for the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.merging.matrix import EmbeddingMatrix
from adapt.merging.provenance import OOV_SOURCE, Provenance
from adapt.oov import Filled, OOVStrategy, strategy_named
from adapt.progress import progress
from adapt.text import PAD, UNK, Corpus, Vocabulary
from adapt.vectors import WordVectors

__all__ = ["build_matrix"]

_PAD_ROW, _UNK_ROW = 0, 1


def build_matrix(
    vocabulary: Vocabulary,
    vectors: WordVectors,
    *,
    oov: OOVStrategy | str = "mean",
    corpus: Corpus | None = None,
    unk: str = "mean",
    general: WordVectors | None = None,
    seed: int = 0,
) -> EmbeddingMatrix:
    """Give every word of a vocabulary a vector.

    Parameters
    ----------
    vocabulary : Vocabulary
        The words.
    vectors : WordVectors
        The known vectors, shape (n, dim), merged or plain.
    oov : OOVStrategy or str
        What gives unknown words their vectors, or its name, or several with commas between them;
        fitted here on `vectors` and `corpus`.
    corpus : Corpus, optional
        The unlabelled and the training texts, never the test texts; some strategies need them.
    unk : str
        Name of the strategy that makes the vector of `<unk>`, fitted on the known rows of the
        matrix alone: with `mean`, a word outside the vocabulary is the average word of it.
    general : WordVectors, optional
        The general vectors, in order of frequency, for the ranks in the provenance.
    seed : int
        Seed of strategies given by name.

    Returns
    -------
    EmbeddingMatrix
        Of shape (len(vocabulary), dim), with the provenance of every row. `<pad>` is zero.

    Raises
    ------
    InputError
        If there is no strategy of a name, one needs a corpus and there is none, a word is left
        without a vector, or nothing is known that `<unk>` could be made from.
    """
    strategy = strategy_named(oov, seed=seed) if isinstance(oov, str) else oov
    unk_strategy = strategy_named(unk, seed=seed)
    if not unk_strategy.total:
        raise InputError(f"unk is {unk!r}, which leaves words out; name one for every word: mean")
    for needed in (strategy, unk_strategy):
        if needed.needs_corpus and corpus is None:
            raise InputError(f"the strategy {needed.name!r} learns from text; give a corpus")

    rows = vectors.rows(vocabulary.words)
    rows[[_PAD_ROW, _UNK_ROW]] = -1  # a vector that happens to be called <pad> is not ours
    known = np.flatnonzero(rows >= 0)
    unknown = np.flatnonzero(rows < 0)[2:]
    own = vectors.select([vocabulary.words[row] for row in known])
    with progress("words without a vector", None):
        filled = strategy.fit(vectors, corpus).fill_all([vocabulary.words[row] for row in unknown])
    of_unk = _unknown_word(unk_strategy, own, corpus)

    matrix = np.zeros((len(vocabulary), vectors.dim), dtype=np.float32)
    matrix[known] = own.matrix
    matrix[unknown] = filled.matrix
    matrix[_UNK_ROW] = of_unk.matrix[0]
    return EmbeddingMatrix(
        vocabulary=vocabulary,
        matrix=matrix,
        provenance=_provenance(vocabulary, vectors, rows, unknown, filled, of_unk, general),
    )


def _unknown_word(strategy: OOVStrategy, known: WordVectors, corpus: Corpus | None) -> Filled:
    """Make the vector of `<unk>` from the known rows of the matrix."""
    if not len(known) and strategy.name != "zeros":
        raise InputError(
            f"no word of the vocabulary has a vector, so {strategy.name!r} cannot make one for "
            f"{UNK}; give vectors of these words, or choose zeros for it"
        )
    return strategy.fit(known, corpus).fill_all([UNK])


def _provenance(
    vocabulary: Vocabulary,
    vectors: WordVectors,
    rows: NDArray[np.int64],
    unknown: NDArray[np.int64],
    filled: Filled,
    of_unk: Filled,
    general: WordVectors | None,
) -> Provenance:
    """Tell where each row came from; `rows` are those of `vectors`, -1 for unknown words."""
    sources = [_source(vectors, row) if row >= 0 else OOV_SOURCE for row in rows.tolist()]
    steps = [""] * len(vocabulary)
    for row, step in zip(unknown.tolist(), filled.steps, strict=True):
        steps[row] = step
    confidences = np.ones(len(vocabulary), dtype=np.float32)
    confidences[unknown] = filled.confidences
    sources[_PAD_ROW], confidences[_PAD_ROW] = PAD.strip("<>"), 0
    sources[_UNK_ROW], confidences[_UNK_ROW] = UNK.strip("<>"), of_unk.confidences[0]
    steps[_UNK_ROW] = of_unk.steps[0]
    ranks = np.full(len(vocabulary), -1, dtype=np.int64)
    if general is not None:
        ranks[2:] = general.rows(vocabulary.words[2:])
    return Provenance(
        sources=tuple(sources),
        domain_counts=vocabulary.counts,
        general_ranks=ranks,
        steps=tuple(steps),
        confidences=confidences,
    )


def _source(vectors: WordVectors, row: int) -> str:
    if vectors.sources is not None:
        return vectors.sources[row]
    return vectors.origin or "vectors"
