"""Input files that the contenders share; each function runs in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["write_general", "write_numbers", "write_tokens"]

_MAX_LINE = 1_000
"""Words on a line: gensim drops words of lines beyond 10,000."""


def write_general(name: str, path: str) -> dict[str, Any]:
    """Write installed vectors as GloVe text."""
    from adapt.vectors import read_vectors, write_vectors

    write_vectors(read_vectors(name), path)
    return {}


def write_numbers(path: str, n_words: int, dim: int) -> dict[str, Any]:
    """Write made vectors, five digits a value as in GloVe, as GloVe text."""
    import numpy as np

    generator = np.random.default_rng(0)
    partial = Path(path).with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        for word in range(n_words):
            values = " ".join(f"{value:.5f}" for value in generator.standard_normal(dim))
            file.write(f"w{word} {values}\n")
    partial.replace(path)
    return {}


def write_tokens(path: str, files: list[str]) -> dict[str, Any]:
    """Write the clinical dataset's unlabelled texts, or those of `files`, words by spaces."""
    from adapt.text import Corpus, load_dataset

    corpus = Corpus.read(*files) if files else Corpus.from_texts(load_dataset("clinical").corpus)
    with Path(path).open("w", encoding="utf-8") as file:
        for words in corpus:
            for start in range(0, len(words), _MAX_LINE):
                file.write(" ".join(words[start : start + _MAX_LINE]) + "\n")
    return {}
