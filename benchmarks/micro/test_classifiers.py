"""Classifiers against plain torch loops: 1,000 labels, and all that the training split has."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from adapt.classifiers import TrainingConfig, idf_weights, train_classifier
from adapt.experiment.data import StudyData
from adapt.merging import build_matrix
from adapt.vectors import WordVectors
from benchmarks import straightforward_classifiers as peer
from benchmarks.micro.conftest import Compare

TRAINERS = {"frozen": peer.train_frozen, "fine-tuned": peer.train_fine_tuned}
N_LABELS = 1_000

strategies = pytest.mark.parametrize("strategy", TRAINERS)


def task(strategy: str) -> str:
    """Name the comparison."""
    return f"classifier on 300-d vectors, {strategy}, {N_LABELS:,} labels"


@pytest.fixture(scope="module")
def compact(data: StudyData, domain: WordVectors) -> tuple[np.ndarray, list[np.ndarray]]:
    """Give the rows of the labelled documents' words alone, and the documents in their numbers.

    Both contenders get the small table: the peer would otherwise train rows that nobody looks up.
    """
    matrix = build_matrix(data.vocabulary, domain).matrix
    used = np.unique(np.concatenate([[0, 1], *data.train_rows]))
    number = np.zeros(len(matrix), dtype=np.int64)
    number[used] = np.arange(len(used))
    return np.ascontiguousarray(matrix[used]), [number[rows] for rows in data.train_rows]


@strategies
def test_torch(
    timed: Compare,
    data: StudyData,
    compact: tuple[np.ndarray, list[np.ndarray]],
    strategy: str,
) -> None:
    """`nn.Embedding`, a masked mean, `nn.Linear`, Adam, a DataLoader; on one thread, as `adapt`."""
    matrix, rows = compact
    documents = [
        (torch.from_numpy(words), int(label))
        for words, label in zip(rows, data.train_labels, strict=True)
    ]
    idf = peer.idf_of(documents, len(matrix))
    arguments = matrix, documents[:N_LABELS], idf, len(data.classes), 0
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        timed(task(strategy), "torch, 1 thread", TRAINERS[strategy], *arguments)
    finally:
        torch.set_num_threads(before)


@strategies
def test_adapt(
    timed: Compare,
    data: StudyData,
    compact: tuple[np.ndarray, list[np.ndarray]],
    strategy: str,
) -> None:
    """`train_classifier`."""
    matrix, rows = compact
    weights = idf_weights(rows, len(matrix))

    def train() -> object:
        return train_classifier(
            matrix,
            rows[:N_LABELS],
            data.train_labels[:N_LABELS],
            model="mean-idf",
            config=TrainingConfig(strategy=strategy),
            token_weights=weights,
            n_classes=len(data.classes),
        )

    timed(task(strategy), "adapt", train)
