import hashlib
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapt.errors import AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.text import Download, download_named, downloads, fetch

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `CONTENT`, and misbehaves as told."""

    daemon_threads = True

    def __init__(self, content=CONTENT, ranges=True, break_after=None, declare=True, to=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.ranges = ranges
        self.break_after = break_after
        self.declare = declare
        self.to = to
        self.asked = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/file.zip"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.asked.append(wanted)
        if server.to:
            self.send_response(302)
            self.send_header("Location", server.to)
            self.end_headers()
            return
        start = 0
        if wanted and server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(server.content):
                self.send_error(416)
                return
        body = server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            last = len(server.content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
        if server.declare:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.break_after])


@contextmanager
def served(**behaviour):
    with Server(**behaviour) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def download_of(url, **changes):
    known = {"size": len(CONTENT), "sha256": DIGEST, "licence": "CC0", "description": "bytes"}
    return Download(name="some.bytes", url=url, **{**known, **changes})


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_checked_and_left_alone(tmp_path):
    with served() as server:
        for folder in (tmp_path / "new", tmp_path / "new"):
            path = fetch(download_of(server.url), folder)
            assert path.read_bytes() == CONTENT
        assert server.asked == [None]
    assert names_in(tmp_path / "new") == ["some.bytes.zip"]


def test_a_transfer_goes_on_where_it_broke_off(tmp_path):
    with served(break_after=1000) as server:
        download = download_of(server.url)
        with pytest.raises(FileAccessError, match="broke off after 1000 of 10240 bytes"):
            fetch(download, tmp_path)
        assert names_in(tmp_path) == ["some.bytes.zip.part"]
        server.break_after = None
        assert fetch(download, tmp_path).read_bytes() == CONTENT
        assert server.asked == [None, "bytes=1000-"]
    assert names_in(tmp_path) == ["some.bytes.zip"]


def test_a_server_that_cannot_send_the_rest_sends_all(tmp_path):
    (tmp_path / "some.bytes.zip.part").write_bytes(b"something else")
    with served(ranges=False) as server:
        assert fetch(download_of(server.url), tmp_path).read_bytes() == CONTENT
        assert server.asked == ["bytes=14-"]


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_part_longer_than_the_file_is_fetched_anew(tmp_path, size):
    (tmp_path / "some.bytes.zip.part").write_bytes(CONTENT + b"more")
    with served() as server:
        path = fetch(download_of(server.url, size=size), tmp_path)
        assert path.read_bytes() == CONTENT
        assert server.asked == ["bytes=10244-", None]


def test_a_complete_part_is_only_checked(tmp_path):
    (tmp_path / "some.bytes.zip.part").write_bytes(CONTENT)
    with served() as server:
        assert fetch(download_of(server.url), tmp_path).read_bytes() == CONTENT
        assert server.asked == []


def test_a_part_of_another_file_is_found_out_and_deleted(tmp_path):
    (tmp_path / "some.bytes.zip.part").write_bytes(b"x" * 100)
    with served() as server:
        download = download_of(server.url)
        with pytest.raises(FileFormatError, match=f"but some.bytes has {DIGEST}; it was deleted"):
            fetch(download, tmp_path)
        assert names_in(tmp_path) == []
        assert fetch(download, tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_deletes_the_download(tmp_path):
    with (
        served(content=CONTENT[::-1]) as server,
        pytest.raises(FileFormatError, match=f"has the SHA-256 .* has {DIGEST}; it was deleted"),
    ):
        fetch(download_of(server.url), tmp_path)
    assert names_in(tmp_path) == []


def test_the_caller_can_demand_a_checksum(tmp_path):
    with served() as server:
        download = download_of(server.url, sha256=None)
        with pytest.raises(FileFormatError, match="SHA-256"):
            fetch(download, tmp_path, sha256="0" * 64)
        assert fetch(download, tmp_path, sha256=DIGEST.upper()).exists()


def test_without_a_known_checksum_nothing_is_resumed_and_the_digest_is_told(tmp_path):
    (tmp_path / "some.bytes.zip.part").write_bytes(b"of an older version")
    with served() as server:
        download = download_of(server.url, size=None, sha256=None)
        with pytest.warns(AdaptWarning, match=f"SHA-256 of this file is {DIGEST}") as caught:
            path = fetch(download, tmp_path)
        assert server.asked == [None]
    assert path.read_bytes() == CONTENT
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ({"content": CONTENT * 2}, "has 20480 bytes, but 10240 are expected"),
        ({"content": CONTENT * 2, "declare": False}, "has at least 20480 bytes"),
        ({"content": CONTENT[:99], "declare": False}, "has 99 bytes, but some.bytes has 10240"),
    ],
    ids=["declared", "runs on", "stops short"],
)
def test_a_wrong_size_is_an_error(tmp_path, behaviour, message):
    with served(**behaviour) as server, pytest.raises(FileFormatError, match=message):
        fetch(download_of(server.url), tmp_path)
    assert not (tmp_path / "some.bytes.zip").exists()


def test_redirections_are_followed_to_safe_addresses_only(tmp_path):
    with served() as server, served(to=server.url) as door:
        assert fetch(download_of(door.url), tmp_path / "a").read_bytes() == CONTENT
    with (
        served(to="http://example.org/file.zip") as door,
        pytest.raises(InputError, match=r"http://example\.org/file\.zip: is not an https address"),
    ):
        fetch(download_of(door.url), tmp_path / "b")


def test_being_offline_is_said_in_one_line(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/file.zip"
        with pytest.raises(FileAccessError, match=r"cannot be reached .*--from FILE") as caught:
            fetch(download_of(url), tmp_path)
    assert "\n" not in str(caught.value)


def test_a_server_that_does_not_answer_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file.zip"
        with pytest.raises(FileAccessError, match="cannot be reached"):
            fetch(download_of(url), tmp_path, timeout=0.05)


def test_an_answer_other_than_the_file_is_named(tmp_path):
    with served(content=b"") as server:
        (tmp_path / "some.bytes.zip.part").write_bytes(b"x")
        server.ranges = True
        with pytest.raises(FileFormatError, match="has 0 bytes, but 10240 are expected"):
            fetch(download_of(server.url), tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as strange:
        url = f"http://127.0.0.1:{strange.getsockname()[1]}/file.zip"

        def answer():
            connection, _ = strange.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.0 404 Gone fishing\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(FileAccessError, match="the server answers 404 Gone fishing"):
            fetch(download_of(url), tmp_path / "other")
        thread.join()


def test_a_local_copy_is_checked_and_copied(tmp_path):
    source = tmp_path / "copy.zip"
    source.write_bytes(CONTENT)
    download = download_of("https://example.org/file.zip")
    path = fetch(download, tmp_path / "data", from_file=source)
    assert path.read_bytes() == source.read_bytes() == CONTENT
    assert fetch(download, tmp_path / "data") == path


def test_a_wrong_local_copy_is_refused_and_kept(tmp_path):
    source = tmp_path / "copy.zip"
    source.write_bytes(CONTENT[::-1])
    download = download_of("https://example.org/file.zip")
    with pytest.raises(FileFormatError, match=r"copy\.zip: has the SHA-256 .*give another copy"):
        fetch(download, tmp_path / "data", from_file=source)
    with pytest.raises(FileAccessError, match="gone: no such file"):
        fetch(download, tmp_path / "data", from_file=tmp_path / "gone")
    assert source.exists()
    assert names_in(tmp_path / "data") == []


def test_a_damaged_file_in_place_is_not_taken_for_the_download(tmp_path):
    (tmp_path / "some.bytes.zip").write_bytes(b"damaged")
    download = download_of("https://example.org/file.zip")
    with pytest.raises(FileFormatError, match=r"has 7 bytes.*delete it to fetch it anew"):
        fetch(download, tmp_path)
    assert names_in(tmp_path) == ["some.bytes.zip"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileAccessError, match="cannot be written"):
        fetch(download_of("https://example.org/file.zip"), tmp_path / "file" / "data")


@pytest.mark.parametrize(
    "url",
    ["http://example.org/f.zip", "ftp://example.org/f", "file:///etc/passwd", "https:///f", "f"],
)
def test_unsafe_addresses_are_refused(url):
    with pytest.raises(InputError, match="is not an https address"):
        download_of(url)


def test_a_checksum_must_be_one():
    with pytest.raises(InputError, match='"abc" is not a SHA-256'):
        download_of("https://example.org/f.zip", sha256="abc")


def test_downloads_are_found_by_name_and_say_under_which_licence():
    names = [download.name for download in downloads()]
    assert names == sorted(names) == ["glove.6B", "glove.840B.300d", "medquad"]
    for download in downloads():
        assert download_named(download.name) is download
        assert download.licence
        assert download.file_name == f"{download.name}.zip"
    with pytest.raises(InputError, match=r'"glove\.42B"; choose one of glove\.6B'):
        download_named("glove.42B")
