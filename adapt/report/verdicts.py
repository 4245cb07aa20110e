"""The verdict on a study, as the first thing that its report says."""

from __future__ import annotations

from adapt.evaluation.verdict_results import BudgetVerdict, Rival, StudyVerdict
from adapt.evaluation.wording import p_value, percent, percent_interval, signed_difference
from adapt.report.tables import ABSENT, Table, row_of

__all__ = ["VERDICT_COLUMNS", "verdict_cells", "verdict_table"]

VERDICT_COLUMNS = (
    "Labels",
    "Advice",
    "Configuration",
    "Accuracy",
    "To general vectors",
    "To bag of words",
)


def verdict_table(verdict: StudyVerdict) -> Table:
    """Show what the verdict rests on, a row for each label budget."""
    return Table(
        "The adapted configuration that validation chooses, its test accuracy in percent, and by "
        "how many points it is ahead of what validation chooses of its rivals; 95% intervals and "
        "corrected p-values.",
        VERDICT_COLUMNS,
        tuple(row_of(*verdict_cells(one)) for one in verdict.budgets),
        text_columns=(1, 2),
    )


def verdict_cells(one: BudgetVerdict) -> tuple[str, ...]:
    """Return the texts of `VERDICT_COLUMNS` for a label budget."""
    return (
        f"{one.n_train:,}",
        one.advice,
        ", ".join((one.embedding, one.oov, one.model, one.strategy)),
        f"{percent(one.accuracy).removesuffix('%')} "
        f"{percent_interval(one.accuracy_low, one.accuracy_high)}",
        _against(one, "general"),
        _against(one, "bag-of-words"),
    )


def _against(one: BudgetVerdict, family: str) -> str:
    rival = next((rival for rival in one.rivals if rival.family == family), None)
    return ABSENT if rival is None else _lead(rival)


def _lead(rival: Rival) -> str:
    ends = rival.difference, rival.difference_low, rival.difference_high
    return f"{signed_difference(*ends)}, {p_value(rival.p_corrected)}"
