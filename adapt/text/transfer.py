"""Receiving a file over HTTPS, going on where an earlier attempt broke off."""

from __future__ import annotations

import http.client
import ipaddress
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.progress import progress

__all__ = ["check_address", "receive"]

_CHUNK_BYTES = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


def check_address(url: str) -> None:
    """Refuse an address whose content could be changed on the way.

    Parameters
    ----------
    url : str
        An address. Plain HTTP is accepted from this very computer only.

    Raises
    ------
    InputError
        If it is neither that nor HTTPS.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_this_computer(parts.hostname or ""):
        return
    raise InputError(f"{url}: is not an https address; give one")


def receive(url: str, part: Path, *, size: int | None, timeout: float) -> None:
    """Append to `part` what it lacks of the file at `url`, or write it from the start.

    Parameters
    ----------
    url : str
        Where the file lies.
    part : Path
        Where to put it. What it holds is taken for the beginning of the file; a server that
        cannot send the rest alone is made to send all.
    size : int or None
        Bytes the file must have, as far as known.
    timeout : float
        Seconds without an answer after which to give up.

    Raises
    ------
    InputError
        If the server redirects to an unsafe address.
    FileAccessError
        If the address cannot be reached, or the transfer breaks off; `part` keeps what came.
    FileFormatError
        If the file has another size than `size`.
    """
    have = part.stat().st_size if part.exists() else 0
    with _open(url, have, timeout) as response:
        start = _start(response)
        if start not in (0, have):
            raise FileAccessError(f"{url}: sent another part than was asked for; delete {part}")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        if size is not None and total not in (None, size):
            raise _wrong_size(url, f"{total}", size)
        received = start
        with (
            progress(part.stem, total, unit="B", done=start) as advance,
            part.open("ab" if start else "wb") as file,
        ):
            for chunk in _chunks(response, url):
                received += len(chunk)
                if size is not None and received > size:
                    raise _wrong_size(url, f"at least {received}", size)
                file.write(chunk)
                advance(len(chunk))
    if total is not None and received < total:
        raise _broken(url, f"after {received} of {total} bytes")


def _open(url: str, have: int, timeout: float) -> http.client.HTTPResponse:
    """Ask for the bytes of a file after the first `have`."""
    headers = {"User-Agent": "adapt-embeddings"}
    if have:
        headers["Range"] = f"bytes={have}-"
    handlers: list[Any] = [_SafeRedirects]
    if urlsplit(url).scheme == "http":
        handlers.append(urllib.request.ProxyHandler({}))  # this computer needs no proxy
    opener = urllib.request.build_opener(*handlers)
    elsewhere = "or fetch the file elsewhere and give it with --from FILE"
    try:
        response = opener.open(urllib.request.Request(url, headers=headers), timeout=timeout)
        return cast(http.client.HTTPResponse, response)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            return _open(url, 0, timeout)  # nothing follows: the part is of another file
        problem = f"the server answers {error.code} {error.reason}"
        raise FileAccessError(f"{url}: {problem}; try later, {elsewhere}") from error
    except (http.client.HTTPException, OSError) as error:
        problem = f"cannot be reached ({getattr(error, 'reason', error)})"
        raise FileAccessError(f"{url}: {problem}; check the connection, {elsewhere}") from error


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to safe addresses only."""

    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str
    ) -> Any:
        try:
            check_address(newurl)
            if urlsplit(req.full_url).scheme != urlsplit(newurl).scheme == "http":
                raise InputError(f"{newurl}: an https address leads there, which is not one")
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _start(response: http.client.HTTPResponse) -> int:
    """Return the offset of the first byte that the server sends, -1 if it does not say."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _chunks(response: http.client.HTTPResponse, url: str) -> Iterator[bytes]:
    """Yield what arrives; a connection that breaks says so in one line."""
    while True:
        try:
            chunk = response.read(_CHUNK_BYTES)
        except (http.client.HTTPException, OSError) as error:
            raise _broken(url, f"({error})") from error
        if not chunk:
            return
        yield chunk


def _broken(url: str, when: str) -> FileAccessError:
    return FileAccessError(f"{url}: the transfer broke off {when}; run it again")


def _wrong_size(url: str, found: str, size: int) -> FileFormatError:
    return FileFormatError(
        url, f"has {found} bytes, but {size} are expected; look for a newer version of adapt"
    )


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
