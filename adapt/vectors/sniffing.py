"""Telling the formats of vector files apart by their content."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from adapt.errors import FileFormatError
from adapt.vectors.fasttext_binary import MAGIC
from adapt.vectors.streams import open_stream
from adapt.vectors.text_rows import TextLayout, trailing_numbers

__all__ = ["Sniffed", "sniff"]

_HEAD_BYTES = 1 << 20
_ROWS_LOOKED_AT = 100
_LONGEST_WORD = 1000
_HEADER = re.compile(rb"(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?(?:\n|\Z)")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")

# What starts so is recognised in order to say what to do with it.
_REFUSED = (
    (
        rb"\x80[\x02-\x05]",
        "is a Python pickle, and reading one can run any code in it; if you trust it, load it "
        "with gensim (KeyedVectors.load) and write_vectors(WordVectors.from_gensim(…), …)",
    ),
    (rb"PK\x03\x04|\x1f\x8b|\x28\xb5\x2f\xfd", "is packed more than once; unpack it once"),
    (rb"BZh[1-9]1AY&SY|\xfd7zXZ\x00", "is compressed; unpack it, or compress it with gzip or zstd"),
    (
        rb"(?s:.{257})ustar",
        "is a tar archive, which is not read here; unpack it, and read the file in it",
    ),
    (rb"\x93NUMPY", "is a NumPy array, without words; use WordVectors(words, numpy.load(…))"),
    (rb"\xef\xbb\xbf|\xff\xfe|\xfe\xff", "starts with a byte-order mark; save as plain UTF-8"),
)


@dataclass(frozen=True)
class Sniffed:
    """What a file turned out to be.

    Parameters
    ----------
    format : str
        "native", "fasttext", "word2vec-binary", "word2vec" or "glove".
    layout : TextLayout, optional
        For the text formats, how to read the lines.
    declared : tuple of (int, int), optional
        For word2vec formats, the number of words and dimensions in the header.
    """

    format: str
    layout: TextLayout | None = None
    declared: tuple[int, int] | None = None


def sniff(path: Path) -> Sniffed:
    """Find out the format of the vector file `path` from its first MiB.

    Two whole numbers alone on the first line are taken as a word2vec header if the second line
    has the values that the header demands (or is binary). The other reading, one-dimensional
    vectors without a header, is taken if all the first lines have exactly one value.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FileFormatError
        If it is empty or in no format that is read here.
    """
    with open_stream(path) as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise FileFormatError(path, "is empty; name a file of vectors")
    for pattern, advice in _REFUSED:
        if re.match(pattern, head):
            raise FileFormatError(path, advice, byte=0)
    # a safetensors file starts with the length of its JSON header, 8 bytes of which the last are 0
    if head[6:9] == b"\0\0{":
        return Sniffed("native")
    if head.startswith(MAGIC):
        return Sniffed("fasttext")
    whole = len(head) < _HEAD_BYTES
    header = _HEADER.match(head)
    if header is None:
        return _sniff_glove(path, head, whole=whole)
    return _sniff_word2vec(path, head, header, whole=whole)


def _sniff_word2vec(path: Path, head: bytes, header: re.Match[bytes], *, whole: bool) -> Sniffed:
    n_words, dim = int(header[1]), int(header[2])
    body = head[header.end() :]
    if not body.strip() or not n_words or not dim:
        raise FileFormatError(
            path,
            f"the header declares {n_words} words of {dim} values"
            + (
                ", but nothing follows; it is cut off"
                if not body.strip()
                else "; there is nothing to read"
            ),
            line=1,
        )
    first, tabs = _normalised_lines(body, whole=whole, at_most=1)
    text = Sniffed("word2vec", TextLayout(dim, tabs, header_lines=1), (n_words, dim))
    binary = Sniffed("word2vec-binary", declared=(n_words, dim))
    if first and trailing_numbers(first[0]) >= dim:
        return text
    if _walks_as_binary(body, n_words, dim, whole=whole):
        return binary
    if _CONTROL.search(body[:_LONGEST_WORD]) or not _is_utf8(body[:_LONGEST_WORD]):
        # damaged either way; the line's end tells which reader can say what is wrong
        return text if first and trailing_numbers(first[0]) else binary
    lines, tabs = _normalised_lines(head, whole=whole)
    if dim > 1 and all(line.count(b" ") == trailing_numbers(line) == 1 for line in lines):
        return Sniffed("glove", TextLayout(1, tabs))
    return text


def _sniff_glove(path: Path, head: bytes, *, whole: bool) -> Sniffed:
    lines, tabs = _normalised_lines(head, whole=whole)
    numbers = Counter(map(trailing_numbers, lines))
    # of equally frequent lengths the largest: a short line is then found out, where the
    # smallest would make values a part of longer lines' words
    dim = max(numbers, key=lambda n: (numbers[n], n), default=0)
    if not dim:
        raise FileFormatError(
            path,
            "is not a vector file: neither safetensors nor word2vec binary, and in the first "
            "lines no numbers follow a word; name another file",
        )
    return Sniffed("glove", TextLayout(dim, tabs))


def _normalised_lines(
    content: bytes, *, whole: bool, at_most: int = _ROWS_LOOKED_AT
) -> tuple[list[bytes], bool]:
    """Return the first lines that are not empty, tabs made spaces, and whether there were tabs."""
    *lines, last = content.split(b"\n", at_most)
    if whole and len(lines) < at_most:
        lines.append(last)
    lines = [line.rstrip(b" \t\r") for line in lines if line.strip()]
    tabs = bool(lines) and b"\t" in lines[0]
    return ([line.replace(b"\t", b" ") for line in lines] if tabs else lines), tabs


def _walks_as_binary(body: bytes, n_words: int, dim: int, *, whole: bool) -> bool:
    """Return whether words and `4 * dim` bytes in turn lead through the first rows."""
    position = 0
    for row in range(min(n_words, _ROWS_LOOKED_AT)):
        while body[position : position + 1] == b"\n":
            position += 1
        space = body.find(b" ", position, position + _LONGEST_WORD)
        if space < 0:
            return not whole and row > 0 and len(body) - position < _LONGEST_WORD
        word = body[position:space]
        if b"\n" in word or not _is_utf8(word):
            return False
        position = space + 1 + 4 * dim
        if position > len(body):
            return not whole
    return n_words > _ROWS_LOOKED_AT or not whole or not body[position:].strip()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
