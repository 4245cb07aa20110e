"""The manifest: what a study was run with, so that it can be judged and repeated."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from adapt.errors import FileAccessError, FileFormatError
from adapt.experiment.config import StudyConfig, config_digest
from adapt.experiment.data import StudyData
from adapt.experiment.digests import file_digest
from adapt.experiment.environment import (
    describe_code,
    describe_machine,
    describe_threads,
    package_versions,
)
from adapt.experiment.store import Store
from adapt.files import atomic_path
from adapt.vectors import vector_files

__all__ = [
    "MANIFEST_VERSION",
    "Timings",
    "describe_files",
    "describe_run",
    "describe_study",
    "input_files",
    "read_manifest",
    "write_manifest",
]

MANIFEST_VERSION = 1
"""One more whenever what an older adapt reads in a manifest means something else."""


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


def describe_study(
    config: StudyConfig, inputs: Sequence[Path], timings: Timings, store: Store
) -> dict[str, Any]:
    """Collect the facts of a study: its configuration, after defaults and overrides, and its run.

    Parameters
    ----------
    config : StudyConfig
        The configuration.
    inputs, timings
        As for `describe_run`.
    store : Store
        Where its values came from, or were put.
    """
    return {
        "config": asdict(config),
        "config_digest": config_digest(config),
        "repeatable": config.word2vec.repeatable,
        "seeds": _seeds(asdict(config)),
        **describe_run(inputs, timings),
        "store": {
            "folder": str(store.folder.absolute()),
            "kept": dict(store.n_kept),
            "computed": dict(store.n_computed),
        },
    }


def describe_run(inputs: Sequence[Path], timings: Timings) -> dict[str, Any]:
    """Collect the facts of a run.

    Parameters
    ----------
    inputs : sequence of Path
        Every file that was read; hashed here.
    timings : Timings
        Stages and their seconds.
    """
    return {
        "manifest_version": MANIFEST_VERSION,
        "inputs": describe_files(inputs),
        "versions": package_versions(),
        "code": describe_code(),
        "command": sys.argv,
        "working_folder": str(Path.cwd()),
        "machine": describe_machine(),
        "threads": describe_threads(),
        "seconds": {stage: round(spent, 3) for stage, spent in timings.seconds.items()},
    }


def input_files(config: StudyConfig, data: StudyData) -> list[Path]:
    """List every file that a study reads, in an order that does not depend on where they lie."""
    anchors = config.alignment.anchors.file
    pairs = [] if anchors is None else [Path(anchors)]
    return [*data.sources, *vector_files(config.general), *pairs]


def describe_files(paths: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """Describe files by name, numbered from the second of one name on: place, size, and hash."""
    described: dict[str, dict[str, Any]] = {}
    for path in dict.fromkeys(path.absolute() for path in paths):
        digest = file_digest(path)  # says what is wrong with a file that cannot be read
        n_before = sum(Path(one["path"]).name == path.name for one in described.values())
        described[f"{path.name} ({n_before + 1})" if n_before else path.name] = {
            "path": str(path),
            "bytes": path.stat().st_size,
            "sha256": digest,
        }
    return described


def write_manifest(manifest: Mapping[str, Any], path: Path) -> None:
    """Write the manifest as JSON, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(
            json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def read_manifest(path: Path) -> dict[str, Any]:
    """Read what `write_manifest` wrote, by this adapt or an older one.

    Raises
    ------
    FileAccessError
        If there is no such file.
    FileFormatError
        If it is damaged, no manifest, or written by a newer adapt.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileAccessError(
            f"{path}: {error.strerror}; name a folder that `adapt run` wrote"
        ) from error
    except (ValueError, RecursionError) as error:
        raise FileFormatError(path, "is damaged; remove it or run the study again") from error
    if not isinstance(manifest, dict):
        raise FileFormatError(path, "is no manifest; remove it or run the study again")
    written = manifest.get("manifest_version", 0)
    if not isinstance(written, int) or written > MANIFEST_VERSION:
        raise FileFormatError(
            path,
            f"is a manifest of version {written}, but this adapt reads up to {MANIFEST_VERSION}; "
            "use the adapt that wrote it, or a newer one",
        )
    return manifest


def _seeds(config: Mapping[str, Any], section: str = "") -> dict[str, Any]:
    """Gather the seeds of all sections, by their dotted names."""
    found: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            found |= _seeds(value, f"{section}{key}.")
        elif key in ("seed", "seeds"):
            found[section + key] = value
    return found
