"""Training word vectors: gensim directly, and both backends of `adapt`; quality beside speed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, Outcome, call, measure, median_peak, run_once
from benchmarks.results import Report, Row
from benchmarks.settings import Settings

__all__ = ["PART", "by_adapt", "by_gensim", "join", "warm_up"]

_DIMS = (50, 100, 300)
_THREADS = (1, 2)
_SKIP_GRAM = {"window": 5, "negative": 5, "sample": 1e-4, "min_count": 3, "epochs": 5}
_REFERENCE = "gensim"
_BACKENDS = ("gensim", "compiled")


def measure_training(settings: Settings) -> Report:
    """Measure every dimension on one thread and on two."""
    tokens = settings.tokens()
    warm_up(settings)
    skip_gram = {**_SKIP_GRAM, "epochs": 1} if settings.quick else _SKIP_GRAM
    rows: list[Row] = []
    for dim in _DIMS[:1] if settings.quick else _DIMS:
        for threads in _THREADS:
            rows += _comparison(settings, tokens, {**skip_gram, "dim": dim, "threads": threads})
    return Report(
        name="training",
        title="Training word vectors",
        machine=describe(),
        rows=tuple(rows),
        remarks=(
            f"Skip-gram with negative sampling: {skip_gram}. Seconds and throughput are those of "
            "the epochs alone, in words of the vocabulary; *whole call* adds reading the text, "
            "counting its words and loading (not compiling) the kernels.",
            "Every repeat has a seed of its own; quality is the mean over them ± its standard "
            "deviation. Of all contenders the mean of input and output vectors is evaluated. "
            "*accuracy*: clinical task, 1,000 labels, within the training split. *Spearman*: "
            "scored pairs, if a file of them was given. *loss*: of seed 0, nats for a pair and "
            f"{_SKIP_GRAM['negative']} noise words, the same ones for all; from repeatable "
            "trainings (one thread) and gensim's own only.",
        ),
    )


def by_gensim(tokens: str, out: str, seed: int, **options: Any) -> dict[str, Any]:
    """Train with gensim's file-based path, its fastest; leaves vectors in `out`."""
    import numpy as np
    from gensim.models import Word2Vec

    from benchmarks.worker import peak_mb

    start = time.perf_counter()
    model = Word2Vec(
        sg=1,
        seed=seed,
        vector_size=options["dim"],
        workers=options["threads"],
        window=options["window"],
        negative=options["negative"],
        sample=options["sample"],
        min_count=options["min_count"],
    )
    model.build_vocab(corpus_file=tokens)
    ready = time.perf_counter()
    model.train(
        corpus_file=tokens,
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=options["epochs"],
    )
    end = time.perf_counter()
    peak = peak_mb()
    words = model.wv.index_to_key
    n_tokens = sum(model.wv.get_vecattr(word, "count") for word in words)
    input, output = model.wv.vectors, model.syn1neg
    np.savez(out, words="\n".join(words), matrix=(input + output) / 2, input=input, output=output)
    return {
        "seconds": end - ready,
        "whole": end - start,
        "peak_mb": peak,
        "n_tokens": int(n_tokens),
    }


def by_adapt(tokens: str, out: str, seed: int, output: str, **options: Any) -> dict[str, Any]:
    """Train with `adapt`; leaves vectors in `out`."""
    import numpy as np

    from adapt.text import Corpus, WhitespaceTokenizer
    from adapt.training import Word2VecConfig, train_word2vec_timed
    from benchmarks.worker import peak_mb

    config = Word2VecConfig(seed=seed, output=output, **options)
    corpus = Corpus.read(tokens, tokenizer=WhitespaceTokenizer())
    start = time.perf_counter()
    vectors, times = train_word2vec_timed(corpus, config)
    end = time.perf_counter()
    peak = peak_mb()
    if out:
        np.savez(out, words="\n".join(vectors.words), matrix=vectors.matrix)
    return {
        "seconds": times.train_seconds,
        "whole": end - start,
        "peak_mb": peak,
        "n_tokens": times.n_tokens,
    }


def _comparison(settings: Settings, tokens: Path, options: dict[str, Any]) -> list[Row]:
    """Measure the three contenders on one configuration, then evaluate what they trained."""
    task = f"skip-gram {options['dim']} d, {options['threads']} thread" + "s" * (
        options["threads"] > 1
    )
    contenders = [_gensim(settings, tokens, options)]
    contenders += [_backend(settings, tokens, options, backend) for backend in _BACKENDS]
    outcomes = measure(contenders, settings.repeats, settings.announce)
    return [
        Row(
            task=task,
            contender=contender.name,
            seconds=tuple(outcome.seconds for outcome in outcomes[contender.name]),
            reference=contender.reference,
            peak_mb=median_peak(outcomes[contender.name]),
            work=outcomes[contender.name][0].facts["n_tokens"] * options["epochs"],
            unit="tokens",
            quality=_quality(settings, tokens, options, contender, outcomes[contender.name]),
        )
        for contender in contenders
    ]


def _gensim(settings: Settings, tokens: Path, options: dict[str, Any]) -> Contender:
    command = _numbered("by_gensim", settings, _REFERENCE, tokens=str(tokens), **options)
    return Contender(name=_REFERENCE, command=command, reference=True)


def _backend(
    settings: Settings, tokens: Path, options: dict[str, Any], backend: str, output: str = "average"
) -> Contender:
    name = f"adapt, {backend} backend"
    command = _numbered(
        "by_adapt",
        settings,
        name,
        tokens=str(tokens),
        backend=backend,
        output=output,
        **options,
    )
    return Contender(name=name, command=command)


def _numbered(function: str, settings: Settings, name: str, **arguments: Any) -> Any:
    """Give the command of each repeat, which has its own seed and leaves its own vectors."""

    def command(repeat: int) -> Sequence[str]:
        out = str(_vectors_file(settings, name, repeat))
        return call(f"benchmarks.training:{function}", seed=repeat, out=out, **arguments)(repeat)

    return command


def _vectors_file(settings: Settings, name: str, repeat: int) -> Path:
    return settings.work / f"vectors-{name.replace(', ', '-').replace(' ', '-')}-{repeat}.npz"


def _quality(
    settings: Settings,
    tokens: Path,
    options: dict[str, Any],
    contender: Contender,
    outcomes: Sequence[Outcome],
) -> dict[str, str]:
    """Evaluate the vectors of every repeat."""
    if contender.name != _REFERENCE and options["threads"] == 1:
        _add_both_matrices(settings, tokens, options, contender)
    found = []
    for repeat in range(len(outcomes)):
        settings.announce(f"evaluating {contender.name}, repeat {repeat}")
        command = call(
            "benchmarks.quality:evaluate",
            vectors=str(_vectors_file(settings, contender.name, repeat)),
            tokens=str(tokens),
            pairs=str(settings.pairs or ""),
        )
        found.append(run_once(command(0)).facts)
    quality = {
        "whole call": f"{statistics.median(outcome.facts['whole'] for outcome in outcomes):.1f} s",
        "accuracy": _spread([facts["accuracy"] for facts in found]),
    }
    if settings.pairs:
        quality["Spearman"] = _spread([facts["spearman"] for facts in found])
    if "loss" in found[0]:
        quality["loss"] = f"{found[0]['loss']:.3f}"
    return quality


def _add_both_matrices(
    settings: Settings, tokens: Path, options: dict[str, Any], contender: Contender
) -> None:
    """Train seed 0 again for its input vectors; what was kept, their mean, gives the output ones.

    The loss needs both, and `adapt` gives one matrix; on one thread a training repeats exactly.
    """
    backend = contender.name.removeprefix("adapt, ").removesuffix(" backend")
    again = _backend(settings, tokens, options, backend, "input")
    kept = _vectors_file(settings, contender.name, 0)
    aside = kept.with_suffix(".mean.npz")
    kept.replace(aside)
    run_once(again.command(0))
    run_once(call("benchmarks.training:join", input=str(kept), mean=str(aside))(0))


def join(input: str, mean: str) -> dict[str, Any]:
    """Write input, output and mean vectors into the file of the input ones."""
    import numpy as np

    with np.load(input) as one, np.load(mean) as other:
        first, average = one["matrix"], other["matrix"]
        words = str(other["words"])
    np.savez(input, words=words, matrix=average, input=first, output=2 * average - first)
    return {}


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.3f}"
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def warm_up(settings: Settings) -> None:
    """Train on a few words, so that what is compiled once on a machine is compiled."""
    few = settings.made_corpus(20_000, 1_000)
    for dim, threads in ((dim, threads) for dim in _DIMS for threads in _THREADS):
        options = {**_SKIP_GRAM, "dim": dim, "threads": threads, "epochs": 1}
        run_once(_backend(settings, few, options, "compiled").command(0))


PART = Part("training", measure_training)
