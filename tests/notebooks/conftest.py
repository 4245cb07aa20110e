"""The notebooks, each as its source and as it is committed."""

from __future__ import annotations

import nbformat
import pytest

from notebooks.execution import SOURCES


def pytest_generate_tests(metafunc):
    if "source" in metafunc.fixturenames:
        metafunc.parametrize("source", SOURCES, ids=lambda path: path.stem)


@pytest.fixture
def committed(source):
    """The file with outputs."""
    return source.with_suffix(".ipynb")


@pytest.fixture
def notebook(committed):
    return nbformat.read(committed, as_version=4)


@pytest.fixture
def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]
