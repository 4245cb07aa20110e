"""What is committed of every notebook: small, executed, without traces of a machine."""

from __future__ import annotations

import ast
import re

import jupytext
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from markdown_it import MarkdownIt

from notebooks.execution import FOLDER, SOURCES, read_source, written

MACHINE = re.compile(r"/(?:root|home|work|tmp|usr|opt|Users|private|var)/|[A-Z]:\\\\|site-packages")
LARGEST = 500_000


def test_every_notebook_has_a_source():
    assert len(SOURCES) == 5
    assert sorted(FOLDER.glob("*.ipynb")) == [path.with_suffix(".ipynb") for path in SOURCES]


def test_source_and_notebook_agree(source, notebook):
    told = [(cell.cell_type, cell.source) for cell in notebook.cells]
    assert told == [(cell.cell_type, cell.source) for cell in read_source(source).cells]


def test_jupytext_writes_the_same_source(source, notebook):
    """The pair goes both ways: no cell is of a kind that py:percent cannot hold."""
    again = jupytext.reads(jupytext.writes(notebook, "py:percent"), "py:percent")
    assert [cell.source for cell in again.cells] == [cell.source for cell in notebook.cells]


def test_notebook_is_small_and_valid(committed, notebook):
    assert committed.stat().st_size < LARGEST
    nbformat.validate(notebook)


def test_notebook_is_as_it_is_written(committed, notebook):
    assert committed.read_text(encoding="utf-8") == written(notebook)


def test_all_cells_were_run_in_their_order(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {kind for cell in code for output in cell.outputs for kind in output.get("data", ())}
    assert {"text/plain", "image/png"} <= kinds


def test_no_cell_failed(outputs):
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if "Traceback" in output.get("text", "")]


def test_nothing_tells_the_machine(outputs):
    texts = [output.get("text", "") for output in outputs]
    for output in outputs:
        texts += [told for kind, told in output.get("data", {}).items() if kind.startswith("text")]
    for text in texts:
        assert not MACHINE.search(text), text
        assert "\x1b" not in text


def test_nothing_tells_the_time(notebook):
    assert set(notebook.metadata) == {"jupytext", "kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    for cell in notebook.cells:
        assert cell.metadata == {}


def test_code_compiles(notebook):
    transform = TransformerManager().transform_cell
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(transform(cell.source))


def test_links_lead_somewhere(notebook):
    n_docs = 0
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for token in MarkdownIt("commonmark").parse(cell.source):
            for child in token.children or []:
                target = child.attrs.get("href", "") if child.type == "link_open" else ""
                if target and not target.startswith("https:"):
                    assert (FOLDER / target).is_file(), target
                    n_docs += target.startswith("../docs/")
    assert n_docs


@pytest.mark.parametrize(
    "told",
    ["/opt/x.py:3: Warning", "in /root/.cache", "/tmp/abc/runs", "lib/site-packages/numpy"],
)
def test_traces_of_a_machine_are_seen(told):
    assert MACHINE.search(told)
