"""Studies on disk: TOML, with or without a grid over settings, read into the configuration."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.experiment.config import StudyConfig
from adapt.experiment.variants import StudyGrid, expand_grid, grid_settings

__all__ = ["read_config", "read_study"]

_GRID = "grid"
_DEEP_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++\s*+\.\s*+){32}""")
"""Python's parser takes memory with the square of the parts of a key; no study has so many."""


def read_study(path: Path | str, overrides: Sequence[str] = ()) -> StudyConfig | StudyGrid:
    """Read a study's TOML file, or that of a grid of studies.

    A section ``[grid]`` holds dotted keys, each with the values it shall take: every combination is
    a study of its own. ``limit`` in it is how many cells all of them may have.

    Parameters
    ----------
    path : Path or str
        The file.
    overrides : sequence of str
        ``section.key=value`` settings that win over the file; values are written as in TOML,
        bare words are taken as strings. ``grid."section.key"=[…]`` makes a grid, or changes one.

    Returns
    -------
    StudyConfig or StudyGrid
        The latter if there is a ``[grid]``.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FileFormatError
        If it is not TOML, holds a key or value that is not known, or a grid that contradicts
        itself.
    InputError
        If an override is malformed.
    """
    path = Path(path)
    raw = _parsed(path)
    for override in overrides:
        _apply(raw, override)
    raw.setdefault("name", path.stem)
    try:
        if _GRID not in raw:
            return _study(raw)
        settings, limit = grid_settings(raw.pop(_GRID))
        return expand_grid(raw, settings, _study, limit=limit)
    except FileFormatError:
        raise
    except InputError as error:
        raise FileFormatError(path, str(error)) from error


def read_config(path: Path | str, overrides: Sequence[str] = ()) -> StudyConfig:
    """Read the TOML file of a single study, as `read_study` does.

    Raises
    ------
    FileAccessError, FileFormatError, InputError
        As `read_study`; also if the file holds a grid.
    """
    study = read_study(path, overrides)
    if isinstance(study, StudyGrid):
        raise FileFormatError(path, "holds a grid of studies; read it by read_study")
    return study


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FileAccessError(f"{path}: {error.strerror}; name a study's TOML file") from error
    except UnicodeDecodeError as error:
        raise FileFormatError(
            path, "is not UTF-8 text; save it as UTF-8", byte=error.start
        ) from error
    if deep := _DEEP_KEY.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        raise FileFormatError(path, "has a key of more than 32 parts; split it", line=line)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileFormatError(path, f"is not valid TOML: {error}; correct it there") from error


def _study(raw: Mapping[str, Any]) -> StudyConfig:
    config = _build(StudyConfig, raw, "")
    assert isinstance(config, StudyConfig)
    return config


def _apply(raw: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    path = _key_path(key) if equals else None
    if path is None:
        raise InputError(f"--set {override!r} is not KEY=VALUE, such as word2vec.dim=100")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        value = text
    *sections, last = path
    for section in sections:
        raw = raw.setdefault(section, {})
        if not isinstance(raw, dict):
            raise InputError(f"--set {override!r}: {section!r} is a value, not a section")
    raw[last] = value


def _key_path(key: str) -> list[str] | None:
    """Part a dotted key as TOML does, quoted parts included; None if it is none."""
    try:
        parsed: Any = tomllib.loads(f"{key} = 0")
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    path = []
    while isinstance(parsed, dict):
        if len(parsed) != 1:
            return None
        ((part, parsed),) = parsed.items()
        path.append(part)
    return path


def _build(kind: type, raw: Mapping[str, Any], section: str) -> Any:
    """Make the dataclass `kind` from parsed TOML, refusing unknown keys and wrong types."""
    known = {f.name: f for f in fields(kind)}
    for key in raw:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise InputError(f"unknown key {section + key!r}; {hint}")
    missing = [
        name
        for name, f in known.items()
        if f.default is MISSING and f.default_factory is MISSING and name not in raw
    ]
    if missing:
        raise InputError(f"missing key {section + missing[0]!r}")
    hints = get_type_hints(kind)
    return kind(**{key: _value(hints[key], value, section + key) for key, value in raw.items()})


def _value(kind: Any, value: Any, key: str) -> Any:
    if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__"):
        if not isinstance(value, Mapping):
            raise InputError(f"{key!r} is {value!r}, but it is a section: write [{key}]")
        return _build(kind, value, f"{key}.")
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise InputError(f"{key!r} is {value!r}, but it needs a list")
        return tuple(_value(get_args(kind)[0], item, key) for item in value)
    accepted = get_args(kind) or (kind,)
    if float in accepted and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) not in accepted:
        wanted = " or ".join(k.__name__ for k in accepted if k is not type(None))
        raise InputError(f"{key!r} is {value!r}, but it needs a value of type {wanted}")
    return value
