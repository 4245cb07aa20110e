"""The clinical task as one file of arrays, so that contenders need nothing but to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import ROOT

__all__ = ["ClinicalTask", "write_task"]

_STUDY = ROOT / "experiments" / "clinical.toml"


@dataclass(frozen=True)
class ClinicalTask:
    """Numbered documents, the weights of words, and word vectors.

    Parameters
    ----------
    matrices : dict of str to numpy.ndarray
        ``(n_rows, dim)`` float32 of each embedding; the rows of the documents' words alone.
    idf : numpy.ndarray
        ``(n_rows,)`` float32 weights.
    train, test : list of numpy.ndarray
        Row numbers of the words of each document.
    train_labels, test_labels : numpy.ndarray
        Class numbers.
    """

    matrices: dict[str, np.ndarray]
    idf: np.ndarray
    train: list[np.ndarray]
    test: list[np.ndarray]
    train_labels: np.ndarray
    test_labels: np.ndarray

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return int(self.train_labels.max()) + 1

    def head(self, n_train: int) -> ClinicalTask:
        """Keep some of the training documents."""
        return replace(self, train=self.train[:n_train], train_labels=self.train_labels[:n_train])

    @classmethod
    def read(cls, path: str, embeddings: Sequence[str]) -> ClinicalTask:
        """Read the task with some of its embeddings."""
        with np.load(path) as arrays:
            return cls(
                matrices={name: arrays[f"matrix-{name}"] for name in embeddings},
                idf=arrays["idf"],
                train=np.split(arrays["train"], arrays["train-bounds"]),
                test=np.split(arrays["test"], arrays["test-bounds"]),
                train_labels=arrays["train-labels"],
                test_labels=arrays["test-labels"],
            )


def write_task(path: str, embeddings: Sequence[str], epochs: int) -> dict[str, Any]:
    """Train in-domain vectors, align and merge as the clinical study does, and write it all."""
    from adapt.classifiers import idf_weights
    from adapt.experiment import read_config
    from adapt.experiment.alignment import align_spaces
    from adapt.experiment.data import prepare_data
    from adapt.experiment.spaces import EmbeddingSpaces
    from adapt.merging import build_matrix
    from adapt.training import train_word2vec
    from adapt.vectors import read_vectors

    config = read_config(_STUDY)
    data = prepare_data(config.data)
    general = read_vectors(config.general)
    domain = train_word2vec(data.corpus, replace(config.word2vec, epochs=epochs))
    aligned = align_spaces(domain, general, config.alignment)
    spaces = EmbeddingSpaces(
        domain, general, aligned.aligners, config.alignment.policy, fitted_on=aligned.digest
    )
    used = np.unique(np.concatenate([[0, 1], *data.train_rows, *data.test_rows]))
    arrays = {}
    for name in embeddings:
        vectors = spaces.embedding(name, data.vocabulary.words[2:], seed=0)
        matrix = build_matrix(data.vocabulary, vectors, oov=config.classifier.oov[0]).matrix
        arrays[f"matrix-{name}"] = matrix[used]
    for split, documents, labels in (
        ("train", data.train_rows, data.train_labels),
        ("test", data.test_rows, data.test_labels),
    ):
        arrays[split] = np.searchsorted(used, np.concatenate(documents))
        arrays[f"{split}-bounds"] = np.cumsum([*map(len, documents)])[:-1]
        arrays[f"{split}-labels"] = labels
    arrays["idf"] = idf_weights(data.train_rows, len(data.vocabulary))[used]
    partial = Path(path).with_suffix(".partial.npz")
    np.savez(partial, **arrays)
    partial.replace(path)
    return {}
