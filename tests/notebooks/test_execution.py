"""Every notebook runs from top to bottom, in a folder with nothing but itself."""

from __future__ import annotations

import pytest
from nbclient.exceptions import CellExecutionError

from notebooks.execution import execute


@pytest.mark.slow
def test_notebook_runs(source, notebook, tmp_path):
    executed = execute(source, tmp_path)
    for cell, before in zip(executed.cells, notebook.cells, strict=True):
        kinds, expected = (
            sorted(sorted(o.get("data", [o.get("name")])) for o in one.get("outputs", []))
            for one in (cell, before)
        )
        assert kinds == expected, cell.source


def run(text, folder):
    source = folder / "some.py"
    source.write_text(text, encoding="utf-8")
    return execute(source, folder)


@pytest.mark.slow
def test_outputs_are_plain_and_in_one_piece(tmp_path):
    loud = "print('\\x1b[1mbold\\x1b[0m   ', flush=True)\n"
    notebook = run(f"# %%\n{loud * 2}", tmp_path)
    (output,) = notebook.cells[0].outputs
    assert output.text == "bold\nbold\n"


@pytest.mark.slow
@pytest.mark.parametrize("failing", ["1 / 0", "%%bash -e\nfalse\necho hidden"])
def test_failing_cell_is_an_error(failing, tmp_path):
    cell = "# %%\n" + failing
    if failing.startswith("%%bash"):
        cell = '# %% language="bash" magic_args="-e"\n# false\n# echo hidden\n'
    with pytest.raises(CellExecutionError):
        run(cell, tmp_path)
