"""A grid of small studies, from the command line to the report."""

import json
from functools import partial

import numpy as np
import pytest

from adapt.errors import FileFormatError, InputError
from adapt.evaluation import holm, paired_differences, read_grid_results, read_results
from adapt.experiment import read_config, read_predictions, read_study, run_study, run_study_grid

SHARES = '[grid]\n"data.corpus_share" = [0.05, 0.3, 1]'


def test_a_grid_from_the_command_line_to_the_report(adapt, small_study, tmp_path):
    out = tmp_path / "out"
    status, text, err = adapt("run", small_study(SHARES), "--out", out, "--workers", 1)
    assert status == 0, err
    assert "Accuracy by data.corpus_share" in text
    assert err.count("Study ") == 3
    grid = read_grid_results(out)
    names = [one.name for one in grid.variants]
    assert names == ["corpus_share=0.05", "corpus_share=0.3", "corpus_share=1"]
    tokens = [one.dataset.n_corpus_tokens for one in grid.variants]
    assert tokens == sorted(tokens)
    assert tokens[-1] == 2_800

    # every study is one like any other, and the grid holds what it found
    for one in grid.variants:
        alone = read_results(out / one.name)
        assert one.summary == alone.summary
        assert (out / one.name / "report.html").exists()
    # one family: Holm's correction over all that was tested
    family = [row for one in grid.variants for row in one.comparisons] + [*grid.comparisons]
    expected = holm([row.p_value for row in family])
    assert [row.p_corrected for row in family] == pytest.approx(expected, abs=1e-9)

    # cells across studies, against the first value
    assert {(row.variant, row.baseline_variant) for row in grid.comparisons} == {
        (names[1], names[0]),
        (names[2], names[0]),
    }
    assert len(grid.comparisons) == 2 * 4
    row = next(r for r in grid.comparisons if (r.embedding, r.variant) == ("domain", names[2]))
    large, small = (
        next(
            table
            for cell, table in read_predictions(out / name).correct().items()
            if cell.embedding == "domain"
        )
        for name in (names[2], names[0])
    )
    assert row.difference == pytest.approx(float(np.mean(large) - np.mean(small)))
    assert row.difference_low <= row.difference <= row.difference_high
    same = next(r for r in grid.comparisons if r.embedding == "tfidf")  # knows no corpus
    assert (same.difference, same.p_value) == (0.0, 1.0)

    assert {(one.embedding, one.baseline) for one in grid.crossovers} == {
        ("domain", "general"),
        ("domain", "aligned"),
        ("aligned", "general"),
    }
    report = (out / "report.html").read_text(encoding="utf-8")
    assert 'href="corpus_share%3D0.05/report.html"' in report
    assert "Crossovers" in report
    assert "Where merging helps" in report
    before = {path.name: path.read_bytes() for path in out.glob("report.*")}
    figures = list((out / "figures").glob("grid-1-corpus-share.*"))
    assert len(figures) == 2

    (out / "report.html").unlink()
    status, text, err = adapt("report", out)
    assert status == 0, err
    assert f"Report: {out / 'report.html'}" in text
    assert {path.name: path.read_bytes() for path in out.glob("report.*")} == before


def test_the_same_grid_again_gives_the_same_bytes_and_another_is_refused(small_study, tmp_path):
    small = ["embeddings=['general', 'tfidf']", "classifier.seeds=[0]"]
    grid = read_study(small_study('[grid]\n"word2vec.window" = [3, 5]'), small)
    said = []
    run_study_grid(grid, tmp_path / "out", announce=said.append)
    before = (tmp_path / "out" / "results.json").read_bytes()
    run_study_grid(grid, tmp_path / "out")
    assert (tmp_path / "out" / "results.json").read_bytes() == before
    assert sum(line.startswith("Study") for line in said) == 2
    other = read_study(small_study('[grid]\n"word2vec.window" = [3, 6]'), small)
    with pytest.raises(InputError, match="holds results of another study"):
        run_study_grid(other, tmp_path / "out", run=partial(pytest.fail))
    with pytest.raises(InputError, match=r"study.toml: is a file, not a folder"):
        run_study_grid(grid, tmp_path / "study.toml", run=partial(pytest.fail))
    with pytest.raises(InputError, match="holds results"):
        run_study(grid.variants[0].config, tmp_path / "out")
    with pytest.raises(FileFormatError, match="holds the results of a grid"):
        read_results(tmp_path / "out")
    with pytest.raises(FileFormatError, match="holds no results of a grid"):
        read_grid_results(tmp_path / "out" / "window=3")


