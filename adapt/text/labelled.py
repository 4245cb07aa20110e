"""Labelled documents, from files or from memory."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptWarning, FileFormatError, InputError
from adapt.text.records import field_values, text_format, text_value

__all__ = ["LabelledTexts", "UnsplitDataset", "check_labels", "words_alone"]


@dataclass(frozen=True)
class LabelledTexts:
    """Texts, each with its class.

    Parameters
    ----------
    texts : tuple of str
        The documents.
    labels : tuple of str
        Their classes, in the same order.

    Raises
    ------
    InputError
        If there are not as many labels as texts.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", tuple(self.texts))
        object.__setattr__(self, "labels", tuple(self.labels))
        if len(self.texts) != len(self.labels):
            raise InputError(f"there are {len(self.texts)} texts, but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def classes(self) -> tuple[str, ...]:
        """The distinct labels, in alphabetical order."""
        return tuple(sorted(set(self.labels)))

    def subset(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> LabelledTexts:
        """Return the documents with the given numbers, in the order of `rows`.

        Parameters
        ----------
        rows : sequence or array of int, shape (n_rows,)
            Numbers of documents, counted from 0.

        Returns
        -------
        LabelledTexts
            Those documents.

        Raises
        ------
        InputError
            If a number is not that of a document, or `rows` are not whole numbers.
        """
        numbers = np.asarray(rows)
        if numbers.size == 0:
            return LabelledTexts((), ())
        if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
            raise InputError("rows must be one list of document numbers")
        if numbers.min() < 0 or numbers.max() >= len(self):
            raise InputError(
                f"rows range from {numbers.min()} to {numbers.max()}, "
                f"but there are {len(self)} documents"
            )
        return LabelledTexts(
            tuple(self.texts[row] for row in numbers), tuple(self.labels[row] for row in numbers)
        )

    @classmethod
    def read(
        cls, path: Path | str, *, text_field: str = "text", label_field: str = "label"
    ) -> LabelledTexts:
        """Read JSON Lines, CSV or TSV (with a header), plain or gzipped.

        Parameters
        ----------
        path : Path or str
            The file; its name tells the format.
        text_field, label_field : str, default "text" and "label"
            Fields or columns to read. Labels may be text or whole numbers.

        Returns
        -------
        LabelledTexts
            The documents, in the order of the file.

        Raises
        ------
        FileAccessError
            If the file is missing or cannot be read.
        FileFormatError
            If it breaks its format, lacks a field, or has a document without a label.
        InputError
            If it holds no documents, or its name tells no format with fields.

        Warns
        -----
        AdaptWarning
            If documents are blank; they are kept.
        """
        file = Path(path)
        if text_format(file) == "plain":
            raise InputError(f"{file}: labelled documents come as .jsonl, .csv or .tsv; convert it")
        texts: list[str] = []
        labels: list[str] = []
        blank: list[int] = []
        for number, (text, label) in field_values(file, (text_field, label_field)):
            texts.append(text_value(text, file, number, text_field))
            labels.append(_label(label, file, number, label_field))
            if not texts[-1].strip():
                blank.append(number)
        if not texts:
            raise InputError(f"{file}: holds no documents; give a file with labelled text in it")
        if blank:
            message = f"{file}: {len(blank)} documents are blank (the first on line {blank[0]})"
            warnings.warn(f"{message}; they are kept", AdaptWarning, stacklevel=2)
        return cls(tuple(texts), tuple(labels))


@dataclass(frozen=True)
class UnsplitDataset:
    """All documents of a dataset, as its source has them.

    Parameters
    ----------
    labelled : LabelledTexts
        The documents with a class.
    unlabelled : tuple of str
        Further texts of the domain; labelled ones may be among them.
    sources : tuple of str
        The files they were read from.
    groups, unlabelled_groups : tuple of str, optional
        What each labelled document and each unlabelled text is about, where texts about the same
        must not stand on both sides of a split.

    Raises
    ------
    InputError
        If there are groups, but not one for every text.
    """

    labelled: LabelledTexts
    unlabelled: tuple[str, ...]
    sources: tuple[str, ...]
    groups: tuple[str, ...] = ()
    unlabelled_groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, texts, groups in (
            ("labelled", self.labelled.texts, self.groups),
            ("unlabelled", self.unlabelled, self.unlabelled_groups),
        ):
            if groups and len(groups) != len(texts):
                raise InputError(f"there are {len(texts)} {name} texts, but {len(groups)} groups")


def _label(value: object, path: Path, number: int, field: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    label = text_value(value, path, number, field).strip()
    if not label:
        raise FileFormatError(path, f'"{field}" is blank; label the document', line=number)
    return label


def check_labels(labels: Sequence[str]) -> None:
    """Make sure that a classifier can learn from documents with these labels.

    Parameters
    ----------
    labels : sequence of str
        One label a document.

    Raises
    ------
    InputError
        If there are no documents, if all belong to one class, or if a class has only one, so
        that it cannot stand on both sides of a split.
    """
    counts = Counter(labels)
    if not counts:
        raise InputError("there are no labelled documents; give some")
    if len(counts) == 1:
        only = next(iter(counts))
        raise InputError(f'all {len(labels)} documents have the label "{only}"; give two classes')
    single = sorted(label for label, count in counts.items() if count == 1)
    if single:
        others = f" (and {len(single) - 1} more classes)" if len(single) > 1 else ""
        raise InputError(
            f'the class "{single[0]}"{others} has a single document; '
            "give it a second one or leave it out"
        )


def words_alone(text: str) -> str:
    """Return the words of a text in small letters, without punctuation, to tell copies by.

    Examples
    --------
    >>> words_alone("Broad  thumbs, (toes).")
    'broad thumbs toes'
    """
    return " ".join(re.findall(r"\w+", text.lower()))
