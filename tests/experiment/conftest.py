"""Small studies on files of one's own, for tests of what goes on around a study."""

import json

import numpy as np
import pytest

from adapt.vectors import WordVectors, write_vectors

TOPICS = {
    "heart": ["valve", "aorta", "pulse", "atrium", "ventricle", "murmur"],
    "bone": ["joint", "skeleton", "fracture", "femur", "vertebra", "cartilage"],
    "eye": ["retina", "cornea", "iris", "myopia", "lens", "optic"],
}
COMMON = ["the", "a", "of", "abnormal", "severe", "patient", "left", "right", "mild", "chronic"]
TWO_TOPICS = {label: TOPICS[label][:5] for label in ("heart", "bone")}
TWO_COMMON = ["the", "of", "severe", "patient", "left", "right", "mild", "chronic"]


@pytest.fixture(autouse=True)
def figures_are_drawn_and_not_rendered(request, monkeypatch):
    """Spare studies most of their time: how figures and maps look is tested with the report."""
    if request.node.get_closest_marker("slow"):
        return
    rendered = {"svg": b'<svg width="9pt" height="9pt"></svg>', "png": b"\x89PNG\r\n\x1a\n"}

    def save(figure, target, *, format, **options):
        target.write(rendered[format])

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", save)
    monkeypatch.setattr("adapt.report.map_widget._plot", lambda space_map: {})


@pytest.fixture
def small_study(tmp_path):
    """Write a study's TOML with its data beside it; what is given is appended to it."""
    generator = np.random.default_rng(0)

    def document():
        topic = generator.choice(list(TOPICS))
        words = [*generator.choice(TOPICS[topic], 3), *generator.choice(COMMON, 4)]
        return {"text": " ".join(generator.permutation(words)), "label": str(topic)}

    for name, n in (("train", 120), ("test", 60), ("notes", 400)):
        lines = "".join(json.dumps(document()) + "\n" for _ in range(n))
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    known = (*COMMON, *TOPICS["heart"], *TOPICS["bone"], "goal")
    matrix = generator.normal(size=(len(known), 5)).astype(np.float32)
    write_vectors(WordVectors(known, matrix), tmp_path / "general.txt")

    def write(more=""):
        path = tmp_path / "study.toml"
        path.write_text(
            f"""
            name = "small"
            description = "a small study"
            general = '{tmp_path / "general.txt"}'
            embeddings = ["general", "domain", "aligned", "tfidf"]
            data.train = '{tmp_path / "train.jsonl"}'
            data.test = '{tmp_path / "test.jsonl"}'
            data.corpus = ['{tmp_path / "notes.jsonl"}']
            [word2vec]
            dim = 8
            epochs = 5
            sample = 0
            [classifier]
            strategies = ["frozen"]
            label_budgets = [30]
            seeds = [0, 1]
            {more}
            """,
            encoding="utf-8",
        )
        return path

    return write


@pytest.fixture
def own_study(tmp_path, monkeypatch):
    """A study of two embeddings and a bag of words on files of one's own, named relatively."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    generator = np.random.default_rng(0)

    def text(label):
        own, common = generator.choice(TWO_TOPICS[label], 3), generator.choice(TWO_COMMON, 5)
        return " ".join(generator.permutation([*own, *common]))

    for split, n in (("train", 60), ("test", 30)):
        rows = [f"{text(label)},{label}" for label in list(TWO_TOPICS) * (n // 2)]
        (folder / f"{split}.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    notes = [text(label) for label in list(TWO_TOPICS) * 100]
    (folder / "notes.txt").write_text("\n".join(notes) + "\n")
    known = (*TWO_COMMON, *TWO_TOPICS["heart"])
    matrix = generator.normal(size=(len(known), 4)).astype(np.float32)
    write_vectors(WordVectors(known, matrix), folder / "general.txt")
    path = folder / "study.toml"
    path.write_text(
        """
        general = "general.txt"
        embeddings = ["general", "aligned", "tfidf"]
        [data]
        train = "train.csv"
        test = "test.csv"
        corpus = ["notes.txt"]
        [word2vec]
        dim = 4
        epochs = 2
        sample = 0
        [alignment]
        space = "general"
        [classifier]
        strategies = ["frozen"]
        label_budgets = [40]
        seeds = [0, 1]
        """
    )
    return path
