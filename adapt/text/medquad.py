"""MedQuAD: medical questions and answers from websites of the NIH.

The labelled task is to tell the semantic type of a disorder (UMLS) from a question about it. The
type of the question would be no task: two dozen patterns such as "What are the symptoms of …?" make
up nearly all questions, and each has one type. There is one question for each disorder, so that
documents are independent of each other; disorders of several types are left out.

References
----------
Ben Abacha, A. and Demner-Fushman, D. (2019). A question-entailment approach to question answering.
BMC Bioinformatics 20.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adapt.errors import FileAccessError, FileFormatError
from adapt.text.labelled import LabelledTexts, UnsplitDataset
from adapt.text.markup import xml_elements
from adapt.text.records import field_values, text_format, text_value

__all__ = ["MEDQUAD_FILE", "QuestionAnswer", "label_questions", "read_medquad"]

MEDQUAD_FILE = Path("data/downloads/medquad.zip")
"""Where `adapt data fetch medquad` puts it."""

_FIELDS = ("focus", "semantic_types", "question", "text")
_SMALLEST_CLASS = 50
_LARGEST_MEMBER = 1 << 24  # bytes; the documents have some ten thousand
_LARGEST_ARCHIVE = 1 << 28  # bytes, unpacked; all documents together have a fifth of that
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks others without bounds
_POSSESSIVE = re.compile(r"['’]s?\b")


@dataclass(frozen=True)
class QuestionAnswer:
    """A question with its answer.

    Parameters
    ----------
    focus : str
        The disorder, or whatever else it is about.
    semantic_types : tuple of str
        Those of the focus, such as T191.
    question, answer : str
        The texts.
    """

    focus: str
    semantic_types: tuple[str, ...]
    question: str
    answer: str


def read_medquad(path: Path | str | None = None) -> UnsplitDataset:
    """Read MedQuAD from the archive of its XML files, or from JSON Lines.

    Parameters
    ----------
    path : Path or str, optional
        A zip of XML, as published, or JSON Lines with the fields `focus`, `semantic_types` (a
        list), `question` and `text` (the answer), plain or gzipped; `MEDQUAD_FILE` without.

    Returns
    -------
    UnsplitDataset
        Questions with the semantic type of what they are about; unlabelled are the answers. Both
        are grouped by that, so that no answer about it is among the unlabelled texts if its
        question is a test document.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it is damaged, or holds no questions.
    """
    file = MEDQUAD_FILE if path is None else Path(path)
    if not file.is_file():
        raise FileAccessError(
            f"{file}: no such file; run adapt data fetch medquad, or name your copy: "
            "data.path=FILE.zip or FILE.jsonl"
        )
    pairs = tuple(_from_records(file) if text_format(file) == "json" else _from_archive(file))
    if not pairs:
        raise FileFormatError(file, "holds no answered question; fetch it again")
    return label_questions(pairs, sources=(str(file),))


def label_questions(
    pairs: Iterable[QuestionAnswer],
    *,
    smallest_class: int = _SMALLEST_CLASS,
    sources: tuple[str, ...] = (),
) -> UnsplitDataset:
    """Take one question for every focus of a single semantic type.

    Parameters
    ----------
    pairs : iterable of QuestionAnswer
        All of them; the first question of a focus is taken.
    smallest_class : int, default 50
        Leave out types with fewer questions than that.
    sources : tuple of str
        Where they are from.

    Returns
    -------
    UnsplitDataset
        See `read_medquad`.
    """
    known = tuple((_same_focus(pair.focus), pair) for pair in pairs)
    types: dict[str, dict[str, None]] = {}
    questions: dict[str, str] = {}
    for group, pair in known:
        types.setdefault(group, {}).update(dict.fromkeys(pair.semantic_types))
        questions.setdefault(group, pair.question)
    single = {group: next(iter(own)) for group, own in types.items() if len(own) == 1}
    sizes = Counter(single.values())
    groups = tuple(group for group, label in single.items() if sizes[label] >= smallest_class)
    return UnsplitDataset(
        labelled=LabelledTexts(
            tuple(questions[group] for group in groups), tuple(single[group] for group in groups)
        ),
        unlabelled=tuple(pair.answer for _, pair in known),
        sources=sources,
        groups=groups,
        unlabelled_groups=tuple(group for group, _ in known),
    )


def _same_focus(focus: str) -> str:
    """Write a focus so that its spellings agree: "Crohn's disease" and "Disease, Crohn".

    Examples
    --------
    >>> _same_focus("Crohn's disease") == _same_focus("Disease, Crohn")
    True
    """
    return " ".join(sorted(set(re.findall(r"\w+", _POSSESSIVE.sub("", focus.lower())))))


def _from_records(file: Path) -> Iterator[QuestionAnswer]:
    for number, (focus, types, *texts) in field_values(file, _FIELDS):
        if not isinstance(types, list):
            raise FileFormatError(file, '"semantic_types" is no list; give one', line=number)
        question, answer = (
            text_value(text, file, number, name)
            for text, name in zip(texts, _FIELDS[2:], strict=True)
        )
        named = tuple(str(one) for one in types if one)
        about = text_value(focus, file, number, "focus")
        if answer.strip():
            yield QuestionAnswer(about, named, question.strip(), answer)


def _from_archive(file: Path) -> Iterator[QuestionAnswer]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".xml")]
            if sum(member.file_size for member in members) > _LARGEST_ARCHIVE:
                raise FileFormatError(file, "holds far too much; fetch it again")
            for member in sorted(members, key=lambda one: one.filename):
                place = f"{file}, {member.filename}"
                if member.file_size > _LARGEST_MEMBER or member.compress_type not in _METHODS:
                    raise FileFormatError(place, "is not as published; fetch the archive again")
                yield from _from_xml(archive.read(member), place)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError) as error:
        raise FileFormatError(
            file, f"is no whole zip archive ({error}); fetch it again, or give JSON Lines"
        ) from error
    except RuntimeError as error:  # what zipfile says of encrypted members
        raise FileFormatError(file, f"cannot be unpacked ({error}); fetch it again") from error
    except OSError as error:
        raise FileAccessError(f"{file}: cannot be read ({error.strerror or error})") from error


def _from_xml(content: bytes, place: str) -> Iterator[QuestionAnswer]:
    """Yield the pairs of a document; those whose answers belong to others have them taken out."""
    *_, document = xml_elements(content, place)
    focus = _plain(document.findtext("Focus"))
    types = tuple(
        dict.fromkeys(
            name for element in document.iter("SemanticType") if (name := _plain(element.text))
        )
    )
    for pair in document.iter("QAPair"):
        question, answer = _plain(pair.findtext("Question")), _plain(pair.findtext("Answer"))
        if question and answer:
            yield QuestionAnswer(focus, types, question, answer)


def _plain(text: str | None) -> str:
    """Put a text on one line."""
    return " ".join((text or "").split())
