"""`adapt classify` on small files."""

import csv
import json

import numpy as np
import pytest

from adapt.cli import main
from adapt.vectors import WordVectors, write_vectors

TOPICS = {"lung": ["cough", "wheeze", "asthma"], "skin": ["rash", "itch", "eczema"]}


@pytest.fixture
def files(tmp_path):
    """Return paths of vectors that know the topics, and of labelled texts."""
    generator = np.random.default_rng(0)
    words = [word for topic in TOPICS.values() for word in topic]
    matrix = np.repeat(np.eye(2), 3, axis=0) + generator.normal(scale=0.1, size=(6, 2))
    write_vectors(WordVectors(tuple(words), matrix.astype(np.float32)), tmp_path / "vectors.txt")
    for split, n in (("train", 20), ("test", 6)):
        with (tmp_path / f"{split}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("text", "label"))
            for label in list(TOPICS) * n:
                writer.writerow((" ".join(generator.choice(TOPICS[label], 2)), label))
    return tmp_path


def run(files, *options):
    with pytest.raises(SystemExit) as stop:
        main(
            [
                *("classify", "--train", str(files / "train.csv")),
                *("--test", str(files / "test.csv"), "--vectors", str(files / "vectors.txt")),
                *options,
            ]
        )
    return stop.value.code


def test_figures_of_all_seeds_are_told(files, capsys):
    assert run(files, "--seeds", "2", "--json", "--out", str(files / "c.safetensors")) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["accuracy"] == row["macro_f1"] == 1.0
    assert row["low"] <= row["accuracy"] <= row["high"]
    assert (row["n_train"], row["n_test"], row["n_seeds"], row["model"]) == (40, 12, 2, "mean-idf")

    from adapt.classifiers import EmbeddingTextClassifier

    saved = EmbeddingTextClassifier.load(files / "c.safetensors")
    assert saved.predict(["wheeze wheeze", "itch"]).tolist() == ["lung", "skin"]


def test_the_table_names_the_vectors(files, capsys):
    assert run(files, "--seeds", "1", "--strategy", "two-stage", "--model", "mean+max") == 0
    out = capsys.readouterr().out
    assert "mean+max, two-stage, on 12 texts" in out
    assert "vectors.txt" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "cn"], "model is 'cn'; did you mean 'cnn'?"),
        (["--strategy", "frosen"], "strategy is 'frosen'; did you mean 'frozen'?"),
        (["--vectors", "nowhere.txt"], "nowhere.txt"),
        (["--text-field", "body"], "body"),
        (["--out", "/"], "is a folder"),
    ],
)
def test_bad_options_end_with_one_line(files, capsys, options, message):
    assert run(files, *options) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert len(said) == 1
    assert message in said[0]


def test_labels_that_training_lacks_are_refused(files, capsys):
    with (files / "test.csv").open("a") as file:
        file.write("a bone,bone\n")
    assert run(files) == 2
    assert "has labels that --train lacks, such as 'bone'" in capsys.readouterr().err
