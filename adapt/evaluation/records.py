"""Results as JSON: dataclasses on their way to a file and back."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from adapt.errors import FileAccessError, FileFormatError
from adapt.files import atomic_path

__all__ = ["build_record", "from_record", "read_record", "write_record"]


def write_record(record: Any, path: Path | str) -> None:
    """Write a dataclass as JSON, whole or not at all.

    Floats are rounded to ten decimals: more than any reader needs, and few enough that the last
    bit of a sum does not decide whether two files agree.
    """
    with atomic_path(path) as temporary:
        text = json.dumps(_rounded(asdict(record)), indent=1, ensure_ascii=False, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_record(path: Path | str) -> tuple[Path, Any]:
    """Read JSON; a folder stands for its `results.json`.

    Returns
    -------
    Path
        The file.
    object
        What it holds.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is not JSON.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "results.json"
    try:
        text = file.read_text(encoding="utf-8")
        return file, json.loads(text, parse_float=_finite, parse_constant=_finite)
    except OSError as error:
        raise FileAccessError(
            f"{file}: {error.strerror}; name a folder that `adapt run` wrote"
        ) from error
    except (ValueError, RecursionError) as error:
        raise FileFormatError(file, "is not JSON; run the study again") from error


def _finite(text: str) -> float:
    """Read a number, but none that JSON does not have, though Python would write it."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def build_record(kind: type, raw: Any, path: Path) -> Any:
    """Rebuild a dataclass from parsed JSON.

    Raises
    ------
    FileFormatError
        If `raw`, which was read from `path`, is no such thing.
    """
    try:
        return from_record(kind, raw)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FileFormatError(
            path, f"is not a complete results file ({error}); run again"
        ) from error


def from_record(kind: Any, raw: Any) -> Any:
    """Rebuild a value.

    Parameters
    ----------
    kind : type
        What it is: a dataclass, a tuple, a literal, a plain type, one of these or None, or one of
        several plain types.
    raw
        The record: mappings for dataclasses, lists for tuples. Arrays stand for themselves.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the record is of something else.
    """
    if isinstance(raw, np.ndarray):
        return raw
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: from_record(hint, raw[name]) for name, hint in _given(kind)})
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(from_record(inner[0], item) for item in raw)
        return tuple(from_record(part, item) for part, item in zip(inner, raw, strict=True))
    if get_origin(kind) is Literal:
        if raw not in get_args(kind):
            raise ValueError(f"{raw!r} is none of {get_args(kind)}")
        return raw
    if get_origin(kind) in (Union, UnionType):
        if type(raw) in get_args(kind):
            return raw
        (other,) = (one for one in get_args(kind) if one is not NoneType)
        return from_record(other, raw)
    return kind(raw)


@cache
def _given(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields that a dataclass is made of, with their types."""
    hints = get_type_hints(kind)
    return tuple((f.name, hints[f.name]) for f in fields(kind) if f.init)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 10)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
