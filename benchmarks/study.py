"""The whole clinical study: ``adapt run`` against `straightforward_study`."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.parts import Part
from benchmarks.processes import Contender, measure, median_peak, run_once
from benchmarks.results import Report, Row
from benchmarks.settings import Settings

__all__ = ["PART"]

_STUDY = "experiments/clinical.toml"
_TASK = "clinical study"
_CELL = re.compile(r"^cell (\S+) (\S+) (\d+) accuracy (\S+) .* seconds (\S+)$", re.MULTILINE)

Cell = tuple[str, str, int]
"""Embedding, strategy, number of labels."""


def measure_study(settings: Settings) -> Report:
    """Run the script once, on the number of torch threads that suits it better, and `adapt` often.

    The script takes half an hour, and is therefore not repeated.
    """
    general = settings.general_text()
    torch_threads, tried = _better_threads(settings, general)
    script = _script(settings, general, torch_threads)
    contenders = [
        _adapt(settings, "adapt run", []),
        _adapt(settings, "adapt run, 2 training threads", ["word2vec.threads=2"]),
    ]
    outcomes = measure([script], 1, settings.announce)
    outcomes |= measure(contenders, settings.repeats, settings.announce)
    theirs = _script_accuracies(outcomes[script.name][0].stdout)
    ours = {
        contender.name: _adapt_accuracies(outcomes[contender.name][-1].stdout)
        for contender in contenders
    }
    rows = tuple(
        Row(
            task=_TASK,
            contender=contender.name,
            seconds=tuple(outcome.seconds for outcome in outcomes[contender.name]),
            reference=contender.reference,
            peak_mb=median_peak(outcomes[contender.name]),
            quality=_quality(theirs if contender is script else ours[contender.name], theirs),
        )
        for contender in (script, *contenders)
    )
    return Report(
        name="study",
        title="The clinical study",
        machine=describe(),
        rows=rows,
        remarks=(
            "From the start of the process to its end: reading, training, alignment, every cell of "
            "the grid, bootstrap (and the report, which the script lacks). The script trains on 2 "
            f"gensim threads; its classifiers on {torch_threads} torch thread(s), the faster of "
            f"{tried} on a small part of the grid; `adapt` trains classifiers on one. *cell by "
            "cell*: smallest and largest difference in accuracy from the peer.",
            f"Test accuracy of the script / {contenders[0].name}: "
            f"{_side_by_side(theirs, ours[contenders[0].name])}.",
        ),
    )


def _better_threads(settings: Settings, general: Path) -> tuple[int, str]:
    """Try the script's classifiers on one torch thread and on two, a few cells of each strategy."""
    seconds = {}
    for threads in (1, 2):
        settings.announce(f"trying {threads} torch thread(s)")
        command = _script_command(general, threads)
        command += ["--epochs", "1", "--seeds", "0", "--embeddings", "general", "--budgets", "200"]
        command += [] if settings.quick else ["1000"]
        cells = _CELL.findall(run_once(command).stdout)
        seconds[threads] = sum(float(cell[4]) for cell in cells)
    tried = ", ".join(f"{threads} ({spent:.1f} s)" for threads, spent in seconds.items())
    return min(seconds, key=lambda threads: seconds[threads]), tried


def _script_command(general: Path, torch_threads: int) -> list[str]:
    module = "benchmarks.straightforward_study"
    return [sys.executable, "-m", module, str(general), "--torch-threads", str(torch_threads)]


def _script(settings: Settings, general: Path, torch_threads: int) -> Contender:
    command = _script_command(general, torch_threads)
    if settings.quick:
        command += ["--epochs", "1", "--seeds", "0", "--budgets", "200"]
    return Contender(name="straightforward script", command=lambda _: command, reference=True)


def _adapt(settings: Settings, name: str, overrides: Sequence[str]) -> Contender:
    out = settings.work / "study"
    program = "from adapt.cli import main; main()"
    command = [sys.executable, "-c", program, "run", _STUDY, "--out", str(out), "--json"]
    command += ["--no-resume"]  # what an earlier run kept would be timed otherwise
    if settings.quick:
        quick = ("word2vec.epochs=1", "classifier.seeds=[0]", "classifier.label_budgets=[200]")
        overrides = [*overrides, *quick]
    for override in overrides:
        command += ["--set", override]

    def fresh(repeat: int) -> Sequence[str]:
        shutil.rmtree(out, ignore_errors=True)
        return command

    return Contender(name=name, command=fresh)


def _script_accuracies(stdout: str) -> dict[Cell, float]:
    return {
        (embedding, strategy, int(n_train)): float(accuracy)
        for embedding, strategy, n_train, accuracy, _ in _CELL.findall(stdout)
    }


def _adapt_accuracies(stdout: str) -> dict[Cell, float]:
    return {
        (row["embedding"], row["strategy"], row["n_train"]): row["accuracy"]
        for row in json.loads(stdout)["summary"]
    }


def _side_by_side(theirs: Mapping[Cell, float], ours: Mapping[Cell, float]) -> str:
    return "; ".join(
        f"{' '.join(map(str, cell))} {accuracy:.3f} / {ours[cell]:.3f}"
        for cell, accuracy in theirs.items()
    )


def _quality(ours: Mapping[Cell, float], theirs: Mapping[Cell, float]) -> dict[str, str]:
    """Summarise accuracies, so that nobody is faster by being worse."""
    found = {"mean accuracy": f"{statistics.mean(ours[cell] for cell in theirs):.4f}"}
    if ours is not theirs:
        differences = [ours[cell] - theirs[cell] for cell in theirs]
        found["cell by cell"] = f"{min(differences):+.3f} to {max(differences):+.3f}"
    return found


PART = Part("study", measure_study)
