"""Words and the rows they own in an embedding matrix."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adapt.errors import FileAccessError, FileFormatError, InputError, UnknownWordError
from adapt.files import atomic_path
from adapt.text.corpus import Corpus

__all__ = ["PAD", "UNK", "Vocabulary"]

PAD = "<pad>"
"""The word of row 0, which fills documents up to a common length."""
UNK = "<unk>"
"""The word of row 1, which stands for every word outside the vocabulary."""

_PAD_ROW, _UNK_ROW = 0, 1
_FORMAT, _VERSION = "adapt vocabulary", 1

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words in the order of their rows, ``<pad>`` first and ``<unk>`` second.

    Parameters
    ----------
    words : tuple of str
        All words, each once; the first is ``<pad>``, the second ``<unk>``.
    counts : array_like of int, shape (n_words,)
        How often each occurs, 0 for the first two. Kept as a read-only int64 array.

    Raises
    ------
    InputError
        If words repeat, the first two are others, or the counts do not fit the words.

    Examples
    --------
    >>> vocabulary = Vocabulary.from_counts({"thumb": 7, "broad": 9, "rare": 1}, min_count=2)
    >>> vocabulary.words
    ('<pad>', '<unk>', 'broad', 'thumb')
    >>> vocabulary.encode(["broad", "rare", "thumb"])
    array([2, 1, 3])
    """

    words: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    _rows: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words = tuple(self.words)
        if words[:2] != (PAD, UNK):
            raise InputError(f"a vocabulary begins with {PAD} and {UNK}, not with {words[:2]}")
        rows = {word: row for row, word in enumerate(words)}
        if len(rows) != len(words):
            repeated = next(word for row, word in enumerate(words) if rows[word] != row)
            raise InputError(f'the word "{repeated}" occurs twice; a vocabulary has each once')
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "counts", _checked_counts(self.counts, len(words)))
        object.__setattr__(self, "_rows", rows)

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], *, min_count: int = 1, max_size: int | None = None
    ) -> Vocabulary:
        """Make a vocabulary of the most frequent words, ties in alphabetical order.

        Parameters
        ----------
        counts : mapping from str to int
            How often each word occurs. ``<pad>`` and ``<unk>`` among them are ignored.
        min_count : int, default 1
            Leave rarer words out.
        max_size : int, optional
            Keep at most that many words, ``<pad>`` and ``<unk>`` not counted.

        Returns
        -------
        Vocabulary
            The vocabulary.

        Raises
        ------
        InputError
            If no word is left, or an option is below 1.
        """
        if min_count < 1:
            raise InputError(f"min_count is {min_count}; it must be at least 1")
        if max_size is not None and max_size < 1:
            raise InputError(f"max_size is {max_size}; it must be at least 1")
        kept = [
            (word, count)
            for word, count in counts.items()
            if count >= min_count and word not in (PAD, UNK)
        ]
        if not kept:
            raise InputError(
                f"none of the {len(counts)} words occurs at least {min_count} times; "
                "lower the minimum count or give more text"
            )
        kept.sort(key=lambda item: (-item[1], item[0]))
        kept = kept[:max_size]
        return cls(
            words=(PAD, UNK, *(word for word, _ in kept)),
            counts=np.array([0, 0, *(count for _, count in kept)], dtype=np.int64),
        )

    @classmethod
    def from_corpus(
        cls, corpus: Corpus, *, min_count: int = 1, max_size: int | None = None
    ) -> Vocabulary:
        """Make a vocabulary of the words of a corpus; see `from_counts`."""
        return cls.from_counts(corpus.word_counts(), min_count=min_count, max_size=max_size)

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._rows

    def __getitem__(self, word: str) -> int:
        return self._rows.get(word, _UNK_ROW)

    def index(self, word: str) -> int:
        """Return the row of `word`.

        Raises
        ------
        UnknownWordError
            If the vocabulary lacks it; ``vocabulary[word]`` returns the row of ``<unk>`` then.
        """
        try:
            return self._rows[word]
        except KeyError:
            raise UnknownWordError(f'the vocabulary does not hold the word "{word}"') from None

    def encode(self, tokens: Sequence[str], *, max_length: int | None = None) -> Rows:
        """Return the rows of the words of a document.

        Parameters
        ----------
        tokens : sequence of str
            The words of the document. A literal ``<pad>`` among them counts as unknown, so that
            row 0 never stands for text.
        max_length : int, optional
            Cut the document after that many words.

        Returns
        -------
        ndarray of int64, shape (n_tokens,)
            Their rows, 1 where the vocabulary lacks the word.

        Raises
        ------
        InputError
            If `max_length` is below 1.
        """
        if max_length is not None and max_length < 1:
            raise InputError(f"max_length is {max_length}; it must be at least 1")
        rows = np.array(
            [self._rows.get(token, _UNK_ROW) for token in tokens[:max_length]], dtype=np.int64
        )
        rows[rows == _PAD_ROW] = _UNK_ROW
        return rows

    @staticmethod
    def pad(documents: Sequence[Rows]) -> Rows:
        """Return encoded documents as one array, the shorter ones filled up with row 0.

        Parameters
        ----------
        documents : sequence of ndarray of int64, each of shape (length,)
            Documents as `encode` returns them.

        Returns
        -------
        ndarray of int64, shape (n_documents, longest)
            One document a row.
        """
        longest = max((len(document) for document in documents), default=0)
        padded = np.full((len(documents), longest), _PAD_ROW, dtype=np.int64)
        for row, document in zip(padded, documents, strict=True):
            row[: len(document)] = document
        return padded

    def save(self, path: Path | str) -> None:
        """Write the vocabulary as JSON.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        content = {
            "format": _FORMAT,
            "version": _VERSION,
            "words": self.words,
            "counts": self.counts.tolist(),
        }
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> Vocabulary:
        """Read a vocabulary that `save` wrote.

        Raises
        ------
        FileAccessError
            If the file is missing or cannot be read.
        FileFormatError
            If it does not hold a vocabulary.
        """
        try:
            content = json.loads(Path(path).read_bytes())
        except FileNotFoundError as error:
            raise FileAccessError(f"{path}: no such file; check the path") from error
        except OSError as error:
            raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, RecursionError) as error:  # neither UTF-8 nor JSON
            raise FileFormatError(path, "not JSON; save the vocabulary again") from error
        words, counts = _checked_content(Path(path), content)
        try:
            return cls(words, np.array(counts))
        except (InputError, OverflowError, ValueError) as error:
            raise FileFormatError(path, f"{error}; save the vocabulary again") from error


def _checked_counts(counts: npt.ArrayLike, n_words: int) -> npt.NDArray[np.int64]:
    """Return counts as a read-only copy that fits the words."""
    given = np.asarray(counts)
    if given.shape != (n_words,):
        raise InputError(f"there are {n_words} words, but counts have the shape {given.shape}")
    if not np.issubdtype(given.dtype, np.integer):
        raise InputError(f"counts must be whole numbers, not {given.dtype}")
    if given.min() < 0 or given[:2].any():
        raise InputError(f"counts must not be negative, and those of {PAD} and {UNK} must be 0")
    checked = given.astype(np.int64)
    checked.flags.writeable = False
    return checked


def _checked_content(path: Path, content: Any) -> tuple[tuple[str, ...], list[Any]]:
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise FileFormatError(path, "not a vocabulary; give a file that Vocabulary.save wrote")
    if content.get("version") != _VERSION:
        problem = f"version {content.get('version')} of the format, but {_VERSION} is understood"
        raise FileFormatError(path, f"{problem}; save the vocabulary again")
    words, counts = content.get("words"), content.get("counts")
    if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise FileFormatError(path, '"words" must be a list of text; save the vocabulary again')
    if not isinstance(counts, list):
        raise FileFormatError(path, '"counts" must be a list; save the vocabulary again')
    return tuple(words), counts
