"""XML from anywhere: elements as they complete, and nothing expanded or fetched."""

import pytest

from adapt.errors import FileFormatError
from adapt.text.markup import xml_elements

LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><d>&i;</d>"
)
ELSEWHERE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'


def test_children_come_before_their_parents():
    document = '\ufeff<?xml version="1.0" encoding="utf-8"?><d><a>näh&amp;er</a><b><c/></b></d>'
    found = [(one.tag, one.text) for one in xml_elements(document.encode(), "d.xml")]
    assert found == [("a", "näh&er"), ("c", None), ("b", None), ("d", None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LAUGHS.encode(), "declares entities, which are not read here"),
        (ELSEWHERE.encode(), "declares entities"),
        (b"<!DOCTYPE d><d/>", "declares entities"),
        (LAUGHS.encode("utf-16"), "is not UTF-8"),
        (LAUGHS.encode("utf-16-le"), "holds zero bytes"),
        (b"<d>&undeclared;</d>", r"is not XML \(undefined entity"),
        (b"<d>", "is not XML"),
        (b"", "is not XML"),
        (b"<d>" * 100_000, "is not XML"),
    ],
)
def test_what_is_refused(content, message):
    with pytest.raises(FileFormatError, match=f"^d.xml: {message}"):
        list(xml_elements(content, "d.xml"))
