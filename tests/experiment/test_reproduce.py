"""`adapt reproduce`: agreement and disagreement, and inputs that are not what they were."""

import json
import shutil

import pytest

from adapt.errors import FileFormatError, InputError
from adapt.experiment import read_config, reproduce, reproduce_study, run_study
from adapt.experiment.config import AlignmentConfig, AnchorsConfig, DataConfig, StudyConfig
from adapt.experiment.differences import compare_results
from adapt.experiment.manifest import MANIFEST_VERSION
from adapt.training import train_word2vec


def edit(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def just_finished(own_study):
    """The folder of a study that was run a moment ago, so that its parts are still kept."""
    folder = own_study.parent / "out"
    run_study(read_config(own_study), folder)
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Where the folder of the first study is put aside: they are all of the same files."""
    return tmp_path_factory.mktemp("first") / "out"


@pytest.fixture
def finished(own_study, first):
    """The folder of a finished study."""
    folder = own_study.parent / "out"
    if not first.exists():
        run_study(read_config(own_study), first)
    shutil.copytree(first, folder)
    edit(folder / "manifest.json", lambda facts: facts.update(working_folder=str(folder.parent)))
    return folder


def test_a_study_is_reproduced_from_elsewhere_without_what_was_kept(
    just_finished, adapt, tmp_path, monkeypatch
):
    trained = []

    def spied(*arguments, **options):
        trained.append(1)
        return train_word2vec(*arguments, **options)

    monkeypatch.setattr("adapt.experiment.domain.train_word2vec", spied)
    monkeypatch.chdir(tmp_path)  # the paths in the configuration are relative to another folder
    status, out, _ = adapt("reproduce", "work/out", "--workers", 1)
    assert status == 0
    assert "agree, byte for byte" in out
    assert trained == [1]
    again = tmp_path / "work" / "out-reproduced"
    assert (again / "results.json").read_bytes() == (just_finished / "results.json").read_bytes()
    manifest = json.loads((again / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["store"]["kept"] == {}
    assert manifest["config"]["general"] == str(tmp_path / "work" / "general.txt")
    # a reproduced study can be reproduced
    found = reproduce_study(again, tmp_path / "third")
    assert found.identical
    assert found.differences == ()


def test_inputs_may_have_moved_together(finished, adapt, tmp_path, monkeypatch):
    shutil.move(tmp_path / "work", tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    status, out, _ = adapt("reproduce", "out", "--workers", 1)
    assert status == 0
    assert "byte for byte" in out


def test_numbers_that_do_not_come_out_again_are_told_with_their_place(finished, adapt):
    def change(results):
        results["runs"][1]["accuracy"] -= 0.25
        results["runs"][0]["accuracy"] += 0.125
        results["runs"][2]["chosen"] = "something else"

    edit(finished / "results.json", change)
    edit(finished / "manifest.json", lambda facts: facts["versions"].update(numpy="0.9"))
    status, out, _ = adapt("reproduce", finished, "--workers", 1)
    assert status == 1
    assert "versions.numpy" in out
    assert "runs.accuracy" in out
    assert "2 of" in out
    assert "0.25" in out
    assert "runs[1]: general, zeros" in out
    assert "something else" in out
    assert "differ." in out


@pytest.mark.parametrize(
    "named",
    [
        {"train": "train.csv", "test": "test.csv", "corpus": ("notes.txt",)},
        {"dataset": "medquad", "path": "copy.jsonl"},
    ],
)
def test_all_paths_of_a_study_lead_on_from_where_it_was_run(tmp_path, named):
    for name in ("copy.jsonl", "train.csv", "test.csv", "notes.txt", "general.txt", "pairs.tsv"):
        (tmp_path / name).touch()
    config = StudyConfig(
        name="own",
        general="general.txt",
        data=DataConfig(**named),
        alignment=AlignmentConfig(anchors=AnchorsConfig(file="pairs.tsv")),
    )
    placed = reproduce._with_places(config, tmp_path)
    assert placed.general == str(tmp_path / "general.txt")
    assert placed.alignment.anchors.file == str(tmp_path / "pairs.tsv")
    for key in ("train", "test", "path"):
        found = getattr(placed.data, key)
        assert found == (str(tmp_path / named[key]) if key in named else None)
    assert placed.data.corpus == tuple(str(tmp_path / n) for n in named.get("corpus", ()))


def test_json_says_the_same(finished, adapt, tmp_path):
    edit(finished / "results.json", lambda results: results["runs"].pop())
    status, out, _ = adapt("reproduce", finished, "--out", "x", "--workers", 1, "--json")
    found = json.loads(out)
    assert status == 1
    assert found["agrees"] is False
    assert found["repeatable"] is True
    lost = next(one for one in found["differences"] if one["figure"] == "runs.accuracy")
    assert (lost["largest"], lost["recorded"], lost["n_differing"]) == (None, "nothing", 1)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("notes.txt", lambda path: path.write_text("other notes\n"), "notes.txt has changed since"),
        ("test.csv", lambda path: path.unlink(), "test.csv"),
        ("general.txt", lambda path: path.unlink(), "general.txt"),
    ],
)
def test_inputs_that_changed_are_named_before_anything_is_trained(
    finished, adapt, name, change, message
):
    change(finished.parent / name)
    status, out, err = adapt("reproduce", finished)
    assert (status, out) == (2, "")
    assert message in err.splitlines()[-1]
    assert not (finished.parent / "out-reproduced").exists()


def test_what_cannot_be_reproduced_is_said(finished):
    manifest = finished / "manifest.json"
    before = manifest.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="choose another --out"):
        reproduce_study(finished, finished)
    for change, message in [
        (lambda facts: facts.update(manifest_version=MANIFEST_VERSION + 1), "but this adapt reads"),
        (lambda facts: facts.pop("working_folder"), "lacks working_folder"),
        (lambda facts: facts["config"].update(colour="red"), "settings that this adapt does not"),
        (lambda facts: facts["config"].pop("data"), "no configuration of a study"),
        (lambda facts: facts["config"]["word2vec"].update(dim="wide"), "no configuration"),
    ]:
        edit(manifest, change)
        with pytest.raises(FileFormatError, match=message):
            reproduce_study(finished, finished.parent / "again")
        manifest.write_text(before, encoding="utf-8")
    (finished / "results.json").unlink()
    with pytest.raises(OSError, match="name a folder that `adapt run` finished"):
        reproduce_study(finished, finished.parent / "again")


def test_a_manifest_of_a_newer_adapt_is_refused_for_a_report_too(finished, adapt):
    edit(finished / "manifest.json", lambda facts: facts.update(manifest_version=99))
    status, _, err = adapt("report", finished)
    assert status == 2
    assert "manifest of version 99" in err


def test_results_are_compared_figure_by_figure():
    def results(accuracies, low, note):
        rows = [
            {"embedding": "general", "seed": seed, "accuracy": accuracy, "low": low}
            for seed, accuracy in enumerate(accuracies)
        ]
        return {"runs": rows, "isometry": None, "notes": note}

    same = results([0.5, 0.75], 0.1, [])
    assert compare_results(same, same) == ()
    found = compare_results(same, results([0.5, 0.5], 0.1, []))
    assert [(one.figure, one.largest, one.n_differing, one.n_values) for one in found] == [
        ("runs.accuracy", 0.25, 1, 2)
    ]
    assert found[0].where == "runs[1]: general, 1"
    assert (found[0].recorded, found[0].reproduced) == ("0.75", "0.5")
    [found] = compare_results(same, results([0.5, 0.75], 0.1, ["more"]))
    assert (found.figure, found.largest) == ("notes", None)
    # the truth is not the number 1, and nothing is not 0
    [found] = compare_results({"a": True}, {"a": 1})
    assert found.largest is None
    [found] = compare_results({"a": None}, {"a": 0})
    assert (found.recorded, found.reproduced) == ("null", "0")
