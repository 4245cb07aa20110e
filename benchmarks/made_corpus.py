"""A made corpus of any size, with Zipfian words and something to learn.

The model. Word r of V (r = 0, 1, …) has the probability p(r) proportional to 1 / (r + 2.7), Zipf's
law with Mandelbrot's correction. Every word belongs to one of 200 topics, at random. A document
has 20 words and a Poisson number with mean 100 more, and one topic, drawn with the probability
that the topic's words have together. Each of its words is drawn, with equal chances, either from
all words by p, or from the words of its topic by p. So words of a topic meet each other far more
often than others, which is what embeddings can learn; and over all documents each word still has
exactly the probability p(r), so that counts are Zipfian at every size of the corpus.

Files are written piece by piece. The first documents of a longer corpus are those of a shorter
one with the same number of words and seed, its last document aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["documents", "write_corpus"]

_SHIFT = 2.7
_TOPICS = 200
_LEAST, _MORE = 20, 100
_PIECE = 10_000
"""Documents drawn at a time."""


def write_corpus(path: str, n_tokens: int, n_words: int, seed: int = 0) -> dict[str, Any]:
    """Write a corpus of exactly `n_tokens` words, a document a line; gives the facts of it."""
    names = np.array([f"w{word}" for word in range(n_words)], dtype=object)
    left = n_tokens
    target = Path(path)
    partial = target.with_suffix(".partial")
    with partial.open("w", encoding="ascii") as file:
        for words in documents(n_words, seed):
            file.write(" ".join(names[words[:left]].tolist()) + "\n")
            left -= len(words)
            if left <= 0:
                break
    partial.replace(target)
    return {"n_tokens": n_tokens, "n_words": n_words}


def documents(n_words: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Yield documents without end, each an array of word numbers from 0, the most frequent."""
    generator = np.random.default_rng(seed)
    probability = 1 / (np.arange(n_words) + _SHIFT)
    probability /= probability.sum()
    topics = generator.integers(0, _TOPICS, n_words)
    # laid out topic by topic, a topic is an interval of [0, 1), and so is everything together
    order = np.argsort(topics, kind="stable")
    upper = np.cumsum(probability[order])
    upper[-1] = 1.0
    ends = np.concatenate([[0.0], upper])[np.searchsorted(topics[order], np.arange(_TOPICS + 1))]
    while True:
        lengths = _LEAST + generator.poisson(_MORE, _PIECE)
        topic = np.searchsorted(ends, generator.random(_PIECE), side="right") - 1
        of_word = np.repeat(topic, lengths)
        place = generator.random(len(of_word))
        from_topic = generator.random(len(of_word)) < 0.5
        low, high = ends[of_word], ends[of_word + 1]
        place = np.where(from_topic, low + place * (high - low), place)
        drawn = order[np.searchsorted(upper, place, side="right").clip(max=n_words - 1)]
        yield from np.split(drawn, np.cumsum(lengths)[:-1])
