"""The page as it is served: what it answers, and to whom."""

import asyncio
import html
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
import warnings

import numpy as np
import pytest

from adapt.cli import main
from adapt.explorer import analogy, neighbors
from adapt.vectors import WordVectors, write_vectors

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that Panel imports
    panel = pytest.importorskip("panel")
    from adapt.explorer.page import build_page

ADAPT = [sys.executable, "-c", "from adapt.cli import main; main()"]


def made_up(n, seed, **about):
    matrix = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return WordVectors(tuple(f"w{i}" for i in range(n)), matrix, **about)


@pytest.fixture
def spaces(tmp_path):
    marked = ("<b>bold</b>", "<script>")
    first = made_up(30, 0, counts=np.arange(1030, 1000, -1))
    plain = made_up(20, 1)
    alike = np.full((2, 8), 9, dtype=np.float32)
    second = WordVectors((*plain.words, *marked), np.vstack([plain.matrix, alike]))
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


def typed(spaces, **values):
    """Type into the page; return the rows of the table that it shows, and all of its text."""
    page = build_page(spaces)
    names = {"word": "Word", "a": "a", "b": "- b", "c": "+ c"}
    for field, text in values.items():
        (box,) = [one for one in page.select(panel.widgets.TextInput) if one.label == names[field]]
        box.value = text
    (table,) = page.select(panel.pane.DataFrame)
    model = html.unescape(table.get_root().text)
    texts = "\n".join(pane.object for pane in page.select(panel.pane.Str) if pane.object)
    rows = re.findall(r"<tr>(.*?)</tr>", model.partition("<tbody>")[2], flags=re.DOTALL)
    return [
        [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in rows
    ], texts


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
    while await connection.read_message() is not None:
        pass
    return 101


def test_neighbours_stand_side_by_side(spaces):
    rows, texts = typed(spaces, word=" w3 ")
    first, second = (neighbors(space, ["w3"])[0] for space in spaces.values())
    assert rows == [
        [one.word, f"{one.cosine:.3f}", f"{one.count:,}", other.word, f"{other.cosine:.3f}"]
        for one, other in zip(first, second, strict=True)
    ]
    common = {one.word for one in first} & {one.word for one in second}
    assert f"have {len(common)} in common" in texts


def test_an_analogy_is_told_of_every_space_that_has_its_words(spaces):
    rows, texts = typed(spaces, a="w1", b="w2", c="w25")
    (first, _) = spaces.values()
    assert [row[0] for row in rows] == [one.word for one in analogy(first, "w1", "w2", "w25")]
    assert "'w25' is not among" in texts


def test_words_are_shown_as_they_are(spaces):
    (_, second) = spaces.items()
    rows, _ = typed(dict([second]), word="<b>bold</b>")
    (word,) = [word for word, _ in rows if "script" in word]
    assert word == "<script>"


def test_the_page_is_for_this_machine_alone(served):
    process, url = served
    with urllib.request.urlopen(url) as answer:
        page = answer.read().decode()
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    token = re.search(r'"token":"([^"]+)"', page)[1]
    assert asyncio.run(connected(url, token, origin=url.rstrip("/"))) == 101
    assert asyncio.run(connected(url, token, origin="http://elsewhere.example")) == 403
    port = int(url.rstrip("/").rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)

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
