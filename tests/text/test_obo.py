import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileFormatError
from adapt.text.obo import read_stanzas

ONTOLOGY = r"""format-version: 1.2
! a comment

[Term]
id: HP:1 ! the first
name: Broad thumb {source="x"}
def: "So \"broad\"\, and\nlong." [PMID:1, url:a\:b]
synonym: "Wide thumb" EXACT layperson []
synonym: "" EXACT []
comment: A {brace} stays, a qualifier goes. {xref="PMID:2", xref="PMID:3"}
is_a: HP:2 {x="y"} ! parent
is_a: HP:3
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""


@pytest.fixture
def stanzas(tmp_path):
    path = tmp_path / "small.obo"
    path.write_text(ONTOLOGY)
    return list(read_stanzas(path))


def test_stanzas_are_told_apart(stanzas):
    assert [(stanza.kind, stanza.line) for stanza in stanzas] == [("Term", 4), ("Typedef", 15)]
    assert stanzas[1].identifiers("id") == ("part_of",)


def test_values_are_read_without_escapes_qualifiers_and_comments(stanzas):
    term = stanzas[0]
    assert term.identifiers("id") == ("HP:1",)
    assert term.only("name") == "Broad thumb"
    assert term.quoted("def") == ('So "broad", and\nlong.',)
    assert term.quoted("synonym") == ("Wide thumb", "")
    assert term.texts("comment") == ("A {brace} stays, a qualifier goes.",)
    assert term.identifiers("is_a") == ("HP:2", "HP:3")
    assert term.is_marked("is_obsolete")
    assert not stanzas[1].is_marked("is_obsolete")
    assert term.texts("xref") == term.quoted("xref") == ()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_escaped_texts_come_back(tmp_path_factory, text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    path = tmp_path_factory.mktemp("o") / "a.obo"
    path.write_text(f'[Term]\ndef: "{escaped}" [PMID:1]\n', encoding="utf-8")
    (term,) = read_stanzas(path)
    assert term.quoted("def") == (text.strip(),)


@pytest.mark.parametrize(
    ("content", "line"),
    [("[Term]\nid HP\n", 2), ("[Term\nid: x\n", 1), ("[]\n", 1), ("<html>\n", 1)],
)
def test_lines_of_no_known_form_are_named(tmp_path, content, line):
    path = tmp_path / "a.obo"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=f"a.obo, line {line}: "):
        list(read_stanzas(path))


@pytest.mark.parametrize("value", ["no quotes", '"never closed', '"closed by an escape\\"'])
def test_texts_without_quotes_are_named(tmp_path, value):
    path = tmp_path / "a.obo"
    path.write_text(f"[Term]\nid: x\ndef: {value}\n")
    (term,) = read_stanzas(Path(path))
    with pytest.raises(FileFormatError, match='line 3: "def" must begin with a text in double'):
        term.quoted("def")


@pytest.mark.parametrize(("lines", "count"), [("id: x\n", 0), ("name: a\nname: b\n", 2)])
def test_a_missing_or_repeated_name_is_named(tmp_path, lines, count):
    path = tmp_path / "a.obo"
    path.write_text(f"\n[Term]\n{lines}")
    (term,) = read_stanzas(path)
    with pytest.raises(FileFormatError, match=f'line 2: the stanza has {count} "name" lines'):
        term.only("name")


def test_long_lines_take_no_longer_than_they_are_long(tmp_path):
    """A million blanks: compared with each other, they would take hours."""
    path = tmp_path / "a.obo"
    path.write_text("[Term]\nname: a" + " " * 1_000_000 + "b\ncomment: " + "{" * 1_000_000)
    (stanza,) = read_stanzas(path)
    start = time.process_time()
    assert len(stanza.only("name")) == 1_000_002
    assert len(stanza.only("comment")) == 1_000_000
    assert time.process_time() - start < 5
