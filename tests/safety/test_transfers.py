"""Downloads over a network that cannot be trusted, and in processes that can be killed.

What a server may do wrong is tested beside the code, in `tests/text/test_downloads.py`.
"""

import hashlib
import shutil
import signal
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from adapt.errors import AdaptError, FileAccessError, InputError
from adapt.text import Download, fetch

CONTENT = np.random.default_rng(0).bytes(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
FETCH = """
import sys
from adapt.cli.console import guarded
from adapt.text import Download, fetch
url, sha256 = sys.argv[1:]
download = Download("data", url, None, sha256 or None, "CC0", "bytes")
sys.exit(guarded(lambda: print(fetch(download, ".", timeout=10))))
"""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range", "bytes=0-")
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        server.asked.append(start)
        if server.leads_to:
            self.send_response(302)
            self.send_header("Location", server.leads_to)
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        try:
            for at in range(start, len(CONTENT), 100_000):
                self.wfile.write(CONTENT[at : at + 100_000])
                if server.released.wait(server.pause if at < server.stops_at else 60):
                    continue
        except OSError:
            server.lost.set()  # the other end is gone


@contextmanager
def served(*, certificate=None, leads_to=None, pause=0.0, stops_at=1 << 60):
    """Serve `CONTENT` slowly, or hang from some byte on until released."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.asked, server.leads_to = [], leads_to
        server.pause, server.stops_at = pause, stops_at
        server.released, server.lost = threading.Event(), threading.Event()
        server.handle_error = lambda *arguments: None  # clients that refuse the certificate
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme, host = ("http", "127.0.0.1") if certificate is None else ("https", "localhost")
        server.url = f"{scheme}://{host}:{server.server_port}/data.bin"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of localhost that nobody has signed, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl")
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


def download_of(url, sha256=DIGEST):
    return Download("data", url, len(CONTENT), sha256, "CC0", "bytes")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, certificate):
    with served(certificate=certificate) as server:
        with pytest.raises(FileAccessError, match="certificate verify failed") as caught:
            fetch(download_of(server.url), tmp_path)
        assert server.asked == []
    assert "\n" not in str(caught.value)
    assert [*tmp_path.iterdir()] == []


def test_a_certificate_is_good_for_its_own_host_only(tmp_path, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with served(certificate=certificate) as server:
        assert fetch(download_of(server.url), tmp_path / "good").read_bytes() == CONTENT
        other = server.url.replace("localhost", "127.0.0.1")
        with pytest.raises(FileAccessError, match="certificate is not valid for '127.0.0.1'"):
            fetch(download_of(other), tmp_path / "bad")
        assert server.asked == [0]


@pytest.mark.parametrize(
    "url", ["http://example.org/data.bin", "file:///etc/passwd", "ftp://example.org/x", "data:,x"]
)
def test_nothing_is_fetched_where_a_redirection_must_not_lead(tmp_path, url):
    with (
        served(leads_to=url) as server,
        pytest.raises(AdaptError, match="not an https address|is not allowed"),
    ):
        fetch(download_of(server.url), tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_https_does_not_lead_back_to_http(tmp_path, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with (
        served() as plain,
        served(certificate=certificate, leads_to=plain.url) as server,
        pytest.raises(InputError, match="an https address leads there"),
    ):
        fetch(download_of(server.url), tmp_path)
    assert plain.asked == []


def test_a_server_that_hangs_is_given_up_and_what_came_is_used_later(tmp_path):
    with served(stops_at=1_000_000) as server:
        with pytest.raises(FileAccessError, match=r"broke off \(timed out\); run it again"):
            fetch(download_of(server.url), tmp_path, timeout=0.3)
        have = (tmp_path / "data.bin.part").stat().st_size
        assert 0 < have < len(CONTENT)
        server.stops_at = 1 << 60
        assert fetch(download_of(server.url), tmp_path).read_bytes() == CONTENT
        assert server.asked == [0, have]
    assert [path.name for path in tmp_path.iterdir()] == ["data.bin"]


@pytest.mark.parametrize("sha256", [DIGEST, ""], ids=["resumed", "without a checksum"])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_a_fetch_that_was_stopped_is_finished_by_the_next(place, name, sha256):
    one = place()
    with served(pause=0.02) as server:
        process = one.start(server.url, sha256, code=FETCH)
        part = one.work / "data.bin.part"
        while not (part.exists() and part.stat().st_size):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(getattr(signal, name))
        said = process.communicate(timeout=60)[1]
        expected = (-signal.SIGKILL, "") if name == "SIGKILL" else (130, "adapt: interrupted\n")
        assert (process.returncode, said) == expected
        have = part.stat().st_size
        assert not (one.work / "data.bin").exists()
        server.pause = 0.0
        outcome = one.run(server.url, sha256, code=FETCH)
        assert outcome.status == 0, outcome.said
        assert server.asked == [0, have if sha256 else 0]
    assert one.files() == {"data.bin": CONTENT}


def test_only_one_process_fetches_a_file(place):
    one = place()
    with served(stops_at=0) as server:
        first = one.start(server.url, "", code=FETCH)
        while not server.asked:
            time.sleep(0.01)
        second = one.run(server.url, "", code=FETCH)
        assert second.status == 2
        assert "data.bin: another process is fetching it; wait for its end" in second.said
        server.released.set()
        assert first.communicate(timeout=60)[0].strip() == "data.bin"
        assert first.returncode == 0
        assert len(server.asked) == 1
    assert one.files() == {"data.bin": CONTENT}
