"""What the results say, in plain sentences, whether or not it is what one hoped for.

Every sentence is derived from the results alone. A difference is called one only when its 95 %
interval excludes 0 and its corrected p-value is below 0.05 (see `adapt.evaluation.judgement`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapt.evaluation.comparison_results import Comparison
from adapt.evaluation.judgement import Judgement, comparison_of, judge
from adapt.evaluation.leakage import TRAINING_SPLIT, Leak
from adapt.evaluation.results import BAGS_OF_WORDS, Results, Summary
from adapt.evaluation.wording import (
    labels,
    listed,
    p_value,
    percent,
    percent_interval,
    signed_points,
    signed_points_interval,
    unsigned_points,
)
from adapt.report.alignment_findings import alignment_findings
from adapt.report.changes import change_findings
from adapt.report.drift_findings import drift_findings
from adapt.report.gain_findings import gain_findings
from adapt.report.oov_findings import oov_findings
from adapt.report.selections import selection_findings
from adapt.report.views import (
    DOMAIN,
    GENERAL,
    UNALIGNED,
    before_and_after,
    best,
    budgets,
    cells,
    embeddings,
    is_bag_of_words,
    is_merged,
    paired,
    strategies,
    variant_label,
    variants,
)

__all__ = ["TOPICS", "Finding", "findings"]

CAUTION = "Caution"
COVERAGE = "Coverage"
CHOICE = "What would validation choose?"
ACCURACY = "Does adapting help?"
GAIN = "Where does the gain come from?"
BASELINE = "Bag-of-words"
MERGING = "Does merging add to the in-domain vectors?"
TRAINING = "What do other models and strategies change?"
UNKNOWN = "What becomes of unknown words?"
DRIFT = "What does fine-tuning do to the word vectors?"
ALIGNMENT = "How good is the alignment?"
TOPICS = (
    CAUTION,
    COVERAGE,
    CHOICE,
    ACCURACY,
    GAIN,
    BASELINE,
    MERGING,
    TRAINING,
    UNKNOWN,
    DRIFT,
    ALIGNMENT,
)


@dataclass(frozen=True)
class Finding:
    """One statement; `topic` is one of `TOPICS`."""

    topic: str
    text: str


def findings(results: Results) -> list[Finding]:
    """Derive the findings of a study from its results.

    Parameters
    ----------
    results : Results
        The outcome of a study; any part of it may be empty.

    Returns
    -------
    list of Finding
        Ordered by topic, then by strategy and label budget. What the results cannot answer is
        left out, or said to be untested.
    """
    parts: tuple[tuple[str, Callable[[Results], list[str]]], ...] = (
        (CAUTION, _cautions),
        (COVERAGE, _coverage),
        (CHOICE, selection_findings),
        (ACCURACY, _adapted_against_others),
        (GAIN, gain_findings),
        (BASELINE, _bag_of_words),
        (MERGING, _merging),
        (TRAINING, _training_changes),
        (UNKNOWN, oov_findings),
        (DRIFT, drift_findings),
        (ALIGNMENT, alignment_findings),
    )
    return [Finding(topic, text) for topic, derive in parts for text in derive(results)]


def _cautions(results: Results) -> list[str]:
    texts = []
    if results.dataset is not None:
        texts += [_leak(leak, results.dataset.n_test) for leak in results.dataset.leaks]
    if results.summary and min(cell.n_seeds for cell in results.summary) == 1:
        texts.append(
            "Some cells were run with a single seed: their intervals hold the variance of the test "
            "documents, but not that of training."
        )
    return texts


def _leak(leak: Leak, n_test: int) -> str:
    if leak.where == TRAINING_SPLIT:
        return (
            f"{leak.told(n_test)}: the classifiers were trained on the same text, or on text much "
            "like it, which can flatter every accuracy below."
        )
    return (
        f"The study is transductive: {leak.told(n_test)}, so the in-domain vectors have seen them, "
        "or text much like them. The figures below say less about documents yet to come, and "
        "out-of-vocabulary rates look better than they would on those."
    )


def _coverage(results: Results) -> list[str]:
    splits = dict.fromkeys(rate.split for rate in results.oov)
    texts = []
    for split in ["test"] if "test" in splits else splits:
        pair = before_and_after(results, split)
        if pair is None:
            continue
        before, after = pair
        how = "alone" if after.vectors == DOMAIN else "added"
        change = _coverage_change(before.token_rate, after.token_rate)
        texts.append(
            f"On the {split} split, the general vectors ({before.vectors}) lack "
            f"{percent(before.type_rate)} of the word types and {percent(before.token_rate)} of "
            f"the tokens; with the in-domain vectors {how} "
            f"({after.vectors}) it is {percent(after.type_rate)} of the types and "
            f"{percent(after.token_rate)} of the tokens{change}."
        )
    return texts


def _coverage_change(before: float, after: float) -> str:
    if after < before:
        return f": {(before - after) / before:.0%} fewer missing tokens"
    return ": no gain in tokens" if after == before else ": more tokens are missing than before"


def _adapted_against_others(results: Results) -> list[str]:
    """Best adapted embedding against general, domain and tfidf, at each strategy and budget."""
    # the control is no adapted embedding; without any merged one, the in-domain vectors stand in
    adapted = [e for e in embeddings(results) if is_merged(e) and e != UNALIGNED] or [DOMAIN]
    present = embeddings(results)
    texts = []
    for strategy in strategies(results):
        for n_train in budgets(results):
            winner = best(c for c in cells(results, strategy, n_train) if c.embedding in adapted)
            if winner is None:
                continue
            role = "the best adapted embedding" if len(adapted) > 1 else "the adapted embedding"
            clauses = [
                _against(results, winner, baseline)
                for baseline in (GENERAL, DOMAIN, *BAGS_OF_WORDS)
                if baseline in present and baseline != winner.embedding
            ]
            name = variant_label(results.summary, winner.embedding, winner.oov, winner.model)
            texts.append(
                f"With {labels(n_train)} ({strategy}), {role} is {name}: "
                + "; ".join([_accuracy(winner), *clauses])
                + "."
            )
    return texts


def _training_changes(results: Results) -> list[str]:
    return [text for part in ("model", "strategy") for text in change_findings(results, part)]


def _against(results: Results, cell: Summary, baseline: str) -> str:
    comparison = paired(results, cell, baseline)
    if comparison is None:
        return f"not tested against {baseline}"
    judged = judge(comparison)
    if judged is Judgement.NO_DIFFERENCE:
        return f"no clear difference from {baseline}: {_signed(comparison)}"
    size = f"by {_unsigned(comparison)}, {p_value(comparison.p_corrected)}"
    if judged is Judgement.UNCONFIRMED:
        side = "above" if comparison.difference > 0 else "below"
        return f"{side} {baseline} {size}, which does not survive the correction"
    return f"{'beats' if judged is Judgement.HIGHER else 'loses to'} {baseline} {size}"


def _bag_of_words(results: Results) -> list[str]:
    """Bag-of-words against the best of all embeddings, whatever its strategy."""
    texts = []
    for n_train in budgets(results):
        at_budget = [cell for cell in results.summary if cell.n_train == n_train]
        bag = best(cell for cell in at_budget if is_bag_of_words(cell.embedding))
        rival = best(cell for cell in at_budget if not is_bag_of_words(cell.embedding))
        if bag is None or rival is None:
            continue
        name = variant_label(results.summary, rival.embedding, rival.oov, rival.model)
        rival_text = f"{name} ({rival.strategy}, {percent(rival.accuracy)})"
        bag_name = variant_label(results.summary, bag.embedding, bag.oov, bag.model)
        bag_text = f"{bag_name} ({percent(bag.accuracy)})"
        comparison = comparison_of(results, bag, rival)
        texts.append(_bag_sentence(bag, rival, bag_text, rival_text, comparison))
    return texts


def _bag_sentence(
    bag: Summary, rival: Summary, own: str, rival_text: str, comparison: Comparison | None
) -> str:
    place = f"with {labels(bag.n_train)}"
    if comparison is None:
        gap = signed_points(bag.accuracy - rival.accuracy)
        return (
            f"{place.capitalize()}, {own} stands at {gap} points to the best embedding, "
            f"{rival_text}; this pair was not tested."
        )
    judged = judge(comparison)
    if judged is Judgement.HIGHER:
        return (
            f"Bag-of-words wins {place}: {own} beats the best embedding, {rival_text}, by "
            f"{_unsigned(comparison)}, {p_value(comparison.p_corrected)}."
        )
    if judged is Judgement.LOWER:
        return (
            f"Bag-of-words loses {place}: {own} is behind the best embedding, {rival_text}, by "
            f"{_unsigned(comparison)}, {p_value(comparison.p_corrected)}."
        )
    return (
        f"Neither wins {place}: {own} and the best embedding, {rival_text}, show no clear "
        f"difference: {_signed(comparison)}, {p_value(comparison.p_corrected)}."
    )


def _merging(results: Results) -> list[str]:
    """Each merged embedding against the in-domain vectors, over the budgets of a strategy.

    Where the study fills unknown words in several ways, or has several models, its first.
    """
    texts: list[str] = []
    total = nothing = 0
    first = variants(results)[:1]
    for strategy in strategies(results):
        for embedding in filter(is_merged, embeddings(results)):
            comparisons = [
                comparison
                for n_train in budgets(results)
                for cell in cells(results, strategy, n_train)
                if cell.embedding == embedding and (cell.oov, cell.model) in first
                if (comparison := paired(results, cell, DOMAIN)) is not None
            ]
            if comparisons:
                texts.append(f"{embedding} ({strategy}) {_merging_clauses(comparisons)}.")
            total += len(comparisons)
            nothing += sum(judge(one) is Judgement.NO_DIFFERENCE for one in comparisons)
    if nothing:
        share = "each of" if nothing == total else f"{nothing} of"
        texts.insert(
            0,
            f"Merging adds nothing measurable to the in-domain vectors ({DOMAIN}) in {share} "
            f"the {total} comparisons below: their intervals include 0.",
        )
    elif total:
        texts.insert(
            0, f"In none of the {total} comparisons with {DOMAIN} does the interval include 0."
        )
    return texts


def _merging_clauses(comparisons: list[Comparison]) -> str:
    wordings = (
        (Judgement.HIGHER, "adds to them"),
        (Judgement.LOWER, "does worse than they do"),
        (Judgement.UNCONFIRMED, "shows a difference that does not survive the correction"),
        (Judgement.NO_DIFFERENCE, "adds nothing"),
    )
    clauses = []
    for judged, words in wordings:
        places = [
            f"{labels(one.n_train)} ({_signed(one)})" for one in comparisons if judge(one) is judged
        ]
        if places:
            clauses.append(f"{words} with {listed(places)}")
    return "; ".join(clauses)


def _accuracy(cell: Summary) -> str:
    interval_text = percent_interval(cell.accuracy_low, cell.accuracy_high)
    return f"{percent(cell.accuracy)} {interval_text}"


def _signed(comparison: Comparison) -> str:
    ends = signed_points_interval(comparison.difference_low, comparison.difference_high)
    return f"{signed_points(comparison.difference)} points {ends}"


def _unsigned(comparison: Comparison) -> str:
    return unsigned_points(
        comparison.difference, comparison.difference_low, comparison.difference_high
    )
