"""The README and the pages of the documentation, and what their examples need."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from adapt import EmbeddingTextClassifier, WordVectors, write_vectors

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SLOW = "<!-- slow -->"
"""Stands in a page whose examples take long."""


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        examples = "python_blocks" in metafunc.fixturenames
        metafunc.parametrize(
            "page",
            [
                pytest.param(
                    page,
                    id=str(page.relative_to(ROOT)),
                    marks=[pytest.mark.slow]
                    if examples and SLOW in page.read_text("utf-8")
                    else [],
                )
                for page in PAGES
            ],
        )


@pytest.fixture
def tokens(page):
    """The page as Markdown sees it."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


@pytest.fixture
def code(tokens):
    """Blocks of code: language, first line in the file, and text; indented ones: no language."""
    return [
        (token.info.strip(), token.map[0] + 1, token.content)
        for token in tokens
        if token.type in ("fence", "code_block")
    ]


@pytest.fixture
def inline(tokens):
    """What stands in running text: links, code, words."""
    return [child for token in tokens for child in token.children or []]


@pytest.fixture
def python_blocks(page, code):
    return [(line, text) for language, line, text in code if language == "python"]


LUNG = ("cough", "wheeze", "asthma", "sputum", "breath")
SKIN = ("rash", "eczema", "itch", "blister", "scale")
OTHERS = ("fever", "ataxia", "ptosis", "patient", "with", *(f"finding{n}" for n in range(240)))


def notes(topic, n, seed):
    draw = random.Random(seed)
    return [
        " ".join([draw.choice(topic), *draw.choices(OTHERS, k=12), draw.choice(topic)])
        for _ in range(n)
    ]


def table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])


@pytest.fixture(scope="session")
def labelled():
    """Texts of two classes, and others of the same classes."""
    return {
        "texts": notes(LUNG, 30, 0) + notes(SKIN, 30, 1),
        "labels": ["lung"] * 30 + ["skin"] * 30,
        "unseen_texts": notes(LUNG, 5, 2) + notes(SKIN, 5, 3),
        "unseen_labels": ["lung"] * 5 + ["skin"] * 5,
    }


@pytest.fixture(scope="session")
def files_of_examples(labelled, tmp_path_factory):
    """A folder with the files that examples name, small and made up."""
    folder = tmp_path_factory.mktemp("examples")
    with (folder / "notes.jsonl").open("w", encoding="utf-8") as stream:
        for text in notes(LUNG + SKIN, 600, 4):
            stream.write(json.dumps({"text": text}) + "\n")
    rng = np.random.default_rng(0)
    words = (*OTHERS[:1], *LUNG, *SKIN, *OTHERS[1:])
    vectors = WordVectors(words, rng.normal(size=(len(words), 100)).astype(np.float32))
    write_vectors(vectors, folder / "glove.6B.100d.txt")
    counted = WordVectors(words, vectors.matrix, counts=np.arange(len(words), 0, -1))
    for name in ("general", "aligned", "merged", "own"):
        write_vectors(counted, folder / f"{name}.safetensors")
    table(folder / "train.csv", zip(labelled["texts"], labelled["labels"], strict=True))
    classifier = EmbeddingTextClassifier(vectors, oov="mean")
    classifier.fit(labelled["texts"], labelled["labels"]).save(folder / "classifier.safetensors")
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The built documentation, whose build had nothing to warn of."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    finished = subprocess.run(
        build,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder
