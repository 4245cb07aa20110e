"""How times grow with the size of the corpus, the vocabulary, the dimension."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, Outcome, call, measure, median_peak
from benchmarks.results import Fit, Report, Row, fit_power
from benchmarks.settings import Settings
from benchmarks.training import warm_up

__all__ = ["PART", "retrieve"]

_CORPUS_SIZES = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
_TOKENS = 3_000_000
_WORDS = 50_000
_DIM = 100
_THREADS = 2
_VOCABULARIES = (5_000, 20_000, 80_000, 320_000)
_DIMS = (25, 50, 100, 200, 400)
_ROWS = (25_000, 100_000, 400_000)
_READ_DIMS = (25, 50, 100, 200)
_READ_ROWS = 50_000
_CANDIDATES = (12_500, 50_000, 200_000)
_QUERIES = 1_000
_NEAREST = 10

Series = tuple[str, str, list[tuple[int, Contender]]]
"""What grows, with what, and a contender for each size."""


def measure_growth(settings: Settings) -> Report:
    """Measure training, reading and retrieval at growing sizes."""
    warm_up(settings)
    rows, fits = _corpus_growth(settings)
    for subject, size, contenders in (*_training(settings), *_reading(settings), *_retrieval()):
        settings.announce(f"{subject} over {size}")
        outcomes = measure([contender for _, contender in contenders], settings.repeats, _quiet)
        seconds = [
            statistics.median(outcome.seconds for outcome in outcomes[contender.name])
            for _, contender in contenders
        ]
        fits.append(fit_power(subject, size, [number for number, _ in contenders], seconds))
    return Report(
        name="growth",
        title="Growth",
        machine=describe(),
        rows=tuple(rows),
        fits=tuple(fits),
        remarks=(
            "Time grows as size to the power of *exponent*: least squares in logarithms, ± "
            "standard error. Corpora are made (see `made_corpus.py`): "
            "Zipfian words in documents that have topics.",
            f"Training: compiled backend, skip-gram, window 5, 5 noise words, 1 epoch, {_THREADS} "
            f"threads, seconds of the epoch alone; unless it is what grows, {_TOKENS:,} tokens of "
            f"{_WORDS:,} words, {_DIM} dimensions. Reading: without cache. Retrieval: {_QUERIES:,} "
            f"queries, {_NEAREST} nearest.",
            "*fastest*: throughput of the fastest repeat. A machine that others use falls to half "
            "its speed for seconds or minutes; a median of few repeats then shows how often that "
            "happened, the fastest repeat what the program can do.",
        ),
    )


def retrieve(n_candidates: int, dim: int) -> dict[str, Any]:
    """Time `adapt.alignment.nearest` on made vectors."""
    import numpy as np

    from adapt.alignment import nearest

    generator = np.random.default_rng(0)
    candidates = generator.standard_normal((n_candidates, dim), dtype=np.float32)
    queries = generator.standard_normal((_QUERIES, dim), dtype=np.float32)
    nearest(queries[:10], candidates[:100], _NEAREST)
    start = time.perf_counter()
    nearest(queries, candidates, _NEAREST)
    return {"seconds": time.perf_counter() - start}


def _corpus_growth(settings: Settings) -> tuple[list[Row], list[Fit]]:
    """Train on corpora of all sizes, the sizes in turns."""
    share = 20 if settings.quick else 1
    sizes = [size // share for size in _CORPUS_SIZES]
    contenders = {size: _trainer(settings, size, _WORDS, _DIM) for size in sizes}
    outcomes = measure(list(contenders.values()), settings.repeats, settings.announce)
    rows = [_corpus_row(size, outcomes[contenders[size].name]) for size in sizes]
    tokens = [row.work for row in rows]
    fastest = [min(row.seconds) for row in rows]
    return rows, [fit_power("training (fastest)", "tokens", tokens, fastest)]


def _corpus_row(size: int, outcomes: Sequence[Outcome]) -> Row:
    n_tokens = outcomes[0].facts["n_tokens"]
    seconds = tuple(outcome.seconds for outcome in outcomes)
    return Row(
        task=f"compiled training, {_DIM} d, {_THREADS} threads",
        contender=f"{size:,} tokens",
        seconds=seconds,
        peak_mb=median_peak(outcomes),
        work=n_tokens,
        unit="tokens",
        quality={"fastest": f"{n_tokens / min(seconds):,.0f} tokens/s"},
    )


def _training(settings: Settings) -> tuple[Series, Series]:
    n_tokens = _TOKENS // 30 if settings.quick else _TOKENS
    vocabularies = [(n, _trainer(settings, n_tokens, n, _DIM)) for n in _VOCABULARIES]
    dims = [(dim, _trainer(settings, n_tokens, _WORDS, dim)) for dim in _DIMS]
    return ("training", "words of the vocabulary", vocabularies), ("training", "dimensions", dims)


def _reading(settings: Settings) -> tuple[Series, Series]:
    def reader(n_words: int, dim: int) -> Contender:
        path = settings.made_vectors(n_words, dim)
        command = call(
            "benchmarks.reading:by_adapt", path=str(path), wanted="", cache="off", word="w0"
        )
        return Contender(name=path.stem, command=command)

    share = 10 if settings.quick else 1
    rows = [(n // share, reader(n // share, 50)) for n in _ROWS]
    dims = [(dim, reader(_READ_ROWS // share, dim)) for dim in _READ_DIMS]
    return ("reading text", "words", rows), ("reading text", "dimensions", dims)


def _retrieval() -> tuple[Series, Series]:
    def search(n_candidates: int, dim: int) -> Contender:
        command = call("benchmarks.growth:retrieve", n_candidates=n_candidates, dim=dim)
        return Contender(name=f"{n_candidates} x {dim}", command=command)

    rows = [(n, search(n, _DIM)) for n in _CANDIDATES]
    dims = [(dim, search(_CANDIDATES[1], dim)) for dim in _DIMS]
    return ("retrieval", "candidates", rows), ("retrieval", "dimensions", dims)


def _trainer(settings: Settings, n_tokens: int, n_words: int, dim: int) -> Contender:
    path: Path = settings.made_corpus(n_tokens, n_words)
    command = call(
        "benchmarks.training:by_adapt",
        tokens=str(path),
        out="",
        seed=0,
        output="average",
        backend="compiled",
        threads=_THREADS,
        dim=dim,
        window=5,
        negative=5,
        epochs=1,
        min_count=1,
    )
    return Contender(name=f"{path.stem}, {dim} d", command=command)


def _quiet(line: str) -> None:
    """Say nothing: a series has many short measurements."""


PART = Part("growth", measure_growth)
