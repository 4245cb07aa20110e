"""Finished studies in MLflow: every figure once, and no study lost to a server."""

import dataclasses
import os
import time

import pytest

from adapt.cli import main
from adapt.errors import AdaptError, FileAccessError, InputError, MissingDependencyError
from adapt.evaluation import DatasetSummary, Results, Run, Summary, write_results
from adapt.experiment import StudyConfig, check_tracking, log_study
from adapt.experiment.manifest import Timings, describe_study, write_manifest
from adapt.experiment.store import Store

CELLS = [("general", 0.5), ("aligned", 0.75)]


def results_of(cells):
    def cell(embedding):
        return {
            "embedding": embedding,
            "oov": "zeros",
            "model": "mean-idf",
            "strategy": "frozen",
            "n_train": 200,
        }

    return Results(
        name="small",
        description="",
        dataset=DatasetSummary("small", 200, 50, 2, 400, 4000, transductive=False),
        runs=tuple(
            Run(
                **cell(embedding),
                seed=seed,
                accuracy=accuracy + seed / 100,
                macro_f1=accuracy - 0.1,
                validation_accuracy=accuracy + 0.1,
                chosen="penalty 1",
            )
            for embedding, accuracy in cells
            for seed in (0, 4)
        ),
        summary=tuple(
            Summary(
                **cell(embedding),
                n_seeds=2,
                accuracy=accuracy + 0.02,
                accuracy_low=accuracy - 0.2,
                accuracy_high=accuracy + 0.2,
                macro_f1=accuracy - 0.1,
                validation_accuracy=accuracy + 0.1,
            )
            for embedding, accuracy in cells
        ),
    )


def write_study(folder, results, config=None):
    store = Store(folder / "kept")
    manifest = describe_study(config or StudyConfig(name="small"), (), Timings(), store)
    write_manifest(manifest, folder / "manifest.json")
    write_results(results, folder / "results.json")
    return manifest


@pytest.fixture
def client(tmp_path, monkeypatch):
    """Return a client of a folder, and its address."""
    mlflow = pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "mlflow").as_uri()
    return mlflow.MlflowClient(tracking_uri=uri), uri


def runs_of(client, name="small"):
    return client.search_runs([client.get_experiment_by_name(name).experiment_id])


def test_a_cell_becomes_a_run_with_all_of_its_figures(client, tmp_path):
    client, uri = client
    manifest = write_study(tmp_path / "out", results_of(CELLS))
    assert log_study(tmp_path / "out", uri) == 2
    runs = {run.data.params["embedding"]: run for run in runs_of(client)}
    assert list(sorted(runs)) == ["aligned", "general"]
    run = runs["aligned"]
    assert run.info.run_name == "aligned, zeros, mean-idf, frozen, 200"
    assert run.info.status == "FINISHED"
    assert run.data.params["n_train"] == "200"
    assert run.data.params["word2vec.dim"] == "300"
    assert run.data.params["classifier.seeds"] == "[0, 1, 2]"
    by_seed = client.get_metric_history(run.info.run_id, "accuracy")
    assert [(metric.step, metric.value) for metric in by_seed] == [(0, 0.75), (4, 0.79)]
    assert run.data.metrics["mean_accuracy"] == pytest.approx(0.77)
    assert run.data.metrics["accuracy_low"] == pytest.approx(0.55)
    assert run.data.metrics["accuracy_high"] == pytest.approx(0.95)
    assert run.data.metrics["mean_macro_f1"] == pytest.approx(0.65)
    assert run.data.metrics["mean_validation_accuracy"] == pytest.approx(0.85)
    assert run.data.tags["adapt.config_digest"] == manifest["config_digest"]
    assert run.data.tags["adapt.version"] == manifest["versions"]["adapt-embeddings"]
    assert run.data.tags.get("mlflow.source.git.commit") == manifest["code"]["commit"]


