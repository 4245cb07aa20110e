"""The page as it is served: what it answers, and to whom."""

import asyncio
import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import warnings

import numpy as np
import pytest

from adapt.cli import main
from adapt.explorer import analogy, neighbors
from adapt.vectors import WordVectors, write_vectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that Panel imports
    pytest.importorskip("panel")

ADAPT = [sys.executable, "-c", "from adapt.cli import main; main()"]


def made_up(n, seed, **about):
    matrix = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return WordVectors(tuple(f"w{i}" for i in range(n)), matrix, **about)


@pytest.fixture
def spaces(tmp_path):
    marked = WordVectors(("<b>bold</b>",), [[1.0] * 8])
    first = made_up(30, 0, counts=np.arange(1030, 1000, -1))
    second = WordVectors(
        (*made_up(20, 1).words, *marked.words), [*made_up(20, 1).matrix, [1.0] * 8]
    )
    paths = [tmp_path / "first.safetensors", tmp_path / "second.safetensors"]
    for space, path in zip((first, second), paths, strict=True):
        write_vectors(space, path)
    return dict(zip(map(str, paths), (first, second), strict=True))


@pytest.fixture
def served(spaces):
    """Serve the page in a process of its own; give that, and the address."""
    command = [*ADAPT, "explore", *spaces, "--no-browser"]
    # resources of the user's choice would come from elsewhere
    environment = {**os.environ, "BOKEH_RESOURCES": "cdn"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def texts_after(url, values):
    """Type into the page, and return the texts that it shows then."""
    from bokeh.client import pull_session

    session = pull_session(url=url)
    try:
        for model in inputs(session.document):
            model.value = values.get(model.title, "")
        session.force_roundtrip()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            session.pull()
            shown = [html.unescape(model.text) for model in models(session.document)]
            if any("<table" in text for text in shown):
                return shown
            time.sleep(0.2)
        pytest.fail("the page shows no table")
    finally:
        session.close()


def models(document):
    found = (model for root in document.roots for model in root.references())
    return [model for model in found if hasattr(model, "text")]


def inputs(document):
    found = (model for root in document.roots for model in root.references())
    return [model for model in found if type(model).__name__ == "TextInput"]


async def connected(url, token, origin):
    """Ask for a connection as a page of some site does; give the status of the answer."""
    from tornado.httpclient import HTTPClientError, HTTPRequest
    from tornado.websocket import websocket_connect

    request = HTTPRequest(f"{url.replace('http', 'ws')}ws", headers={"Origin": origin})
    try:
        connection = await websocket_connect(request, subprotocols=["bokeh", token])
    except HTTPClientError as error:
        return error.code
    connection.close()
    return 101


def cells(table):
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("<tbody>")[2], flags=re.DOTALL)
    return [re.findall(r"<td>(.*?)</td>", row) for row in rows]


@pytest.mark.filterwarnings("ignore")  # Bokeh's client uses what asyncio deprecates
def test_the_page_answers_as_the_functions_do_and_no_one_else(served, spaces):
    process, url = served
    with urllib.request.urlopen(url) as answer:
        page = answer.read().decode()
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)

    shown = texts_after(url, {"Word": "w3"})
    (table,) = [text for text in shown if "<table" in text]
    first, second = (neighbors(space, ["w3"])[0] for space in spaces.values())
    expected = [
        [one.word, f"{one.cosine:.3f}", f"{one.count:,}", other.word, f"{other.cosine:.3f}"]
        for one, other in zip(first, second, strict=True)
    ]
    assert [[html.unescape(cell) for cell in row] for row in cells(table)] == expected
    common = {one.word for one in first} & {one.word for one in second}
    assert f"have {len(common)} in common" in "".join(shown)
    assert "<b>" not in table

    shown = texts_after(url, {"a": "w1", "- b": "w2", "+ c": "w25"})
    (table,) = [text for text in shown if "<table" in text]
    (space, _) = spaces.values()
    assert [row[0] for row in cells(table)] == [
        one.word for one in analogy(space, "w1", "w2", "w25")
    ]
    assert "'w25' is not among" in "".join(shown)

    port = int(url.rstrip("/").rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)
    token = re.search(r'"token":"([^"]+)"', page)[1]
    assert asyncio.run(connected(url, token, origin=url.rstrip("/"))) == 101
    assert asyncio.run(connected(url, token, origin="http://elsewhere.example")) == 403

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "adapt: interrupted"
    assert "Traceback" not in err


def test_what_cannot_be_shown_is_refused_before_anything_is_served(spaces, capsys):
    (path, _) = spaces
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for arguments, message in (
            ([path, path], "is given twice"),
            (["nowhere.txt"], "nowhere.txt: no such file"),
            ([path, "--port", str(taken.getsockname()[1])], "choose another, or 0 for any"),
        ):
            with pytest.raises(SystemExit) as stop:
                main(["explore", *arguments, "--no-browser"])
            assert stop.value.code == 2
            assert message in capsys.readouterr().err


def test_a_missing_extra_is_named(spaces, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "adapt.explorer.page", raising=False)
    monkeypatch.setitem(sys.modules, "panel", None)
    with pytest.raises(SystemExit) as stop:
        main(["explore", *spaces, "--no-browser"])
    assert stop.value.code == 2
    assert "pip install 'adapt-embeddings[explore]'" in capsys.readouterr().err