def test_two_keys_are_compared_one_change_at_a_time(small_study, tmp_path):
    text = '[grid]\n"word2vec.window" = [3, 5]\n"alignment.policy" = ["average", "domain_first"]'
    small = ["embeddings=['general', 'domain', 'aligned']", "classifier.seeds=[0]"]
    results = run_study_grid(read_study(small_study(text), small), tmp_path)
    against = {(row.variant, row.baseline_variant) for row in results.comparisons}
    assert against == {
        ("window=5,policy=average", "window=3,policy=average"),
        ("window=5,policy=domain_first", "window=3,policy=domain_first"),
        ("window=3,policy=domain_first", "window=3,policy=average"),
        ("window=5,policy=domain_first", "window=5,policy=average"),
    }
    told = {one.settings[0].value for one in results.crossovers}
    assert told == {"average", "domain_first"}  # along the window, at each policy
    assert {one.key for one in results.crossovers} == {"word2vec.window"}


def test_studies_of_other_test_documents_are_not_compared(small_study, tmp_path):
    lines = (tmp_path / "test.jsonl").read_text(encoding="utf-8").splitlines()
    fewer = tmp_path / "fewer.jsonl"
    fewer.write_text("\n".join(lines[:40]) + "\n", encoding="utf-8")
    path = small_study()
    text = path.read_text(encoding="utf-8").replace("data.test =", "#")
    both = json.dumps([str(tmp_path / "test.jsonl"), str(fewer)])
    path.write_text(f'{text}\n[grid]\n"data.test" = {both}\n', encoding="utf-8")
    small = ["embeddings=['general', 'domain']", "classifier.seeds=[0]"]
    results = run_study_grid(read_study(path, small), tmp_path / "out")
    assert results.comparisons == ()
    assert results.crossovers == ()
    assert [one.dataset.n_test for one in results.variants] == [60, 40]
    assert (tmp_path / "out" / "report.html").exists()


def test_paired_differences_are_those_of_the_evaluation(small_study, tmp_path):
    small = ["embeddings=['domain']", "classifier.label_budgets=[30]"]
    results = run_study_grid(read_study(small_study(SHARES), small), tmp_path)
    tables = [
        next(iter(read_predictions(tmp_path / one.name).correct().values()))
        for one in results.variants
    ]
    expected = paired_differences([(tables[1], tables[0]), (tables[2], tables[0])])
    found = [(row.difference_low, row.p_value) for row in results.comparisons]
    assert found == [pytest.approx((one.low, one.p_value)) for one in expected]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_dry_run_counts_and_estimates_and_writes_nothing(adapt, small_study, tmp_path, as_json):
    path = small_study(SHARES)
    before = sorted(tmp_path.rglob("*"))
    more = ["--json"] if as_json else []
    status, text, err = adapt("run", path, "--dry-run", "--out", tmp_path / "out", *more)
    assert status == 0, err
    assert sorted(tmp_path.rglob("*")) == before
    if as_json:
        plan = json.loads(text)
        assert [one["n_cells"] for one in plan["studies"]] == [4, 4, 4]
        assert [one["n_fits"] for one in plan["studies"]] == [8, 8, 8]
        assert plan["seconds"] > 0
        training = [one["training_seconds"] for one in plan["studies"]]
        assert training == sorted(training)
        assert any("One epoch of 8-d vectors" in line for line in plan["basis"])
        assert any("A fit of plain, mean-idf, frozen" in line for line in plan["basis"])
        assert any("Aligning " in line for line in plan["basis"])
        assert any("A fit of linear-svm" in line for line in plan["basis"])
    else:
        assert "corpus_share=0.3" in text
        assert "total" in text
        assert "The estimate rests on this" in text


def test_a_share_that_leaves_no_documents_is_refused(small_study, tmp_path):
    with pytest.raises(InputError, match="holds no words; use more of the unlabelled documents"):
        run_study(read_config(small_study(), ["data.corpus_share=1e-6"]), tmp_path / "out")
    assert not (tmp_path / "out").exists()
