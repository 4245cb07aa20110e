"""The citation file: what the format demands is there, and agrees with the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_citation_has_what_the_format_demands():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["cff-version"] == "1.2.0"
    assert str(cited["version"]) == package["version"]
    assert cited["license"] == package["license"]
    assert [author["name"] for author in cited["authors"]] == [
        author["name"] for author in package["authors"]
    ]
    for work in cited["references"]:
        assert {"type", "title", "authors"} <= set(work)
