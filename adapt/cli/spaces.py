"""Commands about word vectors: `train`, `merge`, `neighbors`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapt.cli.console import AsJson, emit, emit_table
from adapt.cli.options import (
    CorpusPaths,
    Out,
    TextColumn,
    TextField,
    TokenizerName,
    Vectors,
    open_corpus,
)
from adapt.errors import InputError
from adapt.files import check_target

if TYPE_CHECKING:
    from adapt.text import Corpus
    from adapt.training import Compass, Word2VecConfig
    from adapt.vectors import WordVectors

__all__ = ["merge_spaces", "neighbors", "train"]


def train(
    corpus: CorpusPaths,
    out: Out,
    dim: Annotated[
        int | None,
        typer.Option(help="Dimension of the vectors: 300, or that of --general."),
    ] = None,
    window: Annotated[int, typer.Option(help="Largest distance of a context word.")] = 8,
    epochs: Annotated[int, typer.Option(help="Passes over the corpus.")] = 15,
    min_count: Annotated[int, typer.Option(help="Rarer words get no vector.")] = 3,
    architecture: Annotated[str, typer.Option(help="skipgram or cbow.")] = "skipgram",
    negative: Annotated[int, typer.Option(help="Noise words for each pair.")] = 10,
    sample: Annotated[float, typer.Option(help="Subsampling of frequent words; 0: off.")] = 1e-4,
    output: Annotated[
        str, typer.Option(help="average, input or output vectors; input with --general.")
    ] = "average",
    seed: Annotated[int, typer.Option(help="Seed of the training.")] = 0,
    threads: Annotated[int, typer.Option(help="1 is repeatable, more are faster.")] = 1,
    backend: Annotated[
        str, typer.Option(help="compiled, gensim (the reference) or torch (for --device cuda).")
    ] = "compiled",
    device: Annotated[str, typer.Option(help="cpu, cuda or auto.")] = "cpu",
    general: Annotated[
        str | None,
        typer.Option(help="General vectors: train straight into their space, without a map."),
    ] = None,
    compass: Annotated[
        str | None,
        typer.Option(help="Words that --general has are frozen (usual) or penalised."),
    ] = None,
    strength: Annotated[
        float | None, typer.Option(help="Of the pull to --general, with --compass penalised.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="Go on from this file if it exists; written once a minute."),
    ] = None,
    shards: Annotated[
        int, typer.Option(help="Sub-models, trained on a Dask cluster and merged.", min=1)
    ] = 1,
    workers: Annotated[
        int, typer.Option(help="Processes of a cluster to start here, for --shards.")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a running Dask scheduler, for --shards.")
    ] = None,
    text_field: TextField = "text",
    text_column: TextColumn = "text",
    tokenizer: TokenizerName = "word",
    as_json: AsJson = False,
) -> None:
    """Train in-domain word vectors on an unlabelled corpus.

    Example: adapt train notes.txt.gz --out notes.safetensors --dim 100
    """
    from adapt.training import Word2VecConfig
    from adapt.vectors import read_vectors, write_vectors

    if shards > 1 and checkpoint is not None:
        raise InputError("--checkpoint is for one model; leave out --shards, or the checkpoint")
    if shards == 1 and (workers > 1 or scheduler is not None):
        raise InputError("--workers and --scheduler train sub-models; give --shards too")
    if checkpoint is not None:
        check_target(checkpoint)
    held = _compass(general, compass, strength, shards)
    space = None if general is None else read_vectors(general)
    if dim is None:
        dim = Word2VecConfig.dim if space is None else space.dim
    config = Word2VecConfig(
        dim=dim,
        window=window,
        epochs=epochs,
        min_count=min_count,
        architecture=architecture,
        negative=negative,
        sample=sample,
        output=output,
        seed=seed,
        threads=threads,
        backend=backend,
        device=device,
    )
    texts = open_corpus(corpus, text_field, text_column, tokenizer)
    if shards > 1:
        vectors, facts = _train_shards(texts, config, shards, workers, scheduler)
    else:
        vectors, facts = _train_one(texts, config, space, held, checkpoint)
    write_vectors(vectors, out)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)  # the vectors are safe now
    facts = {
        "vectors": str(out),
        "n_words": len(vectors),
        "dim": vectors.dim,
        "backend": backend,
        **facts,
    }
    if as_json:
        emit(facts)
    else:
        sys.stdout.write(
            f"{len(vectors):,} words of {vectors.dim} dimensions from {facts['n_tokens']:,} tokens "
            f"in {facts['train_seconds']:.1f} s ({facts['tokens_per_second']:,} tokens/s): {out}\n"
        )


def _compass(
    general: str | None, compass: str | None, strength: float | None, shards: int
) -> Compass | None:
    """Make the compass of the options; none for a training without a general space."""
    from adapt.training import Compass

    if general is None:
        if compass is not None or strength is not None:
            raise InputError("--compass and --strength hold words of --general; give it too")
        return None
    if shards > 1:
        raise InputError("--general is for one model; leave out --shards, or align the vectors")
    shared = Compass.shared if compass is None else compass
    if strength is None:
        return Compass(shared=shared)
    if shared == "frozen":
        raise InputError("--strength is that of a penalty; give --compass penalised too")
    return Compass(shared=shared, strength=strength)


def _train_one(
    corpus: Corpus,
    config: Word2VecConfig,
    general: WordVectors | None,
    compass: Compass | None,
    checkpoint: Path | None,
) -> tuple[WordVectors, dict[str, Any]]:
    """Train one model here; return it, and what is to be told about it."""
    from adapt.training import train_word2vec_timed

    vectors, times = train_word2vec_timed(
        corpus,
        config,
        general=general,
        compass=compass,
        checkpoint=checkpoint,
    )
    sources = {} if vectors.sources is None else dict(sorted(Counter(vectors.sources).items()))
    return vectors, {
        **({"sources": sources} if sources else {}),
        "n_tokens": times.n_tokens,
        "threads": times.threads,
        "read_seconds": round(times.read_seconds, 3),
        "compile_seconds": round(times.compile_seconds, 3),
        "train_seconds": round(times.train_seconds, 3),
        "tokens_per_second": round(times.tokens_per_second),
    }


def _train_shards(
    corpus: Corpus, config: Word2VecConfig, shards: int, workers: int, scheduler: str | None
) -> tuple[WordVectors, dict[str, Any]]:
    """Train sub-models on a cluster; the time holds reading and compiling, on all workers."""
    from adapt.cluster import dask_client
    from adapt.training import train_partitioned

    with dask_client(workers=workers, scheduler=scheduler) as client:
        start = time.perf_counter()
        vectors = train_partitioned(corpus, config, client=client, n_shards=shards)
        seconds = time.perf_counter() - start
    n_tokens = int(vectors.counts.sum()) if vectors.counts is not None else 0
    return vectors, {
        "n_tokens": n_tokens,
        "threads": 1,
        "train_seconds": round(seconds, 3),
        "tokens_per_second": round(n_tokens * config.epochs / seconds),
        "shards": shards,
        "workers": workers,
    }


def merge_spaces(
    general: Vectors,
    aligned: Vectors,
    out: Out,
    policy: Annotated[
        str,
        typer.Option(
            help="domain_first, general_first, average, frequency_weighted, specificity_weighted, "
            "convex, concat or concat_pca."
        ),
    ] = "domain_first",
    as_json: AsJson = False,
) -> None:
    """Merge two aligned sets of vectors into one with all words of both.

    Example: adapt merge glove.6B.100d.txt aligned.safetensors --out merged.safetensors
    """
    from adapt.merging import merge, policy_named
    from adapt.vectors import read_vectors, write_vectors

    policy_named(policy)  # refuses what does not exist before anything is read
    merged = merge(read_vectors(general), read_vectors(aligned), policy)
    write_vectors(merged, out)
    sources = dict(sorted(Counter(merged.sources or ()).items()))
    if as_json:
        emit({"vectors": str(out), "n_words": len(merged), "dim": merged.dim, "sources": sources})
    else:
        counts = ", ".join(f"{count:,} from {source}" for source, count in sources.items())
        sys.stdout.write(f"{len(merged):,} words of {merged.dim} dimensions ({counts}): {out}\n")


def neighbors(
    vectors: Vectors,
    words: Annotated[list[str], typer.Argument(help="Words to look up.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many neighbours.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List the nearest words by cosine.

    Example: adapt neighbors merged.safetensors ataxia ptosis -k 5
    """
    from adapt.explorer import neighbors as find
    from adapt.vectors import read_vectors

    words = list(dict.fromkeys(words))
    found = dict(zip(words, find(read_vectors(vectors), words, k), strict=True))
    if as_json:
        emit({word: [(one.word, one.cosine) for one in near] for word, near in found.items()})
        return
    for word, near in found.items():
        rows = [(one.word, f"{one.cosine:.3f}") for one in near]
        emit_table(word, ("neighbour", "cosine"), rows)
