"""How much of a text a set of vectors leaves out."""

from __future__ import annotations

from collections.abc import Container, Mapping

from adapt.errors import InputError
from adapt.evaluation.results import FallbackUse, OovRate
from adapt.text import FALLBACK_STEPS, fallback_forms

__all__ = ["oov_rate"]


def oov_rate(
    token_counts: Mapping[str, int],
    vectors: Container[str],
    *,
    name: str,
    split: str,
    n_missing: int = 20,
) -> OovRate:
    """Measure the out-of-vocabulary rate by types (distinct words) and by tokens.

    A word is out of vocabulary when the vectors lack it as it is written. Each such word is also
    counted under the first fallback that would serve it, if any: the first step of
    `adapt.text.fallback_forms` whose words are all known.

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
    n_missing : int
        How many of the most frequent missing words to list.

    Returns
    -------
    OovRate
        Rates as shares in [0, 1]; every fallback step, also those that serve no word; missing
        words by descending count, then by word.

    Raises
    ------
    InputError
        If the text has no tokens, or `n_missing` is negative.
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
    served: dict[str, list[int]] = {step: [] for step in FALLBACK_STEPS[1:]}
    for word, count in missing:
        step = _first_serving(word, vectors)
        if step is not None:
            served[step].append(count)
    n_tokens = sum(counts.values())
    return OovRate(
        vectors=name,
        split=split,
        type_rate=len(missing) / len(counts),
        token_rate=sum(count for _, count in missing) / n_tokens,
        n_types=len(counts),
        n_tokens=n_tokens,
        fallbacks=tuple(FallbackUse(step, len(hits), sum(hits)) for step, hits in served.items()),
        most_frequent_missing=tuple(missing[:n_missing]),
    )


def _first_serving(word: str, vectors: Container[str]) -> str | None:
    """Return the first fallback step whose words are all known."""
    for step, forms in fallback_forms(word):
        if forms and all(form in vectors for form in forms):
            return step
    return None
