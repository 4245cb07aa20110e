"""Aligning and looking everything up: Procrustes, the map, and CSLS for all domain words.

Claim: at the size of GloVe (400,000 × 300) against 50,000 domain words, in less than 3 GiB, inputs
included, and in no more than twice the time that the machine needs for the one matrix product of
all domain words with all general ones. What the machine can do is measured in the same process,
before and after: the fastest of some large float32 products, on the same number of threads.

The spaces are made (`made_spaces`), the anchors are 5,000 of their words; P@10, the share of the
domain words that find themselves among ten, shows that all contenders do the same.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, Outcome, call, measure, median_peak
from benchmarks.results import Report, Row
from benchmarks.settings import Settings
from benchmarks.worker import peak_mb

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PART", "by_adapt", "by_numpy"]

_SIZES = ((80_000, 10_000), (400_000, 50_000))
"""General and domain words; the first size is small enough for the peer."""

_DIM = 300
_N_ANCHORS = 5_000
_K = 10
_REFERENCE = "NumPy"


def measure_alignment(settings: Settings) -> Report:
    """Measure a size that the peer can do too, and the full size."""
    machine = describe()
    rows = []
    for size, with_peer in zip(_SIZES, (True, False), strict=True):
        n_general, n_domain = (n // 10 if settings.quick else n for n in size)
        folder = str(settings.made_spaces(n_general, n_domain, _DIM))
        n_anchors = min(_N_ANCHORS, n_domain)
        arguments = {"folder": folder, "n_anchors": n_anchors}
        contenders = [
            Contender(name="adapt", command=call("benchmarks.alignment:by_adapt", **arguments))
        ]
        if with_peer:
            peer = call("benchmarks.alignment:by_numpy", **arguments)
            contenders.insert(0, Contender(name=_REFERENCE, command=peer, reference=True))
        outcomes = measure(contenders, settings.repeats, settings.announce)
        task = f"{n_domain:,} words among {n_general:,}, {_DIM} d"
        rows += [_row(task, contender, outcomes[contender.name]) for contender in contenders]
    return Report(
        name="alignment",
        title="Alignment and retrieval",
        machine=machine,
        rows=tuple(rows),
        remarks=(
            f"Procrustes on {_N_ANCHORS:,} anchors, both spaces normalised and mapped, and the "
            f"{_K} best general words by CSLS for every domain word. Peak memory includes both "
            "matrices. NumPy: `csls_by_numpy` in `peers.py`, by blocks, as one would write it.",
            "*of the peak*: the operations of the one product of all domain with all general "
            "words (2 × words × words × dimensions), by the seconds of all stages together, as "
            "a share of what the fastest of some large float32 products reaches (*product*: by "
            "NumPy and torch, 4,096 × 300 × 16,384 and square, on all threads) in the same "
            "process, before and after. *P@10*: domain words that find themselves.",
        ),
    )


def by_adapt(folder: str, n_anchors: int) -> dict[str, Any]:
    """`Procrustes`, the normalised spaces, and `csls`."""
    import numpy as np

    from adapt.alignment import Anchors, Procrustes, csls
    from adapt.vectors import WordVectors
    from benchmarks.made_spaces import read_spaces

    general_matrix, domain_matrix, rows = read_spaces(folder)
    general = WordVectors([f"w{row}" for row in range(len(general_matrix))], general_matrix)
    domain = WordVectors([f"w{row}" for row in rows], domain_matrix)
    anchors = Anchors(domain.words[:n_anchors], domain.words[:n_anchors])
    few = np.eye(64, dtype=np.float32)
    csls(few, few, 1)  # loads what was compiled once on this machine

    def run() -> np.ndarray:
        aligner = Procrustes().fit(domain, general, anchors)
        found, _ = csls(aligner.normalized_domain(domain), aligner.normalized_general(general), _K)
        return found

    return _measured(run, domain_matrix, general_matrix, rows)


def by_numpy(folder: str, n_anchors: int) -> dict[str, Any]:
    """Do the same by NumPy and scipy, in blocks."""
    from benchmarks.made_spaces import read_spaces
    from benchmarks.peers import csls_by_numpy
    from benchmarks.straightforward_study import map_between, normalize

    general, domain, rows = read_spaces(folder)

    def run() -> np.ndarray:
        source, source_mean = normalize(domain[:n_anchors])
        target, target_mean = normalize(general[rows[:n_anchors]])
        queries = normalize(domain, source_mean)[0] @ map_between(source, target)
        return csls_by_numpy(queries, normalize(general, target_mean)[0], _K)

    return _measured(run, domain, general, rows)


def _measured(
    run: Callable[[], np.ndarray], domain: np.ndarray, general: np.ndarray, rows: np.ndarray
) -> dict[str, Any]:
    """Time what gives the rows found, between two measurements of what the machine can do."""
    rate = product_rate()
    start = time.perf_counter()
    found = run()
    seconds = time.perf_counter() - start
    memory = peak_mb()
    rate = max(rate, product_rate())
    operations = 2 * len(domain) * len(general) * domain.shape[1]
    return {
        "seconds": seconds,
        "peak_mb": memory,
        "rate": rate,
        "share": operations / seconds / rate,
        "precision": float((found == rows[:, None]).any(axis=1).mean()),
    }


def product_rate() -> float:
    """Operations a second of the fastest of some large float32 products, by NumPy and torch."""
    import numpy as np

    generator = np.random.default_rng(0)
    rates = []
    for m, inner, n in ((4_096, _DIM, 16_384), (3_072, 3_072, 3_072)):
        left = generator.standard_normal((m, inner), dtype=np.float32)
        right = generator.standard_normal((inner, n), dtype=np.float32)
        rates.append(2 * m * inner * n / _fastest_product(left, right))
    return max(rates)


def _fastest_product(left: np.ndarray, right: np.ndarray, repeats: int = 5) -> float:
    """Least seconds of the product of two matrices."""
    import numpy as np
    import torch

    out = np.empty((len(left), right.shape[1]), dtype=np.float32)
    tensors = [torch.from_numpy(array) for array in (left, right, out)]
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        np.matmul(left, right, out=out)
        middle = time.perf_counter()
        torch.mm(*tensors[:2], out=tensors[2])
        seconds += [middle - start, time.perf_counter() - middle]
    return min(seconds)


def _row(task: str, contender: Contender, outcomes: list[Outcome]) -> Row:
    shares, rates, precisions = (
        [outcome.facts[name] for outcome in outcomes] for name in ("share", "rate", "precision")
    )
    return Row(
        task=task,
        contender=contender.name,
        seconds=tuple(outcome.seconds for outcome in outcomes),
        reference=contender.reference,
        peak_mb=median_peak(outcomes),
        quality={
            "of the peak": f"{statistics.median(shares):.0%}",
            "product": f"{statistics.median(rates) / 1e9:.0f} GFLOP/s",
            "P@10": f"{precisions[0]:.3f}",
        },
    )


PART = Part("alignment", measure_alignment)
