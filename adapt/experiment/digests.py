"""Digests of content: equal values have equal ones, whatever file or process they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from adapt.errors import FileAccessError
from adapt.text import Corpus
from adapt.vectors import WordVectors

__all__ = ["content_digest", "file_digest", "files_digest"]

_Update = Callable[[bytes | memoryview], object]

_OF_VECTORS: WeakKeyDictionary[WordVectors, str] = WeakKeyDictionary()
"""Digests of vectors in use: nothing can change these, and they may take gigabytes."""


def content_digest(*values: object) -> str:
    """SHA-256 of values, in hexadecimal digits.

    Parameters
    ----------
    *values
        Strings, numbers, truth values, None, bytes, arrays, word vectors, corpora, and sequences,
        mappings and dataclasses of these. A dataclass with a `digest` of its own stands for that:
        so the files that fits share are known by their content, wherever they lie.

    Raises
    ------
    TypeError
        If a value is something else, such as a set, which has no order.

    Examples
    --------
    >>> content_digest("a", 1) == content_digest("a", 1)
    True
    >>> content_digest(["ab"]) == content_digest(["a", "b"])
    False
    """
    state = hashlib.sha256()
    _feed(state.update, values)
    return state.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits.

    Raises
    ------
    FileAccessError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileAccessError(f"{path}: {error.strerror}; put the file back") from error


def files_digest(paths: Iterable[Path]) -> str:
    """Digest of the names and the content of files, in the order of their names."""
    return content_digest([(path.name, file_digest(path)) for path in sorted(paths)])


def _feed(update: _Update, value: object) -> None:
    """Add a value to a digest, with its type and its length, so that no two look the same."""
    if value is None or isinstance(value, bool | int | float):
        update(f"{type(value).__name__}:{value!r};".encode())
    elif isinstance(value, str):
        _feed_bytes(update, "str", value.encode("utf-8", "surrogatepass"))
    elif isinstance(value, bytes):
        _feed_bytes(update, "bytes", value)
    elif isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        update(f"array:{array.dtype.str}:{value.shape};".encode())
        update(array.reshape(-1).view(np.uint8).data)
    elif isinstance(value, WordVectors):
        _feed(update, ("vectors", _vectors_digest(value)))
    elif isinstance(value, Corpus):
        _feed(update, ("corpus", repr(value.tokenizer)))
        for text in value.texts():
            _feed(update, text)
    elif isinstance(value, Mapping):
        _feed(update, ("mapping", *value.items()))
    elif isinstance(value, list | tuple):
        _feed_sequence(update, value)
    elif is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.init]
        chosen = ["digest"] if "digest" in names else names
        _feed(update, (type(value).__name__, *((n, getattr(value, n)) for n in chosen)))
    else:
        raise TypeError(f"a {type(value).__name__} has no digest by content")


def _vectors_digest(vectors: WordVectors) -> str:
    if vectors not in _OF_VECTORS:
        _OF_VECTORS[vectors] = content_digest(
            vectors.words, vectors.matrix, vectors.counts, vectors.origin, vectors.sources
        )
    return _OF_VECTORS[vectors]


def _feed_bytes(update: _Update, kind: str, content: bytes) -> None:
    update(f"{kind}:{len(content)};".encode())
    update(content)


def _feed_sequence(update: _Update, values: list[object] | tuple[object, ...]) -> None:
    if len(values) > 100 and all(type(value) is str for value in values):
        # one call, not hundreds of thousands, for all words of a space
        _feed_bytes(update, "strings", json.dumps(values).encode())
        return
    update(f"sequence:{len(values)};".encode())
    for value in values:
        _feed(update, value)
