"""What tests of studies share."""

import numpy as np
import pytest

from adapt.vectors import WordVectors, write_vectors

TOPICS = {
    "heart": ["valve", "aorta", "pulse", "atrium", "ventricle"],
    "bone": ["joint", "skeleton", "fracture", "femur", "vertebra"],
}
COMMON = ["the", "of", "severe", "patient", "left", "right", "mild", "chronic"]


@pytest.fixture
def own_study(tmp_path, monkeypatch):
    """A study of two embeddings and a bag of words on files of one's own, named relatively."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    generator = np.random.default_rng(0)

    def text(label):
        own, common = generator.choice(TOPICS[label], 3), generator.choice(COMMON, 5)
        return " ".join(generator.permutation([*own, *common]))

    for split, n in (("train", 60), ("test", 30)):
        rows = [f"{text(label)},{label}" for label in list(TOPICS) * (n // 2)]
        (folder / f"{split}.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    notes = [text(label) for label in list(TOPICS) * 100]
    (folder / "notes.txt").write_text("\n".join(notes) + "\n")
    known = (*COMMON, *TOPICS["heart"])
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
