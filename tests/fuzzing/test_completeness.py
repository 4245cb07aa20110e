"""A reader that is added is fuzzed from the day it is added."""

import ast
import sys
from pathlib import Path

import adapt
from tests.fuzzing.readers import READERS

PACKAGE = Path(adapt.__file__).parent
COMPOSED = {"experiment/config_file.py: read_config", "experiment/reporting.py: read_finished_run"}
"""What only calls others of these."""


def readers_of_files():
    """Find every function that takes a path, and whose name says that it reads what is there."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith(("read", "load")):
                named = [*node.args.posonlyargs, *node.args.args, node.args.vararg]
                if {"path", "paths"} & {one.arg for one in named if one is not None}:
                    yield f"{file.relative_to(PACKAGE).as_posix()}: {node.name}"


def test_every_function_that_reads_a_file_is_fuzzed(tmp_path):
    called = set()

    def note(frame, event, _):
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            called.add(f"{path.relative_to(PACKAGE).as_posix()}: {frame.f_code.co_name}")

    before = sys.getprofile()
    for reader in READERS.values():
        for seed in reader.seeds():
            sys.setprofile(note)
            try:
                reader.withstands(seed, tmp_path)
            finally:
                sys.setprofile(before)
    found = set(readers_of_files())
    assert len(found) > 20
    assert found - COMPOSED <= called, "add it to tests/fuzzing/readers.py"
