"""A small study on files of one's own, for tests of what goes on around a study."""

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
