"""word2vec's binary format: a header "words dimensions", then word, space, float32 values.

The original tool ends each vector with a line break, others do not: both are read, and the
original's way is written.

References
----------
T. Mikolov, K. Chen, G. Corrado, J. Dean. Efficient Estimation of Word Representations in Vector
Space. 2013. https://arxiv.org/abs/1301.3781
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.streams import is_packed, largest_content, open_stream
from adapt.vectors.word2vec_text import refuse_spaces
from adapt.vectors.word_vectors import WordVectors

__all__ = ["read_word2vec_binary", "write_word2vec_binary"]

_CHUNK_BYTES = 4 << 20
_LONGEST_WORD = 1 << 16
_VALUES_PER_BLOCK = 1 << 20
_BLOCKS_RESERVED = 64  # for packed files, whose sizes are known no better than by a wide bound


def read_word2vec_binary(path: Path, n_words: int, dim: int, rows: RowBuffer) -> None:
    """Read word2vec binary whose header declares `n_words` vectors of `dim` values.

    Parameters
    ----------
    path : Path
        The file, plain or packed.
    n_words, dim : int
        The sizes in the header.
    rows : RowBuffer
        What collects the rows; it says how many, and of which words. The vectors of other words
        are skipped, whatever they hold.

    Raises
    ------
    FileFormatError
        If the file is too short or too long for its header, a word is not UTF-8, or a value is
        not finite; the message names the byte.
    """
    least, most = n_words * (4 * dim + 2), largest_content(path)
    if least > most:
        raise FileFormatError(
            path,
            f"the header declares {n_words} words of {dim} values, which take at least {least} "
            f"bytes, but the file holds at most {most}; it is cut off or in another format",
            byte=0,
        )
    n_taken = min(n_words, rows.limit or n_words)
    block = max(1, _VALUES_PER_BLOCK // dim)
    with open_stream(path) as stream:
        source = _Rows(stream, path, dim)
        rows.begin(dim, min(n_taken, _BLOCKS_RESERVED * block) if is_packed(path) else n_taken)
        while (wanted := n_taken - rows.rows_read) > 0:
            n_rows = min(wanted, block)
            words, values, positions = source.take(n_rows, rows.words)
            rows.append(words, values, n_rows=n_rows, positions=positions)
        if rows.limit is None or rows.limit > n_words:
            source.expect_end(n_words)


class _Rows:
    """The rows of an open file, taken in blocks."""

    def __init__(self, stream: BinaryIO, path: Path, dim: int) -> None:
        self._stream, self._path, self._dim = stream, path, dim
        self._offset = len(stream.readline())  # of the data's first byte in the file
        self._data = b""
        self._position = 0
        self._row = 0

    def take(
        self, n_rows: int, wanted: Collection[str] | None
    ) -> tuple[list[str], npt.NDArray[np.float32], list[int]]:
        """Return words and vectors of the next rows, if they are wanted, and their positions."""
        words: list[str] = []
        vectors: list[bytes] = []
        positions: list[int] = []
        width = 4 * self._dim
        for position in range(n_rows):
            space = self._find_space(width)
            word = self._word(self._data[self._position : space])
            self._position = space + 1 + width
            if wanted is None or word in wanted:
                words.append(word)
                vectors.append(self._data[space + 1 : self._position])
                positions.append(position)
            self._row += 1
        values = np.frombuffer(b"".join(vectors), dtype="<f4").reshape(len(words), self._dim)
        finite = np.isfinite(values)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            raise FileFormatError(
                self._path,
                f"value {column + 1} of {self._dim} of {words[row]!r} (row "
                f"{self._row - n_rows + positions[row] + 1}) is {values[row, column]}, which is "
                "not finite; remove the word or train again",
            )
        return words, values.astype(np.float32, copy=False), positions

    def expect_end(self, n_words: int) -> None:
        rest = self._data[self._position :] + self._stream.read(_CHUNK_BYTES)
        if rest.strip(b"\r\n "):
            raise FileFormatError(
                self._path,
                f"the header declares {n_words} words, but the file goes on after them; "
                "correct the header",
                byte=self._offset + self._position,
            )

    def _find_space(self, width: int) -> int:
        """Return where the next word ends; its vector is in memory then, too."""
        while True:
            space = self._data.find(b" ", self._position)
            if 0 <= space <= len(self._data) - width - 1:
                return space
            if space < 0 and len(self._data) - self._position > _LONGEST_WORD:
                raise FileFormatError(
                    self._path, "no word where one should start; damaged", byte=self._byte
                )
            chunk = self._stream.read(max(_CHUNK_BYTES, width))
            if not chunk:
                raise FileFormatError(
                    self._path,
                    f"the file ends inside row {self._row + 1}; it is cut off, or its header "
                    "declares too many words",
                    byte=self._offset + len(self._data),
                )
            self._offset += self._position
            self._data = self._data[self._position :] + chunk
            self._position = 0

    @property
    def _byte(self) -> int:
        return self._offset + self._position

    def _word(self, encoded: bytes) -> str:
        try:
            word = encoded.lstrip(b"\n").decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileFormatError(
                self._path, f"the word of row {self._row + 1} is not UTF-8", byte=self._byte
            ) from error
        if not word:
            raise FileFormatError(
                self._path, f"the word of row {self._row + 1} is empty", byte=self._byte
            )
        return word


def write_word2vec_binary(vectors: WordVectors, path: Path) -> None:
    """Write `vectors` as word2vec binary; counts, origin and sources are not kept.

    Raises
    ------
    InputError
        If a word contains a space, a tab or a line break.
    """
    refuse_spaces(vectors)
    values = vectors.matrix.astype("<f4", copy=False)
    with open(path, "wb") as stream:
        stream.write(f"{len(vectors)} {vectors.dim}\n".encode("ascii"))
        for word, vector in zip(vectors.words, values, strict=True):
            stream.write(b"%b %b\n" % (word.encode("utf-8"), vector.tobytes()))
