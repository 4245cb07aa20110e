"""How a study was run, from its manifest: facts, timings and the command to repeat it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from adapt.report.tables import Table, key_value_table

__all__ = ["flattened", "manifest_tables", "reproduce_command"]

# keys of the manifest that have a table of their own, with its caption; the others, if they hold
# several values, are shown under their own name
CAPTIONS = {
    "config": "Configuration, with defaults and overrides",
    "inputs": "Files read",
    "versions": "Versions",
    "machine": "Machine",
    "seconds": "Seconds of each stage",
}
SEED_NAMES = ("seed", "seeds")


def manifest_tables(manifest: Mapping[str, object]) -> Iterator[Table]:
    """Show a manifest: single facts and seeds first, then the timings, then the rest folded away.

    Nothing is asked of the manifest: keys it lacks are left out, keys unknown here are shown.
    """
    facts: dict[str, str] = {}
    groups: dict[str, dict[str, str]] = {}
    for key, value in manifest.items():
        flat = flattened(value)
        if key == "command" or not flat:
            continue
        if key in CAPTIONS or len(flat) > 3:
            groups[key] = flat
        else:
            facts |= {_joined(key, name): text for name, text in flat.items()}
    seeds = {
        name: text
        for name, text in groups.get("config", {}).items()
        if name.rpartition(".")[2] in SEED_NAMES
    }
    if facts | seeds:
        yield key_value_table("The run", facts | seeds)
    seconds = groups.pop("seconds", None)
    if seconds is not None:
        yield key_value_table(CAPTIONS["seconds"], _with_total(seconds), numeric=True)
    for key, flat in groups.items():
        yield key_value_table(CAPTIONS.get(key, key), flat, folded=True)


def reproduce_command(manifest: Mapping[str, object] | None) -> str:
    """Return the shell lines that repeat the study and rebuild the report."""
    command = (manifest or {}).get("command")
    run = "adapt run CONFIG.toml --out FOLDER"
    if isinstance(command, Sequence) and not isinstance(command, str) and command:
        program, *arguments = (str(part) for part in command)
        # called as a library, the command line is another program's and repeats nothing
        if PurePath(program).stem == "adapt":
            run = shlex.join(["adapt", *arguments])
    return f"{run}\n# this report alone, from inside its folder:\nadapt report ."


def flattened(value: object) -> dict[str, str]:
    """Return nested mappings as one, with dotted names; a value that is no mapping has no name."""
    if not isinstance(value, Mapping):
        return {"": _text(value)}
    flat: dict[str, str] = {}
    for key, item in value.items():
        flat |= {_joined(str(key), name): text for name, text in flattened(item).items()}
    return flat


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if name else key


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(v, Mapping) for v in value):
        return ", ".join(_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _with_total(seconds: Mapping[str, str]) -> dict[str, str]:
    try:
        total = sum(float(spent) for spent in seconds.values())
        shown = {stage: f"{float(spent):,.1f}" for stage, spent in seconds.items()}
    except ValueError:
        return dict(seconds)
    return shown | {"total": f"{total:,.1f}"}
