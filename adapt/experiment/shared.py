"""What the fits of a study share: files that every process reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from adapt.classifiers import weighting_of
from adapt.cluster import SharedFiles
from adapt.experiment.digests import content_digest, file_digest, files_digest
from adapt.merging import EmbeddingMatrix
from adapt.merging.provenance import OOV_SOURCE
from adapt.text import Vocabulary

__all__ = ["SharedDocuments", "SharedMatrix"]

_Documents = Sequence[Sequence[str]]


@dataclass(frozen=True)
class SharedDocuments(SharedFiles):
    """The words of documents in files that every process reads: as numbers, mapped, and as words.

    Parameters
    ----------
    folder : Path
        Holds an array a file, the vocabulary, and the words.
    n_versions : int
        How many versions of the test documents there are: the first as they are, the others
        misspelt.
    digest : str
        Of the content of all files.
    """

    folder: Path
    n_versions: int
    digest: str

    @classmethod
    def write(
        cls,
        folder: Path,
        *,
        vocabulary: Vocabulary,
        train: _Documents,
        test_versions: Sequence[_Documents],
        weights: Mapping[str, np.ndarray],
    ) -> SharedDocuments:
        """Write the words of the documents, and ``(n_rows,)`` weights of the rows of each kind.

        Nothing else may be in the folder yet.
        """
        vocabulary.save(folder / "vocabulary.json")
        splits = {"train": train} | {f"test-{i}": test for i, test in enumerate(test_versions)}
        for split, documents in splits.items():
            rows = [vocabulary.encode(words) for words in documents]
            np.save(folder / f"{split}.npy", np.concatenate([np.empty(0, np.int64), *rows]))
            np.save(folder / f"{split}-starts.npy", np.cumsum([0, *map(len, rows)]))
            (folder / f"{split}.json").write_text(json.dumps([*map(list, documents)]))
        for weighting, values in weights.items():
            np.save(folder / f"weights-{weighting}.npy", values)
        return cls(folder, len(test_versions), files_digest(folder.iterdir()))

    def files(self) -> tuple[Path, ...]:
        """All files of the documents; those of matrices may lie beside them."""
        splits = ("train", *(f"test-{version}" for version in range(self.n_versions)))
        endings = (".npy", "-starts.npy", ".json")
        return (
            self.folder / "vocabulary.json",
            *(self.folder / f"{split}{ending}" for split in splits for ending in endings),
            *sorted(self.folder.glob("weights-*.npy")),
        )

    def at(self, folder: Path) -> SharedDocuments:
        """Give the same from copies of the files in `folder`."""
        return replace(self, folder=folder)

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

    def weights(self, model: str) -> np.ndarray | None:
        """Weights of the rows as a model asks for them, if it does."""
        weighting = weighting_of(model)
        return None if weighting is None else np.load(self.folder / f"weights-{weighting}.npy")

    def _documents(self, split: str, chosen: np.ndarray | None) -> list[np.ndarray]:
        rows = _mapped(self.folder / f"{split}.npy")
        starts = np.load(self.folder / f"{split}-starts.npy")
        places = range(len(starts) - 1) if chosen is None else chosen
        return [rows[starts[place] : starts[place + 1]] for place in places]

    def _words(self, split: str) -> list[list[str]]:
        words: list[list[str]] = json.loads((self.folder / f"{split}.json").read_text())
        return words


@dataclass(frozen=True)
class SharedMatrix(SharedFiles):
    """An embedding matrix in a file that every process maps, with the sources of its rows beside.

    Parameters
    ----------
    path : Path
        Of the ``(n_rows, dim)`` word vectors, as `numpy.save` writes them.
    digest : str
        Of the content of all files.
    """

    path: Path
    digest: str

    @classmethod
    def write(cls, path: Path, matrix: EmbeddingMatrix) -> SharedMatrix:
        """Write the vectors, and where each came from."""
        sources, made_up = path.with_suffix(".json"), path.with_suffix(".made-up.npy")
        np.save(path, matrix.matrix)
        sources.write_text(json.dumps(matrix.provenance.named_sources()))
        np.save(made_up, np.asarray([s == OOV_SOURCE for s in matrix.provenance.sources]))
        digests = [file_digest(file) for file in (path, sources, made_up)]
        return cls(path, content_digest(digests))

    def files(self) -> tuple[Path, ...]:
        """All files of the matrix: its vectors, their sources, and which of them were made."""
        return self.path, self._sources, self._made_up

    def at(self, folder: Path) -> SharedMatrix:
        """Give the same from copies of the files in `folder`."""
        return replace(self, path=folder / self.path.name)

    def vectors(self) -> np.ndarray:
        """Map the ``(n_rows, dim)`` float32 vectors into memory, read-only."""
        return _mapped(self.path)

    def sources(self) -> list[str]:
        """Where each row came from, with the strategy's name where one made it."""
        sources: list[str] = json.loads(self._sources.read_text())
        return sources

    def made_up(self) -> np.ndarray:
        """``(n_rows,)`` bool, the rows that a strategy for unknown words made."""
        made_up: np.ndarray = np.load(self._made_up)
        return made_up

    def delete(self) -> None:
        """Remove the files."""
        for path in self.files():
            path.unlink(missing_ok=True)  # not written where all outcomes were known

    @property
    def _sources(self) -> Path:
        return self.path.with_suffix(".json")

    @property
    def _made_up(self) -> Path:
        return self.path.with_suffix(".made-up.npy")


def _mapped(path: Path) -> np.ndarray:
    """Map an array's file into memory, read-only."""
    return np.asarray(np.load(path, mmap_mode="r"))
