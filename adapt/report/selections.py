"""What validation would choose at every label budget, and how that did on the test documents."""

from __future__ import annotations

from collections.abc import Sequence

from adapt.evaluation.judgement import Judgement, comparison_of, judge
from adapt.evaluation.results import Results, Selection
from adapt.evaluation.wording import (
    labels,
    p_value,
    percent,
    percent_interval,
    signed_difference,
)
from adapt.report.tables import Table, row_of

__all__ = ["selection_findings", "selection_table"]


def selection_findings(results: Results) -> list[str]:
    """Set the adapted configuration that validation chose against the other families' choices."""
    texts = []
    for adapted in results.selections:
        if adapted.family != "adapted":
            continue
        rivals = [
            other
            for other in results.selections
            if other.n_train == adapted.n_train and other.family != "adapted"
        ]
        # without anything to choose between, the other findings say it all
        if rivals and max(one.n_cells for one in (adapted, *rivals)) > 1:
            texts.append(_sentence(results, adapted, rivals))
    return texts


def _sentence(results: Results, adapted: Selection, rivals: Sequence[Selection]) -> str:
    clauses = [_against(results, adapted, rival) for rival in rivals]
    return (
        f"With {labels(adapted.n_train)}, validation on training documents chooses "
        f"{_name(adapted)} of {adapted.n_cells} adapted configurations: "
        f"{percent(adapted.accuracy)} "
        f"{percent_interval(adapted.accuracy_low, adapted.accuracy_high)} of the test documents, "
        f"macro-F1 {percent(adapted.macro_f1)}; {'; '.join(clauses)}."
    )


def _against(results: Results, adapted: Selection, rival: Selection) -> str:
    who = f"the {rival.family} choice, {_name(rival)} ({percent(rival.accuracy)})"
    comparison = comparison_of(results, adapted, rival)
    if comparison is None:
        return f"not tested against {who}"
    low, high = comparison.difference_low, comparison.difference_high
    size = f"{signed_difference(comparison.difference, low, high)} points"
    judged = judge(comparison)
    if judged is Judgement.NO_DIFFERENCE:
        return f"no clear difference from {who}: {size}"
    if judged is Judgement.UNCONFIRMED:
        return f"{size} to {who}, which does not survive the correction"
    word = "beats" if judged is Judgement.HIGHER else "loses to"
    return f"{word} {who} by {size}, {p_value(comparison.p_corrected)}"


def _name(one: Selection) -> str:
    parts = [one.embedding, one.model]
    if one.family != "bag-of-words":
        parts.append(one.strategy)
    return ", ".join(parts)


def selection_table(selections: Sequence[Selection]) -> Table:
    """Show every choice, its validation accuracy, and what came of it."""
    return Table(
        "The configurations that held-out training documents choose: highest mean validation "
        "accuracy over the seeds, of so many candidates. Test accuracy with its 95% interval, in "
        "percent.",
        ("Family", "Labels", "Candidates", "Chosen", "Validation", "Test", "Macro-F1"),
        tuple(
            row_of(
                one.family,
                f"{one.n_train:,}",
                f"{one.n_cells:,}",
                f"{_name(one)}, {one.oov}" if one.family != "bag-of-words" else _name(one),
                percent(one.validation_accuracy).removesuffix("%"),
                f"{percent(one.accuracy).removesuffix('%')} "
                f"{percent_interval(one.accuracy_low, one.accuracy_high)}",
                percent(one.macro_f1).removesuffix("%"),
            )
            for one in selections
        ),
        text_columns=(0, 3),
    )
