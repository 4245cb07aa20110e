"""Running a study again from its manifest, and comparing the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.evaluation.records import from_record
from adapt.experiment.config import StudyConfig
from adapt.experiment.data import prepare_data
from adapt.experiment.differences import FigureDifference, compare_results
from adapt.experiment.environment import (
    describe_code,
    describe_machine,
    describe_threads,
    package_versions,
)
from adapt.experiment.manifest import describe_files, input_files, read_manifest
from adapt.experiment.runner import run_study
from adapt.vectors import installed_names

__all__ = ["Change", "Reproduction", "reproduce_study"]

_NEEDED = ("config", "inputs", "repeatable", "working_folder")


@dataclass(frozen=True)
class Change:
    """Something about code, packages, machine or threads that is not what was recorded."""

    name: str
    recorded: str
    present: str


@dataclass(frozen=True)
class Reproduction:
    """A study that was run again.

    Parameters
    ----------
    recorded, reproduced : str
        Folders of both runs.
    identical : bool
        Whether both `results.json` have the same bytes.
    repeatable : bool
        Whether the manifest promised that they would, on the same machine with the same code.
    changes : tuple of Change
        What has changed since; reasons to look for if numbers differ.
    differences : tuple of FigureDifference
        Of all figures that differ.
    """

    recorded: str
    reproduced: str
    identical: bool
    repeatable: bool
    changes: tuple[Change, ...]
    differences: tuple[FigureDifference, ...]

    @property
    def agrees(self) -> bool:
        """Whether all numbers are the same."""
        return self.identical or not self.differences


def reproduce_study(
    folder: Path | str,
    out: Path | str,
    *,
    n_workers: int = 1,
    announce: Callable[[str], None] = lambda stage: None,
) -> Reproduction:
    """Run a study again as its manifest says, without anything that was kept, and compare.

    Parameters
    ----------
    folder : Path or str
        What `run_study` wrote.
    out : Path or str
        Receives the new results.
    n_workers, announce
        As for `run_study`.

    Raises
    ------
    InputError
        If an input is no longer what it was, or `out` is the folder itself.
    FileAccessError, FileFormatError
        If the manifest or the results cannot be read.
    AdaptError
        As `run_study`.
    """
    folder, out = Path(folder), Path(out)
    if folder.resolve() == out.resolve():
        raise InputError(f"{out}: holds what is to be compared with; choose another --out")
    manifest = read_manifest(folder / "manifest.json")
    recorded = _read(folder / "results.json")
    config = _config_of(manifest, folder / "manifest.json")
    announce(f"Comparing the inputs with those of {folder}")
    _check_inputs(manifest["inputs"], config)
    changes = tuple(_changes(manifest))
    for change in changes:
        announce(f"{change.name}: was {change.recorded}, is {change.present}")
    run_study(config, out, n_workers=n_workers, resume=False, announce=announce)
    reproduced = _read(out / "results.json")
    return Reproduction(
        recorded=str(folder),
        reproduced=str(out),
        identical=recorded == reproduced,
        repeatable=bool(manifest["repeatable"]),
        changes=changes,
        differences=compare_results(json.loads(recorded), json.loads(reproduced)),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileAccessError(
            f"{path}: {error.strerror}; name a folder that `adapt run` finished"
        ) from error


def _config_of(manifest: Mapping[str, Any], path: Path) -> StudyConfig:
    """Rebuild the configuration, with paths that lead to the same files from here."""
    lacking = [key for key in _NEEDED if key not in manifest]
    if lacking:
        raise FileFormatError(
            path, f"lacks {', '.join(lacking)}, as those of an older adapt do; run the study again"
        )
    try:
        config: StudyConfig = from_record(StudyConfig, manifest["config"])
        known = json.loads(json.dumps(asdict(config))) == manifest["config"]
        base = Path(manifest["working_folder"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FileFormatError(
            path, f"holds no configuration of a study that this adapt knows ({error})"
        ) from error
    if not known:
        raise FileFormatError(
            path, "holds settings that this adapt does not know; use the adapt that wrote it"
        )
    return _with_places(config, base)


def _with_places(config: StudyConfig, base: Path) -> StudyConfig:
    """Make the paths of inputs absolute.

    Relative ones lead on from where the study was run, or else from here: a folder of files can be
    moved together with its results.
    """

    def placed(path: str) -> str:
        there = base / path
        return str(there if there.exists() else Path(path).absolute())

    data, anchors = config.data, config.alignment.anchors
    named = config.general in installed_names()
    return replace(
        config,
        general=config.general if named else placed(config.general),
        data=replace(
            data,
            path=None if data.path is None else placed(data.path),
            train=None if data.train is None else placed(data.train),
            test=None if data.test is None else placed(data.test),
            corpus=tuple(map(placed, data.corpus)),
        ),
        alignment=replace(
            config.alignment,
            anchors=replace(anchors, file=None if anchors.file is None else placed(anchors.file)),
        ),
    )


def _check_inputs(recorded: Mapping[str, Mapping[str, Any]], config: StudyConfig) -> None:
    """Refuse inputs that are not those that were recorded."""
    present = describe_files(input_files(config, prepare_data(config.data)))
    problems = [
        f"{name} {'is not read any more' if name not in present else 'was not read'}"
        for name in sorted(recorded.keys() ^ present.keys())
    ]
    problems += [
        f"{present[name]['path']} has changed since"
        for name in sorted(recorded.keys() & present.keys())
        if recorded[name]["sha256"] != present[name]["sha256"]
    ]
    if problems:
        raise InputError(f"{'; '.join(problems)}: put back what the study was run on")


def _changes(manifest: Mapping[str, Any]) -> Iterator[Change]:
    """Compare what computes now with what computed then."""
    present = {
        "versions": package_versions(),
        "code": describe_code(),
        "machine": describe_machine(),
        "threads": describe_threads(),
    }
    for section, now in present.items():
        then = manifest.get(section, {})
        for name in dict.fromkeys([*then, *now]):
            if then.get(name) != now.get(name):
                yield Change(f"{section}.{name}", str(then.get(name)), str(now.get(name)))
