"""Training on a Dask cluster: one worker and two, beside a single model; quality beside speed."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import ROOT, Contender, call, measure, median_peak, run_once
from benchmarks.results import Report, Row
from benchmarks.settings import Settings
from benchmarks.training import warm_up

__all__ = ["PART", "at_once", "on_workers"]

_SHARDS = 4
_WORKERS = (1, 2)
_CONFIG = {"dim": 300, "window": 15, "epochs": 25}
"""That of the clinical study; more would only lengthen the parallel part."""


def measure_partitioned(settings: Settings) -> Report:
    """Measure sub-models on one worker and on two, and how much two processes gain at best."""
    tokens = str(settings.tokens())
    warm_up(settings)
    config = {**_CONFIG, "epochs": 1} if settings.quick else _CONFIG
    clusters = [_cluster(settings, tokens, n_workers, config) for n_workers in _WORKERS]
    singles = [_singles(settings, tokens, number, config) for number in (1, 2)]
    outcomes = measure([*clusters, *singles], settings.repeats, settings.announce)
    rows = []
    for contender in (*clusters, *singles):
        settings.announce(f"evaluating {contender.name}")
        command = call(
            "benchmarks.quality:evaluate",
            vectors=str(_vectors_file(settings, contender.name)),
            tokens=tokens,
            pairs=str(settings.pairs or ""),
        )
        quality = run_once(command(0)).facts
        rows.append(
            Row(
                task=f"{_SHARDS} shards" if contender in clusters else "no shards",
                contender=contender.name,
                seconds=tuple(outcome.seconds for outcome in outcomes[contender.name]),
                reference=contender in (clusters[0], singles[0]),
                peak_mb=None if contender in clusters else median_peak(outcomes[contender.name]),
                quality={name: f"{quality[name]:.3f}" for name in ("accuracy",) if name in quality},
            )
        )
    one, two = (statistics.median(o.seconds for o in outcomes[each.name]) for each in singles)
    return Report(
        name="partitioned",
        title="Training on a Dask cluster",
        machine=describe(),
        rows=tuple(rows),
        remarks=(
            f"Skip-gram, {config}. From the text to the merged vectors, without the start of the "
            "cluster, whose workers have one thread each. *accuracy*: clinical task, 1,000 "
            "labels, within the training split; of the last repeat.",
            "Two trainings at once have nothing to share but the machine: what two workers can "
            f"gain here is {2 * one / two:.2f} × at best.",
        ),
    )


def on_workers(tokens: str, out: str, n_workers: int, seed: int, **options: Any) -> dict[str, Any]:
    """Train sub-models on a cluster of this machine; leaves vectors in `out`."""
    import numpy as np

    from adapt.cluster import dask_client
    from adapt.text import Corpus, WhitespaceTokenizer
    from adapt.training import Word2VecConfig, train_partitioned

    corpus = Corpus.read(tokens, tokenizer=WhitespaceTokenizer())
    config = Word2VecConfig(seed=seed, **options)
    with dask_client(workers=n_workers) as client:
        start = time.perf_counter()
        vectors = train_partitioned(corpus, config, client=client, n_shards=_SHARDS)
        seconds = time.perf_counter() - start
    np.savez(out, words="\n".join(vectors.words), matrix=vectors.matrix)
    return {"seconds": seconds}


def at_once(tokens: str, out: str, number: int, seed: int, **options: Any) -> dict[str, Any]:
    """Train whole models in as many processes at the same time, each on one thread."""
    commands = [
        call(
            "benchmarks.training:by_adapt",
            tokens=tokens,
            out=out if process == 0 else "",
            seed=seed,
            output="average",
            backend="compiled",
            **options,
        )(0)
        for process in range(number)
    ]
    start = time.perf_counter()
    processes = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) for command in commands
    ]
    failed = any([process.wait() for process in processes])
    if failed:
        raise RuntimeError("a training failed")
    return {"seconds": time.perf_counter() - start}


def _cluster(settings: Settings, tokens: str, n_workers: int, config: dict[str, Any]) -> Contender:
    name = f"{n_workers} worker" + "s" * (n_workers > 1)
    out = str(_vectors_file(settings, name))
    command = call(
        "benchmarks.partitioned:on_workers",
        tokens=tokens,
        out=out,
        n_workers=n_workers,
        seed="{repeat}",
        **config,
    )
    return Contender(name=name, command=command, reference=n_workers == 1)


def _singles(settings: Settings, tokens: str, number: int, config: dict[str, Any]) -> Contender:
    name = "one training" if number == 1 else "two trainings at once"
    out = str(_vectors_file(settings, name))
    command = call(
        "benchmarks.partitioned:at_once",
        tokens=tokens,
        out=out,
        number=number,
        seed="{repeat}",
        **config,
    )
    return Contender(name=name, command=command, reference=number == 1)


def _vectors_file(settings: Settings, name: str) -> Path:
    return settings.work / f"partitioned-{name.replace(' ', '-')}.npz"


PART = Part("partitioned", measure_partitioned)
