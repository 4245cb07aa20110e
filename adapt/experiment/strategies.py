"""The intrinsic test of the strategies for unknown words, on words that are hidden from them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from adapt.evaluation import (
    Estimate,
    OovGain,
    OovQuality,
    PairedDifference,
    StrategyQuality,
    hidden_words,
    oov_difference,
    oov_quality,
)
from adapt.experiment.config import StudyConfig
from adapt.experiment.data import StudyData
from adapt.experiment.environment import linear_algebra_threads
from adapt.experiment.store import Store
from adapt.oov import strategy_components, strategy_named
from adapt.vectors import WordVectors

__all__ = ["measure_strategies"]

_GUESSES = ("zeros", "mean", "normal")
"""What knows nothing of a word: every other strategy must do better."""


def measure_strategies(
    config: StudyConfig, general: WordVectors, data: StudyData, store: Store
) -> tuple[StrategyQuality, ...]:
    """Hide words of the general vectors and rebuild them by every strategy of the study.

    The strategies are those of `classifier.oov`, each single strategy in their chains and blends,
    and guesses that know nothing. Words that are hidden occur in the unlabelled corpus, and are of
    middling frequency in the general vectors; see `hidden_words`.

    Returns
    -------
    tuple of StrategyQuality
        The guesses first, then single strategies, then chains; empty if no words are to be hidden.

    Raises
    ------
    InputError
        If there are fewer such words.
    """
    if not config.oov.hidden:
        return ()
    hidden = hidden_words(general, data.corpus_counts, n=config.oov.hidden, seed=config.oov.seed)
    seed = config.classifier.seeds[0]
    links = {name: strategy_components(name) for name in config.classifier.oov}
    singles = dict.fromkeys([*_GUESSES, *(link for own in links.values() for link in own)])
    chains = [name for name, own in links.items() if len(own) > 1]

    def measured(name: str) -> OovQuality:
        strategy = strategy_named(name, seed=seed)
        return oov_quality(strategy, general, hidden, data.corpus, seed=config.oov.seed)

    asked = (general, hidden, data.corpus_digest, seed, config.oov.seed, linear_algebra_threads())
    found = {
        name: store.keep("strategies", (*asked, name), OovQuality, partial(measured, name))
        for name in (*singles, *chains)
    }
    return tuple(
        _told(name, quality, [*_GUESSES, *links.get(name, ())], found)
        for name, quality in found.items()
    )


def _told(
    name: str, quality: OovQuality, baselines: list[str], found: dict[str, OovQuality]
) -> StrategyQuality:
    return StrategyQuality(
        strategy=name,
        n_words=quality.of_all.n_words,
        share_filled=quality.share_filled,
        cosine=quality.of_all.cosine,
        precision_at_10=quality.of_all.precision_at_10,
        filled_cosine=None if quality.of_filled is None else quality.of_filled.cosine,
        gains=tuple(_gains(name, quality, baselines, found)),
    )


def _gains(
    name: str, quality: OovQuality, baselines: list[str], found: dict[str, OovQuality]
) -> Iterator[OovGain]:
    for baseline in dict.fromkeys(baselines):
        if baseline != name:
            difference = oov_difference(quality, found[baseline])
            yield OovGain(
                baseline, _estimate(difference.cosine), _estimate(difference.precision_at_10)
            )


def _estimate(difference: PairedDifference) -> Estimate:
    return Estimate(difference.difference, difference.low, difference.high)
