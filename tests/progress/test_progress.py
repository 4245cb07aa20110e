"""Bars: shown where they are wanted and can be seen, and gone when what they stand for is done."""

import io
import re
import threading
from contextlib import contextmanager, redirect_stderr

import pytest

from adapt.progress import TrackedFile, progress, show_progress
from adapt.progress import display as shown_by


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(shown_by, "_PATIENCE", 0)
    return Terminal()


@contextmanager
def shown_on(stream):
    """Show progress on a stream, which pytest would replace between a fixture and its test."""
    with redirect_stderr(stream), show_progress():
        yield


def read(description="reading [notes]"):
    with progress(description, 10, unit="B") as advance:
        advance(4)
        advance(6)


def test_a_bar_names_what_goes_on(terminal):
    with shown_on(terminal):
        read()
    assert "reading [notes]" in terminal.getvalue()
    assert "%" in terminal.getvalue()


def test_nothing_is_shown_unless_asked_for(terminal):
    with shown_on(terminal):
        pass
    with redirect_stderr(terminal):
        read()
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_nothing_is_shown_where_the_cursor_cannot_move(terminal, monkeypatch, term):
    monkeypatch.setenv("TERM", term)
    with shown_on(terminal):
        read()
    assert terminal.getvalue() == ""


def test_nothing_is_shown_in_a_pipe_even_if_colours_are_forced(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setenv("FORCE_COLOR", "1")
    with shown_on(stream):
        read()
    assert stream.getvalue() == ""


def test_what_is_quick_is_not_shown(terminal, monkeypatch):
    monkeypatch.setattr(shown_by, "_PATIENCE", 60)
    with shown_on(terminal):
        read()
    assert "reading" not in terminal.getvalue()


def test_no_colours_if_the_user_wants_none(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with shown_on(terminal):
        read()
    assert "reading" in terminal.getvalue()
    assert not re.search(r"\x1b\[(3|9)\d", terminal.getvalue())


def test_bars_stand_below_each_other_and_count_from_all_threads(terminal):
    with shown_on(terminal), progress("outer", 2) as outer:
        with progress("inner", 100, unit="tokens") as inner:
            threads = [threading.Thread(target=inner, args=(25,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        outer(2)
    assert "outer" in terminal.getvalue()
    assert "inner" in terminal.getvalue()


def test_the_cursor_is_given_back_when_the_block_is_left_by_an_error(terminal):
    with pytest.raises(KeyboardInterrupt), shown_on(terminal), progress("reading", 2):
        raise KeyboardInterrupt
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h") == 1


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        (3.0, ("3", "")),
        (999, ("999", "")),
        (1234.5, ("1.23", "k")),
        (999_900, ("1", "M")),
        (4.2e9, ("4.2", "G")),
    ],
)
def test_speeds_have_their_prefix(speed, told):
    assert shown_by._short(speed) == told


def test_a_file_tells_how_much_was_read(tmp_path):
    path = tmp_path / "notes"
    path.write_bytes(b"0123456789" * 1000)
    noted = []
    with io.BufferedReader(TrackedFile(io.FileIO(path), noted.append)) as file:
        assert len(file.read(10)) == 10
        file.seek(5000)
        assert len(file.read()) == 5000
    assert sum(noted) >= 5010
