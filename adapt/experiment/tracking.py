"""Finished studies in MLflow: a run for each cell, to be searched and compared beside others."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapt.errors import AdaptError, InputError, MissingDependencyError
from adapt.evaluation import Results, Summary, read_results
from adapt.experiment.manifest import read_manifest

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = ["check_tracking", "log_study"]

_CELL = ("embedding", "oov", "model", "strategy", "n_train")
_SCORES = ("accuracy", "macro_f1", "validation_accuracy")
_DIGEST = "adapt.digest"
_LONGEST_VALUE = 6000
_LARGEST_BATCH = 100

_DEFAULTS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # MLflow would refuse folders, which need no server
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # its seven take minutes to say that nobody answers
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def check_tracking() -> None:
    """Refuse to begin a study for MLflow where MLflow is not installed.

    Raises
    ------
    MissingDependencyError
        If it is not.
    """
    if find_spec("mlflow") is None:
        raise MissingDependencyError(
            "MLflow is not installed; run `pip install adapt-embeddings[mlflow]`"
        )


def log_study(folder: Path | str, uri: str) -> int:
    """Log a finished study to MLflow, in the experiment that is called as the study is.

    Every cell becomes a run. Its parameters are those of the cell and the configuration of the
    study; its metrics are accuracy, macro-averaged F1 and validation accuracy, with the seed as the
    step, and their means over the seeds (``mean_accuracy``) with the ends of the interval
    (``accuracy_low``, ``accuracy_high``); its tags say which code computed them. A cell that is
    there already, with the same figures by the same code, is not logged again.

    Parameters
    ----------
    folder : Path or str
        What `run_study` wrote.
    uri : str
        Of the tracking server, or ``file:///...`` of a folder.

    Returns
    -------
    int
        How many runs were logged.

    Raises
    ------
    MissingDependencyError
        If MLflow is not installed.
    FileAccessError, FileFormatError, InputError
        If `folder` does not hold the results of a study.
    AdaptError
        If MLflow takes no runs there. What it took remains; another try logs the others.
    """
    check_tracking()
    folder = Path(folder)
    results, manifest = read_results(folder), read_manifest(folder / "manifest.json")
    if results.dataset is None:
        raise InputError(f"{folder}: holds an alignment by itself, which has no cells to log")
    records = [_record(row, results, manifest) for row in results.summary]
    with _environment():
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            client = MlflowClient(tracking_uri=uri)
            experiment = _experiment(client, results.name)
            logged = _logged(client, experiment)
            missing = [record for record in records if record.digest not in logged]
            for record in missing:
                _log(client, experiment, record)
        except (MlflowException, ImportError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            raise AdaptError(
                f"{uri}: MLflow takes no runs there ({reason}); the results are complete, and "
                f"`adapt report {folder} --mlflow URI` logs them"
            ) from error
    return len(missing)


@dataclass(frozen=True)
class _Record:
    """What a run of MLflow holds; metrics by name and step."""

    name: str
    params: Mapping[str, str]
    metrics: Mapping[tuple[str, int], float]
    tags: Mapping[str, str]

    @property
    def digest(self) -> str:
        content = [self.name, [*self.params.items()], [*self.metrics.items()], [*self.tags.items()]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _record(row: Summary, results: Results, manifest: Mapping[str, Any]) -> _Record:
    """Collect what is known of a cell."""
    cell = {name: getattr(row, name) for name in _CELL}
    metrics = {
        (score, run.seed): getattr(run, score)
        for run in results.runs
        if all(getattr(run, name) == value for name, value in cell.items())
        for score in _SCORES
    }
    metrics |= {(f"mean_{score}", 0): getattr(row, score) for score in _SCORES}
    metrics |= {(end, 0): getattr(row, end) for end in ("accuracy_low", "accuracy_high")}
    params = {**cell, **dict(_flat(manifest["config"]))}
    code = manifest["code"]
    tags = {
        "adapt.version": manifest["versions"].get("adapt-embeddings"),
        "adapt.config_digest": manifest["config_digest"],
        "mlflow.source.git.commit": code["commit"],
        "adapt.dirty": code["dirty"],
    }
    return _Record(
        name=", ".join(map(str, cell.values())),
        params={name: _text(value)[:_LONGEST_VALUE] for name, value in params.items()},
        metrics=metrics,
        tags={name: _text(value) for name, value in tags.items() if value is not None},
    )


def _flat(config: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of a configuration as ``--set`` takes them, such as ``word2vec.dim``."""
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{section}{key}.")
        else:
            yield section + key, value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _experiment(client: MlflowClient, name: str) -> str:
    """Find the experiment, or make it; return its number."""
    found = client.get_experiment_by_name(name)
    number: str = client.create_experiment(name) if found is None else found.experiment_id
    return number


def _logged(client: MlflowClient, experiment: str) -> frozenset[str]:
    """Digests of what is there already and complete."""
    found: list[str] = []
    page = None
    while True:
        runs = client.search_runs(
            [experiment], filter_string="attributes.status = 'FINISHED'", page_token=page
        )
        found += [run.data.tags[_DIGEST] for run in runs if _DIGEST in run.data.tags]
        page = runs.token
        if not page:
            return frozenset(found)


def _log(client: MlflowClient, experiment: str, record: _Record) -> None:
    """Log a run; it is finished last, so that one that is cut off is logged again."""
    from mlflow.entities import Metric, Param

    tags = {**record.tags, _DIGEST: record.digest}
    number = client.create_run(experiment, run_name=record.name, tags=tags).info.run_id
    params = [Param(name, value) for name, value in record.params.items()]
    for start in range(0, len(params), _LARGEST_BATCH):
        client.log_batch(number, params=params[start : start + _LARGEST_BATCH])
    now = int(time.time() * 1000)
    metrics = [Metric(name, value, now, step) for (name, step), value in record.metrics.items()]
    client.log_batch(number, metrics=metrics)
    client.set_terminated(number)


@contextmanager
def _environment() -> Iterator[None]:
    """Set what MLflow reads from the environment and is not set, and restore it."""
    ours = {name: value for name, value in _DEFAULTS.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
