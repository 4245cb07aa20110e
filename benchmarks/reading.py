"""Reading GloVe text: `adapt`, gensim, and a plain Python loop.

Each call opens the file and looks one word up. The file is in the system's page cache for all of
them. The seconds leave imports out.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, call, measure, median_peak
from benchmarks.results import Report, Row
from benchmarks.settings import Settings

__all__ = ["PART", "by_adapt", "by_gensim", "by_loop"]

_N_WANTED = 10_000
_STEP = 40
"""Every 40th word of 400,000 is wanted, so that they stand all over the file."""


def measure_reading(settings: Settings) -> Report:
    """Measure whole files, second openings, and some words of many."""
    text = settings.general_text()
    wanted = settings.work / "wanted.txt"
    _write_wanted(text, wanted)
    whole = "GloVe text 400,000 × 50"
    part = f"{_N_WANTED:,} of its words"
    rows = []
    for task, words in ((whole, ""), (part, str(wanted))):
        contenders = _contenders(settings, text, words)
        outcomes = measure(contenders, settings.repeats, settings.announce)
        rows += [
            Row(
                task=task,
                contender=contender.name,
                seconds=tuple(outcome.seconds for outcome in outcomes[contender.name]),
                peak_mb=median_peak(outcomes[contender.name]),
                reference=contender.reference,
            )
            for contender in contenders
        ]
    return Report(
        name="reading",
        title="Reading vectors",
        machine=describe(),
        rows=tuple(rows),
        remarks=(
            "Seconds from the call to one word looked up, without imports; the file is in the "
            "page cache. gensim has no way to read some words only: it reads all and picks.",
            "The first opening writes the cache, the second maps it.",
        ),
    )


def by_gensim(path: str, wanted: str) -> dict[str, Any]:
    """`KeyedVectors.load_word2vec_format`; with `wanted`, the rows of these words picked."""
    from gensim.models import KeyedVectors

    words = _wanted(wanted)
    start = time.perf_counter()
    vectors = KeyedVectors.load_word2vec_format(path, no_header=True)
    if words:
        picked = KeyedVectors(vectors.vector_size)
        picked.add_vectors(words, vectors[words])
        vectors = picked
    first = float(vectors[(words or ["fever"])[0]][0])
    return {"seconds": time.perf_counter() - start, "n": len(vectors), "first": first}


def by_loop(path: str, wanted: str) -> dict[str, Any]:
    """Split every line and parse its numbers into a dict of arrays, as tutorials do."""
    import numpy as np

    words = _wanted(wanted)
    start = time.perf_counter()
    keep = set(words)
    vectors = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, *values = line.rstrip("\n").split(" ")
            if not keep or word in keep:
                vectors[word] = np.asarray(values, dtype="float32")
    first = float(vectors[(words or ["fever"])[0]][0])
    return {"seconds": time.perf_counter() - start, "n": len(vectors), "first": first}


def by_adapt(path: str, wanted: str, cache: str, word: str = "fever") -> dict[str, Any]:
    """`adapt.vectors.read_vectors`.

    `cache` is ``off``, ``on``, or ``empty``: on, after what was cached has been removed.
    """
    from adapt.vectors import read_vectors

    words = _wanted(wanted)
    if cache == "empty":
        shutil.rmtree(os.environ["ADAPT_CACHE"], ignore_errors=True)
    start = time.perf_counter()
    vectors = read_vectors(path, words=words or None, cache=cache != "off")
    first = float(vectors[(words or [word])[0]][0])
    return {"seconds": time.perf_counter() - start, "n": len(vectors), "first": first}


def _contenders(settings: Settings, text: Path, wanted: str) -> list[Contender]:
    environment = {"ADAPT_CACHE": str(settings.work / "cache")}
    fill = call("benchmarks.reading:by_adapt", path=str(text), wanted="", cache="on")(0)

    def contender(
        name: str, function: str, before: Sequence[str] = (), **arguments: str
    ) -> Contender:
        command = call(f"benchmarks.reading:{function}", path=str(text), wanted=wanted, **arguments)
        return Contender(
            name=name,
            command=command,
            reference=function == "by_gensim",
            environment=environment,
            before=before,
        )

    contenders = [
        contender("gensim", "by_gensim"),
        contender("plain Python loop", "by_loop"),
        contender("adapt, no cache", "by_adapt", cache="off"),
    ]
    if not wanted:  # a part of a file is never cached, so that it has no first opening
        contenders.append(contender("adapt, first opening", "by_adapt", cache="empty"))
    return [*contenders, contender("adapt, second opening", "by_adapt", before=fill, cache="on")]


def _write_wanted(text: Path, target: Path) -> None:
    with text.open(encoding="utf-8") as lines:
        words = [line.partition(" ")[0] for row, line in enumerate(lines) if row % _STEP == 0]
    target.write_text("\n".join(words[:_N_WANTED]), encoding="utf-8")


def _wanted(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").split("\n") if path else []


PART = Part("reading", measure_reading)
