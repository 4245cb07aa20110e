"""Marks beside accuracies say which differences are clear, and from what."""

from dataclasses import replace

import pytest

from adapt.report.significance import differs_from_general, significance_marks, told_marks
from adapt.report.tables import accuracy_tables


def cell_of(study, embedding, n_train=200):
    return next(
        c
        for c in study.summary
        if (c.embedding, c.n_train) == (embedding, n_train)
        and c.strategy in ("frozen", "bag-of-words")
    )


@pytest.fixture
def decided(study):
    """Return a maker of a study with one comparison, of `aligned` with a baseline."""

    def make(baseline, difference, p_corrected=0.001):
        one = next(
            c
            for c in study.comparisons
            if (c.embedding, c.baseline, c.n_train, c.strategy)
            == ("aligned", baseline, 200, "frozen")
        )
        one = replace(
            one,
            difference=difference,
            difference_low=difference - 0.01,
            difference_high=difference + 0.01,
            p_corrected=p_corrected,
        )
        return replace(study, comparisons=(one,))

    return make


@pytest.mark.parametrize(
    ("baseline", "difference", "p", "expected"),
    [
        ("general", 0.1, 0.001, "\N{DAGGER}"),
        ("general", 0.1, 0.2, ""),
        ("general", -0.1, 0.001, ""),
        ("tfidf", 0.1, 0.001, "\N{DOUBLE DAGGER}"),
        ("tfidf", -0.1, 0.001, "\N{SECTION SIGN}"),
        ("tfidf", 0.005, 0.001, ""),
    ],
)
def test_a_mark_is_given_for_what_is_clear(decided, baseline, difference, p, expected):
    results = decided(baseline, difference, p)
    assert significance_marks(results, cell_of(results, "aligned")) == expected


def test_bags_of_words_have_no_marks(decided):
    results = decided("tfidf", -0.1)
    assert significance_marks(results, cell_of(results, "tfidf")) == ""


def test_what_was_not_tested_is_neither_clear_nor_unclear(decided):
    results = decided("general", 0.1, 0.2)
    assert differs_from_general(results, cell_of(results, "aligned")) is False
    assert differs_from_general(results, cell_of(results, "domain")) is None
    assert differs_from_general(decided("general", -0.1), cell_of(results, "aligned")) is True


def test_only_the_marks_of_a_table_are_explained_below_it(decided):
    table = next(accuracy_tables(decided("general", 0.1)))
    assert "\N{DAGGER} clearly above general vectors (corrected p < 0.05)" in table.caption
    assert "bag of words" not in table.caption
    row = next(row for row in table.rows if row[0].text == "aligned")
    assert row[1].text.endswith("]\N{DAGGER}")
    assert told_marks(["12.3", "4 [3, 5]"]) == ""
