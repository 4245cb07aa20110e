"""Commands in README and documentation: each of them would be understood."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from adapt.cli.app import app
from adapt.experiment import read_study

ROOT = Path(__file__).parents[2]
PROGRAM = typer.main.get_command(app)


def commands(blocks, program):
    """Arguments of every call of a program, from blocks of code, with the line of each block."""
    for _, line, text in blocks:
        for typed in text.replace("\\\n", " ").splitlines():
            if (typed := typed.removeprefix("$ ")).startswith(f"{program} "):
                yield line, shlex.split(typed)[1:]


def resolve(arguments):
    """Find the command that arguments name, and what is left of them."""
    command = PROGRAM
    while names := getattr(command, "commands", None):
        name, *arguments = arguments
        command = names[name]
    return command, arguments


def test_commands_parse(page, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line, arguments in commands(code, "adapt"):
        command, rest = resolve(arguments)
        try:
            command.make_context(command.name, rest)
        except typer.TyperException as error:
            pytest.fail(f"line {line}: adapt {shlex.join(arguments)}: {error.format_message()}")


def test_commands_in_running_text_have_their_options(inline):
    texts = [child.content for child in inline if child.type == "code_inline"]
    for text in texts:
        if text.startswith("adapt "):
            command, rest = resolve(shlex.split(text)[1:])
            known = {name for option in command.params for name in option.opts} | {"--help"}
            assert {word for word in rest if word.startswith("-")} <= known, text


def test_studies_that_are_run_can_be_read_with_their_settings(code, inline):
    told = [("", 0, child.content) for child in inline if child.type == "code_inline"]
    for line, arguments in commands([*code, *told], "adapt"):
        command, rest = resolve(arguments)
        if command.name == "run" and rest and rest[0].startswith("experiments/"):
            settings = [value for key, value in pairwise(rest) if key == "--set"]
            assert read_study(ROOT / rest[0], settings).name, line


def test_targets_of_make_exist(code, inline):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    told = [("", 0, child.content) for child in inline if child.type == "code_inline"]
    for line, arguments in commands([*code, *told], "make"):
        assert arguments[0] in targets, line


def test_files_of_the_repository_exist(page):
    named = re.findall(
        r"\b(?:experiments|benchmarks|data|tests)/[\w/]+\.\w+", page.read_text("utf-8")
    )
    assert [path for path in named if not (ROOT / path).is_file()] == []
