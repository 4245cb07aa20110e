"""Dataclasses from plain records, such as those in JSON files, led by their type hints."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

__all__ = ["from_record"]


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
        hints = get_type_hints(kind)
        given = [f.name for f in fields(kind) if f.init]
        return kind(**{name: from_record(hints[name], raw[name]) for name in given})
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(from_record(inner[0], item) for item in raw)
        return tuple(from_record(part, item) for part, item in zip(inner, raw, strict=True))
    if get_origin(kind) is Literal:
        if raw not in get_args(kind):
            raise ValueError(f"{raw!r} is none of {get_args(kind)}")
        return raw
    if isinstance(kind, UnionType):
        if type(raw) in get_args(kind):
            return raw
        (other,) = (one for one in get_args(kind) if one is not NoneType)
        return from_record(other, raw)
    return kind(raw)
