"""How much of a text a set of vectors leaves out, and what serves the words that are left out."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adapt.errors import InputError
from adapt.evaluation.results import LinkUse, OovRate
from adapt.oov import Chain, OOVStrategy

__all__ = ["oov_rate", "oov_shares"]


def oov_rate(
    token_counts: Mapping[str, int],
    vectors: Container[str],
    *,
    name: str,
    split: str,
    oov: OOVStrategy | None = None,
    n_missing: int = 20,
) -> OovRate:
    """Measure the out-of-vocabulary rate by types (distinct words) and by tokens.

    A word is out of vocabulary when the vectors lack it as it is written. With a strategy, each
    such word is also counted under the link of the chain that serves it, if any does.

    Parameters
    ----------
    token_counts : mapping of str to int
        How often every word occurs; words with a count of 0 do not occur.
    vectors : container of str
        The words that have a vector, such as `WordVectors`.
    name : str
        What to call the vectors.
    split : str
        What to call the text.
    oov : OOVStrategy, optional
        Fitted on the vectors; a chain, or a single strategy, which counts as a chain of one.
    n_missing : int
        How many of the most frequent missing words to list.

    Returns
    -------
    OovRate
        Rates as shares in [0, 1]; every link of the chain in its order, also those that serve no
        word; missing words by descending count, then by word.

    Raises
    ------
    InputError
        If the text has no tokens, or `n_missing` is negative.
    NotFittedError
        If `oov` is not fitted.
    """
    if n_missing < 0:
        raise InputError(f"n_missing is {n_missing}; give 0 or more")
    counts = {word: count for word, count in token_counts.items() if count > 0}
    if not counts:
        raise InputError(f"the text {split!r} has no tokens, so it has no rates; give another")
    missing = sorted(
        (item for item in counts.items() if item[0] not in vectors),
        key=lambda item: (-item[1], item[0]),
    )
    n_tokens = sum(counts.values())
    return OovRate(
        vectors=name,
        split=split,
        type_rate=len(missing) / len(counts),
        token_rate=sum(count for _, count in missing) / n_tokens,
        n_types=len(counts),
        n_tokens=n_tokens,
        links=() if oov is None else _link_uses(oov, missing),
        most_frequent_missing=tuple(missing[:n_missing]),
    )


def _link_uses(oov: OOVStrategy, missing: Sequence[tuple[str, int]]) -> tuple[LinkUse, ...]:
    """Count the types and tokens that each link serves."""
    names = [link.name for link in oov.links] if isinstance(oov, Chain) else [oov.name]
    served: dict[str, list[int]] = {name: [] for name in names}
    steps = oov.fill([word for word, _ in missing]).steps
    for step, (_, count) in zip(steps, missing, strict=True):
        if step:
            served[step.partition(":")[0]].append(count)
    return tuple(LinkUse(name, len(counts), sum(counts)) for name, counts in served.items())


def oov_shares(documents: Sequence[Sequence[str]], vectors: Container[str]) -> NDArray[np.float64]:
    """Measure the share of out-of-vocabulary tokens in each document.

    Parameters
    ----------
    documents : sequence of sequence of str
        The words of each document.
    vectors : container of str
        The words that have a vector.

    Returns
    -------
    ndarray of float64, shape (n_documents,)
        Shares in [0, 1]; 0 for a document without tokens, which lacks none.

    Examples
    --------
    >>> oov_shares([["broad", "thumb"], ["broad", "hallux"], []], {"broad", "thumb"}).tolist()
    [0.0, 0.5, 0.0]
    """
    return np.array(
        [
            sum(token not in vectors for token in tokens) / max(1, len(tokens))
            for tokens in documents
        ],
        dtype=np.float64,
    )
