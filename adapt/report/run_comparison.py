"""Several finished studies on one page, side by side."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from adapt.errors import InputError
from adapt.evaluation.results import Results
from adapt.evaluation.wording import listed
from adapt.report.drawing import Drawing, drawing_settings
from adapt.report.render import write_page
from adapt.report.run_comparison_figures import comparison_drawings
from adapt.report.run_comparison_tables import (
    accuracy_tables,
    alignment_table,
    configuration_tables,
    oov_table,
    verdict_table,
)
from adapt.report.sections import Section

__all__ = ["FinishedRun", "write_run_comparison"]


@dataclass(frozen=True)
class FinishedRun:
    """A study that was run.

    Parameters
    ----------
    name : str
        What it is called beside others.
    folder : Path
        Where its report is.
    results : Results
        Its outcome.
    manifest : mapping, optional
        How it was run.
    documents : str, optional
        Digest of its test documents.
    """

    name: str
    folder: Path
    results: Results
    manifest: Mapping[str, object] | None = None
    documents: str | None = None


def write_run_comparison(runs: Sequence[FinishedRun], path: Path | str) -> Path:
    """Write one HTML page that sets finished studies side by side.

    Studies on other test documents are shown all the same, with a note. Nothing is tested between
    studies here; a grid does that.

    Parameters
    ----------
    runs : sequence of FinishedRun
        Two or more, under different names.
    path : Path or str
        The page. It needs no other file and no network.

    Raises
    ------
    InputError
        If there are fewer than two, two of one name, or one without documents.
    FileAccessError
        If the page cannot be written.
    """
    path = Path(path)
    _check(runs)
    with drawing_settings():
        drawings = tuple(comparison_drawings({run.name: run.results for run in runs}))
    return write_page(
        path,
        name="Studies side by side",
        description=f"{len(runs)} studies: {listed([run.name for run in runs])}.",
        data="",
        sections=tuple(_sections(runs, drawings, path)),
    )


def _check(runs: Sequence[FinishedRun]) -> None:
    names = [run.name for run in runs]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise InputError(f"cannot set {listed(names)} side by side; name two or more, each once")
    for run in runs:
        if run.results.dataset is None:
            raise InputError(
                f"{run.name}: holds an alignment alone, without documents; name folders that "
                "`adapt run` wrote"
            )


def _sections(
    runs: Sequence[FinishedRun], drawings: Sequence[Drawing], path: Path
) -> Iterator[Section]:
    by_name = {run.name: run.results for run in runs}
    yield Section(
        "Verdicts", groups=(("Caution", tuple(_cautions(runs))),), tables=(verdict_table(by_name),)
    )
    yield Section("Accuracy", figures=tuple(drawings), tables=tuple(accuracy_tables(by_name)))
    if any(results.oov for results in by_name.values()):
        yield Section("Out-of-vocabulary words", tables=(oov_table(by_name),))
    if any(results.alignment for results in by_name.values()):
        yield Section("Quality of the alignment", tables=(alignment_table(by_name),))
    manifests = {run.name: run.manifest or {} for run in runs}
    tables = tuple(configuration_tables(manifests))
    lacking = [run.name for run in runs if run.manifest is None]
    texts = [] if tables else ["Nothing differs in what the manifests record."]
    if lacking:
        texts.append(f"Without a manifest, so that nothing is known of them: {listed(lacking)}.")
    yield Section("What differs in their configuration", tuple(texts), tables=tables)
    yield Section("The reports", links=tuple((run.name, _link(run, path)) for run in runs))


def _cautions(runs: Sequence[FinishedRun]) -> Iterator[str]:
    groups: dict[object, list[str]] = {}
    for run in runs:
        groups.setdefault(_test_set(run), []).append(run.name)
    if len(groups) > 1:
        told = "; ".join(listed(names) for names in groups.values())
        yield (
            "Not all studies have the same test documents, so that accuracies may be compared only "
            f"within these groups: {told}."
        )
    yield (
        "Intervals are those of each study by itself. Differences between studies are not tested "
        "here: run them as a grid for paired tests."
    )


def _test_set(run: FinishedRun) -> object:
    """Tell test sets apart: by their documents, or else by what is known of them."""
    data = run.results.dataset
    sizes = None if data is None else (data.name, data.n_test, data.n_classes)
    return sizes, run.documents


def _link(run: FinishedRun, path: Path) -> str:
    target = os.path.relpath(run.folder / "report.html", path.parent)
    return quote(Path(target).as_posix())
