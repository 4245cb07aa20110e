"""The command line from the outside: a small project of one's own, step by step."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from adapt.evaluation import DatasetSummary, Results, StudyVerdict, Summary, write_results
from adapt.merging import EmbeddingMatrix, policy_names
from adapt.vectors import WordVectors, read_vectors, write_vectors

TOPICS = [["heart", "valve", "aorta", "pulse"], ["bone", "joint", "skeleton", "fracture"]]

MATRIX = ("matrix", "notes.txt", "--vectors", "general.txt", "--out", "x.safetensors")

COMPASS = ("train", "notes.txt", "--out", "x.txt", "--general", "general.txt")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with a corpus of two topics, and general vectors that know half of its words."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    documents = [" ".join(generator.choice(TOPICS[i % 2], size=8)) for i in range(200)]
    (tmp_path / "notes.txt").write_text("\n".join(documents) + "\n", encoding="utf-8")
    scored = "heart\tvalve\t9\nbone\tjoint\t7\nheart\tgoal\t1\nheart\tpulse\t8\n"
    (tmp_path / "scored.tsv").write_text(scored, encoding="utf-8")
    words = ("the", "heart", "valve", "bone", "joint", "goal")
    matrix = generator.normal(size=(len(words), 4)).astype(np.float32)
    write_vectors(WordVectors(words, matrix), tmp_path / "general.txt")
    return tmp_path


def train(adapt, **options):
    flags = {"dim": 4, "epochs": 5, "min-count": 1, "window": 3} | options
    pairs = [part for name, value in flags.items() for part in (f"--{name}", value)]
    return adapt("train", "notes.txt", "--out", "domain.safetensors", *pairs, "--json")


def test_the_whole_way_from_text_to_matrix(adapt, project):
    status, out, _ = train(adapt)
    facts = json.loads(out)
    assert status == 0
    assert facts["n_words"] == 8
    assert facts["dim"] == 4
    assert facts["n_tokens"] == 1600
    assert {"train_seconds", "tokens_per_second", "backend", "threads"} <= set(facts)

    (project / "pairs.txt").write_text("heart\nvalve\nbone\njoint\npulse goal\n", encoding="utf-8")
    # four dimensions and four anchors: the map is not determined, which is said
    status, out, err = adapt(
        "align", "domain.safetensors", "general.txt", "--anchors", "pairs.txt",
        "--held-out", "0.2", "--out", "aligned.safetensors", "--json",
    )  # fmt: skip
    assert status == 0, err
    assert "adapt: warning: " in err
    methods = [row["method"] for row in json.loads(out)["alignment"]]
    assert methods == ["procrustes", "identity", "random-rotation", "shuffled-anchors"]

    status, out, _ = adapt(
        "merge", "general.txt", "aligned.safetensors", "--out", "merged.safetensors", "--json"
    )
    assert json.loads(out)["sources"] == {"domain": 8, "general": 2}

    status, out, _ = adapt(
        "matrix", "notes.txt", "--vectors", "merged.safetensors", "--out", "matrix.safetensors",
        "--json",
    )  # fmt: skip
    assert json.loads(out)["shape"] == [10, 4]
    matrix = EmbeddingMatrix.load("matrix.safetensors")
    assert matrix.provenance.source_counts() == {"domain": 8, "pad": 1, "unk": 1}

    status, out, _ = adapt(
        "coverage", "notes.txt", "--vectors", "general.txt", "--vectors", "domain.safetensors",
        "--json",
    )  # fmt: skip
    rates = {row["vectors"]: row["type_rate"] for row in json.loads(out)}
    assert rates == {"general.txt": 0.5, "domain.safetensors": 0.0, "all together": 0.0}

    status, out, _ = adapt("neighbors", "domain.safetensors", "heart", "-k", 3, "--json")
    found = json.loads(out)["heart"]
    assert len(found) == 3
    assert "heart" not in [word for word, _ in found]


@pytest.fixture
def turned(project):
    """Sixty counted in-domain words, and general vectors that are a turned copy of theirs."""
    generator = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(60))
    matrix = generator.normal(size=(60, 4)).astype(np.float32)
    turn = np.linalg.qr(generator.normal(size=(4, 4)))[0].astype(np.float32)
    write_vectors(
        WordVectors(words, matrix @ turn, counts=np.arange(60, 0, -1)), "domain.safetensors"
    )
    write_vectors(WordVectors((*words, "goal"), np.vstack([matrix, matrix[:1]])), "turned.txt")
    return ("align", "domain.safetensors", "turned.txt", "--out", "aligned.safetensors")


def test_an_alignment_is_reported_on_with_all_candidates(adapt, project, turned):
    status, out, err = adapt(*turned, "--report", "report", "--n-neighbors", 5, "--min-count", 11)
    assert status == 0, err
    assert "Report: report/report.html" in out
    rows = (project / "report" / "candidates.tsv").read_text(encoding="utf-8").splitlines()
    assert rows[0].split("\t")[:4] == ["domain", "general", "reason", "domain_count"]
    assert rows[1].split("\t")[0] == "w0"
    assert rows[-1].split("\t")[:4] == ["w59", "w59", "too_rare", "1"]
    assert sum("held_out" in row for row in rows) == 10
    results = json.loads((project / "report" / "results.json").read_text(encoding="utf-8"))
    assert results["dataset"] is None
    assert {"n_candidates": 60, "n_kept": 40, "n_held_out": 10}.items() <= results[
        "anchors"
    ].items()
    assert len(results["anchors"]["changed"]) == 20
    assert results["isometry"]["relational_similarity"]["value"] == pytest.approx(1)
    assert results["learning_curve"]
    manifest = json.loads((project / "report" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {"domain.safetensors", "turned.txt"}

    status, out, _ = adapt("report", "report")
    assert status == 0
    assert "40 anchors, 10 others held out" in out
    assert adapt(*turned, "--report", "report", "--n-neighbors", 5)[0] == 0  # may be written anew


def test_a_report_is_not_written_over_a_study(adapt, project, turned):
    from adapt.evaluation import DatasetSummary, Results, write_results

    dataset = DatasetSummary("notes", 1, 1, 2, 1, 1, False)
    write_results(Results("study", "", dataset=dataset), project / "study" / "results.json")
    status, _, err = adapt(*turned, "--report", "study")
    assert status == 2
    assert "study: holds the results of a study" in err
    assert not (project / "aligned.safetensors").exists()


def test_a_matrix_tells_where_its_rows_come_from(adapt, project):
    command = (*MATRIX, "--general", "general.txt", "--provenance", "rows.tsv", "--unk", "zeros")
    status, out, _ = adapt(*command, "--oov", "normal", "--json")
    assert status == 0
    facts = json.loads(out)
    assert facts["sources"] == {"general.txt": 4, "oov": 4, "pad": 1, "unk": 1}
    assert facts["strategies"] == {"normal": 4}
    matrix = EmbeddingMatrix.load("x.safetensors")
    assert not matrix.matrix[1].any()
    lines = (project / "rows.tsv").read_text(encoding="utf-8").splitlines()
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in lines}
    assert rows["word"][0] == "source"
    count = matrix.vocabulary.counts[matrix.vocabulary["valve"]]
    assert rows["valve"] == ["general.txt", str(count), "2", "", "1.0"]
    assert rows["aorta"][0] == "oov"
    assert rows["aorta"][2:] == ["-1", "normal", "0.0"]
    status, out, _ = adapt(*command, "--oov", "normal")
    assert "normal" in out


def test_coverage_by_split_and_by_strategy(adapt, project):
    (project / "test.txt").write_text("heart pulse\nheart novel\n", encoding="utf-8")
    command = (
        "coverage", "notes.txt", "--vectors", "general.txt", "--oov", "mean",
        "--split", "test=test.txt",
    )  # fmt: skip
    status, out, _ = adapt(*command, "--json")
    assert status == 0
    corpus, test = json.loads(out)
    assert (corpus["split"], test["split"]) == ("corpus", "test")
    assert (test["n_types"], test["n_tokens"]) == (3, 4)
    assert (test["type_rate"], test["token_rate"]) == (pytest.approx(2 / 3), 0.5)
    assert test["links"] == [{"link": "mean", "n_types": 2, "n_tokens": 2}]
    assert test["most_frequent_missing"] == [["novel", 1], ["pulse", 1]]
    out = adapt(*command)[1]
    assert "served by mean" in out
    assert "Most frequent missing words, test: novel (1), pulse (1)" in out


def test_coverage_together_of_spaces_that_cannot_be_one(adapt, project):
    other = WordVectors(("pulse", "aorta"), np.ones((2, 9)))
    write_vectors(other, project / "other.txt")
    command = ("coverage", "notes.txt", "--vectors", "general.txt", "--vectors", "other.txt")
    status, out, _ = adapt(*command, "--oov", "mean", "--json")
    assert status == 0
    rates = {row["vectors"]: row for row in json.loads(out)}
    assert rates["all together"]["type_rate"] == 0.25
    assert rates["all together"]["links"] == []
    assert rates["other.txt"]["links"][0]["n_types"] == 6
    assert adapt(*command, "--oov", "mean")[0] == 0


def test_similarity_compares_vectors_on_the_same_pairs(adapt, project):
    general = read_vectors("general.txt")
    write_vectors(general.head(3), project / "fewer.txt")
    status, out, _ = adapt("similarity", "scored.tsv", "general.txt", "fewer.txt", "--json")
    assert status == 0
    whole, fewer = json.loads(out)
    assert [one["vectors"] for one in (whole, fewer)] == ["general.txt", "fewer.txt"]
    assert (whole["n_pairs"], whole["n_covered"]) == (4, 3)
    assert -1 <= whole["low"] <= whole["spearman"] <= whole["high"] <= 1
    assert (fewer["n_covered"], fewer["spearman"]) == (1, None)
    shown = " ".join(adapt("similarity", "scored.tsv", "general.txt")[1].split())
    assert f"general.txt {whole['spearman']:.3f}" in shown
    assert "75.0%" in shown


@pytest.mark.parametrize("policy", policy_names())
def test_every_policy_merges_files(adapt, project, policy):
    assert train(adapt)[0] == 0
    status, out, err = adapt(
        "merge", "general.txt", "domain.safetensors", "--out", "merged.safetensors",
        "--policy", policy, "--json",
    )  # fmt: skip
    assert status == 0, err
    assert json.loads(out)["n_words"] == 10
    assert set(json.loads(out)["sources"]) <= {"general", "domain", "both"}


@pytest.mark.parametrize("name", ["x.safetensors", "x.txt", "x.vec", "x.bin"])
def test_convert_keeps_every_number(adapt, project, name):
    assert adapt("convert", "general.txt", name)[0] == 0
    before, after = read_vectors("general.txt"), read_vectors(name)
    assert before.words == after.words
    np.testing.assert_array_equal(before.matrix, after.matrix)


def test_convert_takes_a_matrix_too(adapt, project):
    pytest.importorskip("tokenizers")
    assert adapt(*MATRIX)[0] == 0
    matrix = EmbeddingMatrix.load("x.safetensors")
    for name in ("x.txt", "x.vec"):
        assert adapt("convert", "x.safetensors", name)[0] == 0
        back = read_vectors(name)
        assert back.words == matrix.vocabulary.words
        np.testing.assert_array_equal(back.matrix, matrix.matrix)
    assert adapt("convert", "x.safetensors", "x.data", "--to", "word2vec")[0] == 0
    assert read_vectors("x.data").words == matrix.vocabulary.words
    for to, files in (
        ("projector", {"vectors.tsv", "metadata.tsv"}),
        ("tokenizers", {"tokenizer.json", "model.safetensors"}),
        ("model2vec", {"tokenizer.json", "model.safetensors", "config.json"}),
    ):
        out = adapt("convert", "x.safetensors", to, "--to", to, "--json")[1]
        assert json.loads(out) == {"vectors": to, "n_words": 10, "dim": 4}
        assert {path.name for path in (project / to).iterdir()} == files


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "list"),
        ("coverage", "notes.txt", "--vectors", "general.txt"),
        ("neighbors", "general.txt", "heart"),
        ("similarity", "scored.tsv", "general.txt"),
    ],
    ids=" ".join,
)
def test_tables_for_people_and_json_for_programs(adapt, project, arguments):
    status, out, err = adapt(*arguments)
    assert (status, err) == (0, "")
    assert out.strip()
    status, out, err = adapt(*arguments, "--json")
    assert (status, err) == (0, "")
    json.loads(out)


def test_vectors_are_trained_straight_into_a_general_space(adapt, project):
    flags = ("--general", "general.txt", "--epochs", "3", "--json")
    run = ("train", "notes.txt", "--out", "space.safetensors", *flags)
    status, out, _ = adapt(*run)
    facts = json.loads(out)
    assert status == 0
    assert facts["dim"] == 4  # that of the general vectors
    assert facts["sources"] == {"domain": 4, "general": 4}
    general, trained = read_vectors("general.txt"), read_vectors("space.safetensors")
    assert trained["heart"].tobytes() == general["heart"].tobytes()

    status, out, _ = adapt(*run, "--compass", "penalised", "--strength", "5")
    assert status == 0
    assert json.loads(out)["sources"] == {"both": 4, "domain": 4}
    assert not np.array_equal(read_vectors("space.safetensors")["heart"], general["heart"])


def test_tables_print_brackets_as_they_are(adapt, project):
    assert "[demo]" in "".join(adapt("data", "list")[1].split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("trian",), "Did you mean 'train'"),
        (("train", "nowhere.txt", "--out", "x.txt"), "nowhere.txt"),
        (("train", "notes.txt", "--out", "x.txt", "--dim", "0"), "dim is 0"),
        (("train", "notes.txt", "--out", "x.txt", "--min-count", "9999"), "lower min_count"),
        (("train", "notes.txt", "--out", "x.pickle"), "x.pickle"),
        ((*COMPASS, "--dim", "5"), "general vectors have 4 dimensions; set dim to 4"),
        ((*COMPASS, "--compass", "north"), "choose one of frozen, penalised"),
        ((*COMPASS, "--strength", "2"), "give --compass penalised too"),
        ((*COMPASS, "--shards", "2"), "leave out --shards"),
        ((*COMPASS, "--backend", "torch"), "use backend 'compiled'"),
        (("train", "notes.txt", "--out", "x.txt", "--compass", "frozen"), "give it too"),
        (("train", "notes.txt"), "--out"),
        (("neighbors", "general.txt", "hart"), "hart"),
        (("neighbors", "general.txt"), "Missing argument"),
        (("similarity", "notes.txt", "general.txt"), "notes.txt"),
        (("similarity", "scored.tsv", "general.txt", "--seed", "-2"), "seed is -2"),
        (("merge", "general.txt", "general.txt", "--out", "x.txt", "--policy", "best"), "best"),
        (("align", "general.txt", "general.txt", "--out", "x.txt", "--method", "x"), "procrustes"),
        (
            ("align", "general.txt", "general.txt", "--out", "x.txt", "--limit", "4"),
            "anchors cannot fix a map",
        ),
        (
            (*MATRIX, "--oov", "nrmal"),
            "normal",
        ),
        (("matrix", "notes.txt", "--vectors", "general.txt", "--out", "x.txt"), ".safetensors"),
        ((*MATRIX, "--unk", "avrage"), "avrage"),
        ((*MATRIX, "--oov", "normal,mean"), "would never be asked"),
        ((*MATRIX, "--provenance", "folder.txt"), "is a folder"),
        ((*MATRIX, "--general", "nowhere.txt"), "nowhere.txt"),
        (("coverage", "notes.txt", "--vectors", "general.txt", "--split", "x"), "NAME=FILE"),
        (
            ("coverage", "notes.txt", "--vectors", "general.txt", "--split", "corpus=x.txt"),
            "'corpus' is taken",
        ),
        (("convert", "general.txt", "x", "--to", "model2vec"), "made from an embedding matrix"),
        (("convert", "general.txt", "x", "--to", "modl2vec"), "choose from native"),
        (("convert", "general.txt", "x"), "the suffix names none"),
        (
            (*MATRIX, "--seed", "-4"),
            "seed is -4",
        ),
        (("train", "notes.txt", "--out", "folder.txt"), "is a folder"),
        (
            ("align", "general.txt", "general.txt", "--out", "x.txt", "--general-out", "x.txt"),
            "one file; name two",
        ),
        (("align", "general.txt", "general.txt", "--out", "x.txt", "--seed", "-1"), "seed is -1"),
        (
            ("align", "general.txt", "general.txt", "--out", "x.txt", "--held-out", "nan"),
            "hold out nan",
        ),
        (("align", "general.txt", "general.txt", "--out", "x.txt", "--held-out", "0"), "held-out"),
        (
            ("align", "general.txt", "general.txt", "--out", "x.txt", "--report", "notes.txt"),
            "is a file, not a folder",
        ),
        (
            ("align", "general.txt", "general.txt", "--out", "x.txt", "--min-overlap", "2"),
            "min_overlap is 2",
        ),
        (("data",), "name a command"),
        (("coverage", "empty.txt", "--vectors", "general.txt"), "empty.txt"),
        (("run", "none.toml"), "none.toml"),
        (("run", "empty.txt"), "is empty; write a study"),
        (("train", "notes.txt", "--out", "folder"), "is a folder"),
        (("convert", "general.txt", "folder", "--to", "word2vec"), "is a folder"),
        (("neighbors", "general.txt", "hart"), "check its spelling"),
        (("align", "none", "none", "--out", "x.txt", "--method", "procrusts"), "'procrustes'"),
        (("merge", "none", "none", "--out", "x.txt", "--policy", "averge"), "'average'"),
        (("coverage", "none", "--vectors", "none", "--oov", "nrmal"), "'normal'"),
        (("report", "nowhere"), "adapt run"),
        (("data", "fetch", "glvoe"), "glove.6B"),
        (("data", "fetch", "glove.6B", "--from", "notes.txt", "--folder", "x"), "notes.txt: has"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:40],
)  # fmt: skip
def test_mistakes_end_with_status_2_one_line_and_nothing_written(
    adapt, project, arguments, message
):
    (project / "empty.txt").touch()
    (project / "folder.txt").mkdir()
    (project / "folder").mkdir()
    before = sorted(path.name for path in project.iterdir())
    status, out, err = adapt(*arguments)
    errors = [line for line in err.splitlines() if line.startswith("adapt: error: ")]
    assert status == 2
    assert out == "" or arguments == ("data",)  # a bare command shows its help
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in err
    written = set(p.name for p in project.iterdir() if not p.is_dir() or any(p.iterdir()))
    assert written <= set(before)


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "train",
        "align",
        "merge",
        "matrix",
        "coverage",
        "neighbors",
        "similarity",
        "convert",
        "report",
    ],
)
def test_every_command_explains_itself_with_an_example(adapt, command):
    status, out, _ = adapt(command, "--help")
    assert status == 0
    assert f"Example: adapt {command}" in " ".join(out.split())


def test_version(adapt):
    status, out, _ = adapt("--version")
    assert status == 0
    assert out.startswith("adapt ")


def test_a_report_ends_with_the_verdict(adapt, tmp_path):
    names = ("zeros", "mean", "frozen", 10)
    verdict = StudyVerdict("undecided", "Undecided: so far.", "", ("One seed.",), ())
    results = Results(
        name="made",
        description="",
        verdict=verdict,
        dataset=DatasetSummary("made", 10, 5, 2, 100, 1000, False),
        summary=(Summary("general", *names, 1, 0.5, 0.3, 0.7, 0.25, 0.6),),
    )
    write_results(results, tmp_path / "results.json")
    status, out, _ = adapt("report", tmp_path)
    assert status == 0
    assert out.endswith(f"Undecided: so far.\nOne seed.\nReport: {tmp_path / 'report.html'}\n")
    write_results(replace(results, verdict=None), tmp_path / "results.json")
    _, out, _ = adapt("report", tmp_path)
    assert "Undecided" not in out


def test_several_runs_are_reported_side_by_side(adapt, tmp_path):
    results = Results("made", "", dataset=DatasetSummary("made", 10, 5, 2, 100, 1000, False))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_results(results, tmp_path / name / "results.json")
    page = tmp_path / "compared.html"
    status, out, _ = adapt("report", tmp_path / "one", tmp_path / "two", "--out", page)
    assert (status, out) == (0, f"Report: {page}\n")
    assert str(tmp_path / "two") in page.read_text(encoding="utf-8")
    for wrong in (
        ("report", tmp_path / "one", tmp_path / "two"),
        ("report", tmp_path / "one", "--out", page),
    ):
        status, _, err = adapt(*wrong)
        assert status == 2
        assert "give two or more, and --out FILE" in err


def test_the_package_runs_as_a_module_too():
    done = subprocess.run(
        [sys.executable, "-m", "adapt", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("adapt ")
