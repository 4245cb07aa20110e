"""Vectors for unknown words by spelling: `adapt.oov.Subword`, and the same in plain Python.

The unknown words are made, each of the first half of one known word and the second half of another.
Seconds are those of fitting and filling, without imports and reading.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, call, measure, median_peak
from benchmarks.results import Report, Row
from benchmarks.settings import GENERAL, Settings

__all__ = ["PART", "by_adapt", "by_python"]

_WHOLE = (400_000, 100_000)
_SCALED_DOWN = (20_000, 1_000)
_QUICK = (2_000, 100)
_COMPILED_BY = 10
"""Unknown words filled before the clock starts, so that numba's compiling is not measured."""


def measure_oov(settings: Settings) -> Report:
    """Measure the whole size, and a smaller one beside plain Python."""
    smaller = _QUICK if settings.quick else _SCALED_DOWN
    sizes = [(smaller, ("by_python", "by_adapt"))]
    if not settings.quick:
        sizes.append((_WHOLE, ("by_adapt",)))
    rows = []
    for (n_known, n_unknown), functions in sizes:
        contenders = [
            Contender(
                name=_NAMES[function],
                command=call(f"benchmarks.oov:{function}", n_known=n_known, n_unknown=n_unknown),
                reference=function == "by_python",
            )
            for function in functions
        ]
        outcomes = measure(contenders, settings.repeats, settings.announce)
        rows += [
            Row(
                task=f"{n_unknown:,} unknown words, {n_known:,} known",
                contender=contender.name,
                seconds=tuple(outcome.seconds for outcome in outcomes[contender.name]),
                reference=contender.reference,
                peak_mb=median_peak(outcomes[contender.name]),
                work=n_unknown,
                unit="words",
                quality={"mean confidence": f"{outcomes[contender.name][0].facts['mean']:.4f}"},
            )
            for contender in contenders
        ]
    return Report(
        name="oov",
        title="Vectors for unknown words",
        machine=describe(),
        rows=tuple(rows),
        remarks=(
            "`Subword`: character n-grams, nearest known words, Gaussian-process regression on "
            "them. Fitting and filling, without imports, reading, and the compilation of numba's "
            "kernels, which is kept in a cache.",
            "`straightforward_oov.py` does the same with dictionaries of n-grams, and NumPy for "
            "the equations; mean confidences show it. adapt, however, looks at the 1,000 most "
            "frequent words of each n-gram only.",
        ),
    )


def by_adapt(n_known: int, n_unknown: int) -> dict[str, Any]:
    """`adapt.oov.Subword`."""
    from adapt.oov import Subword
    from adapt.vectors import read_vectors

    vectors = read_vectors(GENERAL, limit=n_known)
    unknown = _made_words(vectors.words, n_unknown)
    Subword().fit(vectors.head(_COMPILED_BY)).fill(unknown[:1])
    start = time.perf_counter()
    answer = Subword().fit(vectors).fill(unknown)
    return {
        "seconds": time.perf_counter() - start,
        "mean": float(answer.confidences.mean(dtype="f8")),
    }


def by_python(n_known: int, n_unknown: int) -> dict[str, Any]:
    """`straightforward_oov.fill_by_spelling`."""
    from adapt.vectors import read_vectors
    from benchmarks.straightforward_oov import fill_by_spelling

    vectors = read_vectors(GENERAL, limit=n_known)
    unknown = _made_words(vectors.words, n_unknown)
    start = time.perf_counter()
    _, confidences = fill_by_spelling(vectors.words, vectors.matrix, unknown)
    return {"seconds": time.perf_counter() - start, "mean": float(confidences.mean())}


def _made_words(words: Sequence[str], n: int) -> list[str]:
    import numpy as np

    known: set[str] = set(words)
    made: list[str] = []
    generator = np.random.default_rng(0)
    while len(made) < n:
        first, second = (words[row] for row in generator.integers(len(words), size=2))
        word = first[: len(first) // 2 + 1] + second[len(second) // 2 :]
        if word not in known:
            made.append(word)
    return made


_NAMES = {"by_python": "plain Python, NumPy", "by_adapt": "adapt"}

PART = Part("oov", measure_oov)
