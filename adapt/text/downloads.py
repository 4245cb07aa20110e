"""Files that do not come in a package: where to get them, and how to know that they are right."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from adapt.errors import AdaptError, AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.files import atomic_path
from adapt.text.transfer import check_address, receive

__all__ = ["Download", "download_named", "downloads", "fetch"]

_TIMEOUT_SECONDS = 30.0
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Download:
    """A file on the web.

    Parameters
    ----------
    name : str
        Name to fetch it by.
    url : str
        Where it lies. HTTPS; plain HTTP is accepted from this very computer only.
    size : int or None
        Its bytes, None where the publisher promises none.
    sha256 : str or None
        Its SHA-256 in hexadecimal digits, None where the publisher promises none.
    licence : str
        Under which terms it may be used.
    description : str
        What it is.

    Raises
    ------
    InputError
        If the address is not safe to fetch from, or the checksum is not one.
    """

    name: str
    url: str
    size: int | None
    sha256: str | None
    licence: str
    description: str

    def __post_init__(self) -> None:
        check_address(self.url)
        if self.sha256 is not None:
            digest = self.sha256.lower()
            if not _DIGEST.fullmatch(digest):
                raise InputError(f'"{self.sha256}" is not a SHA-256; give 64 hexadecimal digits')
            object.__setattr__(self, "sha256", digest)

    @property
    def file_name(self) -> str:
        """What the file is called once fetched."""
        return self.name + PurePosixPath(urlsplit(self.url).path).suffix


_PDDL = "PDDL 1.0 (https://opendatacommons.org/licenses/pddl/1-0/)"

# Stanford publishes no checksums with the archives. Those here are the ones that many independent
# public projects pin for the same addresses.
_DOWNLOADS = (
    Download(
        name="glove.6B",
        url="https://nlp.stanford.edu/data/glove.6B.zip",
        size=862_182_613,
        sha256="617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
        licence=_PDDL,
        description="GloVe, Wikipedia 2014 + Gigaword 5: 400,000 words in 50, 100, 200, 300 d",
    ),
    Download(
        name="glove.840B.300d",
        url="https://nlp.stanford.edu/data/glove.840B.300d.zip",
        size=2_176_768_927,
        sha256="c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        licence=_PDDL,
        description="GloVe, Common Crawl: 2.2 million words, capitals kept, in 300 d",
    ),
    Download(
        name="medquad",
        # packed by GitHub on demand, so that neither its size nor its checksum is promised
        url="https://github.com/abachaa/MedQuAD/archive/refs/heads/master.zip",
        size=None,
        sha256=None,
        licence="CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
        description="MedQuAD: medical questions and answers from NIH websites, as XML",
    ),
)


def downloads() -> tuple[Download, ...]:
    """Return everything that can be fetched by name, in the order of the names."""
    return tuple(sorted(_DOWNLOADS, key=lambda download: download.name))


def download_named(name: str) -> Download:
    """Return the download called `name`.

    Raises
    ------
    InputError
        If there is none.
    """
    for download in _DOWNLOADS:
        if download.name == name:
            return download
    known = ", ".join(download.name for download in downloads())
    raise InputError(f'no download is called "{name}"; choose one of {known}')


def fetch(
    name_or_download: str | Download,
    folder: Path | str,
    *,
    from_file: Path | str | None = None,
    sha256: str | None = None,
    timeout: float = _TIMEOUT_SECONDS,
) -> Path:
    """Bring a file into a folder, checked.

    A file that is there already is checked and kept. What an interrupted transfer has brought
    stays beside it as ``….part``, and the next call goes on from there, provided that a checksum
    will tell whether the pieces belong together.

    Parameters
    ----------
    name_or_download : str or Download
        What to fetch.
    folder : Path or str
        Where to put it; made if missing.
    from_file : Path or str, optional
        Copy this file instead of fetching over the net; it is checked all the same.
    sha256 : str, optional
        The checksum to demand, in place of the registered one.
    timeout : float, default 30.0
        Seconds without an answer after which to give up.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If there is no such download, or the server redirects to an unsafe address.
    FileAccessError
        If the address cannot be reached, the transfer breaks off, another process is fetching the
        same, or a file cannot be read or written.
    FileFormatError
        If size or checksum are wrong. A wrong download is deleted.

    Warns
    -----
    AdaptWarning
        If no checksum is known; the message gives that of the file.
    """
    download = (
        download_named(name_or_download) if isinstance(name_or_download, str) else name_or_download
    )
    if sha256 is not None:
        download = dataclasses.replace(download, sha256=sha256)
    target = Path(folder) / download.file_name
    if from_file is not None:
        digest = _copied(Path(from_file), target, download)
    elif target.exists():
        with _file_errors(target, "read"):
            digest = _verified(target, target, download, "delete it to fetch it anew")
    else:
        digest = _transferred(target, download, timeout)
    if download.sha256 is None:
        warnings.warn(
            f"{target}: no checksum is known for {download.name}; the SHA-256 of this file is "
            f"{digest}, demand it to get the same one again",
            AdaptWarning,
            stacklevel=2,
        )
    return target


def _copied(source: Path, target: Path, download: Download) -> str:
    """Copy a file, check the copy, give it its name, and return its SHA-256."""
    with atomic_path(target) as temporary:
        try:
            shutil.copyfile(source, temporary)
        except FileNotFoundError as error:
            raise FileAccessError(f"{source}: no such file; check the path") from error
        except OSError as error:
            raise FileAccessError(f"{source}: cannot be copied ({error.strerror})") from error
        return _verified(temporary, source, download, "give another copy")


def _transferred(target: Path, download: Download, timeout: float) -> str:
    """Fetch into ``….part``, check that, give it its name, and return its SHA-256."""
    part = target.with_name(target.name + ".part")
    with _file_errors(part, "written"), _alone(target):
        if target.exists():  # another process has just finished
            return _verified(target, target, download, "delete it to fetch it anew")
        if download.sha256 is None:
            # nothing would tell whether the publisher changed the file between two pieces
            part.unlink(missing_ok=True)
        if not part.exists() or part.stat().st_size != download.size:
            receive(download.url, part, size=download.size, timeout=timeout)
        try:
            digest = _verified(part, part, download, "it was deleted; fetch it again")
        except FileFormatError:
            part.unlink()
            raise
        part.replace(target)
    return digest


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep other processes from fetching the same: their pieces would be mixed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    place = target.with_name(f".{target.name}.lock")
    lock = FileLock(place)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise FileAccessError(
            f"{target}: another process is fetching it; wait for its end, then run this again"
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):  # some systems keep files that are open
            place.unlink()
        lock.release()


def _verified(path: Path, shown: Path, download: Download, remedy: str) -> str:
    """Compare a file with what is known about it, and return its SHA-256."""
    size = path.stat().st_size
    if download.size is not None and size != download.size:
        problem = f"has {size} bytes, but {download.name} has {download.size}"
        raise FileFormatError(shown, f"{problem}; {remedy}")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if download.sha256 not in (None, digest):
        problem = f"has the SHA-256 {digest}, but {download.name} has {download.sha256}"
        raise FileFormatError(shown, f"{problem}; {remedy}")
    return digest


@contextmanager
def _file_errors(path: Path, done: str) -> Iterator[None]:
    """Say in one line what keeps a file from being read or written."""
    try:
        yield
    except AdaptError:
        raise
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be {done} ({error.strerror or error})") from error
