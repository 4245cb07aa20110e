"""Commands about whole studies: `run` and `report`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapt.cli.align import emit_alignment
from adapt.cli.console import AsJson, announce, emit, emit_table
from adapt.cli.grid import emit_grid, emit_plan
from adapt.errors import InputError

if TYPE_CHECKING:
    from adapt.evaluation import GridResults, Results
    from adapt.experiment import StudyConfig, StudyGrid

__all__ = ["report", "run"]

MlflowUri = Annotated[
    str | None,
    typer.Option(
        "--mlflow",
        metavar="URI",
        help="Log a run for each cell to this MLflow server, or folder by file:///..., too.",
    ),
]


def run(
    config: Annotated[Path, typer.Argument(help="The study's TOML file.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the results [default: runs/NAME of the file]."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a key, as in word2vec.dim=100; may be repeated."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            help="Processes that train classifiers at the same time [default: a core each]. "
            "The results do not depend on it.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            help="Address of a running Dask scheduler: its workers train the classifiers instead.",
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option("--device", help="cpu, cuda or auto, for all that is trained with PyTorch."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume",
            help="Take what earlier runs kept of the same, interrupted ones too; or compute it "
            "anew.",
        ),
    ] = True,
    mlflow: MlflowUri = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Run nothing: print what would be run, and about how long it takes."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a study, or a grid of studies, and write its report.

    Example: adapt run experiments/clinical.toml --out runs/clinical --set word2vec.epochs=5
    """
    from adapt.experiment import (
        StudyConfig,
        check_tracking,
        read_study,
        run_study,
        run_study_grid,
    )

    if mlflow is not None:
        check_tracking()
    if config.is_file() and not config.stat().st_size:  # as a study, it would be all defaults
        raise InputError(f"{config}: is empty; write a study into it, as those in experiments/ are")
    folder = out or Path("runs") / config.stem
    study = _on_device(read_study(config, settings or []), device)
    n_workers = _n_workers(workers, scheduler)
    if dry_run:
        emit_plan(study, n_workers, as_json=as_json)
        return
    run_one = partial(
        run_study,
        n_workers=n_workers,
        scheduler=scheduler,
        resume=resume,
        announce=announce,
    )
    results: Results | GridResults
    if isinstance(study, StudyConfig):
        results = run_one(study, folder)
    else:
        results = run_study_grid(study, folder, run=run_one, announce=announce)
    if mlflow is not None:
        announce(f"Logging the cells to {mlflow}")
        _log(results, folder, mlflow)
    if as_json:
        emit(asdict(results))
    else:
        _print_results(results)
        sys.stdout.write(f"Report: {folder / 'report.html'}\n")


