"""Single fits of a study: what an executor hands to a worker, one classifier at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapt.classifiers import (
    TrainingConfig,
    train_classifier,
    train_hybrid_classifier,
    train_tfidf_svm,
)
from adapt.oov.recall import RecallEncoder
from adapt.text import Vocabulary, WordTokenizer

__all__ = ["EmbeddingFit", "HybridFit", "SharedDocuments", "TfidfFit"]

_Documents = Sequence[Sequence[str]]


@dataclass(frozen=True)
class SharedDocuments:
    """The words of documents in files that every process reads: as numbers, mapped, and as words.

    Parameters
    ----------
    folder : Path
        Holds an array a file, the vocabulary, and the words.
    n_versions : int
        How many versions of the test documents there are: the first as they are, the others
        misspelt.
    """

    folder: Path
    n_versions: int

    @classmethod
    def write(
        cls,
        folder: Path,
        *,
        vocabulary: Vocabulary,
        train: _Documents,
        test_versions: Sequence[_Documents],
        weights: np.ndarray | None,
    ) -> SharedDocuments:
        """Write the words of the documents, and the ``(n_rows,)`` weights of the rows."""
        vocabulary.save(folder / "vocabulary.json")
        splits = {"train": train} | {f"test-{i}": test for i, test in enumerate(test_versions)}
        for split, documents in splits.items():
            rows = [vocabulary.encode(words) for words in documents]
            np.save(folder / f"{split}.npy", np.concatenate([np.empty(0, np.int64), *rows]))
            np.save(folder / f"{split}-starts.npy", np.cumsum([0, *map(len, rows)]))
            (folder / f"{split}.json").write_text(json.dumps([*map(list, documents)]))
        if weights is not None:
            np.save(folder / "weights.npy", weights)
        return cls(folder, len(test_versions))

    def train(self, chosen: np.ndarray) -> list[np.ndarray]:
        """Row numbers of some of the training documents."""
        return self._documents("train", chosen)

    def train_words(self, chosen: np.ndarray) -> list[list[str]]:
        """Words of some of the training documents."""
        documents = self._words("train")
        return [documents[place] for place in chosen]

    def test(self, version: int) -> list[np.ndarray]:
        """Row numbers of all test documents, of one of the versions."""
        return self._documents(f"test-{version}", None)

    def test_words(self, version: int) -> list[list[str]]:
        """Words of all test documents, of one of the versions."""
        return self._words(f"test-{version}")

    def vocabulary(self) -> Vocabulary:
        """Words by the numbers of their rows."""
        return Vocabulary.load(self.folder / "vocabulary.json")

    def weights(self) -> np.ndarray | None:
        """Weights of the rows, if there are any."""
        path = self.folder / "weights.npy"
        return np.load(path) if path.exists() else None

    def _documents(self, split: str, chosen: np.ndarray | None) -> list[np.ndarray]:
        rows = _mapped(self.folder / f"{split}.npy")
        starts = np.load(self.folder / f"{split}-starts.npy")
        places = range(len(starts) - 1) if chosen is None else chosen
        return [rows[starts[place] : starts[place + 1]] for place in places]

    def _words(self, split: str) -> list[list[str]]:
        words: list[list[str]] = json.loads((self.folder / f"{split}.json").read_text())
        return words


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
        """Train, and give the classes of all versions of the test documents.

        Returns
        -------
        numpy.ndarray
            ``(n_versions, n_test)`` int64 class numbers.
        """
        trained = train_classifier(
            _mapped(self.matrix),
            self.documents.train(self.chosen),
            self.labels,
            config=self.config,
            token_weights=self.documents.weights(),
            n_classes=self.n_classes,
        )
        versions = range(self.documents.n_versions)
        return np.stack([trained.predict(self.documents.test(version)) for version in versions])


@dataclass(frozen=True)
class HybridFit(EmbeddingFit):
    """A classifier on word vectors that reads words beyond the vocabulary by their spelling."""

    def predict(self) -> np.ndarray:
        """Train, and predict as `EmbeddingFit.predict`."""
        matrix, vocabulary = _mapped(self.matrix), self.documents.vocabulary()
        encoder = RecallEncoder(vocabulary.words[2:], matrix[2:], vocabulary.counts[2:])
        trained = train_hybrid_classifier(
            matrix,
            vocabulary,
            encoder,
            self.documents.train_words(self.chosen),
            self.labels,
            config=self.config,
            token_weights=self.documents.weights(),
            n_classes=self.n_classes,
        )
        versions = range(self.documents.n_versions)
        return np.stack(
            [trained.predict(self.documents.test_words(version)) for version in versions]
        )


@dataclass(frozen=True)
class TfidfFit:
    """The bag of words with a linear support vector machine.

    Parameters
    ----------
    texts : sequence of str
        Training documents.
    labels : numpy.ndarray
        Class numbers of those.
    documents : SharedDocuments
        To test on, all versions.
    seed : int
        Of the folds and the solver.
    """

    texts: Sequence[str]
    labels: np.ndarray
    documents: SharedDocuments
    seed: int

    def predict(self) -> np.ndarray:
        """Train, and predict as `EmbeddingFit.predict`."""
        tokenize = WordTokenizer()
        model = train_tfidf_svm(self.texts, self.labels, tokenizer=tokenize, seed=self.seed)
        versions = (
            self.documents.test_words(version) for version in range(self.documents.n_versions)
        )
        return np.stack([model.predict(map(" ".join, words)) for words in versions])
