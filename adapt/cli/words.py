"""Commands about the words of a corpus, `coverage` and `matrix`, and about files: `convert`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapt.cli.console import AsJson, emit, emit_table
from adapt.cli.options import (
    CorpusPaths,
    TextColumn,
    TextField,
    TokenizerName,
    Vectors,
    complete_vectors,
    open_corpus,
)
from adapt.errors import InputError
from adapt.files import check_target

if TYPE_CHECKING:
    from adapt.evaluation import OovRate
    from adapt.merging import EmbeddingMatrix
    from adapt.oov import OOVStrategy
    from adapt.vectors import WordVectors

__all__ = ["convert", "coverage", "matrix"]

VectorFiles = Annotated[
    list[str],
    typer.Option(
        "--vectors",
        help="Vector file or installed name; may be repeated.",
        autocompletion=complete_vectors,
    ),
]


def coverage(
    corpus: CorpusPaths,
    vectors: VectorFiles,
    oov: Annotated[
        str | None,
        typer.Option(
            help="Strategies for missing words, as `adapt matrix` takes them: how many each serves."
        ),
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: another text to count, unseen by --oov; may be repeated."),
    ] = None,
    missing: Annotated[int, typer.Option(help="List so many of the missing words.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of random vectors.")] = 0,
    text_field: TextField = "text",
    text_column: TextColumn = "text",
    tokenizer: TokenizerName = "word",
    as_json: AsJson = False,
) -> None:
    """Count the words of a corpus that have no vector, by types and by tokens.

    With several sets of vectors, each is counted alone and all of them together.

    Example: adapt coverage notes.txt --vectors glove.6B.50d --oov related,subword
    """
    from adapt.evaluation import oov_rate
    from adapt.oov import strategy_named
    from adapt.vectors import read_vectors

    if oov is not None:
        strategy_named(oov, seed=seed)  # refuses what does not exist before anything is read
    texts = open_corpus(corpus, text_field, text_column, tokenizer)
    counts = {"corpus": texts.word_counts()}
    for name, file in _splits(split or []):
        counts[name] = open_corpus([file], text_field, text_column, tokenizer).word_counts()
    sets = {name: read_vectors(name) for name in vectors}
    known: dict[str, frozenset[str]] = {name: frozenset(one) for name, one in sets.items()}
    if len(sets) > 1:
        known["all together"] = frozenset[str]().union(*known.values())
        if len({one.dim for one in sets.values()}) == 1:  # else no strategy can learn from all
            sets["all together"] = _together(list(sets.values()))
    rates: list[OovRate] = []
    for name, words in known.items():
        strategy: OOVStrategy | None = None
        if oov is not None and name in sets:
            strategy = strategy_named(oov, seed=seed).fit(sets[name], texts)
        rates += [
            oov_rate(tokens, words, name=name, split=part, oov=strategy, n_missing=missing)
            for part, tokens in counts.items()
        ]
    if as_json:
        emit([asdict(rate) for rate in rates])
    else:
        _print_rates(rates)


def _splits(options: list[str]) -> Iterator[tuple[str, Path]]:
    """Take `NAME=FILE` options apart."""
    names = {"corpus"}
    for option in options:
        name, equals, file = option.partition("=")
        if not (name and equals and file):
            raise InputError(f"--split {option!r} is not NAME=FILE, such as test=test.csv")
        if name in names:
            raise InputError(f"--split {option!r}: {name!r} is taken; choose another name")
        names.add(name)
        yield name, Path(file)


def _together(sets: list[WordVectors]) -> WordVectors:
    """Take every word from the first set that has it."""
    from adapt.merging import merge

    return reduce(
        lambda first, other: merge(first, other, "general_first", match_scale=False), sets
    )


def _print_rates(rates: list[OovRate]) -> None:
    links = [use.link for use in rates[0].links]
    unknown = ["\N{EN DASH}"] * len(links)
    emit_table(
        "Out of vocabulary",
        ("vectors", "text", "types", "tokens", *(f"served by {link}" for link in links)),
        [
            (
                rate.vectors,
                rate.split,
                f"{rate.type_rate:.2%} of {rate.n_types:,}",
                f"{rate.token_rate:.2%} of {rate.n_tokens:,}",
                *([f"{use.n_types:,} / {use.n_tokens:,}" for use in rate.links] or unknown),
            )
            for rate in rates
        ],
    )
    for rate in rates:
        if rate.vectors == rates[-1].vectors:
            words = ", ".join(f"{word} ({count})" for word, count in rate.most_frequent_missing)
            sys.stdout.write(f"Most frequent missing words, {rate.split}: {words or 'none'}\n")


def matrix(
    corpus: CorpusPaths,
    vectors: VectorFiles,
    out: Annotated[Path, typer.Option("--out", help="Safetensors file to write.")],
    oov: Annotated[
        str,
        typer.Option(
            help="What unknown words get: zeros, mean, uniform, normal, related[:SYNONYMS], "
            "subword, context, characters or fasttext:MODEL. With commas between, the first that "
            "has something; with plus signs, the mean of their directions."
        ),
    ] = "related,subword,normal",
    unk: Annotated[
        str, typer.Option(help="What <unk> is, of the known words of the matrix.")
    ] = "mean",
    general: Annotated[
        str | None, typer.Option(help="General vectors, whose ranks the provenance shall tell.")
    ] = None,
    provenance: Annotated[
        Path | None, typer.Option(help="Also write where each row came from, as a .tsv table.")
    ] = None,
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
    from adapt.merging import build_matrix, write_provenance
    from adapt.oov import strategy_named
    from adapt.text import Vocabulary
    from adapt.vectors import read_vectors

    if out.suffix != ".safetensors":
        raise InputError(f"{out}: a matrix is kept as .safetensors; end the name in that")
    check_target(out)
    strategy_named(oov, seed=seed)  # refuses what does not exist before anything is read
    if provenance is not None:
        check_target(provenance)
    texts = open_corpus(corpus, text_field, text_column, tokenizer)
    vocabulary = Vocabulary.from_corpus(texts, min_count=min_count, max_size=max_size)
    built = build_matrix(
        vocabulary,
        _together([read_vectors(name) for name in vectors]),
        oov=oov,
        corpus=texts,
        unk=unk,
        general=None if general is None else read_vectors(general),
        seed=seed,
    )
    built.save(out)
    if provenance is not None:
        write_provenance(built, provenance)
    if as_json:
        emit(
            {
                "matrix": str(out),
                "shape": list(built.matrix.shape),
                "sources": built.provenance.source_counts(),
                "strategies": built.provenance.step_counts(),
            }
        )
    else:
        _print_matrix(built, out)


def _print_matrix(built: EmbeddingMatrix, out: Path) -> None:
    about = built.provenance
    made = [(f"  {step}", n) for step, n in about.step_counts().items()]
    rows = [
        row
        for source, n in about.source_counts().items()
        for row in ((source, n), *(made if source == "oov" else ()))
    ]
    emit_table(
        f"{len(built.vocabulary):,} rows of {built.dim} dimensions",
        ("source", "rows"),
        [(name, f"{n:,}") for name, n in rows],
    )
    sys.stdout.write(f"Matrix: {out}\n")


def convert(
    source: Vectors,
    target: Annotated[Path, typer.Argument(help="File or folder to write.")],
    to: Annotated[
        str | None,
        typer.Option(
            help="native, word2vec, word2vec-binary or glove [default: by the suffix]; of an "
            "embedding matrix also a folder: projector, tokenizers or model2vec."
        ),
    ] = None,
    tokenizer: TokenizerName = "word",
    as_json: AsJson = False,
) -> None:
    """Convert vectors, or an embedding matrix, to a format that other programs read.

    Suffixes of vector files: .safetensors, .txt (GloVe), .vec (word2vec), .bin.

    Example: adapt convert matrix.safetensors notes-model --to model2vec
    """
    from adapt.merging import EXPORTS, EmbeddingMatrix, holds_matrix
    from adapt.text import tokenizer_named
    from adapt.vectors import FORMATS, format_for, read_vectors, write_vectors

    if to not in (None, *FORMATS, *EXPORTS):
        raise InputError(f"--to is {to!r}; choose from {', '.join((*FORMATS, *EXPORTS))}")
    built = EmbeddingMatrix.load(source) if holds_matrix(source) else None
    if to in EXPORTS:
        if built is None:
            raise InputError(
                f"{source}: {to} is made from an embedding matrix; `adapt matrix` writes one"
            )
        EXPORTS[to](built, target, tokenizer_named(tokenizer))
        n_words, dim = built.matrix.shape
    else:
        check_target(target)  # what cannot be written is refused before anything is read
        format_for(target, to)
        vectors = (
            built.word_vectors()
            if built is not None
            # read once, and kept by the user's own choice
            else read_vectors(source, cache=False)
        )
        write_vectors(vectors, target, format=to)
        n_words, dim = len(vectors), vectors.dim
    if as_json:
        emit({"vectors": str(target), "n_words": n_words, "dim": dim})
    else:
        sys.stdout.write(f"{n_words:,} words of {dim} dimensions: {target}\n")
