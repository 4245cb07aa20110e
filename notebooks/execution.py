"""From the source of a notebook to the notebook with its outputs, as it is committed.

What differs from one execution to the next without saying anything, such as times and random cell
identifiers, is left out, so that a change of a notebook is small to look at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbformat import NotebookNode

__all__ = ["FOLDER", "SOURCES", "execute", "read_source", "written"]

FOLDER = Path(__file__).parent
SOURCES = tuple(sorted(FOLDER.glob("[0-9][0-9]-*.py")))
"""The notebooks, in the order in which they are read."""

_SECONDS_PER_CELL = 900


def read_source(path: Path) -> NotebookNode:
    """Read a notebook in py:percent format; cells are called by their number."""
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    notebook.metadata = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def execute(source: Path, folder: Path) -> NotebookNode:
    """Run a notebook from top to bottom, by this checkout's code.

    Parameters
    ----------
    source : Path
        One of `SOURCES`.
    folder : Path
        Where it runs; receives the files that it writes.

    Returns
    -------
    NotebookNode
        The notebook with the outputs of this run.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; those below it are not run.
    """
    shutil.copy(FOLDER / "notebooks.mplstyle", folder)
    notebook = read_source(source)
    client = NotebookClient(
        notebook,
        timeout=_SECONDS_PER_CELL,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--Application.log_level=ERROR"],
        resources={"metadata": {"path": folder}},
    )
    client.execute(env=_environment())
    notebook.metadata.language_info = {"name": "python"}
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        if output.output_type == "stream":
            output.text = _without_styles(output.text)
    return notebook


def written(notebook: NotebookNode) -> str:
    """Return a notebook as the text of its file."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _without_styles(text: str) -> str:
    """Take out what makes a terminal write in bold, and the blanks at the ends of lines."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "".join(line.rstrip() + "\n" for line in plain.split("\n")).removesuffix("\n")


def _environment() -> dict[str, str]:
    """Let the kernel, and the commands that cells call, find this checkout and its programs."""
    programs = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", "")]),
        "PYTHONPATH": str(FOLDER.parent),
        "PYTHONHASHSEED": "0",
        "COLUMNS": "88",
    }
