"""Rows of text vector files: a word and its values a line, as GloVe and word2vec write them.

The lines go through polars' CSV reader block by block. Only lines that it cannot take (words
that contain spaces, above all) are parsed one by one, and so is a block that holds a mistake, to
find the line of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from adapt.errors import FileFormatError
from adapt.vectors.line_filter import LineFilter
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.word_vectors import WordVectors

__all__ = ["TextLayout", "is_number", "read_rows", "trailing_numbers", "write_rows"]

_BLOCK_BYTES = 8 << 20
_BLOCKS_AHEAD = 2  # parsed while another is collected
_LONGEST_LINE = 64 << 20
_WRITTEN_VALUES = 1 << 22
# polars drops a byte-order mark and unpacks what starts like zlib data, as the word "x^2" does
_MISREAD_STARTS = (b"\xef\xbb\xbf", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")

Rows = tuple[list[str], npt.NDArray[np.float32]]
_Parsed = tuple[list[str], npt.NDArray[np.float32], Sequence[int]]
"""Words, values, and the positions of their lines in the block."""


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


@dataclass(frozen=True)
class _Block:
    """Whole lines of a file: their bytes without the last line's end, and which they are."""

    content: bytes
    n_lines: int
    first_line: int


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
    stream: BinaryIO, path: Path, layout: TextLayout, rows: RowBuffer, *, content_bytes: int
) -> None:
    """Read the rows of `stream`, which stands behind the header if there is one.

    Blocks of lines are parsed in threads of their own while their predecessors are collected, so
    that besides what `rows` collects only a few blocks are in memory. If `rows` wants only some
    words, only lines that start with such a word, or with its part before a space, are parsed: a
    mistake in another line is not noticed, except in the first.

    Parameters
    ----------
    stream : binary file
        Where to read.
    path : Path
        Its file, for messages.
    layout : TextLayout
        How to read the lines.
    rows : RowBuffer
        What collects the rows; it says how many, and of which words.
    content_bytes : int
        Size of the file; with the length of the first lines it tells how much memory to reserve.

    Raises
    ------
    FileFormatError
        If a line is not UTF-8, has another number of values, or a value that is not a finite
        number; or if there is no row.
    """
    wanted = None if rows.words is None else LineFilter(rows.words)

    def parse(block: _Block) -> _Parsed:
        return _parse_block(block, layout, path, wanted)

    line = 1 + layout.header_lines
    blocks = _numbered(_blocks(stream, path, line), line, rows.limit)
    first = next(blocks, None)
    if first is None:
        raise FileFormatError(path, "holds no words", line=line)
    # before anything is sized after the layout: a header can declare any number of dimensions
    _parse_line(_normalised(first.content.split(b"\n", 1)[0], layout), layout.dim, path, line)
    expected = content_bytes * first.n_lines // len(first.content) + first.n_lines // 8 + 1
    # content_bytes is no more than a bound for packed files: the matrix can grow
    rows.begin(layout.dim, min(expected, 64 * first.n_lines))
    with closing(_in_threads(parse, chain([first], blocks))) as outcomes:
        for block, outcome in outcomes:
            words, values, positions = outcome()
            if rows.words is not None:
                kept = [at for at, word in enumerate(words) if word in rows.words]
                words, values = [words[at] for at in kept], values[kept]
                positions = [positions[at] for at in kept]
            rows.append(words, values, n_rows=block.n_lines, positions=positions)


def _blocks(stream: BinaryIO, path: Path, line: int) -> Iterator[bytes]:
    """Yield whole lines, without the last line's end and without empty lines at the end."""
    rest = b""
    while chunk := stream.read(_BLOCK_BYTES):
        cut = chunk.rfind(b"\n")
        if cut < 0:
            rest += chunk
        else:
            lines = b"".join((rest, memoryview(chunk)[:cut]))
            content = lines.rstrip(b" \t\r\n")  # no copy if there is nothing to strip
            # empty lines stay in the rest: they are a mistake if anything follows
            ends = lines[len(content) :] + b"\n"
            rest = (ends.partition(b"\n")[2] if content else ends) + chunk[cut + 1 :]
            if content:
                yield content
        if len(rest) > _LONGEST_LINE:
            problem = f"no line end within {len(rest)} bytes; the file is damaged, or is not text"
            raise FileFormatError(path, problem, line=line)
    if rest := rest.rstrip(b" \t\r\n"):
        yield rest


def _numbered(contents: Iterator[bytes], line: int, limit: int | None) -> Iterator[_Block]:
    """Yield blocks with the numbers of their lines, no more than `limit` lines together."""
    left = limit
    for content in contents:
        n_lines = 1 + int(np.count_nonzero(_newlines(content)))
        if left is not None and n_lines >= left:
            yield _Block(_first_lines(content, left), left, line)
            return
        yield _Block(content, n_lines, line)
        line += n_lines
        left = None if left is None else left - n_lines


def _first_lines(content: bytes, n_lines: int) -> bytes:
    ends = np.flatnonzero(_newlines(content))
    return content[: ends[n_lines - 1]] if n_lines <= len(ends) else content


def _newlines(content: bytes) -> npt.NDArray[np.bool_]:
    newlines: npt.NDArray[np.bool_] = np.frombuffer(content, dtype=np.uint8) == ord("\n")
    return newlines  # much faster than bytes.count


def _in_threads(
    parse: Callable[[_Block], _Parsed], blocks: Iterable[_Block]
) -> Generator[tuple[_Block, Callable[[], _Parsed]], None, None]:
    """Yield each block with a function that returns what became of it, later ones under way."""
    with ThreadPoolExecutor(_BLOCKS_AHEAD) as pool:
        pending: deque[tuple[_Block, Future[_Parsed]]] = deque()
        for block in blocks:
            pending.append((block, pool.submit(parse, block)))
            if len(pending) > _BLOCKS_AHEAD:
                oldest, future = pending.popleft()
                yield oldest, future.result
        for oldest, future in pending:
            yield oldest, future.result


def _normalised(block: bytes, layout: TextLayout) -> bytes:
    if layout.tabs:
        block = block.replace(b"\t", b" ")
    first = block[: block.find(b"\n")]
    if first.rstrip(b"\r").endswith(b" "):  # the original word2vec ends every line with a space
        block = block.replace(b"\r\n", b"\n").replace(b" \n", b"\n")
    return block


def _parse_block(
    block: _Block, layout: TextLayout, path: Path, wanted: LineFilter | None
) -> _Parsed:
    """Parse all lines of a block, or those whose words may be among the wanted ones."""
    content = _normalised(block.content, layout)
    positions: Sequence[int] = range(block.n_lines)
    if wanted is not None:
        positions, lines = wanted.find(content)
        content = b"\n".join(lines)
    if not positions:
        return [], np.empty((0, layout.dim), dtype=np.float32), positions
    parsed = _parse_columns(content, layout.dim, len(positions))
    if parsed is None:
        numbers = [block.first_line + at for at in positions]
        parsed = _parse_mixed(content, layout.dim, path, numbers)
    return *parsed, positions


def _parse_columns(block: bytes, dim: int, n_lines: int) -> Rows | None:
    """Parse lines of exactly one word and `dim` finite values; None if any line is not that."""
    import polars as pl

    if block.startswith(_MISREAD_STARTS):
        return None
    # it drops a carriage return at the end of any field; to look for that alone is the fast half
    if b"\r" in block and b"\r " in block:
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


def _parse_mixed(block: bytes, dim: int, path: Path, numbers: Sequence[int]) -> Rows:
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
        words[row], values[row] = _parse_line(lines[row], dim, path, numbers[row])
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