def test_only_what_is_new_is_logged_again(client, tmp_path):
    client, uri = client
    write_study(tmp_path / "out", results_of(CELLS))
    log_study(tmp_path / "out", uri)
    assert log_study(tmp_path / "out", uri) == 0
    write_study(tmp_path / "out", results_of([CELLS[0], ("aligned", 0.7)]))
    assert log_study(tmp_path / "out", uri) == 1
    assert len(runs_of(client)) == 3


def test_a_run_that_was_cut_off_is_logged_again(client, tmp_path, monkeypatch):
    client, uri = client
    write_study(tmp_path / "out", results_of(CELLS))

    def fail(self, *arguments, **options):
        raise OSError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr("mlflow.MlflowClient.set_terminated", fail)
        with pytest.raises(AdaptError, match="cut off"):
            log_study(tmp_path / "out", uri)
    assert log_study(tmp_path / "out", uri) == 2


def test_a_configuration_of_any_size_is_logged(client, tmp_path):
    client, uri = client
    config = StudyConfig(name="small")
    long = dataclasses.replace(config, description="word " * 5000)
    write_study(tmp_path / "out", results_of(CELLS), long)
    assert log_study(tmp_path / "out", uri) == 2
    assert {len(run.data.params["description"]) for run in runs_of(client)} == {6000}


def test_the_environment_is_left_as_it_was(tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    write_study(tmp_path / "out", results_of(CELLS))
    before = dict(os.environ)
    assert log_study(tmp_path / "out", (tmp_path / "mlflow").as_uri()) == 2
    assert dict(os.environ) == before


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "nonsense://there"])
def test_a_server_that_does_not_answer_is_said_in_one_line(tmp_path, capsys, uri, monkeypatch):
    pytest.importorskip("mlflow")
    write_study(tmp_path / "out", results_of(CELLS))
    monkeypatch.setattr("adapt.report.write_report", lambda *_, **__: tmp_path)
    begun = time.monotonic()
    with pytest.raises(SystemExit) as stop:
        main(["report", str(tmp_path / "out"), "--mlflow", uri])
    assert time.monotonic() - begun < 60
    assert stop.value.code == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if "adapt: error: " in line]
    assert len(errors) == 1
    assert errors[0].startswith(f"adapt: error: {uri}: MLflow takes no runs there (")
    assert errors[0].endswith(f"`adapt report {tmp_path / 'out'} --mlflow URI` logs them")


def test_a_study_is_written_before_it_is_logged(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "out"
    config = tmp_path / "study.toml"
    config.write_text("name = 'study'", encoding="utf-8")

    def run_study(config, folder, **options):
        write_study(folder, results_of(CELLS))
        return results_of(CELLS)

    monkeypatch.setattr("adapt.experiment.run_study", run_study)
    with pytest.raises(SystemExit) as stop:
        main(["run", str(config), "--out", str(folder), "--mlflow", "nonsense://there"])
    assert stop.value.code == 2
    assert (folder / "results.json").exists()
    assert "nonsense://there: MLflow takes no runs" in capsys.readouterr().err


def test_a_folder_without_results_is_refused(tmp_path):
    pytest.importorskip("mlflow")
    with pytest.raises(FileAccessError, match="results.json"):
        log_study(tmp_path, (tmp_path / "mlflow").as_uri())


def test_an_alignment_by_itself_is_refused(tmp_path):
    pytest.importorskip("mlflow")
    folder = tmp_path / "out"
    write_study(folder, dataclasses.replace(results_of([]), dataset=None))
    with pytest.raises(InputError, match="an alignment by itself"):
        log_study(folder, (tmp_path / "mlflow").as_uri())


def test_without_mlflow_nothing_is_begun(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("adapt.experiment.tracking.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"pip install adapt-embeddings\[mlflow\]"):
        check_tracking()
    config = tmp_path / "study.toml"
    config.write_text("name = 'study'", encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["run", str(config), "--out", str(tmp_path / "out"), "--mlflow", "file:///nowhere"])
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "MLflow is not installed" in line
