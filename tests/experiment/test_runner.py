"""A whole study on a small dataset, and the clinical one on real data."""

import dataclasses
import json

import numpy as np
import pytest

from adapt.classifiers import train_ensemble
from adapt.cli import main
from adapt.errors import AdaptWarning, FileFormatError, InputError
from adapt.evaluation import (
    TRAINING_SPLIT,
    UNLABELLED_CORPUS,
    Duplicate,
    Leak,
    read_results,
    read_space_map,
    write_results,
)
from adapt.experiment import StudyConfig, read_config, run_study
from adapt.experiment.store import Store
from adapt.text import Dataset, LabelledTexts, Vocabulary
from adapt.vectors import WordVectors, read_vectors, write_vectors

WORDS = {
    "heart": ["valve", "aorta", "pulse", "atrium", "ventricle", "murmur"],
    "bone": ["joint", "skeleton", "fracture", "femur", "vertebra", "cartilage"],
    "eye": ["retina", "cornea", "iris", "myopia", "lens", "optic"],
}
COMMON = ["the", "a", "of", "abnormal", "severe", "patient", "left", "right", "mild", "chronic"]


def small_dataset(n=180, seed=0):
    generator = np.random.default_rng(seed)

    def document(label):
        own = generator.choice(WORDS[label], size=3)
        return " ".join(generator.permutation([*own, *generator.choice(COMMON, size=4)]))

    def split(size):
        labels = tuple(generator.choice(list(WORDS), size=size))
        return LabelledTexts(tuple(map(document, labels)), labels)

    corpus = tuple(document(label) for label in generator.choice(list(WORDS), size=600))
    return Dataset("small", split(n), split(60), corpus, ())


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A configuration on the small dataset, with general vectors that lack one topic."""
    monkeypatch.setattr(
        "adapt.experiment.data.load_dataset", lambda name, *, seed, path: small_dataset(seed=seed)
    )
    known = (*COMMON, *WORDS["heart"], *WORDS["bone"], "goal")
    matrix = np.random.default_rng(1).normal(size=(len(known), 5)).astype(np.float32)
    write_vectors(WordVectors(known, matrix), tmp_path / "general.txt")
    path = tmp_path / "study.toml"
    path.write_text(
        f"""
        description = "a small study"
        general = '{tmp_path / "general.txt"}'
        [word2vec]
        dim = 8
        epochs = 5
        sample = 0
        [classifier]
        label_budgets = [30, "all"]
        seeds = [0, 1]
        """,
        encoding="utf-8",
    )
    return path


def test_a_study_writes_everything_and_repeats_itself_with_more_workers(study, tmp_path):
    config = read_config(study, ["classifier.training.max_epochs=3"])
    said: dict[int, list[str]] = {1: [], 2: []}
    results = run_study(config, tmp_path / "one", announce=said[1].append)
    run_study(config, tmp_path / "two", n_workers=2, resume=False, announce=said[2].append)
    assert said[1] == said[2]
    assert sum("accuracy" in line for line in said[1]) == len(results.summary)
    first, second = (tmp_path / name / "results.json" for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()
    write_results(results, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == first.read_bytes()
    assert len(read_results(tmp_path / "one").runs) == len(results.runs)

    assert {run.embedding for run in results.runs} == set(config.embeddings)
    assert len(results.runs) == (6 * 2 + 1) * 2 * 2
    assert {row.n_train for row in results.summary} == {30, 180}
    best = max(row.accuracy for row in results.summary if row.embedding == "domain")
    assert best > 0.8
    assert [one.n_train for one in results.verdict.budgets] == [30, 180]
    assert {one.budgets for one in results.areas} == {(30, 180)}
    assert len(results.area_comparisons) == len(results.comparisons) // 2
    rates = {(rate.vectors, rate.split): rate.type_rate for rate in results.oov}
    assert rates["general", "test"] == pytest.approx(6 / 28)
    assert rates["aligned", "test"] == 0
    assert {row.method for row in results.alignment} == {
        "procrustes",
        "identity",
        "random-rotation",
        "shuffled-anchors",
    }
    assert {item.word for item in results.neighbors} == set(WORDS["eye"])

    folder = tmp_path / "one"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["word2vec"]["dim"] == 8
    assert manifest["inputs"]["general.txt"]["sha256"]
    assert manifest["repeatable"] is True
    assert manifest["workers"] == 1
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (folder / "report.md").exists()
    assert read_space_map(folder).method == "procrustes"
    assert list((folder / "figures").glob("*.png"))
    assert read_vectors(folder / "vectors" / "aligned.safetensors").dim == 8


def test_the_compass_is_compared_and_leaves_the_other_embeddings_as_they_were(study, tmp_path):
    small = ["classifier.seeds=[0]", "classifier.label_budgets=[30]"]
    without = run_study(
        read_config(study, [*small, "embeddings=['general', 'aligned']"]), tmp_path / "without"
    )
    said: list[str] = []
    results = run_study(
        read_config(study, [*small, "embeddings=['general', 'aligned', 'compass']"]),
        tmp_path / "with",
        announce=said.append,
    )
    assert any("Training 5-d vectors straight into the general space" in line for line in said)
    others = [run for run in results.runs if run.embedding != "compass"]
    assert others == list(without.runs)
    assert {run.strategy for run in results.runs if run.embedding == "compass"} == {
        "frozen",
        "fine-tuned",
    }
    assert ("compass", "aligned") in {(row.embedding, row.baseline) for row in results.comparisons}
    report = (tmp_path / "with" / "report.md").read_text(encoding="utf-8")
    assert "compass, in-domain vectors trained straight into the general space" in report


def test_results_of_another_configuration_are_not_overwritten(study, tmp_path):
    folder = tmp_path / "out"
    small = ["embeddings=['general']", "classifier.seeds=[0]", "classifier.label_budgets=[30]"]
    run_study(read_config(study, small), folder)
    before = (folder / "results.json").read_bytes()
    with pytest.raises(InputError, match="another configuration; choose another --out"):
        run_study(read_config(study, [*small, "word2vec.seed=1"]), folder)
    assert (folder / "results.json").read_bytes() == before
    run_study(read_config(study, small), folder)  # the same configuration may run again
    assert (folder / "results.json").read_bytes() == before


def test_a_damaged_manifest_is_said(study, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileFormatError, match="damaged"):
        run_study(read_config(study), folder)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("general=nowhere.txt", "nowhere.txt"),
        ("word2vec.min_count=100000", "lower min_count"),
        ("alignment.anchors.limit=4", "anchors cannot fix a map"),
        ("word2vec.dim=3", "train domain vectors with --dim 5"),
        ("classifier.label_budgets=[5000]", "exceeds the 180"),
        ("classifier.seeds=[]", "distinct values"),
        ("clasifier.seeds=[1]", "did you mean 'classifier'"),
        ("classifier.label_budgets=[180, 'all']", "comes to 180 documents, as another"),
        ("classifier.label_budgets=[2]", "number of classes"),
        ("embeddings=['domain', 'domain']", "distinct values"),
        ("embeddings=[]", "distinct values"),
        ("classifier.members=0", "0 members"),
        ("classifier.seeds=[99999999999]", "classifier.seeds is 99999999999"),
        ("alignment.anchors.seed=-1", "alignment.anchors.seed is -1"),
    ],
)
def test_bad_studies_end_with_one_line_and_write_nothing(
    study, tmp_path, capsys, override, message
):
    with pytest.raises(SystemExit) as stop:
        main(["run", str(study), "--out", str(tmp_path / "out"), "--set", override])
    errors = [e for e in capsys.readouterr().err.splitlines() if e.startswith("adapt: error: ")]
    assert stop.value.code == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "0"], "0 workers cannot do anything"),
        (["--device", "tpu"], "device is 'tpu'"),
        (["--device", "cuda"], "no CUDA device is there"),
    ],
)
def test_impossible_options_are_refused_before_any_work(
    study, tmp_path, capsys, monkeypatch, options, message
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit) as stop:
        main(["run", str(study), "--out", str(tmp_path / "out"), *options])
    errors = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2
    assert len(errors) == 1  # not even the first stage was announced
    assert message in errors[0]
    assert not (tmp_path / "out").exists()


def test_the_device_is_that_of_every_stage_that_uses_torch(study, tmp_path, monkeypatch):
    asked = []

    def watched(config, folder, **options):
        asked.append((config.word2vec.device, config.classifier.training.device))
        raise InputError("enough")

    monkeypatch.setattr("adapt.experiment.run_study", watched)
    for backend in ("torch", "gensim"):
        with pytest.raises(SystemExit):
            main(["run", str(study), "--device", "auto", "--set", f"word2vec.backend={backend}"])
    assert asked == [("auto", "auto"), ("cpu", "auto")]


def test_a_leak_from_the_test_split_is_stamped(study, tmp_path, monkeypatch):
    clean = small_dataset()
    leaky = Dataset("small", clean.train, clean.test, (*clean.corpus, clean.test.texts[0]), ())
    monkeypatch.setattr("adapt.experiment.data.load_dataset", lambda name, **_: leaky)
    config = read_config(
        study,
        ["embeddings=['general']", "classifier.seeds=[0]", "classifier.label_budgets=[30]"],
    )
    dataset = run_study(config, tmp_path / "out").dataset
    assert dataset.transductive
    example = Duplicate(test_place=0, other_place=600, similarity=1.0, exact=True)
    assert dataset.leaks == (Leak(UNLABELLED_CORPUS, n_exact=1, n_near=0, examples=(example,)),)


@pytest.fixture
def own_files(tmp_path):
    """Labelled files and a corpus of one's own, in three formats."""
    data = small_dataset()
    for name, part in (("train.csv", data.train), ("test.csv", data.test)):
        rows = [f"{text},{label}" for text, label in zip(part.texts, part.labels, strict=True)]
        (tmp_path / name).write_text("\n".join(["note,organ", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("\n".join(data.corpus) + "\n", encoding="utf-8")
    return [
        f"data.train='{tmp_path / 'train.csv'}'",
        f"data.test='{tmp_path / 'test.csv'}'",
        f"data.corpus=['{tmp_path / 'notes.txt'}']",
        "data.text_field=note",
        "data.label_field=organ",
        "classifier.label_budgets=[30]",
        "classifier.seeds=[0]",
        "embeddings=['general', 'domain', 'tfidf']",
    ]


def test_a_study_on_files_of_ones_own(study, own_files, tmp_path):
    by_name = run_study(read_config(study, own_files[-3:]), tmp_path / "by_name")
    by_file = run_study(read_config(study, own_files), tmp_path / "by_file")
    assert by_file.runs == by_name.runs
    assert by_file.dataset.n_corpus_documents == 600
    manifest = json.loads((tmp_path / "by_file" / "manifest.json").read_text(encoding="utf-8"))
    assert {"train.csv", "test.csv", "notes.txt"} <= set(manifest["inputs"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("note,organ\na b,heart\nc d,heart\n", 'train.csv: all 2 documents have the label "heart"'),
        ("note,organ\na b,heart\nc d,heart\ne f,bone\n", "bone"),
        ("note,organ\n", "train.csv"),
        ("text,organ\na b,heart\n", "note"),
        ("note,organ\na b,\n", "line 2"),
        ("", "train.csv"),
    ],
)
def test_labelled_files_that_cannot_be_used(study, own_files, tmp_path, capsys, content, message):
    (tmp_path / "train.csv").write_text(content, encoding="utf-8")
    flags = [part for override in own_files for part in ("--set", override)]
    with pytest.raises(SystemExit) as stop:
        main(["run", str(study), "--out", str(tmp_path / "out"), *flags])
    errors = [e for e in capsys.readouterr().err.splitlines() if e.startswith("adapt: error: ")]
    assert stop.value.code == 2
    assert len(errors) == 1
    assert message in errors[0]
    assert not (tmp_path / "out").exists()


def test_repeated_test_documents_are_said(study, own_files, tmp_path):
    same = [*own_files, f"data.test='{tmp_path / 'train.csv'}'"]
    with pytest.warns(AdaptWarning, match="180 of 180 test documents have an exact dup.* training"):
        run_study(read_config(study, same), tmp_path / "out")


@pytest.fixture
def nearly_repeated(study, monkeypatch):
    """The small dataset with a test document that has one more word in the other two parts."""
    clean = small_dataset()
    long = " ".join((*COMMON, *WORDS["heart"], *WORDS["bone"]))
    test = LabelledTexts((*clean.test.texts, long), (*clean.test.labels, "heart"))
    train = LabelledTexts((*clean.train.texts, f"{long} mild"), (*clean.train.labels, "heart"))
    leaky = Dataset("small", train, test, (*clean.corpus, f"severe {long}"), ())
    monkeypatch.setattr("adapt.experiment.data.load_dataset", lambda name, **_: leaky)
    return ["embeddings=['general']", "classifier.seeds=[0]", "classifier.label_budgets=[30]"]


def test_near_repeats_are_said_and_stamped(study, nearly_repeated, tmp_path):
    said = "0 of 61 test documents have an exact duplicate in the training split, and 1 a near one"
    with pytest.warns(AdaptWarning, match=said):
        results = run_study(read_config(study, nearly_repeated), tmp_path / "out")
    assert results.dataset.transductive
    told = [(leak.where, leak.n_exact, leak.n_near) for leak in results.dataset.leaks]
    assert told == [(TRAINING_SPLIT, 0, 1), (UNLABELLED_CORPUS, 0, 1)]
    read = read_results(tmp_path / "out").dataset
    assert [leak.examples[0].test_place for leak in read.leaks] == [60, 60]


def test_a_study_may_refuse_leaks_before_anything_is_trained(
    study, nearly_repeated, tmp_path, monkeypatch
):
    monkeypatch.setattr("adapt.experiment.domain.train_word2vec", None)
    config = read_config(study, [*nearly_repeated, "data.leakage=refuse"])
    with pytest.raises(InputError) as caught:
        run_study(config, tmp_path / "out")
    (line,) = str(caught.value).splitlines()
    assert "training split, and 1 a near one, such as test document 61 and text 181 there" in line
    assert "unlabelled corpus, and 1 a near one, such as test document 61 and text 601" in line
    assert line.endswith("set data.leakage to 'drop' to leave them out there, or to 'stamp'")
    assert not (tmp_path / "out" / "results.json").exists()


def test_a_study_may_leave_duplicates_of_test_documents_out(study, nearly_repeated, tmp_path):
    config = read_config(study, [*nearly_repeated, "data.leakage=drop"])
    data = run_study(config, tmp_path / "out").dataset
    assert (data.leaks, data.transductive) == ((), False)
    assert (data.n_train, data.n_train_dropped, data.n_corpus_dropped) == (180, 1, 1)
    assert data.n_corpus_documents == 600
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    told = "as duplicates of test documents, exact or near: 1 training and 1 unlabelled documents"
    assert told in report


def test_a_study_without_leaks_is_not_refused(study, tmp_path):
    settings = [
        "embeddings=['general']",
        "classifier.seeds=[0]",
        "classifier.label_budgets=[30]",
        "data.leakage=refuse",
    ]
    results = run_study(read_config(study, settings), tmp_path / "out")
    assert results.dataset.leaks == ()
    assert not results.dataset.transductive


def test_fillings_layers_and_typos_are_cells_of_the_grid(study, tmp_path):
    config = read_config(
        study,
        [
            "embeddings=['general', 'aligned', 'tfidf']",
            "classifier.oov=['zeros', 'subword,mean']",
            "classifier.layers=['plain', 'hybrid']",
            "classifier.strategies=['frozen']",
            "classifier.label_budgets=['all']",
            "classifier.seeds=[0]",
            "classifier.typo_shares=[0.5]",
        ],
    )
    results = run_study(config, tmp_path / "out")
    variants = [
        (embedding, oov, model)
        for embedding in ("general", "aligned")
        for oov in ("zeros", "subword,mean")
        for model in ("mean-idf", "hybrid:mean-idf")
    ]
    cells = [(row.embedding, row.oov, row.model) for row in results.summary]
    assert cells == [*variants, ("tfidf", "none", "linear-svm")]
    assert [(one.embedding, one.oov) for one in results.matrices] == list(
        dict.fromkeys(variant[:2] for variant in variants)
    )
    steps = dict(results.matrices[1].steps)
    assert set(steps) <= {"subword", "mean"}
    assert sum(steps.values()) == dict(results.matrices[1].sources)["oov"]
    typos = {(one.embedding, one.oov, one.model, one.typo_share): one for one in results.typos}
    assert len(typos) == 2 * len(cells)
    plain, hybrid = (
        typos["aligned", "zeros", model, 0.5].accuracy for model in ("mean-idf", "hybrid:mean-idf")
    )
    assert hybrid > plain
    shares = {(one.lowest_share, one.highest_share) for one in results.strata}
    assert all(low <= high for low, high in shares)
    parts = [one.n_documents for one in results.strata if one.embedding == "tfidf"]
    assert sum(parts) == 60
    assert len(read_results(tmp_path / "out").typos) == len(results.typos)


def test_members_decide_together_in_every_cell(study, tmp_path, monkeypatch):
    ensembles = []

    def spied(*arguments, **options):
        ensembles.append(train_ensemble(*arguments, **options))
        return ensembles[-1]

    monkeypatch.setattr("adapt.experiment.fits.train_ensemble", spied)
    config = read_config(
        study,
        [
            "embeddings=['domain']",
            "classifier.strategies=['frozen', 'fine-tuned']",
            "classifier.label_budgets=['all']",
            "classifier.seeds=[0, 1]",
            "classifier.members=3",
        ],
    )
    results = run_study(config, tmp_path / "out")
    assert [len(one.members) for one in ensembles] == [1, 1, 3, 3]  # a solved head needs no more
    assert [row.validation_accuracy for row in results.runs] == pytest.approx(
        [one.validation_accuracy for one in ensembles]
    )


def test_hidden_words_are_rebuilt_by_strategies_components_and_guesses(
    study, tmp_path, monkeypatch
):
    from functools import partial

    from adapt.evaluation import hidden_words
    from adapt.experiment import strategies
    from adapt.experiment.data import prepare_data

    monkeypatch.setattr(strategies, "hidden_words", partial(hidden_words, min_rank=0))
    config = read_config(
        study, ["oov.hidden=5", "classifier.oov=['normal', 'related,subword+context,mean']"]
    )
    general, store = read_vectors(config.general), Store(tmp_path / "kept")
    told = strategies.measure_strategies(config, general, prepare_data(config.data), store)
    assert [one.strategy for one in told] == [
        "zeros", "mean", "normal", "related", "subword", "context",
        "related,subword+context,mean",
    ]  # fmt: skip
    assert all(one.n_words == 5 for one in told)
    by_name = {one.strategy: one for one in told}
    assert by_name["mean"].cosine.value == pytest.approx(0, abs=1e-6)
    assert [gain.baseline for gain in told[-1].gains] == [
        "zeros", "mean", "normal", "related", "subword", "context",
    ]  # fmt: skip
    gain = next(gain for gain in told[-1].gains if gain.baseline == "subword")
    expected = told[-1].cosine.value - by_name["subword"].cosine.value
    assert gain.cosine.value == pytest.approx(expected)
    without = read_config(study, ["oov.hidden=0"])
    assert strategies.measure_strategies(without, general, prepare_data(without.data), store) == ()


@pytest.mark.parametrize(
    ("oov", "words"), [("mean", ("heart", "valve")), ("related,mean", ("bone", "heart", "valve"))]
)
def test_informed_strategies_have_all_general_words_to_learn_from(study, oov, words):
    from adapt.alignment import Anchors
    from adapt.experiment.data import prepare_data
    from adapt.experiment.runner import _general_in_use

    config = read_config(study, [f"classifier.oov=['{oov}']"])
    data = dataclasses.replace(
        prepare_data(config.data), vocabulary=Vocabulary.from_counts({"heart": 1})
    )
    general = WordVectors(("bone", "heart", "valve"), np.ones((3, 5), dtype=np.float32))
    anchors = Anchors(("valve",), ("valve",))
    assert _general_in_use(config, general, data, anchors).words == words


def test_files_of_text_go_beside_the_corpus_of_a_dataset(study, tmp_path):
    from adapt.experiment.data import prepare_data

    path = tmp_path / "more.jsonl"
    path.write_text('{"question": "what aches", "answer": "the pancreas"}\n', encoding="utf-8")
    more = [f"data.corpus=['{path}']", "data.corpus_fields=['question', 'answer']"]
    alone, added = (prepare_data(read_config(study, flags).data) for flags in ([], more))
    assert added.corpus_counts - alone.corpus_counts == {
        "what": 1, "aches": 1, "the": 1, "pancreas": 1,
    }  # fmt: skip
    assert path in added.sources


def test_nothing_fitted_depends_on_the_test_texts(study, monkeypatch):
    from adapt.experiment.data import prepare_data

    before = prepare_data(StudyConfig(name="x").data)
    changed = small_dataset()
    other = LabelledTexts(("entirely different words",) * 60, changed.test.labels)
    monkeypatch.setattr(
        "adapt.experiment.data.load_dataset",
        lambda name, **_: Dataset("small", changed.train, other, changed.corpus, ()),
    )
    after = prepare_data(StudyConfig(name="x").data)
    assert before.vocabulary.words == after.vocabulary.words
    assert before.corpus_counts == after.corpus_counts
    for first, second in zip(before.train_rows, after.train_rows, strict=True):
        np.testing.assert_array_equal(first, second)


FROZEN_FLOOR = {
    # prototype figures at 200, 1000 and all labels: skip-gram 300 d, inductive, frozen
    "general": (0.46, 0.57, 0.63),
    "domain": (0.67, 0.80, 0.86),
    "aligned": (0.68, 0.80, 0.86),
    "unaligned": (0.65, 0.79, 0.86),
    "concat": (0.68, 0.80, 0.87),
    "tfidf": (0.48, 0.73, 0.91),
}


@pytest.mark.slow
def test_the_clinical_study_keeps_its_promises(tmp_path):
    from pathlib import Path

    experiments = Path(__file__).parents[2] / "experiments"
    # with all 7,352 labelled documents, as the floors were set
    settings = ["classifier.strategies=['frozen']", "data.leakage=stamp"]
    config = read_config(experiments / "clinical.toml", settings)
    with pytest.warns(AdaptWarning, match="0 of 3,151 .* training split, and 121 a near one"):
        results = run_study(config, tmp_path / "clinical")
    accuracy = {(row.embedding, row.n_train): row.accuracy for row in results.summary}
    for embedding, floors in FROZEN_FLOOR.items():
        for n_train, floor in zip((200, 1000, 7352), floors, strict=True):
            assert accuracy[embedding, n_train] >= floor, (embedding, n_train)
    rates = {(rate.vectors, rate.split): rate for rate in results.oov}
    assert rates["general", "test"].type_rate == pytest.approx(0.180, abs=0.001)
    assert rates["aligned", "test"].type_rate <= 0.11
    assert rates["aligned", "test"].token_rate <= 0.015
    told = [(leak.where, leak.n_exact, leak.n_near) for leak in results.dataset.leaks]
    # definitions of one pattern, such as those of one finding in two organs
    assert told == [(TRAINING_SPLIT, 0, 121), (UNLABELLED_CORPUS, 0, 132)]
