from __future__ import annotations

from dataclasses import replace

import pytest

from adapt.evaluation import Comparison, NeededSize, Results, study_verdict, turned
from adapt.report.conclusions import conclusion, conclusion_table
from adapt.report.tables import accuracy_tables, comparison_tables
from adapt.report.verdicts import verdict_table


@pytest.fixture
def pair(study: Results) -> Comparison:
    return next(
        one
        for one in study.comparisons
        if (one.embedding, one.baseline, one.strategy) == ("aligned", "general", "frozen")
    )


def told(study: Results, one: Comparison, low: float, high: float, **changes: object) -> str:
    one = replace(
        one, difference=(low + high) / 2, difference_low=low, difference_high=high, **changes
    )
    return conclusion(study, one).replace("\xa0", " ")


def test_what_counts_is_said_with_what_it_carries_to(study, pair):
    assert told(study, pair, 0.21, 0.265, p_corrected=0.001) == (
        "aligned, frozen beats general, frozen by 23.8 points [21.0, 26.5] with 200 labels: this "
        "holds for other test documents and other seeds."
    )


def test_either_side_says_the_same(study, pair):
    for low, high in ((0.1, 0.2), (-0.2, -0.1)):
        one = replace(
            pair, difference=(low + high) / 2, difference_low=low, difference_high=high,
            p_corrected=0.001,
        )  # fmt: skip
        assert conclusion(study, one) == conclusion(study, turned(one))
    assert conclusion(study, one).startswith("general, frozen beats aligned, frozen by 15.0 points")


def test_one_seed_carries_to_documents_alone(study, pair):
    text = told(study, pair, 0.1, 0.2, p_corrected=0.001, n_seeds=1)
    assert text.endswith("holds for other test documents; of other seeds, one seed tells nothing.")


def test_what_does_not_survive_the_correction_is_no_finding(study, pair):
    needed = NeededSize(5, None, 0.001)
    text = told(study, pair, 0.01, 0.03, p_corrected=0.3, needed=needed)
    assert "above general, frozen by 2.0 points [1.0, 3.0]" in text
    assert "does not survive the correction over all comparisons; about 5 seeds would" in text
    assert "beats" not in text
    assert "below general" in told(study, pair, -0.03, -0.01, p_corrected=0.3, needed=needed)


@pytest.mark.parametrize(
    ("needed", "ending"),
    [
        (NeededSize(12, 8_921, 0.01), "about 12 seeds or 9,000 test documents would settle"),
        (NeededSize(12, None, 0.01), "about 12 seeds would settle"),
        (NeededSize(None, 9_000, 0.01), "about 9,000 test documents would settle"),
        (NeededSize(None, None, 0.01), "neither more seeds alone nor more test documents alone"),
    ],
)
def test_what_is_open_says_what_would_settle_it(study, pair, needed, ending):
    text = told(study, pair, -0.012, 0.019, p_corrected=1.0, needed=needed)
    assert text.startswith("No difference shown of aligned, frozen to general, frozen with 200")
    assert "between −1.2 and +1.9 points; " in text
    assert ending in text
    assert "either way" not in text


def test_only_a_narrow_interval_bounds_the_difference(study, pair):
    needed = NeededSize(None, None, 0.01)
    text = told(study, pair, -0.004, 0.009, p_corrected=1.0, needed=needed)
    assert "between −0.4 and +0.9 points, no more than 0.9 either way;" in text
    assert "equal" not in text


def test_one_seed_cannot_say_what_more_seeds_would_do(study, pair):
    text = told(
        study, pair, -0.02, 0.02, p_corrected=1.0, n_seeds=1, needed=NeededSize(None, None, 0.01)
    )
    assert text.endswith("no number of test documents would settle this with one seed.")


def test_the_table_has_every_comparison(study):
    table = conclusion_table(study)
    assert len(table.rows) == len(study.comparisons)
    assert all(len(row) == len(table.header) for row in table.rows)
    assert table.rows[0][-1].text == "0.060"
    without = tuple(
        replace(one, mcnemar=replace(one.mcnemar, odds_ratio=None)) for one in study.comparisons
    )
    assert conclusion_table(replace(study, comparisons=without)).rows[0][6].text == "–"


def test_areas_stand_beside_accuracies_and_differences(study):
    accuracies, differences = next(accuracy_tables(study)), next(comparison_tables(study))
    assert accuracies.header[-1] == "Area under the curve"
    assert sum(row[-1].strong for row in accuracies.rows) == 1
    assert differences.header[-2:] == ("Difference, area under the curve", "Corrected p")
    first, area = differences.rows[0], study.area_comparisons[0]
    assert first[-2].text.startswith(f"+{100 * area.difference:.1f} [")
    without = replace(study, areas=(), area_comparisons=())
    assert "Area under the curve" not in next(accuracy_tables(without)).header
    assert "area" not in " ".join(next(comparison_tables(without)).header)


def test_the_verdict_table_shows_what_the_verdict_rests_on(judged_study):
    verdict = study_verdict(judged_study)
    table = verdict_table(verdict)
    assert [row[0].text for row in table.rows] == ["200", "1,000", "7,352"]
    assert [row[1].text for row in table.rows] == [one.advice for one in verdict.budgets]
    assert all(row[4].text.startswith("+") for row in table.rows)