def report(
    results: Annotated[
        list[Path],
        typer.Argument(help="Folder that `adapt run` or `adapt align --report` wrote, or several."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="HTML file that sets several folders side by side."),
    ] = None,
    mlflow: MlflowUri = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of finished results again, or a page that sets several side by side.

    For one folder, the headline table and the verdict are printed, too.

    Example: adapt report runs/clinical

    Example: adapt report runs/clinical runs/larger --out compared.html
    """
    if len(results) > 1 or out is not None:
        path = _compare(results, out, mlflow)
        if as_json:
            emit({"report": str(path)})
        else:
            sys.stdout.write(f"Report: {path}\n")
        return
    found, path = _report_again(results[0])
    if mlflow is not None:
        _log(found, path.parent, mlflow)
    if as_json:
        emit({"report": str(path)})
    else:
        _print_results(found)
        sys.stdout.write(f"Report: {path}\n")


def _report_again(results: Path) -> tuple[Results | GridResults, Path]:
    """Write the report of a study, of an alignment or of a grid into its folder."""
    from adapt.evaluation import holds_grid, read_grid_results, read_results
    from adapt.experiment.reporting import report_on
    from adapt.report import write_grid_report

    folder = results if results.is_dir() else results.parent
    if holds_grid(results):
        together = read_grid_results(results)
        return together, write_grid_report(together, folder)
    found = read_results(results)
    return found, report_on(found, folder)


def _compare(folders: Sequence[Path], out: Path | None, mlflow: str | None) -> Path:
    """Write the page on several studies."""
    from adapt.experiment.reporting import read_finished_run
    from adapt.report import write_run_comparison

    if out is None or len(folders) < 2:
        raise InputError(
            "several folders are set side by side in one file; give two or more, and --out FILE"
        )
    if mlflow is not None:
        raise InputError("--mlflow logs one study; report them one by one")
    return write_run_comparison([read_finished_run(folder) for folder in folders], out)


def _n_workers(workers: int | None, scheduler: str | None) -> int:
    """Count the processes to start here: those asked for, or one a core."""
    from adapt.cores import usable_cores

    if scheduler is None:
        return usable_cores() if workers is None else workers
    if workers is not None:
        raise InputError("--workers starts processes here, --scheduler has others; give one")
    return 1


def _on_device(study: StudyConfig | StudyGrid, device: str | None) -> StudyConfig | StudyGrid:
    """Train on a device whatever can be: the classifiers, and vectors that PyTorch trains."""
    from adapt.experiment import StudyConfig

    if device is None:
        return study
    if not isinstance(study, StudyConfig):
        return study.map(partial(_with_device, device=device))
    return _with_device(study, device)


def _with_device(study: StudyConfig, device: str) -> StudyConfig:
    word2vec = study.word2vec
    if word2vec.backend == "torch":
        word2vec = replace(word2vec, device=device)
    training = replace(study.classifier.training, device=device)
    return replace(
        study, classifier=replace(study.classifier, training=training), word2vec=word2vec
    )


def _log(results: Results | GridResults, folder: Path, mlflow: str) -> None:
    from adapt.evaluation import GridResults
    from adapt.experiment import log_study

    if isinstance(results, GridResults):
        for variant in results.variants:
            log_study(folder / variant.name, mlflow)
    else:
        log_study(folder, mlflow)


def _print_results(results: Results | GridResults) -> None:
    from adapt.evaluation import GridResults

    if isinstance(results, GridResults):
        emit_grid(results)
    else:
        _print_headline(results)
        _print_verdict(results)


def _print_headline(results: Results) -> None:
    """Print accuracy by embedding and label budget, a table for each strategy, and OOV rates."""
    from adapt.evaluation import BAGS_OF_WORDS
    from adapt.report import headline_table

    if results.dataset is None:  # an alignment by itself
        emit_alignment(results.alignment)
        return

    strategies = dict.fromkeys(
        row.strategy for row in results.summary if row.embedding not in BAGS_OF_WORDS
    )
    for strategy in strategies:
        table = headline_table(results, strategy=strategy)
        emit_table(
            f"Accuracy on {results.dataset.n_test:,} test documents, {strategy} "
            "(* best of its column)",
            ("embedding", *(f"{n:,} labels" for n in table.budgets)),
            [
                (
                    row.embedding,
                    *(
                        f"{'*' if cell.best else ''}{cell.accuracy:.3f} "
                        f"[{cell.low:.3f}, {cell.high:.3f}]"
                        if cell
                        else ""
                        for cell in row.cells
                    ),
                )
                for row in table.rows
            ],
        )
    emit_table(
        "Out of vocabulary in the test texts",
        ("vectors", "types", "tokens"),
        [
            (rate.vectors, f"{rate.type_rate:.1%}", f"{rate.token_rate:.1%}")
            for rate in results.oov
            if rate.split == "test"
        ],
    )


def _print_verdict(results: Results) -> None:
    """Print what the statistics come down to, a sentence a line."""
    if results.verdict is not None:
        sys.stdout.write("\n".join(results.verdict.sentences) + "\n")
