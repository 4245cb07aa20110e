"""Rows of text vector files: a word and its values a line, as GloVe and word2vec write them.

The lines go through polars' CSV reader block by block. Only lines that it cannot take (words
that contain spaces, above all) are parsed one by one, and so is a block that holds a mistake, to
find the line of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.word_vectors import WordVectors

__all__ = ["TextLayout", "is_number", "read_rows", "trailing_numbers", "write_rows"]

_BLOCK_BYTES = 8 << 20
_LONGEST_LINE = 64 << 20
_WRITTEN_VALUES = 1 << 20
# polars drops a byte-order mark and unpacks what starts like zlib data, as the word "x^2" does
_MISREAD_STARTS = (b"\xef\xbb\xbf", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")

Rows = tuple[list[str], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class TextLayout:
    """How the lines of a file are to be read.

    Parameters
    ----------
    dim : int
        Values a line.
    tabs : bool
        Whether tabs separate, as spaces do.
    header_lines : int
        Lines before the first row: 0 or 1.
    """

    dim: int
    tabs: bool = False
    header_lines: int = 0


def is_number(token: bytes) -> bool:
    """Return whether `token` reads as a number, NaN and infinity included."""
    try:
        float(token)
    except ValueError:
        return False
    return b"_" not in token  # float takes 1_000, other readers do not


def trailing_numbers(line: bytes) -> int:
    """Return how many numbers end `line`, at most all its fields but the first, the word."""
    fields = _fields(line)
    count = 0
    while count < len(fields) - 1 and is_number(fields[-1 - count]):
        count += 1
    return count


def _fields(line: bytes) -> list[bytes]:
    return [field for field in line.rstrip(b"\r").split(b" ") if field]


def read_rows(
    stream: BinaryIO, path: Path, layout: TextLayout, *, content_bytes: int, limit: int | None
) -> tuple[WordVectors, int]:
    """Read the rows of `stream`, which stands behind the header if there is one.

    Parameters
    ----------
    stream : binary file
        Where to read.
    path : Path
        Its file, for messages.
    layout : TextLayout
        How to read the lines.
    content_bytes : int
        Size of the file; with the length of the first lines it tells how much memory to reserve.
    limit : int, optional
        Read only so many rows.

    Returns
    -------
    vectors : WordVectors
        The words, each once, and their vectors.
    rows_read : int
        Number of rows read, those of repeated words included.

    Raises
    ------
    FileFormatError
        If a line is not UTF-8, has another number of values, or a value that is not a finite
        number; or if there is no row.
    """
    buffer: RowBuffer | None = None
    line = 1 + layout.header_lines
    for block in _blocks(stream, path, line):
        n_lines = block.count(b"\n") + 1
        if buffer is None:
            _parse_line(_normalised(block.split(b"\n", 1)[0], layout), layout.dim, path, line)
            expected = content_bytes * n_lines // len(block) + n_lines // 8 + 1
            # content_bytes is no more than a bound for compressed files: the buffer can grow
            capacity = min(expected, 64 * n_lines, limit or expected)
            buffer = RowBuffer(path, dim=layout.dim, capacity=capacity)
        if limit is not None and buffer.rows_read + n_lines > limit:
            n_lines = limit - buffer.rows_read
            block = _first_lines(block, n_lines)
        words, values = _parse_block(_normalised(block, layout), n_lines, layout.dim, path, line)
        buffer.append(words, values)
        line += n_lines
        if buffer.rows_read == limit:
            break
    if buffer is None:
        raise FileFormatError(path, "holds no words", line=line)
    return buffer.finish(), buffer.rows_read


def _blocks(stream: BinaryIO, path: Path, line: int) -> Iterator[bytes]:
    """Yield whole lines, without the last line's end and without empty lines at the end."""
    rest = b""
    while chunk := stream.read(_BLOCK_BYTES):
        rest += chunk
        cut = rest.rfind(b"\n") + 1
        block = rest[:cut].rstrip(b" \t\r\n")
        if block:
            yield block
            # empty lines stay in the rest: they are a mistake if anything follows
            rest = rest[rest.index(b"\n", len(block)) + 1 :]
        elif len(rest) > _LONGEST_LINE:
            raise FileFormatError(path, f"no line end within {len(rest)} bytes", line=line)
    if rest := rest.rstrip(b" \t\r\n"):
        yield rest


def _first_lines(block: bytes, n_lines: int) -> bytes:
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n"))
    return block[: ends[n_lines - 1]]


