from __future__ import annotations

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from adapt.report import write_report
from adapt.report.map_figures import map_drawings
from adapt.report.map_widget import map_widget


def element(html: str, name: str):
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def folder(judged_study, space_map, mistakes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    write_report(judged_study, folder, space_map=space_map, confusion=mistakes)
    return folder


def test_the_page_holds_the_map_and_a_figure_for_paper(folder, space_map):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert element(html, "map-data")["words"] == list(space_map.words)
    assert '<div class="figures printed">' in html
    assert "15.1% and 4.8% of their variance" in html
    markup = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="', markup)
    assert re.findall(r'(?:src|href)="(?!#|data:)', markup) == []
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "(figures/map-spaces.png)" in markdown
    assert "Bokeh" not in markdown


def test_words_cannot_end_the_script_that_holds_them(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "</script>" in element(html, "map-data")["words"]
    assert html.count("<script") == html.count("</script>") == 4


def test_the_same_map_gives_the_same_bytes(space_map):
    first, second = map_widget(space_map), map_widget(space_map)
    assert first == second


def test_another_process_gives_the_same_bytes(space_map, tmp_path):
    from adapt.evaluation import write_space_map

    write_space_map(space_map, tmp_path / "map.json")
    code = (
        "import sys; from adapt.evaluation import read_space_map; "
        "from adapt.report.map_widget import map_widget; "
        "from bokeh.plotting import figure; [figure() for _ in range(3)]; "
        "from bokeh.core.properties import Int; from bokeh.model import DataModel; "
        "Foreign = type('Foreign', (DataModel,), {'n': Int(1), '__module__': 'another'}); "
        "sys.stdout.write(map_widget(read_space_map(sys.argv[1])).plot)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.stdout == map_widget(space_map).plot


def test_the_figure_tells_its_distances(space_map):
    (drawn,) = map_drawings(space_map)
    assert ElementTree.fromstring(drawn.svg).tag.endswith("svg")
    assert "12 words" in drawn.alt
    assert re.search(r"are \d\.\d\d before alignment and \d\.\d\d after alignment apart", drawn.alt)
    assert list(map_drawings(None)) == []


def test_mistakes_are_drawn_and_listed(folder):
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "50.0% of eye_\\$ as heart" in markdown.replace("\\_", "_")
    row = next(line for line in markdown.splitlines() if line.startswith("| bone & joint | 5 |"))
    assert row == "| bone & joint | 5 | 64.3 | 90.0 | 75.0 |"
    assert "adapted configuration that validation chooses" in markdown
