"""Results on their way to a file and back: what is kept, what is rounded, what is refused."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from adapt.errors import FileAccessError, FileFormatError
from adapt.evaluation.grid_results import (
    GRID_SCHEMA_VERSION,
    GridResults,
    Setting,
    holds_grid,
    read_grid_results,
    write_grid_results,
)
from adapt.evaluation.records import build_record, from_record, read_record, write_record


@dataclass(frozen=True)
class Inner:
    pair: tuple[str, int]
    share: float | None = None


@dataclass(frozen=True)
class Outer:
    kind: Literal["one", "two"]
    inner: tuple[Inner, ...]
    either: int | str
    last: Inner | None = None


OUTER = Outer("two", (Inner(("é", 3), 0.25), Inner(("b", 4))), "text", Inner(("c", 5), 1.0))


def test_the_round_trip_keeps_everything(tmp_path):
    path = tmp_path / "results.json"
    write_record(OUTER, path)
    for named in (path, tmp_path):  # a folder stands for its results.json
        file, raw = read_record(named)
        assert file == path
        assert build_record(Outer, raw, file) == OUTER
    text = path.read_text(encoding="utf-8")
    assert "é" in text
    assert text.endswith("}\n")
    assert text.splitlines()[1] == ' "kind": "two",'


def test_floats_have_ten_decimals_wherever_they_are(tmp_path):
    record = Outer("one", (Inner(("a", 1), 1 / 3),), 7, Inner(("b", 2), 0.1 + 0.2))
    write_record(record, tmp_path / "r.json")
    raw = json.loads((tmp_path / "r.json").read_text())
    assert raw["inner"][0]["share"] == 0.3333333333
    assert raw["last"]["share"] == 0.3
    assert raw["either"] == 7


def test_what_is_no_number_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_record(Inner(("a", 1), float("nan")), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "raw", "error"),
    [
        (Outer, {"kind": "three", "inner": [], "either": 1, "last": None}, "'three' is none of"),
        (Outer, {"kind": "one", "inner": [], "either": 1}, "last"),
        (Inner, {"pair": ["a"], "share": 1.0}, "shorter"),
        (Inner, {"pair": ["a", 1, 2], "share": 1.0}, "longer"),
        (Inner, {"pair": ["a", "x"], "share": 1.0}, "invalid literal"),
        (Inner, ["pair"], "indices"),
    ],
)
def test_other_records_are_refused_with_their_file(kind, raw, error):
    with pytest.raises(FileFormatError, match=f"r.json: is not a complete results file .*{error}"):
        build_record(kind, raw, Path("r.json"))


def test_plain_values_take_the_type_that_is_declared():
    assert from_record(float | None, 1.5) == 1.5
    assert from_record(float | None, None) is None
    assert type(from_record(float | None, 1)) is float
    assert from_record(int | str, "a") == "a"
    assert from_record(tuple[int, ...], []) == ()


def test_files_that_cannot_be_read_say_what_to_do(tmp_path):
    with pytest.raises(FileAccessError, match="name a folder that `adapt run` wrote"):
        read_record(tmp_path / "gone.json")
    (tmp_path / "results.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileFormatError, match="results.json: is not JSON; run the study again"):
        read_record(tmp_path)


GRID = GridResults("made", "d", ("word2vec.dim",), (), (), ())


def test_grids_are_told_from_studies(tmp_path):
    write_grid_results(GRID, tmp_path / "results.json")
    assert holds_grid(tmp_path)
    assert read_grid_results(tmp_path) == GRID
    write_record(Setting("dim", "50", 50.0), tmp_path / "setting.json")
    assert not holds_grid(tmp_path / "setting.json")
    with pytest.raises(FileFormatError, match="setting.json: holds no results of a grid; run it"):
        read_grid_results(tmp_path / "setting.json")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    assert not holds_grid(tmp_path / "list.json")
    with pytest.raises(FileFormatError, match="holds no results of a grid"):
        read_grid_results(tmp_path / "list.json")


def test_grids_of_another_version_are_refused(tmp_path):
    path = tmp_path / "results.json"
    write_grid_results(GRID, path)
    own = f'"schema_version": {GRID_SCHEMA_VERSION}'
    assert own in path.read_text()
    path.write_text(path.read_text().replace(own, '"schema_version": 99'))
    message = f"has schema version 99, but this adapt reads {GRID_SCHEMA_VERSION}"
    with pytest.raises(FileFormatError, match=message):
        read_grid_results(path)
