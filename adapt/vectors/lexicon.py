"""Words and the rows they stand in: held in memory, or found in a mapped file when asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from zlib import crc32

import numpy as np
import numpy.typing as npt

from adapt.errors import InputError

__all__ = ["HeldWords", "Lexicon", "MappedWords", "decode_words", "hash_table"]

IntVector = npt.NDArray[np.int64]

# Looking words up in a mapped file costs about 1 µs a word and 16 µs a call; decoding all words
# into a dictionary costs about 1/4 µs for each of them and makes further look-ups almost free.
_CALL_COST = 16
_DECODING_COST = 0.25


class Lexicon(Protocol):
    """Distinct words, each with its row."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words in the order of their rows."""

    def __len__(self) -> int: ...

    def row(self, word: object) -> int | None:
        """Return the row of `word`; None if it is absent."""

    def rows(self, words: Iterable[str]) -> IntVector:
        """Return the rows of `words`, shape (n,); -1 where a word is absent."""

    def head(self, n: int) -> Lexicon:
        """Return the first `n` words."""


class HeldWords:
    """Words in memory.

    Parameters
    ----------
    index : dict of str to int
        The row of every word, in the order of rows from 0; not changed afterwards.
    words : tuple of str, optional
        The same words, if a tuple of them is there already.
    """

    def __init__(self, index: dict[str, int], words: tuple[str, ...] | None = None) -> None:
        self._index = index
        self._words = tuple(index) if words is None else words

    @classmethod
    def checked(cls, words: Iterable[str]) -> HeldWords:
        """Return `words` after making sure that they are distinct, not empty and proper Unicode.

        Raises
        ------
        InputError
            If they are not; the message names the first such word and its row.
        """
        if isinstance(words, str):
            raise InputError("words is one string; pass a sequence of words")
        words = tuple(words)
        return cls(_index_of(words), words)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in the order of their rows."""
        return self._words

    def __len__(self) -> int:
        return len(self._words)

    def row(self, word: object) -> int | None:
        """Return the row of `word`; None if it is absent."""
        return self._index.get(word)  # type: ignore[call-overload, no-any-return]

    def rows(self, words: Iterable[str]) -> IntVector:
        """Return the rows of `words`, shape (n,); -1 where a word is absent."""
        get = self._index.get
        return np.fromiter((get(word, -1) for word in words), dtype=np.int64)

    def head(self, n: int) -> HeldWords:
        """Return the first `n` words."""
        words = self._words[:n]
        return HeldWords(dict(zip(words, range(n), strict=False)), words)


class MappedWords:
    """Words in a mapped file, found through a table of their hashes.

    Nothing is decoded for a few look-ups. When all words are asked for, or when look-ups have
    taken as long as decoding would have, the words are decoded and held from then on.

    Parameters
    ----------
    word_bytes : ndarray, shape (n_bytes,), uint8
        The words, distinct, in UTF-8, one after the other.
    ends : ndarray, shape (n_words,), int64
        Where each word ends.
    hashes : ndarray, shape (n_table,), uint32
        CRC-32 of the words, ascending. The table may hold more words than there are here: rows
        from `n_words` on are taken for absent.
    rows : ndarray, shape (n_table,), uint32
        The rows of the hashes' words.
    """

    def __init__(
        self,
        word_bytes: npt.NDArray[np.uint8],
        ends: IntVector,
        hashes: npt.NDArray[np.uint32],
        rows: npt.NDArray[np.uint32],
    ) -> None:
        self._bytes, self._ends, self._hashes, self._rows = word_bytes, ends, hashes, rows
        self._held: HeldWords | None = None
        self._spent = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The words in the order of their rows."""
        return self._decoded().words

    def __len__(self) -> int:
        return len(self._ends)

    def row(self, word: object) -> int | None:
        """Return the row of `word`; None if it is absent."""
        if self._held is not None:
            return self._held.row(word)
        row = int(self.rows([word])[0]) if isinstance(word, str) else -1
        return None if row < 0 else row

    def rows(self, words: Iterable[str]) -> IntVector:
        """Return the rows of `words`, shape (n,); -1 where a word is absent."""
        words = list(words)
        self._spent += _CALL_COST + len(words)
        if self._held is not None or self._spent > _DECODING_COST * len(self):
            return self._decoded().rows(words)
        return self._looked_up([word.encode("utf-8", "surrogatepass") for word in words])

    def head(self, n: int) -> MappedWords:
        """Return the first `n` words."""
        return MappedWords(self._bytes, self._ends[:n], self._hashes, self._rows)

    def _decoded(self) -> HeldWords:
        # two threads may both decode, to the same words; the later one's are kept
        if self._held is None:
            words = decode_words(self._bytes, self._ends)
            self._held = HeldWords(dict(zip(words, range(len(words)), strict=True)), words)
        return self._held

    def _looked_up(self, encoded: list[bytes]) -> IntVector:
        found = np.full(len(encoded), -1, dtype=np.int64)
        keys = np.fromiter(map(crc32, encoded), dtype=np.uint32, count=len(encoded))
        places = np.searchsorted(self._hashes, keys)
        pending = np.arange(len(encoded))
        content = memoryview(self._bytes)  # type: ignore[arg-type]
        # different words may share a hash: those not found yet go on to the next place
        while pending.size:
            pending = pending[places[pending] < len(self._hashes)]
            pending = pending[self._hashes[places[pending]] == keys[pending]]
            rows = self._rows[places[pending]].astype(np.int64)
            known = rows < len(self)
            starts, ends = self._bounds(np.where(known, rows, 0))
            same = known & np.fromiter(
                (
                    content[start:end] == encoded[word]
                    for word, start, end in zip(
                        pending, starts.tolist(), ends.tolist(), strict=True
                    )
                ),
                dtype=bool,
                count=len(rows),
            )
            found[pending[same]] = rows[same]
            pending = pending[~same]
            places[pending] += 1
        return found

    def _bounds(self, rows: IntVector) -> tuple[IntVector, IntVector]:
        if not len(self):
            return rows, rows
        return np.where(rows > 0, self._ends[rows - 1], 0), self._ends[rows]


