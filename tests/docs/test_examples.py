"""Examples in README and documentation: those in Python run, those in TOML are studies."""

from __future__ import annotations

import shutil
import tomllib

from adapt.experiment import read_study


def test_python_examples_run(
    page, python_blocks, labelled, files_of_examples, tmp_path, monkeypatch
):
    folder = shutil.copytree(files_of_examples, tmp_path / "examples")
    monkeypatch.chdir(folder)
    names = {"__name__": "example", **labelled}
    for line, text in python_blocks:
        # line numbers in a traceback are those of the page
        exec(compile("\n" * line + text, page, "exec"), names)


def test_studies_in_toml_can_be_read(code, tmp_path):
    for language, line, text in code:
        if language == "toml":
            study = tmp_path / f"line{line}.toml"
            study.write_text(text, encoding="utf-8")
            read_study(study)
            assert tomllib.loads(text)


def test_languages_are_known_to_these_tests(code):
    """A misspelt language would pass untested."""
    assert {language for language, _, _ in code} <= {
        "python",
        "toml",
        "console",
        "text",
        "math",
        "",
    }
