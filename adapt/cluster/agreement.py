"""What the processes of a cluster have to agree on, so that results do not depend on who computes.

Other code, or another version of a library that adds up numbers, may give other results without
any error: a worker that has them is refused.
"""

from __future__ import annotations

import functools
import hashlib
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["Installation", "installation"]

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch", "numba", "llvmlite")


@dataclass(frozen=True)
class Installation:
    """Code that a process runs.

    Parameters
    ----------
    versions : tuple of (str, str)
        Of Python and of the libraries that compute, by name.
    sources : str
        Digest of this package's source files.
    """

    versions: tuple[tuple[str, str], ...]
    sources: str

    def differences(self, other: Installation) -> tuple[str, ...]:
        """Say what is different in `other`, a phrase each; nothing where both compute the same."""
        theirs = dict(other.versions)
        phrases = [
            f"{name} is {theirs.get(name, 'missing')} there and {own} here"
            for name, own in self.versions
            if theirs.get(name) != own
        ]
        if self.sources != other.sources:
            phrases.append("the sources of adapt differ")
        return tuple(phrases)


@functools.cache
def installation() -> Installation:
    """Describe the code of this process."""
    versions = [("Python", ".".join(platform.python_version_tuple()[:2]))]
    versions += [(name, _version(name)) for name in _LIBRARIES]
    return Installation(tuple(versions), _sources())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _sources() -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py"), key=lambda path: path.relative_to(package).parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
