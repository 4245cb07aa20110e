"""Reading XML that may come from anywhere: no entity is expanded, and no other file opened.

References
----------
C. Heimes, defusedxml: what XML can be made to do. https://github.com/tiran/defusedxml
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from adapt.errors import FileFormatError

__all__ = ["xml_elements"]


def xml_elements(content: bytes, place: Path | str) -> Iterator[ElementTree.Element]:
    """Yield the elements of an XML document, each when it is complete: children before parents.

    Entities of a document's own can be made to grow without bounds, or to name other files. They
    are looked for in decoded text, so that no other encoding hides them.

    Parameters
    ----------
    content : bytes
        The document, UTF-8.
    place : Path or str
        Where it was found, for messages.

    Yields
    ------
    xml.etree.ElementTree.Element
        An element. Who has no further use of it clears it.

    Raises
    ------
    FileFormatError
        If it is not UTF-8, declares a document type or entities, or is not XML.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(place, "is not UTF-8; convert it, or fetch it again") from error
    if "\0" in text:  # the parser would take it for UTF-16
        raise FileFormatError(place, "holds zero bytes, so it is not UTF-8; fetch it again")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FileFormatError(place, "declares entities, which are not read here; fetch it again")
    try:
        for _, element in ElementTree.iterparse(io.StringIO(text)):
            yield element
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileFormatError(place, f"is not XML ({error}); fetch it again") from error
