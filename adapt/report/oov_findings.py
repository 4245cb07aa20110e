"""What the results say of words without a vector, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator

from adapt.evaluation.results import OovGain, Results, StrategyQuality, TypoAccuracy
from adapt.evaluation.wording import (
    decimal,
    interval,
    labels,
    listed,
    percent,
)
from adapt.report.changes import change_findings

__all__ = ["oov_findings"]

GUESSES = ("zeros", "mean", "normal", "uniform")


def oov_findings(results: Results) -> list[str]:
    """Tell which strategy rebuilds hidden words best, and what filling and spelling change."""
    return [*_rebuilding(results), *change_findings(results, "oov"), *_typos(results)]


def _rebuilding(results: Results) -> Iterator[str]:
    informed = [one for one in results.oov_quality if one.strategy not in GUESSES]
    if not informed:
        return
    best = max(informed, key=lambda one: one.precision_at_10.value)
    yield (
        f"Of {best.n_words:,} known words that were hidden, {best.strategy} rebuilds most: "
        f"{percent(best.precision_at_10.value)} are among the 10 words nearest to what it makes of "
        f"them, and the mean cosine with the true vectors is {decimal(best.cosine.value, 2)} "
        f"{interval(decimal(best.cosine.low, 2), decimal(best.cosine.high, 2))}."
    )
    short = [one.strategy for one in informed if not all(map(_gains, _against_guesses(one)))]
    if short:
        yield f"Not clearly better than a guess in both figures: {listed(short)}."
    else:
        yield "Every informed strategy beats every guess that knows nothing of the word, in both."
    for chain in informed:
        links = [gain for gain in chain.gains if gain.baseline not in GUESSES]
        if links:
            yield _chain(chain, links)


def _against_guesses(quality: StrategyQuality) -> list[OovGain]:
    return [gain for gain in quality.gains if gain.baseline in GUESSES]


def _gains(gain: OovGain) -> bool:
    return gain.cosine.low > 0 and gain.precision_at_10.low > 0


def _chain(chain: StrategyQuality, links: list[OovGain]) -> str:
    beaten = [gain.baseline for gain in links if _gains(gain)]
    others = [gain.baseline for gain in links if not _gains(gain)]
    if not others:
        return f"The chain {chain.strategy} beats each of its links alone, in both figures."
    told = f"beats {listed(beaten)} alone, but not" if beaten else "does not beat"
    return f"The chain {chain.strategy} {told} {listed(others)} clearly in both figures."


def _typos(results: Results) -> Iterator[str]:
    """Tell what each cell loses where words are misspelt."""
    cells: dict[tuple[str, ...], list[TypoAccuracy]] = {}
    for one in results.typos:
        key = (one.embedding, one.oov, one.model, one.strategy, labels(one.n_train))
        cells.setdefault(key, []).append(one)
    for (embedding, oov, model, strategy, budget), points in cells.items():
        first, last = points[0], points[-1]
        yield (
            f"{embedding}, {oov}, {model} ({strategy}, {budget}) has {percent(first.accuracy)} on "
            f"the test texts as they are, and {percent(last.accuracy)} where "
            f"{percent(last.typo_share)} of the words are misspelt."
        )
