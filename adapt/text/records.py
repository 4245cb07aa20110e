"""Reading text files line by line: plain text, JSON Lines, CSV and TSV, each plain or gzipped.

Every reader is a generator that holds one line (or one table row) at a time, and names the file
and the line of whatever it cannot read.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.progress import Advance, TrackedFile, unseen

__all__ = ["TextFormat", "field_values", "read_lines", "text_format", "text_value"]

TextFormat = Literal["plain", "json", "csv", "tsv"]
Record = tuple[int, tuple[Any, ...]]
"""Line number, counted from 1, and the values of the wanted fields."""

_FORMATS: dict[str, TextFormat] = {
    ".jsonl": "json",
    ".json-lines": "json",
    ".ndjson": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
_BUFFER_BYTES = 1 << 20
# of a line, or of a row of a table: a few bytes that unpack to no end must not fill the memory
_LONGEST = 64 << 20


def text_format(path: Path) -> TextFormat:
    """Tell from the name of a file how its texts are laid out; a final ``.gz`` is ignored."""
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return _FORMATS.get(inner.suffix.lower(), "plain")


def read_lines(path: Path, *, advance: Advance = unseen) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file, with their numbers and their line ends.

    Parameters
    ----------
    path : Path
        The file; gzip is told by content, whatever the name.
    advance : Advance, optional
        Called with the bytes read from disk since the last call.

    Yields
    ------
    int
        Number of the line, counted from 1.
    str
        The line. A byte order mark before the first one is dropped.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it is not UTF-8 text, has a line of more than 64 MiB, or is a damaged gzip file.
    """
    number = 0
    try:
        with _opened(path, advance) as stream:
            for number, raw in enumerate(iter(partial(stream.readline, _LONGEST + 1), b""), 1):
                yield number, _decoded(raw, path, number)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        problem = f"damaged gzip data ({error}); fetch or compress the file again"
        raise FileFormatError(path, problem, line=number + 1) from error
    except FileNotFoundError as error:
        raise FileAccessError(f"{path}: no such file; check the path") from error
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror or error})") from error


@contextmanager
def _opened(path: Path, advance: Advance) -> Iterator[io.BufferedIOBase]:
    """Open a file as lines of bytes, through gzip when it begins like a gzip file."""
    with io.BufferedReader(TrackedFile(io.FileIO(path), advance), _BUFFER_BYTES) as file:
        if file.peek(2)[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
                yield unpacked
        else:
            yield file


def _decoded(raw: bytes, path: Path, number: int) -> str:
    if len(raw) > _LONGEST:
        problem = f"is longer than {_LONGEST:,} bytes; write a document a line"
        raise FileFormatError(path, problem, line=number)
    if b"\0" in raw:
        raise FileFormatError(path, "holds a zero byte, so it is not a text file", line=number)
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        problem = (
            f"not UTF-8 (byte 0x{raw[error.start]:02x} at position {error.start} of the line); "
            "convert the file to UTF-8"
        )
        raise FileFormatError(path, problem, line=number) from error


def field_values(
    path: Path, fields: Sequence[str], *, advance: Advance = unseen
) -> Iterator[Record]:
    """Yield the values of some fields of every record of a JSON Lines, CSV or TSV file.

    Parameters
    ----------
    path : Path
        The file; its name tells the format. Tables have a header.
    fields : sequence of str
        Names of the fields, or of the columns.
    advance : Advance, optional
        Called with the bytes read from disk since the last call.

    Yields
    ------
    int
        Line on which the record begins, counted from 1.
    tuple
        The values, in the order of `fields`: text from tables, any JSON value from JSON Lines.

    Raises
    ------
    InputError
        If the name of the file tells no such format.
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it breaks its format, or lacks one of the fields.
    """
    layout = text_format(path)
    if layout == "plain":
        raise InputError(f"{path}: has no named fields; give a .jsonl, .csv or .tsv file")
    if layout == "json":
        yield from _json_values(path, fields, advance)
    else:
        yield from _table_values(path, fields, _DELIMITERS[layout], advance)


def _json_values(path: Path, fields: Sequence[str], advance: Advance) -> Iterator[Record]:
    for number, line in read_lines(path, advance=advance):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = str(error).split(":")[0]
            problem = f"not JSON ({reason}); write one whole JSON object a line"
            raise FileFormatError(path, problem, line=number) from error
        if not isinstance(record, dict):
            problem = "not a JSON object; write one whole JSON object a line"
            raise FileFormatError(path, problem, line=number)
        for field in fields:
            if field not in record:
                raise FileFormatError(path, _lacks("field", field, list(record)), line=number)
        yield number, tuple(record[field] for field in fields)


def _table_values(
    path: Path, fields: Sequence[str], delimiter: str, advance: Advance
) -> Iterator[Record]:
    # the csv module refuses fields over 128 KiB by default; long clinical notes exceed that
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST))
    rows = _table_rows(path, delimiter, advance)
    _, header = next(rows, (1, None))
    if header is None:
        return
    columns = [_column(path, field, header) for field in fields]
    for number, row in rows:
        if len(row) != len(header):
            problem = (
                f"has {len(row)} values, but the header names {len(header)} columns; "
                "quote values that hold the delimiter, a quote or a line end"
            )
            raise FileFormatError(path, problem, line=number)
        yield number, tuple(row[column] for column in columns)


def _table_rows(path: Path, delimiter: str, advance: Advance) -> Iterator[tuple[int, list[str]]]:
    """Yield every row that is not empty, with the line on which it begins."""
    size = 0  # of the row so far: quoted values go on over line ends

    def lines() -> Iterator[str]:
        nonlocal size
        for number, line in read_lines(path, advance=advance):
            size += len(line)
            if size > _LONGEST:
                problem = (
                    f"a row of more than {_LONGEST:,} characters; close the quote of its value"
                )
                raise FileFormatError(path, problem, line=number)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        size, number = 0, reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"broken quoting ({error}); double the quotes inside a quoted value"
            raise FileFormatError(path, problem, line=number) from error
        if row:
            yield number, row


def _column(path: Path, field: str, header: list[str]) -> int:
    count = header.count(field)
    if count == 0:
        raise FileFormatError(path, _lacks("column", field, header), line=1)
    if count > 1:
        raise FileFormatError(path, f'has {count} columns called "{field}"; rename them', line=1)
    return header.index(field)


def _lacks(what: str, field: str, present: Sequence[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in present[:12]) or "none"
    more = f" and {len(present) - 12} more" if len(present) > 12 else ""
    return f'has no {what} "{field}", but {shown}{more}; name the one to read'


def text_value(value: object, path: Path, number: int, field: str) -> str:
    """Return `value` if it is text that can be written out again, raise otherwise.

    Parameters
    ----------
    value : object
        A value as `field_values` yields it.
    path, number, field : Path, int, str
        Where it stands, for the message.

    Returns
    -------
    str
        The text.

    Raises
    ------
    FileFormatError
        If it is not text, or holds half of a character.
    """
    if not isinstance(value, str):
        problem = f'"{field}" is not text but {json.dumps(value)[:40]}; write it in quotes'
        raise FileFormatError(path, problem, line=number)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            problem = f'"{field}" holds half of a surrogate pair; repair the \\u escapes'
            raise FileFormatError(path, problem, line=number) from error
    return value
