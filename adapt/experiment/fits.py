"""Single fits of a study: what an executor hands to a worker, one classifier at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapt.classifiers import TrainingConfig, train_classifier, train_tfidf_svm
from adapt.text import WordTokenizer

__all__ = ["EmbeddingFit", "SharedDocuments", "TfidfFit"]


@dataclass(frozen=True)
class SharedDocuments:
    """Numbered documents in files that every process maps into its memory, so that all share one.

    Parameters
    ----------
    folder : Path
        Holds an array a file.
    """

    folder: Path

    @classmethod
    def write(
        cls,
        folder: Path,
        *,
        train: Sequence[np.ndarray],
        test: Sequence[np.ndarray],
        weights: np.ndarray | None,
    ) -> SharedDocuments:
        """Write the row numbers of the documents, and the ``(n_rows,)`` weights of the rows."""
        for split, documents in (("train", train), ("test", test)):
            lengths = [0, *(len(rows) for rows in documents)]
            np.save(folder / f"{split}.npy", np.concatenate([np.empty(0, np.int64), *documents]))
            np.save(folder / f"{split}-starts.npy", np.cumsum(lengths))
        if weights is not None:
            np.save(folder / "weights.npy", weights)
        return cls(folder)

    def train(self, chosen: np.ndarray) -> list[np.ndarray]:
        """Row numbers of some of the training documents."""
        return self._documents("train", chosen)

    def test(self) -> list[np.ndarray]:
        """Row numbers of all test documents."""
        return self._documents("test", None)

    def weights(self) -> np.ndarray | None:
        """Weights of the rows, if there are any."""
        path = self.folder / "weights.npy"
        return np.load(path) if path.exists() else None

    def _documents(self, split: str, chosen: np.ndarray | None) -> list[np.ndarray]:
        rows = _mapped(self.folder / f"{split}.npy")
        starts = np.load(self.folder / f"{split}-starts.npy")
        places = range(len(starts) - 1) if chosen is None else chosen
        return [rows[starts[place] : starts[place + 1]] for place in places]


def _mapped(path: Path) -> np.ndarray:
    """Map an array's file into memory, read-only."""
    return np.asarray(np.load(path, mmap_mode="r"))


@dataclass(frozen=True)
class EmbeddingFit:
    """A classifier on word vectors.

    Parameters
    ----------
    matrix : Path
        File of the ``(n_rows, dim)`` word vectors, as `numpy.save` writes it.
    documents : SharedDocuments
        To train and to test on.
    chosen : numpy.ndarray
        Which training documents are used.
    labels : numpy.ndarray
        Class numbers of those.
    n_classes : int
        Number of classes.
    config : TrainingConfig
        How to train.
    """

    matrix: Path
    documents: SharedDocuments
    chosen: np.ndarray
    labels: np.ndarray
    n_classes: int
    config: TrainingConfig

    def predict(self) -> np.ndarray:
        """Train, and give the class numbers of the test documents, ``(n_test,)`` int64."""
        trained = train_classifier(
            _mapped(self.matrix),
            self.documents.train(self.chosen),
            self.labels,
            config=self.config,
            token_weights=self.documents.weights(),
            n_classes=self.n_classes,
        )
        return trained.predict(self.documents.test())


@dataclass(frozen=True)
class TfidfFit:
    """The bag of words with a linear support vector machine."""

    texts: Sequence[str]
    labels: np.ndarray
    test_texts: Sequence[str]
    seed: int

    def predict(self) -> np.ndarray:
        """Train, and give the class numbers of the test documents, ``(n_test,)`` int64."""
        model = train_tfidf_svm(self.texts, self.labels, tokenizer=WordTokenizer(), seed=self.seed)
        return np.asarray(model.predict(self.test_texts))
