"""Commands about the words of a corpus: `coverage` and `matrix`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapt.cli.console import AsJson, emit, emit_table
from adapt.cli.options import CorpusPaths, TextColumn, TextField, TokenizerName, open_corpus

__all__ = ["coverage", "matrix"]

VectorFiles = Annotated[
    list[str], typer.Option("--vectors", help="Vector file or installed name; may be repeated.")
]


def coverage(
    corpus: CorpusPaths,
    vectors: VectorFiles,
    missing: Annotated[int, typer.Option(help="List so many of the missing words.")] = 10,
    text_field: TextField = "text",
    text_column: TextColumn = "text",
    tokenizer: TokenizerName = "word",
    as_json: AsJson = False,
) -> None:
    """Count the words of a corpus that have no vector, by types and by tokens.

    With several sets of vectors, each is counted alone and all of them together.

    Example: adapt coverage notes.txt --vectors glove.6B.50d --vectors notes.safetensors
    """
    from adapt.evaluation import oov_rate
    from adapt.vectors import read_vectors

    counts = open_corpus(corpus, text_field, text_column, tokenizer).word_counts()
    known = {name: frozenset(read_vectors(name).words) for name in vectors}
    if len(known) > 1:
        known["all together"] = frozenset[str]().union(*known.values())
    rates = [
        oov_rate(counts, words, name=name, split="corpus", n_missing=missing)
        for name, words in known.items()
    ]
    if as_json:
        emit([asdict(rate) for rate in rates])
        return
    steps = [use.step for use in rates[0].fallbacks]
    emit_table(
        f"Out of vocabulary, of {rates[0].n_types:,} types and {rates[0].n_tokens:,} tokens",
        ("vectors", "types", "tokens", *(f"served by {step}" for step in steps)),
        [
            (
                rate.vectors,
                f"{rate.type_rate:.2%}",
                f"{rate.token_rate:.2%}",
                *(f"{use.n_types:,} / {use.n_tokens:,}" for use in rate.fallbacks),
            )
            for rate in rates
        ],
    )
    words = ", ".join(f"{word} ({count})" for word, count in rates[-1].most_frequent_missing)
    sys.stdout.write(f"Most frequent missing words: {words or 'none'}\n")


def matrix(
    corpus: CorpusPaths,
    vectors: VectorFiles,
    out: Annotated[Path, typer.Option("--out", help="Safetensors file to write.")],
    oov: Annotated[
        str, typer.Option(help="What unknown words get: zeros, uniform or normal.")
    ] = "normal",
    fallbacks: Annotated[
        bool, typer.Option(help="First try lower case, no possessive, hyphenated parts.")
    ] = True,
    min_count: Annotated[int, typer.Option(help="Rarer words are left to <unk>.")] = 1,
    max_size: Annotated[int | None, typer.Option(help="Keep the most frequent words.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of random vectors.")] = 0,
    text_field: TextField = "text",
    text_column: TextColumn = "text",
    tokenizer: TokenizerName = "word",
    as_json: AsJson = False,
) -> None:
    """Build the embedding matrix of a corpus: a vector for every word, and where it came from.

    With several sets of vectors, a word is taken from the first that has it; they must share one
    space.

    Example: adapt matrix train.txt --vectors merged.safetensors --out matrix.safetensors
    """
    from functools import reduce

    from adapt.errors import InputError
    from adapt.files import check_target
    from adapt.merging import build_matrix, merge
    from adapt.text import Vocabulary
    from adapt.vectors import read_vectors

    if out.suffix != ".safetensors":
        raise InputError(f"{out}: a matrix is kept as .safetensors; end the name in that")
    check_target(out)
    texts = open_corpus(corpus, text_field, text_column, tokenizer)
    vocabulary = Vocabulary.from_corpus(texts, min_count=min_count, max_size=max_size)
    sets = [read_vectors(name) for name in vectors]
    merged = reduce(
        lambda first, other: merge(first, other, "general_first", match_scale=False), sets
    )
    built = build_matrix(vocabulary, merged, oov=oov, fallbacks=fallbacks, seed=seed)
    built.save(out)
    sources = built.source_counts()
    if as_json:
        emit({"matrix": str(out), "shape": list(built.matrix.shape), "sources": sources})
        return
    emit_table(
        f"{len(vocabulary):,} rows of {built.dim} dimensions",
        ("source", "rows"),
        [(source, f"{count:,}") for source, count in sources.items()],
    )
    sys.stdout.write(f"Matrix: {out}\n")