def hash_table(encoded: Iterable[bytes]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the hashes of words, ascending, and their rows: what `MappedWords` looks up in."""
    hashes = np.fromiter(map(crc32, encoded), dtype="<u4")
    order = np.argsort(hashes, kind="stable").astype("<u4")
    return hashes[order], order


def decode_words(word_bytes: npt.NDArray[np.uint8], ends: IntVector) -> tuple[str, ...]:
    """Return the words that end at `ends` in `word_bytes`.

    Raises
    ------
    UnicodeDecodeError
        If a word is not UTF-8.
    """
    content = word_bytes[: ends[-1]].tobytes() if len(ends) else b""
    text = content.decode("utf-8")
    if len(text) != len(content):
        # a byte that does not continue a character starts one; count them up to each end
        begins = (np.frombuffer(content, dtype=np.uint8) & 0xC0) != 0x80
        characters = np.concatenate(([0], np.cumsum(begins)))
        inside = np.flatnonzero(~np.append(begins, True)[ends])
        if inside.size:
            at = int(ends[inside[0]])
            raise UnicodeDecodeError("utf-8", content, at, at + 1, "a word ends in a character")
        ends = characters[ends]
    cuts = ends.tolist()
    return tuple([text[start:end] for start, end in zip([0, *cuts], cuts, strict=False)])


def _index_of(words: tuple[str, ...]) -> dict[str, int]:
    if set(map(type, words)) - {str}:
        row = next(row for row, word in enumerate(words) if type(word) is not str)
        raise InputError(f"word {row} is {words[row]!r}, a {type(words[row]).__name__}, not a str")
    index = dict(zip(words, range(len(words)), strict=True))
    if len(index) != len(words):
        # a repeated word has the row of its last occurrence in the index
        first = next(row for row, word in enumerate(words) if index[word] != row)
        raise InputError(
            f"words holds {len(words)} words, but only {len(index)} distinct ones: "
            f"{words[first]!r} stands in rows {first} and {index[words[first]]}"
        )
    if "" in index:
        raise InputError(f"word {index['']} is empty")
    try:
        "".join(words).encode("utf-8")
    except UnicodeEncodeError as error:
        broken = error.object[error.start]
        row = next(row for row, word in enumerate(words) if broken in word)
        raise InputError(
            f"word {row}, {words[row]!r}, holds half of a character and cannot be written as UTF-8"
        ) from error
    return index
