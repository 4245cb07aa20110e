"""What every classifier of a study predicted for every test document, in a file."""

from __future__ import annotations

import hashlib
import io
import json
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from adapt.errors import FileAccessError, FileFormatError
from adapt.evaluation import Confusion, Results, confusion
from adapt.experiment.cells import Cell, CellScores
from adapt.experiment.data import StudyData
from adapt.files import atomic_path

__all__ = ["Predictions", "chosen_confusion", "read_predictions", "write_predictions"]

_COLUMNS = {"embedding": "U", "oov": "U", "model": "U", "strategy": "U", "n_train": "i"}
"""What names a cell, with the kinds of the arrays."""
_DAMAGE = (
    *(ValueError, LookupError, TypeError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
    *(SyntaxError, tokenize.TokenError, UserWarning),  # of a header that is no Python
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks others without bounds
_DEFLATE_LARGEST_RATIO = 1032
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predicted classes of the test documents, by cell and seed.

    Parameters
    ----------
    cells : tuple of Cell
        The cells.
    seeds : tuple of int
        Those of every cell.
    classes : tuple of str
        The classes, by number.
    labels : numpy.ndarray
        ``(n_test,)`` int64, numbers of the true classes.
    predicted : numpy.ndarray
        ``(n_cells, n_seeds, n_test)`` numbers of classes, of the smallest unsigned type that holds
        them.
    documents : str
        SHA-256 of the test documents, to tell whether two studies have the same.
    """

    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    classes: tuple[str, ...]
    labels: np.ndarray
    predicted: np.ndarray
    documents: str

    @classmethod
    def of_scores(cls, scores: Sequence[CellScores], data: StudyData) -> Predictions:
        """Collect what the cells of a study predicted; there is at least one."""
        kind = np.min_scalar_type(len(data.classes))
        return cls(
            cells=tuple(score.cell for score in scores),
            seeds=tuple(run.seed for run in scores[0].runs),
            classes=data.classes,
            labels=data.test_labels,
            predicted=np.stack([score.predicted for score in scores]).astype(kind),
            documents=hashlib.sha256(json.dumps(data.test.texts).encode()).hexdigest(),
        )

    def correct(self) -> dict[Cell, np.ndarray]:
        """Tell which test documents were classified right: ``(n_seeds, n_test)`` bool by cell."""
        return dict(zip(self.cells, self.predicted == self.labels, strict=True))

    def is_paired_with(self, other: Predictions) -> bool:
        """Whether both are of the same test documents, classes and seeds."""
        return (self.documents, self.seeds, self.classes) == (
            other.documents,
            other.seeds,
            other.classes,
        ) and np.array_equal(self.labels, other.labels)


def chosen_confusion(results: Results, predictions: Predictions) -> Confusion | None:
    """Count what the adapted configuration that validation chooses takes for what, at most labels.

    None if there is no such configuration among the predictions.
    """
    chosen = [one for one in results.selections if one.family == "adapted"]
    if not chosen:
        return None
    most = max(chosen, key=lambda one: one.n_train)
    cell = Cell(*(getattr(most, name) for name in _COLUMNS))
    if cell not in predictions.cells:
        return None
    predicted = predictions.predicted[predictions.cells.index(cell)]
    return confusion(predictions.labels, predicted, predictions.classes)


def write_predictions(predictions: Predictions, path: Path | str) -> None:
    """Write predictions as a compressed ``.npz``, whole or not at all; equal ones as equal bytes.

    It holds the arrays `predicted`, `labels`, `classes` (names), `seeds`, `documents`, and a name
    for each cell in `embedding`, `oov`, `model`, `strategy` and `n_train`.
    """
    arrays: dict[str, Any] = {
        "predicted": predictions.predicted,
        "labels": predictions.labels,
        "classes": np.array(predictions.classes),
        "seeds": np.array(predictions.seeds, dtype=np.int64),
        "documents": np.array(predictions.documents),
    }
    for name in _COLUMNS:
        arrays[name] = np.array([getattr(cell, name) for cell in predictions.cells])
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def read_predictions(path: Path | str) -> Predictions:
    """Read what `write_predictions` wrote; a folder stands for its `predictions.npz`.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is damaged, or no file of predictions.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "predictions.npz"
    try:
        with zipfile.ZipFile(file) as archive, warnings.catch_warnings(action="error"):
            columns = [_array(archive, name, kind).tolist() for name, kind in _COLUMNS.items()]
            found = Predictions(
                cells=tuple(Cell(*row) for row in zip(*columns, strict=True)),
                seeds=tuple(_array(archive, "seeds", "i").tolist()),
                classes=tuple(_array(archive, "classes", "U").tolist()),
                labels=_array(archive, "labels", "i"),
                predicted=_array(archive, "predicted", "u"),
                documents=str(_array(archive, "documents", "U")),
            )
    except OSError as error:
        raise FileAccessError(
            f"{file}: {error.strerror or error}; run the study to have it"
        ) from error
    except _DAMAGE as error:
        raise FileFormatError(file, "is no file of predictions; run the study again") from error
    if not _fits(found):
        raise FileFormatError(file, "holds arrays that do not fit; run the study again")
    return found


def _fits(found: Predictions) -> bool:
    """Whether there is a class for every number, and a prediction for every document."""
    shape = (len(found.cells), len(found.seeds), len(found.labels))
    if found.predicted.shape != shape or found.labels.ndim != 1:
        return False
    numbers = (found.labels, found.predicted)
    return all(((of >= 0) & (of < len(found.classes))).all() for of in numbers)


def _array(archive: zipfile.ZipFile, name: str, kind: str) -> np.ndarray:
    """Read an array of an ``.npz``; NumPy would reserve memory for any shape that one declares."""
    member = archive.getinfo(f"{name}.npy")
    if member.compress_type not in _METHODS:
        raise ValueError(f"{name} is compressed in another way")
    if member.file_size > _DEFLATE_LARGEST_RATIO * member.compress_size:
        raise ValueError(f"{name} is said to be larger than it can be")
    content = io.BytesIO(archive.read(member))
    shape, by_columns, dtype = _HEADERS[np.lib.format.read_magic(content)](content)
    if dtype.kind != kind:
        raise ValueError(f"{name} is of another kind")
    values = np.frombuffer(content.read(), dtype=dtype)
    return values.reshape(shape, order="F" if by_columns else "C")
