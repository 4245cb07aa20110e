"""A grid of studies: every combination of the values that some settings shall take."""

from __future__ import annotations

import copy
import itertools
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapt.errors import InputError
from adapt.evaluation import Setting
from adapt.experiment.config import StudyConfig, config_digest
from adapt.experiment.grid import n_cells

__all__ = ["CELL_LIMIT", "StudyGrid", "Variant", "expand_grid", "grid_settings"]

CELL_LIMIT = 1_000
"""How many cells the studies of a grid may have together, if it does not say so itself."""

_OF_THE_WHOLE = ("name", "description")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Variant:
    """One study of a grid.

    Parameters
    ----------
    name : str
        By its settings; also that of its folder.
    settings : tuple of Setting
        What the grid sets in it, in the order of the grid's keys.
    config : StudyConfig
        The study.
    """

    name: str
    settings: tuple[Setting, ...]
    config: StudyConfig

    @property
    def n_cells(self) -> int:
        """How many cells it has."""
        return n_cells(self.config.embeddings, self.config.classifier)


@dataclass(frozen=True)
class StudyGrid:
    """Studies that differ in some settings.

    Parameters
    ----------
    name, description : str
        For people.
    keys : tuple of str
        The dotted keys of those settings.
    variants : tuple of Variant
        All combinations; the last key changes fastest.
    """

    name: str
    description: str
    keys: tuple[str, ...]
    variants: tuple[Variant, ...]

    def map(self, change: Callable[[StudyConfig], StudyConfig]) -> StudyGrid:
        """Return the grid with every study changed alike."""
        changed = (replace(one, config=change(one.config)) for one in self.variants)
        return replace(self, variants=tuple(changed))


def grid_settings(raw: Any) -> tuple[dict[str, list[Any]], int]:
    """Read the section of a grid, whether its keys are quoted or nested.

    Returns
    -------
    dict of str to list
        Values by dotted key.
    int
        The limit on the number of cells.

    Raises
    ------
    InputError
        If it names no keys, a key twice, or something else than a list of values.
    """
    if not isinstance(raw, Mapping):
        raise InputError(f"'grid' is {raw!r}, but it is a section: write [grid]")
    limit = raw.get("limit", CELL_LIMIT)
    if type(limit) is not int or limit < 1:
        raise InputError(f"grid.limit is {limit!r}; give a number of cells, 1 or more")
    settings: dict[str, list[Any]] = {}
    for key, values in _flat({key: raw[key] for key in raw if key != "limit"}):
        if key in settings:
            raise InputError(f"grid holds {key!r} twice, quoted and nested; leave one out")
        if key in _OF_THE_WHOLE:
            raise InputError(f"grid holds {key!r}, which all of its studies share; leave it out")
        if not isinstance(values, list) or not values:
            raise InputError(f'grid."{key}" is {values!r}, but it needs a list of values')
        settings[key] = values
    if not settings:
        raise InputError('grid names no settings; give some, such as "word2vec.dim" = [50, 300]')
    return settings, limit


def expand_grid(
    raw: Mapping[str, Any],
    settings: Mapping[str, Sequence[Any]],
    build: Callable[[Mapping[str, Any]], StudyConfig],
    *,
    limit: int = CELL_LIMIT,
) -> StudyGrid:
    """Make a study of every combination of values.

    Parameters
    ----------
    raw : mapping
        What the studies share, as parsed.
    settings : mapping of str to sequence
        Values by dotted key.
    build : callable
        Makes a configuration of what was parsed, and refuses what it does not know.
    limit : int
        How many cells they may have together.

    Raises
    ------
    InputError
        If a setting is also set outside the grid, a study cannot be, two are the same, or all
        together are too large.
    """
    for key in settings:
        _check_unset(raw, key)
        within = [other for other in settings if other.startswith(f"{key}.")]
        if within:
            raise InputError(
                f"grid holds {key!r} and {within[0]!r}, one within the other; leave one out"
            )
    n_studies = math.prod(len(values) for values in settings.values())
    if n_studies > limit:  # before any of them is made
        raise InputError(_too_large(f"{n_studies:,} studies", limit))
    variants = []
    for values in itertools.product(*settings.values()):
        own = copy.deepcopy(dict(raw))
        for key, value in zip(settings, values, strict=True):
            _put(own, key, value)
        chosen = tuple(_setting(key, value) for key, value in zip(settings, values, strict=True))
        config = build(own)
        name = _name(chosen)
        variants.append(Variant(name, chosen, replace(config, name=f"{config.name}, {name}")))
    _check_distinct(variants)
    total = sum(variant.n_cells for variant in variants)
    if total > limit:
        raise InputError(_too_large(f"{len(variants):,} studies with {total:,} cells", limit))
    return StudyGrid(
        name=str(raw["name"]),
        description=variants[0].config.description,
        keys=tuple(settings),
        variants=_with_distinct_names(variants),
    )


def _flat(raw: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Write nested keys dotted."""
    found = []
    for key, value in raw.items():
        if isinstance(value, Mapping):
            found.extend(_flat(value, f"{prefix}{key}."))
        else:
            found.append((f"{prefix}{key}", value))
    return found


def _check_unset(raw: Mapping[str, Any], key: str) -> None:
    found: Any = raw
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return
        found = found[part]
    if isinstance(found, Mapping):
        raise InputError(f"grid holds {key!r}, which is a section; name a key in it")
    raise InputError(
        f"{key!r} is set to {found!r}, and in the grid too; leave one out (the grid's values are "
        f"set by --set 'grid.\"{key}\"=[…]')"
    )


def _put(raw: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        raw = raw.setdefault(section, {})
        if not isinstance(raw, dict):
            raise InputError(f"grid holds {key!r}, but {section!r} is a value, not a section")
    if isinstance(value, Mapping):
        raise InputError(f"grid holds {key!r}, which is a section; name a key in it")
    raw[last] = value


def _setting(key: str, value: Any) -> Setting:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Setting(key, text, float(value) if is_number else None)


def _name(settings: Sequence[Setting]) -> str:
    """Name a study by the last parts of its keys, as a folder may be called on any system."""
    lasts = [setting.key.rpartition(".")[2] for setting in settings]
    keys = [
        last if lasts.count(last) == 1 else setting.key
        for last, setting in zip(lasts, settings, strict=True)
    ]
    parts = [
        f"{key}={re.sub(r'[^A-Za-z0-9._+-]+', '-', setting.value).strip('-.') or 'none'}"
        for key, setting in zip(keys, settings, strict=True)
    ]
    return ",".join(parts)[:_LONGEST_NAME].rstrip(".")


def _check_distinct(variants: Sequence[Variant]) -> None:
    known: dict[str, Variant] = {}
    for variant in variants:
        same = known.setdefault(config_digest(variant.config), variant)
        if same is not variant:
            raise InputError(
                f"grid holds the same study twice, as {same.name} and {variant.name}; give "
                "distinct values"
            )


def _with_distinct_names(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """Add numbers to the names that are alike, as some systems that ignore capitals take them."""
    plain = [variant.name.lower() for variant in variants]
    return tuple(
        variant
        if plain.count(variant.name.lower()) == 1
        else replace(variant, name=f"{variant.name},{number}")
        for number, variant in enumerate(variants, 1)
    )


def _too_large(what: str, limit: int) -> str:
    return (
        f"grid comes to {what}, but grid.limit is {limit:,} cells ({CELL_LIMIT:,} by default); "
        "give fewer values, or raise it"
    )
