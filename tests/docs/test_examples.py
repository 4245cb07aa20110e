"""Examples in README and documentation: those in Python run, those in TOML are studies."""

from __future__ import annotations

import ast
import shutil
import tomllib

from adapt.experiment import read_study

ABSENT = {"dask_jobqueue"}
"""Packages of clusters that no test has: examples that import them are only compiled."""


def imported(text):
    nodes = list(ast.walk(ast.parse(text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_python_examples_run(
    page, python_blocks, labelled, files_of_examples, tmp_path, monkeypatch
):
    folder = shutil.copytree(files_of_examples, tmp_path / "examples")
    monkeypatch.chdir(folder)
    names = {"__name__": "example", **labelled}
    for line, text in python_blocks:
        # line numbers in a traceback are those of the page
        compiled = compile("\n" * line + text, page, "exec")
        if not imported(text) & ABSENT:
            exec(compiled, names)


def test_studies_in_toml_can_be_read(code, tmp_path):
    for language, line, text in code:
        if language == "toml":
            study = tmp_path / f"line{line}.toml"
            study.write_text(text, encoding="utf-8")
            read_study(study)
            assert tomllib.loads(text)


def test_languages_are_known_to_these_tests(code):
    """A misspelt language would pass untested."""
    tested = {"python", "toml", "console", "math"}
    others = {"text", "yaml", "dockerfile", ""}
    assert {language for language, _, _ in code} <= tested | others
