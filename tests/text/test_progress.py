import io

import pytest

from adapt.text.progress import byte_progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "show", "shown"),
    [(Terminal(), True, True), (Terminal(), False, False), (io.StringIO(), True, False)],
    ids=["asked for, on a terminal", "not asked for", "no terminal"],
)
def test_bar_is_shown_only_where_wanted_and_seen(monkeypatch, stream, show, shown):
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with byte_progress("reading [notes]", 10, show=show) as advance:
        advance(4)
        advance(6)
    assert ("reading [notes]" in stream.getvalue()) == shown
