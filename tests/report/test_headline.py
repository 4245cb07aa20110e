from __future__ import annotations

from dataclasses import replace

import pytest

from adapt.report import headline_table


def test_rows_follow_the_study_and_columns_the_budgets(study):
    table = headline_table(study)
    assert table.strategy == "frozen"
    assert table.budgets == (200, 1000, 7352)
    assert [row.embedding for row in table.rows] == [
        "random", "general", "domain", "unaligned", "aligned", "concat", "tfidf",
    ]  # fmt: skip
    means = {
        (cell.embedding, cell.n_train): cell.accuracy
        for cell in study.summary
        if cell.strategy in ("frozen", "bag-of-words")
    }
    for row in table.rows:
        for n_train, cell in zip(table.budgets, row.cells, strict=True):
            assert cell is not None
            assert cell.accuracy == means[row.embedding, n_train]
            assert cell.low < cell.accuracy < cell.high


def test_the_best_of_each_column_is_marked(study):
    table = headline_table(study)
    for column in range(3):
        cells = {row.embedding: row.cells[column] for row in table.rows}
        marked = [name for name, cell in cells.items() if cell.best]
        assert marked == [max(cells, key=lambda name: cells[name].accuracy)]
    assert {row.embedding for row in table.rows if row.cells[2].best} == {"tfidf"}


def test_equal_cells_share_the_mark(study):
    level = tuple(replace(cell, accuracy=0.5) for cell in study.summary)
    table = headline_table(replace(study, summary=level))
    assert all(cell.best for row in table.rows for cell in row.cells)


@pytest.mark.parametrize("strategy", ["frozen", "fine-tuned"])
def test_each_strategy_has_its_own_table(study, strategy):
    table = headline_table(study, strategy=strategy)
    aligned = next(row for row in table.rows if row.embedding == "aligned")
    expected = next(
        cell.accuracy
        for cell in study.summary
        if (cell.embedding, cell.strategy, cell.n_train) == ("aligned", strategy, 200)
    )
    assert aligned.cells[0].accuracy == expected


def test_cells_that_were_not_run_are_empty(study):
    partial = tuple(
        cell for cell in study.summary if (cell.embedding, cell.n_train) != ("random", 200)
    )
    table = headline_table(replace(study, summary=partial))
    cells = next(row.cells for row in table.rows if row.embedding == "random")
    assert cells[0] is None
    assert cells[1] is not None


def test_first_strategy_stands_in_for_frozen(study):
    tuned = tuple(cell for cell in study.summary if cell.strategy != "frozen")
    assert headline_table(replace(study, summary=tuned)).strategy == "fine-tuned"


def test_bag_of_words_alone_makes_a_table(study):
    bag = tuple(cell for cell in study.summary if cell.embedding == "tfidf")
    table = headline_table(replace(study, summary=bag))
    assert [row.embedding for row in table.rows] == ["tfidf"]


def test_variants_of_an_embedding_are_told_apart(study):
    other = tuple(
        replace(cell, oov="zeros") for cell in study.summary if cell.embedding == "domain"
    )
    table = headline_table(replace(study, summary=study.summary + other))
    names = [row.embedding for row in table.rows]
    assert "domain, normal" in names
    assert "domain, zeros" in names
    assert "aligned" in names


def test_unknown_strategy_and_empty_study_have_no_rows(study, empty_study):
    assert headline_table(study, strategy="thawed").rows == ()
    assert headline_table(empty_study).rows == ()
