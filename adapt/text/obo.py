"""Reading ontologies in the OBO 1.2/1.4 flat file format, a stanza at a time.

References
----------
OBO Flat File Format 1.4 syntax and semantics,
https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapt.errors import FileFormatError
from adapt.text.records import read_lines

__all__ = ["Stanza", "read_stanzas"]

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
# what a backslash makes of a letter; any other character stands for itself
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
# a qualifier block at the end of a line, such as {xref="PMID:29972427"}; not part of the text.
# Blanks before it are stripped later: a pattern that looks for them takes hours on many blanks
_QUALIFIERS = re.compile(r'\{[^{}="]*="(?:[^"\\]|\\.)*"[^{}]*\}$')


@dataclass(frozen=True)
class Stanza:
    """One entry of an ontology.

    Parameters
    ----------
    kind : str
        What it describes: ``"Term"``, ``"Typedef"`` or ``"Instance"``.
    path : Path
        The file it was read from, for messages.
    line : int
        Line of its heading, counted from 1.
    clauses : tuple of (int, str, str)
        Its lines: number, tag and value as written.
    """

    kind: str
    path: Path
    line: int
    clauses: tuple[tuple[int, str, str], ...]

    def texts(self, tag: str) -> tuple[str, ...]:
        """Return the free texts under a tag such as ``name`` or ``comment``, unescaped."""
        return tuple(
            _unescaped(_QUALIFIERS.sub("", value)).strip()
            for _, name, value in self.clauses
            if name == tag
        )

    def quoted(self, tag: str) -> tuple[str, ...]:
        """Return the quoted texts under a tag such as ``def`` or ``synonym``, unescaped.

        Raises
        ------
        FileFormatError
            If a value does not begin with a text in double quotes.
        """
        found = []
        for number, name, value in self.clauses:
            if name != tag:
                continue
            match = _QUOTED.match(value)
            if match is None:
                problem = f'"{tag}" must begin with a text in double quotes; repair the file'
                raise FileFormatError(self.path, problem, line=number)
            found.append(_unescaped(match[1]).strip())
        return tuple(found)

    def identifiers(self, tag: str) -> tuple[str, ...]:
        """Return the identifiers under a tag such as ``id`` or ``is_a``, comments cut off."""
        return tuple(
            value.split(None, 1)[0] for _, name, value in self.clauses if name == tag and value
        )

    def only(self, tag: str) -> str:
        """Return the text under a tag that each stanza has exactly once, such as ``name``.

        Raises
        ------
        FileFormatError
            If the tag is missing or repeated.
        """
        values = self.texts(tag)
        if len(values) != 1:
            problem = f'the stanza has {len(values)} "{tag}" lines, not one; repair the file'
            raise FileFormatError(self.path, problem, line=self.line)
        return values[0]

    def is_marked(self, tag: str) -> bool:
        """Tell whether a yes-or-no tag such as ``is_obsolete`` is set."""
        return "true" in self.identifiers(tag)


def read_stanzas(path: Path) -> Iterator[Stanza]:
    """Yield the stanzas of an OBO file; its header is passed over.

    Parameters
    ----------
    path : Path
        The file, UTF-8, plain or gzipped.

    Yields
    ------
    Stanza
        Terms, type definitions and instances, in the order of the file.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If a line is neither a heading nor a tag with its value.
    """
    kind, start, clauses = "", 0, list[tuple[int, str, str]]()
    for number, line in read_lines(path):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("["):
            if kind:
                yield Stanza(kind, path, start, tuple(clauses))
            kind, start, clauses = _heading(path, number, text), number, []
            continue
        tag, colon, value = text.partition(":")
        if not colon:
            problem = 'neither a heading like [Term] nor a line like "name: value"'
            raise FileFormatError(path, f"{problem}; give an OBO file", line=number)
        if kind:
            clauses.append((number, tag, value.strip()))
    if kind:
        yield Stanza(kind, path, start, tuple(clauses))


def _heading(path: Path, number: int, text: str) -> str:
    kind = text[1:-1].strip()
    if not text.endswith("]") or not kind:
        raise FileFormatError(path, "a heading must look like [Term]; repair it", line=number)
    return kind


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)
