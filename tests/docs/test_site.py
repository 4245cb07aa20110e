"""The built documentation: it is complete, and asks nothing of other computers."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

import adapt
from adapt.cli.app import app
from adapt.evaluation import Results
from adapt.experiment import StudyConfig

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "text",
    "vectors",
    "alignment",
    "oov",
    "merging",
    "training",
    "evaluation",
    "classifiers",
    "report",
    "experiment",
    "explorer",
    "progress",
    "cluster",
    "errors",
    "classifiers.keras",
)
ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


class Fetched(HTMLParser):
    """What a browser would fetch for a page: no links, which people follow or do not."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        followed = {"href"} if tag == "a" else set()
        for name, value in attrs:
            if name in {"src", "href", "srcset", "data", "poster", "action"} - followed and value:
                self.addresses.append(value)
            if name == "style" and value:
                self.addresses += in_css(value)


def in_css(text):
    return re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s]+)""", text)


@pytest.fixture(scope="module")
def pages(site):
    return {path: path.read_text("utf-8") for path in site.rglob("*.html")}


@pytest.fixture(scope="module")
def anchors(pages):
    found = set()
    for path, text in pages.items():
        if path.parent.name == "api":
            found.update(re.findall(r' id="([^"]+)"', text))
    return found


def test_pages_fetch_nothing_from_elsewhere(pages):
    for path, text in pages.items():
        page = Fetched()
        page.feed(text)
        page.addresses += [
            one for css in re.findall(r"<style>(.*?)</style>", text, re.S) for one in in_css(css)
        ]
        assert page.addresses
        assert [one for one in page.addresses if ELSEWHERE.match(one)] == [], path


def test_style_sheets_fetch_nothing_from_elsewhere(site):
    sheets = list(site.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        found = in_css(sheet.read_text("utf-8"))
        assert [one for one in found if ELSEWHERE.match(one)] == [], sheet


def test_what_is_fetched_is_there(pages, site):
    for path, text in pages.items():
        page = Fetched()
        page.feed(text)
        for address in page.addresses:
            file = address.partition("#")[0].partition("?")[0]
            if file and not file.startswith(("/", "data:", "javascript:")):
                assert (path.parent / file).exists(), f"{path.relative_to(site)}: {address}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_described(package, anchors):
    module = import_module(f"adapt.{package}")
    for name in module.__all__:
        # a function called like its module is described as that module's
        home = getattr(getattr(module, name), "__module__", module.__name__)
        assert {f"{module.__name__}.{name}", f"{home}.{name}"} & anchors, name


def test_every_package_is_described():
    """A package that is new, and meant for users, has to be added to the reference."""
    inner = {"cli"}
    packages = {path.parent.name for path in Path(adapt.__file__).parent.glob("*/__init__.py")}
    assert packages - inner <= set(PACKAGES)


def test_names_of_the_package_itself_lead_to_their_descriptions(pages, anchors):
    text = next(text for path, text in pages.items() if path.match("api/adapt.html"))
    linked = dict(re.findall(r'href="[^"]*#(adapt\.[\w.]+)"[^>]*><code>(\w+)</code>', text))
    assert {name.rpartition(".")[2] for name in linked} == set(adapt.__all__)
    assert set(linked) <= anchors


def test_commands_are_described(pages):
    text = next(text for path, text in pages.items() if path.match("reference/command-line.html"))
    for command in app.registered_commands:
        assert f'id="adapt-{command.name}"' in text
    assert "Override a key, as in word2vec.dim=100" in text


def test_formulas_are_set_without_a_script(pages):
    text = next(text for path, text in pages.items() if path.match("explanation/alignment.html"))
    assert text.count("<math") == text.count('<div class="formula">') > 5


def test_all_keys_of_results_are_described():
    page = (ROOT / "docs/reference/results.md").read_text("utf-8")
    described = {
        key
        for row in re.findall(r"^\| (`.*?) \|", page, re.M)
        for key in re.findall(r"`(\w+)`", row)
    }
    assert {field.name for field in fields(Results)} <= described


def test_defaults_are_those_of_the_signatures(pages):
    """Two parameters that are described together have defaults of their own."""
    text = next(text for path, text in pages.items() if path.match("api/experiment.html"))
    for name in ("text", "label"):
        assert re.search(rf"<code>{name}_field</code></b>.{{0,200}}&#39;{name}&#39;", text, re.S)


def test_all_sections_of_a_study_are_described():
    page = (ROOT / "docs/reference/study.md").read_text("utf-8")
    described = set(re.findall(r"^\| `\[(.+)\]` \|", page, re.M))
    study = StudyConfig(name="any")
    sections = {key for key, value in vars(study).items() if is_dataclass(value)}
    assert sections <= described
