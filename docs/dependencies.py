"""The page of dependencies: what is needed for what, in which version, under which licence.

    python -m docs.dependencies

Writes ``docs/reference/dependencies.md`` from pyproject.toml, constraints.txt and the metadata of
the packages that are installed: `make licences` installs those of all extras.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "dependencies.md"
OWN = "adapt-embeddings"

_HEADER = """\
# Dependencies and their licences

`adapt` itself is under the MIT licence. This page is written by `make licences` from the packages'
own metadata, in the versions of `constraints.txt`; it tells what their authors declare, and is no
legal advice. The licences of data are [a page of their own](../data-licences.md).

On Linux, the `torch` of PyPI brings NVIDIA's libraries along, which are under a licence of NVIDIA's
own; the builds for processors alone, which its makers offer beside it, do without them.
"""


def required() -> dict[str, list[Requirement]]:
    """Read what pyproject.toml asks for: without an extra under "", and for each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: [one for one in map(Requirement, lines) if one.name != OWN]
        for extra, lines in groups.items()
    }


def pinned() -> dict[str, str]:
    """Read the tested version of every package from constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """Name all packages that these need here, and those that these need in turn."""
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in found:
            continue
        found.add(name)
        for line in distribution(name).requires or ():
            need = Requirement(line)
            if need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in one.extras or ("",)
            ):
                waiting.append(need)
    return found


def licence(name: str) -> str:
    """Tell a package's licence as its metadata declare it."""
    about = distribution(name).metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    prefix = "License :: OSI Approved :: "
    declared = [
        line.removeprefix(prefix)
        for line in about.get_all("Classifier") or ()
        if line.startswith(prefix)
    ]
    text = str(about.get("License") or "").strip()
    short = text if text and "\n" not in text and len(text) < 60 else ""
    return ", ".join(declared) or short or "see its files"


def _table(names: Iterable[str], pins: dict[str, str]) -> Iterator[str]:
    yield "| package | tested version | licence |"
    yield "| --- | --- | --- |"
    for name in sorted(names):
        yield f"| {name} | {pins.get(name, '')} | {licence(name)} |"


def page() -> str:
    """Write the page."""
    groups, pins = required(), pinned()
    runtime = groups.pop("")
    direct = {canonicalize_name(one.name) for one in runtime}
    needed = closure(runtime) & pins.keys()  # not what an environment has of itself: setuptools
    parts = [_HEADER, "## Always needed\n", *_table(direct, pins)]
    parts += ["\n## What these need in turn\n", *_table(needed - direct, pins)]
    parts.append("\n## By extra\n")
    parts += ["| extra | package | tested version | licence |", "| --- | --- | --- | --- |"]
    for extra, requirements in sorted(groups.items()):
        for name in sorted(canonicalize_name(one.name) for one in requirements):
            parts.append(f"| `{extra}` | {name} | {pins.get(name, '')} | {licence(name)} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