def _normalised(block: bytes, layout: TextLayout) -> bytes:
    if layout.tabs:
        block = block.replace(b"\t", b" ")
    first = block[: block.find(b"\n")]
    if first.rstrip(b"\r").endswith(b" "):  # the original word2vec ends every line with a space
        block = block.replace(b"\r\n", b"\n").replace(b" \n", b"\n")
    return block


def _parse_block(block: bytes, n_lines: int, dim: int, path: Path, first_line: int) -> Rows:
    return _parse_columns(block, dim, n_lines) or _parse_mixed(block, dim, path, first_line)


def _parse_columns(block: bytes, dim: int, n_lines: int) -> Rows | None:
    """Parse lines of exactly one word and `dim` finite values; None if any line is not that."""
    import polars as pl

    if block.startswith(_MISREAD_STARTS):
        return None
    schema: dict[str, type[pl.DataType]] = {"word": pl.String}
    schema |= dict.fromkeys(map(str, range(dim)), pl.Float32)
    try:
        frame = pl.read_csv(
            block, has_header=False, separator=" ", quote_char=None, schema=schema, glob=False
        )
    except (pl.exceptions.PolarsError, OSError):
        return None
    if frame.height != n_lines or any(frame.null_count().row(0)):
        return None
    values = frame.drop("word").to_numpy(order="c")
    return (frame["word"].to_list(), values) if np.isfinite(values).all() else None


def _parse_mixed(block: bytes, dim: int, path: Path, first_line: int) -> Rows:
    """Parse lines of which some need care, the regular ones fast if they have no mistake."""
    lines = block.split(b"\n")
    regular = [row for row, line in enumerate(lines) if line.count(b" ") == dim]
    words = [""] * len(lines)
    values = np.empty((len(lines), dim), dtype=np.float32)
    odd = list(range(len(lines)))
    parsed = None
    if 0 < len(regular) < len(lines):
        joined = b"\n".join([lines[row] for row in regular])
        parsed = _parse_columns(joined, dim, len(regular))
    if parsed is not None:
        for row, word in zip(regular, parsed[0], strict=True):
            words[row] = word
        values[regular] = parsed[1]
        odd = [row for row in odd if not words[row]]
    for row in odd:
        words[row], values[row] = _parse_line(lines[row], dim, path, first_line + row)
    return words, values


def _parse_line(
    line: bytes, dim: int, path: Path, number: int
) -> tuple[str, npt.NDArray[np.float32]]:
    if not line.strip(b" \r"):
        raise FileFormatError(path, "is empty; remove the line", line=number)
    fields = _fields(line)
    *parts, last = fields[: len(fields) - dim] or [b""]
    # a word may contain spaces; but if its last part is a number, there is a value too many
    if len(fields) <= dim or (parts and is_number(last)):
        n_values = len(fields) - 1 if len(fields) <= dim else trailing_numbers(line)
        raise FileFormatError(
            path,
            f"has {n_values} values instead of {dim}; the file is damaged, or its vectors differ "
            "in length",
            line=number,
        )
    try:
        word = b" ".join([*parts, last]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileFormatError(
            path, f"is not UTF-8 (byte {error.start} of the line); convert the file", line=number
        ) from error
    return word, _parse_values(fields[len(fields) - dim :], word, path, number)


def _parse_values(
    fields: list[bytes], word: str, path: Path, number: int
) -> npt.NDArray[np.float32]:
    for position, field in enumerate(fields, start=1):
        if not is_number(field):
            text = field.decode("utf-8", "replace")
            raise FileFormatError(
                path,
                f"value {position} of {len(fields)} of {word!r} is {text!r}, not a number",
                line=number,
            )
    with np.errstate(over="ignore"):  # too large for float32 is infinite, and refused as that
        values = np.array([float(field) for field in fields]).astype(np.float32)
    finite = np.isfinite(values)
    if not finite.all():
        position = int(np.argmin(finite))
        text = fields[position].decode("ascii", "replace")
        raise FileFormatError(
            path,
            f"value {position + 1} of {len(fields)} of {word!r} is {text}, which is not finite; "
            "remove the word or train again",
            line=number,
        )
    return values


def write_rows(vectors: WordVectors, stream: BinaryIO) -> None:
    """Write a line for each word: the word and its values, in as few digits as give them back."""
    import polars as pl

    step = max(1, _WRITTEN_VALUES // vectors.dim)
    for start in range(0, len(vectors), step):
        rows = slice(start, start + step)
        frame = pl.DataFrame(vectors.matrix[rows], orient="row")
        frame.insert_column(0, pl.Series("word", vectors.words[rows], dtype=pl.String))
        frame.write_csv(stream, include_header=False, separator=" ", quote_style="never")
