"""To adapt or not to adapt: what the statistics of a study come down to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from adapt.evaluation.judgement import Judgement, comparison_of, judge
from adapt.evaluation.leakage import TRAINING_SPLIT
from adapt.evaluation.results import BAGS_OF_WORDS, CONTROL_EMBEDDINGS, Results, Selection
from adapt.evaluation.verdict_results import Advice, BudgetVerdict, Rival, StudyVerdict
from adapt.evaluation.wording import (
    labels,
    listed,
    signed_difference,
    signed_points,
    unsigned_points,
)

__all__ = ["study_verdict"]

_CALLED = {"general": "general vectors", "bag-of-words": "the bag of words"}
_UNMERGED = ("general", "domain", "compass", *CONTROL_EMBEDDINGS, *BAGS_OF_WORDS)
_CONCLUSIONS: dict[Judgement, Literal["better", "worse", "not confirmed", "no difference shown"]]
_CONCLUSIONS = {
    Judgement.HIGHER: "better",
    Judgement.LOWER: "worse",
    Judgement.UNCONFIRMED: "not confirmed",
    Judgement.NO_DIFFERENCE: "no difference shown",
}
_OPENINGS: dict[Advice, str] = {
    "adapt": "Adapt",
    "do not adapt": "Do not adapt",
    "undecided": "Undecided",
}


def study_verdict(results: Results) -> StudyVerdict | None:
    """Derive from the statistics alone whether adapting is worth it.

    At every label budget the adapted configuration that validation chose stands against what it
    chose of the general vectors and of the bags of words. The test documents have no say in which
    these are, so that none of them is there by luck. `domain` alone is an adapted configuration.

    - *Do not adapt*, where one of the rivals is significantly better.
    - *Adapt*, where the adapted configuration is significantly better than each rival that the
      study has, and general vectors are one of them.
    - *Undecided* is everything else: to beat general vectors and not a bag of words is no reason
      to train vectors, and without general vectors nothing is known of what adapting adds.

    Parameters
    ----------
    results : Results
        The outcome of a study; its own `verdict` is not looked at.

    Returns
    -------
    StudyVerdict or None
        None where no classifiers were trained.
    """
    if not results.summary:
        return None
    budgets = tuple(
        _budget_verdict(results, one) for one in results.selections if one.family == "adapted"
    )
    given = {one.advice for one in budgets}
    return StudyVerdict(
        advice=given.pop() if len(given) == 1 else None if budgets else "undecided",
        headline=_headline(budgets),
        merging=_merging(results),
        cautions=tuple(_cautions(results)),
        budgets=budgets,
    )


def _budget_verdict(results: Results, adapted: Selection) -> BudgetVerdict:
    rivals = tuple(_rivals(results, adapted))
    return BudgetVerdict(
        n_train=adapted.n_train,
        advice=_advice({one.family: one.conclusion for one in rivals}),
        embedding=adapted.embedding,
        oov=adapted.oov,
        model=adapted.model,
        strategy=adapted.strategy,
        accuracy=adapted.accuracy,
        accuracy_low=adapted.accuracy_low,
        accuracy_high=adapted.accuracy_high,
        rivals=rivals,
    )


def _rivals(results: Results, adapted: Selection) -> Iterator[Rival]:
    for other in results.selections:
        if other.n_train != adapted.n_train or other.family == "adapted":
            continue
        found = comparison_of(results, adapted, other)
        if found is not None:
            yield Rival(
                other.family,
                other.embedding,
                other.oov,
                other.model,
                other.strategy,
                found.difference,
                found.difference_low,
                found.difference_high,
                found.p_corrected,
                _CONCLUSIONS[judge(found)],
            )


def _advice(conclusions: dict[str, str]) -> Advice:
    if "worse" in conclusions.values():
        return "do not adapt"
    if "general" in conclusions and set(conclusions.values()) == {"better"}:
        return "adapt"
    return "undecided"


def _headline(budgets: Sequence[BudgetVerdict]) -> str:
    """Put label budgets at which the same is to be said together, a sentence for each."""
    if not budgets:
        return "Undecided: the study has no embedding that holds in-domain vectors."
    alike: dict[tuple[str, ...], list[BudgetVerdict]] = {}
    for one in budgets:
        pattern = (f"{rival.family}: {rival.conclusion}" for rival in one.rivals)
        alike.setdefault((one.advice, *pattern), []).append(one)
    sentences = []
    for own in alike.values():
        place = f"with {_budgets(own)}"
        told = f" {place}:" if len(alike) > 1 else f": {place},"
        sentences.append(f"{_OPENINGS[own[0].advice]}{told} {_reason(own)}.")
    return " ".join(sentences)


def _reason(own: Sequence[BudgetVerdict]) -> str:
    """Say how the adapted configurations of budgets that are alike do against their rivals."""
    names = list(dict.fromkeys(f"{one.embedding} ({one.model}, {one.strategy})" for one in own))
    by_family = {
        rivals[0].family: rivals for rivals in zip(*(one.rivals for one in own), strict=True)
    }
    clauses = [_clause(_CALLED[family], rivals) for family, rivals in by_family.items()]
    differing = len({rivals[0].conclusion for rivals in by_family.values()}) > 1
    text = f"the adapted choice of validation, {' or '.join(names)}, "
    text += (", but " if differing else " and ").join(clauses) if clauses else "has no rival"
    if "general" not in by_family:
        text += "; the study has no general vectors alone, so what adapting adds is not known"
    return text


def _clause(called: str, rivals: Sequence[Rival]) -> str:
    """Say how the adapted configuration does against one rival, at one budget or several alike."""
    conclusion = rivals[0].conclusion
    if conclusion == "no difference shown":
        low = signed_points(min(one.difference_low for one in rivals))
        high = signed_points(max(one.difference_high for one in rivals))
        return f"shows no difference from {called} (between {low} and {high} points)"
    if conclusion == "not confirmed":
        return (
            f"stands at {_sizes(rivals, signed=True)} to {called}, which does not survive the "
            "correction"
        )
    verb = "beats" if conclusion == "better" else "loses to"
    return f"{verb} {called} by {_sizes(rivals, signed=False)}"


def _sizes(rivals: Sequence[Rival], *, signed: bool) -> str:
    if len(rivals) == 1:
        (one,) = rivals
        ends = one.difference, one.difference_low, one.difference_high
        return f"{signed_difference(*ends)} points" if signed else unsigned_points(*ends)
    sizes = sorted((one.difference for one in rivals), key=None if signed else abs)
    low, high = (signed_points(size if signed else abs(size)) for size in (sizes[0], sizes[-1]))
    if not signed:
        low, high = low.removeprefix("+"), high.removeprefix("+")
    return f"{low} points" if low == high else f"{low} to {high} points"


def _budgets(own: Sequence[BudgetVerdict]) -> str:
    *others, last = own
    return listed([*(f"{one.n_train:,}" for one in others), labels(last.n_train)])


def _merging(results: Results) -> str:
    """Say whether any merged embedding is shown to do better than the in-domain vectors alone."""
    tested = [
        one
        for one in results.comparisons
        if one.baseline == "domain" and one.embedding not in _UNMERGED
    ]
    if not tested:
        return ""
    better = [one for one in tested if judge(one) is Judgement.HIGHER]
    worse = sum(judge(one) is Judgement.LOWER for one in tested)
    harm = f"; {worse:,} of them lose to it" if worse else ""
    if not better:
        return (
            "Merging is not shown to add anything to the in-domain vectors alone: none of "
            f"{len(tested):,} comparisons with domain finds merged vectors better{harm}."
        )
    top = max(better, key=lambda one: one.difference)
    size = unsigned_points(top.difference, top.difference_low, top.difference_high)
    return (
        f"Merged vectors beat the in-domain vectors alone in {len(better):,} of {len(tested):,} "
        f"comparisons, at most by {size} ({top.embedding}, {top.strategy}, "
        f"{labels(top.n_train)}){harm}."
    )


def _cautions(results: Results) -> Iterator[str]:
    if min(one.n_seeds for one in results.summary) == 1:
        yield (
            "This rests on a single seed: it speaks of other test documents, but another seed may "
            "decide otherwise."
        )
    if results.dataset is not None:
        if results.dataset.transductive:
            yield (
                "The study is transductive: the unlabelled corpus holds test documents or near "
                "duplicates of them, and in-domain vectors may do worse on text unseen."
            )
        if any(leak.where == TRAINING_SPLIT for leak in results.dataset.leaks):
            yield (
                "The training split holds test documents or near duplicates of them, which can "
                "flatter every accuracy."
            )
    if results.selections and not any(one.family == "bag-of-words" for one in results.selections):
        yield "No bag of words was tried; with many labels one may do as well without any vectors."
