"""What a grid of studies shows, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapt.evaluation.grid_results import GridResults, SettingCrossover
from adapt.evaluation.wording import labels, listed
from adapt.report.grid_views import (
    Panel,
    is_clear,
    merge_gains,
    panels,
    short_key,
    told_settings,
)

__all__ = ["grid_findings"]


def grid_findings(results: GridResults) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield topics, each with its findings; none without any."""
    helps = tuple(text for panel in panels(results) for text in _merging(panel))
    if helps:
        yield "Merging", helps
    crossed = tuple(_crossovers(results.crossovers))
    if crossed:
        yield "Crossovers", crossed
    if results.comparisons:
        n_clear = sum(map(is_clear, results.comparisons))
        text = (
            f"{n_clear:,} of {len(results.comparisons):,} comparisons across studies show a clear "
            "difference."
        )
        yield "Across studies", (text,)


def _merging(panel: Panel) -> Iterator[str]:
    """Tell where each merged embedding is better than both; those alike in it together."""
    alike: dict[str, list[str]] = {}
    key = short_key(panel.key)
    for line in panel.lines:
        gains = merge_gains(panel, line)
        if gains:
            where = [f"{gain.value:,.5g}" for gain in gains if gain.helps]
            told = f"at {key} {listed(where)}" if where else ""
            alike.setdefault(told, []).append(line.label)
    for told, names in alike.items():
        better = "clearly better than both general and in-domain vectors"
        if told:
            yield f"{panel.title}: {listed(names)} {_is(names)} {better} {told}."
        else:
            yield f"{panel.title}: {listed(names)} {_is(names)} {better} at no {key}."


def _crossovers(crossovers: Sequence[SettingCrossover]) -> Iterator[str]:
    """Tell of each crossover, and of pairs that have none within the values together."""
    without: dict[tuple[str, str, bool], dict[str, list[str]]] = {}
    for one in crossovers:
        found, key = one.crossover, short_key(one.key)
        if found.at is None:
            pairs = without.setdefault((_head(one), key, found.ahead_at_first), {})
            pairs.setdefault(one.embedding, []).append(one.baseline)
            continue
        low = "below the first" if found.low is None else f"{found.low:.2g}"
        high = "beyond the last" if found.high is None else f"{found.high:.2g}"
        yield (
            f"{_head(one)}: {one.embedding} overtakes {one.baseline} at {key} {found.at:.2g} "
            f"(interval from {low} to {high})."
        )
    for (head, key, ahead), pairs in without.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for embedding, baselines in pairs.items():
            alike.setdefault(tuple(baselines), []).append(embedding)
        for others, names in alike.items():
            told = f"{head}: {listed(names)} {_is(names)}"
            if ahead:
                yield f"{told} ahead of {listed(others)} from the first {key} on."
            else:
                yield f"{told} not ahead of {listed(others)} even at the largest {key}."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _head(one: SettingCrossover) -> str:
    told = f"{one.strategy}, {labels(one.n_train)}, {one.model}"
    return f"{told}, {told_settings(one.settings)}" if one.settings else told
