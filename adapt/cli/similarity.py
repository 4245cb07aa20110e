"""The command `similarity`: cosines against what people say."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapt.cli.console import AsJson, emit, emit_table
from adapt.cli.options import TokenizerName, complete_vectors

__all__ = ["similarity"]


def similarity(
    pairs: Annotated[
        Path, typer.Argument(help="Two terms and a score a line: TSV, CSV, or blanks between.")
    ],
    vectors: Annotated[
        list[str],
        typer.Argument(
            help="Vector files of any known format, or installed names.",
            autocompletion=complete_vectors,
        ),
    ],
    tokenizer: TokenizerName = "word",
    seed: Annotated[int, typer.Option(help="Seed of the intervals.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Rank pairs of terms by cosine, and correlate that with the scores people gave them.

    Pairs without a vector on both sides are left out: compare vectors by the coverage, too.

    Example: adapt similarity pairs.tsv glove.6B.50d merged.safetensors
    """
    from adapt.evaluation import read_pairs, word_similarity
    from adapt.seeds import check_seed
    from adapt.text import tokenizer_named
    from adapt.vectors import read_vectors

    check_seed(seed)
    judged = read_pairs(pairs)
    cut = tokenizer_named(tokenizer)
    scores = [
        (name, word_similarity(read_vectors(name), judged, tokenizer=cut, seed=seed))
        for name in vectors
    ]
    if as_json:
        emit([{"vectors": name, **asdict(score)} for name, score in scores])
        return
    emit_table(
        f"Spearman correlation with the scores of {len(judged):,} pairs",
        ("vectors", "Spearman", "95 % interval", "pairs", "coverage"),
        [
            (
                name,
                "-" if score.spearman is None else f"{score.spearman:.3f}",
                "-" if score.low is None else f"{score.low:.3f} to {score.high:.3f}",
                f"{score.n_covered:,}",
                f"{score.coverage:.1%}",
            )
            for name, score in scores
        ],
    )
