from __future__ import annotations

from dataclasses import replace

import pytest

from adapt.errors import InputError
from adapt.report import FinishedRun, write_run_comparison

CONFIG = {"config": {"word2vec": {"dim": 300, "epochs": 5}}, "versions": {"numpy": "2.1.0"}}
LARGER = {"config": {"word2vec": {"dim": 300, "epochs": 25}}, "versions": {"numpy": "2.1.0"}}


@pytest.fixture
def runs(judged_study, tmp_path):
    lower = replace(
        judged_study,
        summary=tuple(
            replace(cell, accuracy=cell.accuracy - 0.1)
            for cell in judged_study.summary
            if cell.embedding != "concat"
        ),
    )
    return (
        FinishedRun("runs/a b", tmp_path / "a b", judged_study, CONFIG, "d1"),
        FinishedRun("runs/c", tmp_path / "c", lower, LARGER, "d1"),
    )


def page_of(runs, path):
    return write_run_comparison(runs, path).read_text(encoding="utf-8")


def test_runs_stand_side_by_side(runs, judged_study, tmp_path):
    html = page_of(runs, tmp_path / "compared.html")
    assert html.count(judged_study.verdict.headline) == 2
    assert "word2vec.epochs" in html
    assert "word2vec.dim" not in html
    assert "Versions that differ" not in html
    assert "<svg" in html
    assert 'href="a%20b/report.html"' in html
    assert "may be compared only" not in html
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compared.html"]


def test_a_cell_that_a_run_lacks_is_absent(runs, tmp_path):
    html = page_of(runs, tmp_path / "compared.html")
    row = html[html.index('<th scope="row">concat</th>') :].split("</tr>")[0]
    assert row.count("\N{EN DASH}") == 1
    assert "<strong>" in row


@pytest.mark.parametrize("other", [{"documents": "d2"}, {"results": None}])
def test_other_test_documents_are_shown_with_a_note(runs, other, tmp_path):
    if "results" in other:
        results = runs[1].results
        dataset = replace(results.dataset, name="elsewhere")
        other = {"results": replace(results, dataset=dataset)}
    html = page_of((runs[0], replace(runs[1], **other)), tmp_path / "compared.html")
    assert "may be compared only within these groups: runs/a b; runs/c." in html


def test_the_same_runs_give_the_same_bytes(runs, tmp_path):
    first, second = (page_of(runs, tmp_path / name) for name in ("x.html", "y.html"))
    assert first == second


def test_runs_that_cannot_be_set_side_by_side_are_refused(runs, aligned_only, tmp_path):
    with pytest.raises(InputError, match="name two or more, each once"):
        write_run_comparison((runs[0], runs[0]), tmp_path / "compared.html")
    with pytest.raises(InputError, match="runs/c: holds an alignment alone"):
        write_run_comparison(
            (runs[0], replace(runs[1], results=aligned_only)), tmp_path / "compared.html"
        )
    assert not (tmp_path / "compared.html").exists()


def test_runs_without_a_manifest_are_named(runs, tmp_path):
    html = page_of((runs[0], replace(runs[1], manifest=None)), tmp_path / "compared.html")
    assert "Without a manifest, so that nothing is known of them: runs/c." in html
