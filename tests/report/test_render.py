from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from adapt.errors import FileAccessError
from adapt.evaluation import UNLABELLED_CORPUS, Leak
from adapt.report import write_report

MANIFEST = {
    "config": {
        "name": "clinical",
        "word2vec": {"dim": 300, "seed": 7},
        "classifier": {"seeds": [0, 1, 2], "label_budgets": [200, "all"]},
    },
    "config_digest": "c0ffee" * 8,
    "repeatable": True,
    "versions": {"python": "3.11.2", "numpy": "2.1.0"},
    "command": ["/opt/bin/adapt", "run", "my study.toml", "--out", "runs/clinical"],
    "seconds": {"training": 80.5, "alignment": 1.25},
    "unheard-of": None,
}

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "use", "rect"}


class Page(HTMLParser):
    """Collects what the tests ask about, and checks that every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def snapshot(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    assert write_report(study, folder, manifest=MANIFEST) == folder / "report.html"
    return folder


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def markdown(folder):
    return (folder / "report.md").read_text(encoding="utf-8")


def test_the_same_results_give_the_same_bytes(study, folder, tmp_path):
    write_report(study, tmp_path / "again", manifest=MANIFEST)
    assert snapshot(tmp_path / "again") == snapshot(folder)


def test_files_are_those_of_the_layout(folder):
    names = set(snapshot(folder))
    figures = {
        "oov-types", "oov-tokens", "strategies-cosine", "strategies-precision",
        "accuracy-frozen", "accuracy-fine-tuned", "drift-shift-aligned", "drift-neighbors-aligned",
        "typos-frozen-1000",
        "alignment-precision", "alignment-curve", "alignment-bands", "alignment-cosines",
    }  # fmt: skip
    expected = {f"figures/{name}.{kind}" for name in figures for kind in ("png", "svg")}
    assert names == expected | {"report.html", "report.md"}


def test_html_needs_nothing_else(html):
    page = Page(html)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    assert "@import" not in html
    assert "url(http" not in html


def test_html_identifiers_are_unique_and_links_arrive(html):
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    targets = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', html)
    assert targets
    assert {a or b for a, b in targets} <= set(page.ids)


def test_html_headings_are_in_order_and_figures_described(html):
    page = Page(html)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    pictures = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(pictures) == 13
    assert all(p["role"] == "img" and p["aria-label"] for p in pictures)
    assert html.count("<figcaption>") == 13


def test_html_tables_scroll_in_their_own_wrapper(html):
    tables = re.findall(r"<table[ >]", html)
    assert len(tables) == len(re.findall(r'<div class="scroll"[^>]*>\s*<table[ >]', html))


def test_sections_come_in_reading_order(markdown):
    assert re.findall(r"^## (.+)$", markdown, flags=re.MULTILINE) == [
        "Findings",
        "Out-of-vocabulary words",
        "Vectors for unknown words",
        "Accuracy against label budget",
        "Drift of the word vectors",
        "Misspelt text",
        "Comparisons",
        "Quality of the alignment",
        "How alike the spaces are",
        "Anchors",
        "Words that changed meaning",
        "Nearest general words",
        "How to read this",
        "How to reproduce this",
    ]


def test_markup_in_words_stays_text(html, markdown):
    assert "<b>brachydactyly" not in html
    assert "&lt;b&gt;brachydactyly&lt;/b&gt;" in html
    assert "<script>" not in html
    row = next(line for line in markdown.splitlines() if line.startswith(r"| x\|y"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 4
    assert r"\<script>" in row
    assert r"[link\](u)" in row


def test_markdown_tables_have_as_many_cells_as_headings(markdown):
    widths = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            widths.append(len(re.findall(r"(?<!\\)\|", line)))
        else:
            assert len(set(widths)) <= 1
            assert len(widths) != 1
            widths = []


def test_markdown_pictures_exist(folder, markdown):
    pictures = re.findall(r"^!\[[^\]]+\]\(([^)]+)\)$", markdown, flags=re.MULTILINE)
    assert len(pictures) == 13
    assert all((folder / picture).is_file() for picture in pictures)


def test_hostile_names_are_escaped_everywhere(study, tmp_path):
    hostile = replace(study, name="<i>&amp;", description="# not a heading\n\n- nor a list")
    write_report(hostile, tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    Page(html)
    assert "<title>&lt;i&gt;&amp;amp;: report</title>" in html
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert markdown.startswith("# \\<i>\\&amp;\n\n\\# not a heading - nor a list\n")


def test_best_cells_and_differences_that_count_stand_out(markdown):
    tfidf = next(line for line in markdown.splitlines() if line.startswith("| tfidf | 48"))
    assert tfidf.count("**") >= 2
    pair = next(line for line in markdown.splitlines() if line.startswith("| domain − general"))
    assert "<\N{NO-BREAK SPACE}0.001 \\*\\*\\*" in pair
    level = next(line for line in markdown.splitlines() if line.startswith("| aligned − domain"))
    assert "**" not in level
    assert r"\*" not in level


def test_manifest_is_summarised_and_the_command_repeated(markdown, html):
    assert "adapt run 'my study.toml' --out runs/clinical\n" in markdown
    assert "/opt/bin" not in html
    assert "| config_digest | c0ffee" in markdown
    assert "| word2vec.seed | 7 |" in markdown
    assert "| classifier.seeds | 0, 1, 2 |" in markdown
    assert "| numpy | 2.1.0 |" in markdown
    assert "| training | 80.5 |" in markdown
    assert "| total | 81.8 |" in markdown


@pytest.mark.parametrize("command", [None, [], ["pytest", "-q"], "adapt run x.toml", 3])
def test_a_command_that_repeats_nothing_is_not_shown(empty_study, tmp_path, command):
    write_report(empty_study, tmp_path, manifest={"command": command})
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "adapt run CONFIG.toml --out FOLDER\n" in markdown


def test_timings_that_are_no_numbers_are_shown_as_they_are(empty_study, tmp_path):
    write_report(empty_study, tmp_path, manifest={"seconds": {"training": "long"}})
    assert "| training | long |" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_small_and_empty_studies_leave_out_what_they_lack(small_study, empty_study, tmp_path):
    for name, results in (("small", small_study), ("empty", empty_study)):
        write_report(results, tmp_path / name)
        html = (tmp_path / name / "report.html").read_text(encoding="utf-8")
        Page(html)
        assert "Quality of the alignment" not in html
        assert "Nearest general words" not in html
        assert "<h2>Findings</h2>" in html
    assert not (tmp_path / "empty" / "figures").exists()
    assert "means over a single seed" in (tmp_path / "small" / "report.md").read_text("utf-8")


def test_an_alignment_alone_is_reported_without_documents(aligned_only, tmp_path):
    write_report(aligned_only, tmp_path)
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    headings = re.findall(r"^## (.+)$", markdown, flags=re.MULTILINE)
    assert headings[:4] == [
        "Findings", "Quality of the alignment", "How alike the spaces are", "Anchors",
    ]  # fmt: skip
    assert "Inductive" not in markdown
    assert "Dataset" not in markdown


def test_alignments_are_told_with_intervals_and_what_was_rejected(markdown):
    row = next(line for line in markdown.splitlines() if line.startswith("| kernel-ridge | **20.1"))
    assert row.count("**") == 12  # the best of every column
    assert "**66.3 [64.3,\N{NO-BREAK SPACE}68.3]**" in row
    maps = next(line for line in markdown.splitlines() if line.startswith("| ridge | domain"))
    assert "| 431.2 | 0.210 |" in maps
    assert "| neighbours disagree | 100 |" in markdown
    changed = next(line for line in markdown.splitlines() if line.startswith("| culture |"))
    assert r"history, a\|b" in changed
    assert "| hb / haemoglobin | 10.0% | 50 | 39,001 |" in markdown
    assert "| Relational similarity | 0.310 [0.290," in markdown
    assert (
        "Of 1,000 held-out words, procrustes finds 6.0% at rank 1 and 18.0% among the first 10 "
        "(CSLS: 6.6% and 19.8%)"
    ) in markdown
    assert "kernel-ridge finds most: 22.1% at rank 1 by CSLS" in markdown


def test_unknown_words_are_told_of_by_strategy_matrix_document_and_typo(markdown):
    lines = markdown.splitlines()
    assert any(line.startswith("| related | 25.0% | 0.190 [0.170,") for line in lines)
    gains = next(line for line in lines if line.startswith("| related,subword | subword |"))
    assert "| 38.9 [36.9," in gains
    assert "| aligned | related,mean | both 9,000 | related:singular 7 |" in markdown
    assert "| general | normal | mean-idf | frozen | 1,000 | 1.0% to 20.0% | 1,000 |" in markdown
    typos = [line for line in lines if line.startswith("| aligned | normal | hybrid")][-1]
    assert "| 80.0 [79.0," in typos
    assert "| 76.0 [75.0," in typos
    assert "related,subword rebuilds most: 39.0% are among the 10 words nearest" in markdown
    assert "Not clearly better than a guess in both figures: related." in markdown
    assert "The chain related,subword beats each of its links alone, in both figures." in markdown


def test_transductive_study_is_labelled(empty_study, tmp_path):
    leak = Leak(UNLABELLED_CORPUS, n_exact=2, n_near=5, examples=())
    dataset = replace(empty_study.dataset, transductive=True, leaks=(leak,))
    marked = replace(empty_study, dataset=dataset)
    write_report(marked, tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'class="caution"' in html
    assert "(transductive)" in html
    assert "share at least 80% of all the runs of three words" in html


def test_a_folder_that_cannot_be_written_is_one_clear_error(empty_study, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FileAccessError, match="taken"):
        write_report(empty_study, tmp_path / "taken")


def test_findings_load_without_matplotlib_or_jinja():
    code = (
        "import sys; import adapt.report as r; r.findings; r.headline_table; "
        "sys.exit(bool({'matplotlib', 'jinja2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_verdict_stands_first(judged_study, tmp_path):
    write_report(judged_study, tmp_path, manifest=MANIFEST)
    verdict = judged_study.verdict
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)", markdown, flags=re.MULTILINE)
    assert headings[:2] == ["Verdict", "Findings"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    Page(page)
    assert page.index(verdict.headline) < page.index('<section id="findings">')
    for text in verdict.sentences:
        assert text in markdown
        assert text in page
