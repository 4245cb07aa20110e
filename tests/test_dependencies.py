"""What is installed: pinned, locked with hashes, and under licences that are known."""

import re
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from docs.dependencies import PAGE, closure, licence, pinned, required

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?P<rest>(?:.*\\\n)+.*)$", re.MULTILINE)
DIRECT = sorted({canonicalize_name(one.name) for group in required().values() for one in group})
COPYLEFT = re.compile(r"\b(?<!L)A?GPL|(?<!Lesser )General Public", re.IGNORECASE)


def locked():
    return {canonicalize_name(found["name"]): found for found in ENTRY.finditer(LOCK)}


def rows():
    found = re.findall(
        r"^(?:\| `\w+` )?\| ([a-z0-9-]+) \| (\S*) \| (.+) \|$", PAGE.read_text(), re.M
    )
    return {name: (version, licence) for name, version, licence in found if name != "---"}


def test_every_dependency_is_pinned_to_a_version_that_its_range_allows():
    pins = pinned()
    for group in required().values():
        for one in group:
            assert one.specifier.contains(pins[canonicalize_name(one.name)]), one


def test_the_lock_has_the_pinned_versions_each_with_hashes():
    entries, pins = locked(), pinned()
    assert len(entries) > 150
    for name, found in entries.items():
        assert pins.get(name, found["version"]) == found["version"], name
        assert "--hash=sha256:" in found["rest"], name


def test_the_lock_holds_all_that_runs_and_tests_need():
    groups = required()
    needed = [*groups[""], *groups["demo"], *groups["dev"]]
    assert {canonicalize_name(one.name) for one in needed} <= set(locked())


@pytest.mark.parametrize("name", DIRECT)
def test_the_page_tells_the_licence_of_every_dependency(name):
    version, told = rows()[name]
    assert version == pinned()[name]
    assert told.strip()


def test_nothing_that_running_needs_is_under_the_gpl_alone():
    for name in sorted(closure(required()[""]) & pinned().keys()):
        expression = rows()[name][1]
        assert expression == licence(name), f"{name}: run make licences"
        assert not COPYLEFT.search(expression) or " OR " in expression, (name, expression)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("GPL-3.0-only", True), ("AGPL-3.0", True), ("LGPL-2.1-only", False), ("MIT", False),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Lesser General Public License v2 (LGPLv2)", False),
    ],
)  # fmt: skip
def test_the_test_knows_what_it_looks_for(expression, found):
    assert bool(COPYLEFT.search(expression)) is found
