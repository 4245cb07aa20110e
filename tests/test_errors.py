"""Messages are one line, whatever they quote."""

import pickle

import pytest

from adapt.errors import AdaptError, FileFormatError, UnknownWordError


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("näh, 语: “so”", "näh, 语: “so”"),
        ("two\nlines\r", r"two\nlines\r"),
        ("red \x1b[31m", r"red \x1b[31m"),
        ("half \ud800", r"half \ud800"),
        ("from right \u202e to left", r"from right \u202e to left"),
    ],
)
def test_what_would_break_a_line_or_steer_a_terminal_is_escaped(message, shown):
    assert str(AdaptError(message)) == shown
    assert str(UnknownWordError(message)) == shown
    error = FileFormatError("a\x1b.txt", message, line=3)
    assert str(error) == rf"a\x1b.txt, line 3: {shown}"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_of_long_messages_the_middle_is_left_out():
    word = "x" * 1_000_000
    shown = str(FileFormatError("a.txt", f"value 1 of {word!r} is no number; mend it", line=3))
    assert len(shown) < 5000
    assert shown.startswith("a.txt, line 3: value 1 of 'xxx")
    assert shown.endswith("xxx' is no number; mend it")


def test_an_error_may_have_no_message():
    assert str(AdaptError()) == ""
