"""Marks beside accuracies: which differences from general vectors and bags of words are clear."""

from __future__ import annotations

from collections.abc import Iterable

from adapt.evaluation.judgement import Judgement, comparison_of, judge
from adapt.evaluation.results import Results, Summary
from adapt.report.views import GENERAL, is_bag_of_words, paired

__all__ = ["MARK_MEANINGS", "differs_from_general", "significance_marks", "told_marks"]

_ABOVE_GENERAL, _ABOVE_BAGS, _BELOW_BAGS = "\N{DAGGER}", "\N{DOUBLE DAGGER}", "\N{SECTION SIGN}"
MARK_MEANINGS = {
    _ABOVE_GENERAL: "clearly above general vectors",
    _ABOVE_BAGS: "clearly above every bag of words",
    _BELOW_BAGS: "clearly below a bag of words",
}
"""What each mark says; clearly means that the interval of the paired difference excludes 0 and that
its corrected p-value is below 0.05."""


def significance_marks(results: Results, cell: Summary) -> str:
    """Return the marks of a cell, none for bags of words."""
    if is_bag_of_words(cell.embedding):
        return ""
    bags = [
        judge(found)
        for other in results.summary
        if is_bag_of_words(other.embedding)
        if (found := comparison_of(results, cell, other)) is not None
    ]
    against_general = paired(results, cell, GENERAL)
    marks = ""
    if against_general is not None and judge(against_general) is Judgement.HIGHER:
        marks += _ABOVE_GENERAL
    if bags and set(bags) == {Judgement.HIGHER}:
        marks += _ABOVE_BAGS
    if Judgement.LOWER in bags:
        marks += _BELOW_BAGS
    return marks


def differs_from_general(results: Results, cell: Summary) -> bool | None:
    """Tell whether a cell differs clearly from general vectors; None where that was not tested."""
    found = paired(results, cell, GENERAL)
    if found is None or is_bag_of_words(cell.embedding):
        return None
    return judge(found) in (Judgement.HIGHER, Judgement.LOWER)


def told_marks(used: Iterable[str]) -> str:
    """Explain the marks among `used` in a sentence with a space before it; none without any."""
    present = "".join(used)
    told = [f"{mark} {words}" for mark, words in MARK_MEANINGS.items() if mark in present]
    return f" {'; '.join(told)} (corrected p < 0.05)." if told else ""
