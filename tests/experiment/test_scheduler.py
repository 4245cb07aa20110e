"""Fits on a Dask cluster: the results of one process, whatever becomes of the workers."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from operator import methodcaller, neg
from pathlib import Path

import numpy as np
import pytest

import adapt
from adapt.cli import main
from adapt.cluster import Installation
from adapt.errors import AdaptError, FileFormatError, InputError
from adapt.experiment import read_config, run_study
from adapt.experiment.executors import check_workers, open_executor
from adapt.experiment.shared import SharedMatrix
from adapt.vectors import WordVectors, write_vectors

pytest.importorskip("distributed")

SOURCES = Path(adapt.__file__).parents[1]


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@contextmanager
def process(folder, module, *arguments, sources=SOURCES):
    """Run a module of Python in a folder of its own, until the block ends."""
    folder.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(sources)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=20)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def scheduler(folder, sources=SOURCES):
    """Start a scheduler; yield its address and its process."""
    said = folder / "scheduler" / "said.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", said)
    module = "distributed.cli.dask_scheduler"
    with process(said.parent, module, *options, sources=sources) as started:
        wait_until(lambda: said.exists() and said.read_text(encoding="utf-8").endswith("}"))
        yield json.loads(said.read_text(encoding="utf-8"))["address"], started


def worker(folder, address, *options, nthreads=1, sources=SOURCES):
    """Start a worker; yield its process."""
    return process(
        folder,
        "distributed.cli.dask_worker",
        address,
        *("--host", "127.0.0.1", "--nthreads", nthreads, "--no-dashboard"),
        *("--local-directory", folder / "scratch", *options),
        sources=sources,
    )


@contextmanager
def cluster(folder, n_workers, *options):
    """Start a scheduler with workers; yield its address and the processes of the workers."""
    with scheduler(folder) as (address, _), ExitStack() as stack:
        yield (
            address,
            [
                stack.enter_context(worker(folder / f"worker-{number}", address, *options))
                for number in range(n_workers)
            ],
        )


WORDS = {
    "heart": ["valve", "aorta", "pulse", "atrium", "ventricle", "murmur"],
    "bone": ["joint", "skeleton", "fracture", "femur", "vertebra", "cartilage"],
}
COMMON = ["the", "a", "of", "abnormal", "severe", "patient", "left", "right", "mild", "chronic"]


def write_documents(path, n, seed):
    generator = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        for label in generator.choice(list(WORDS), size=n):
            words = [*generator.choice(WORDS[label], 3), *generator.choice(COMMON, 4)]
            rows.writerow([" ".join(words), label])


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a study of files of its own, with a fit of each kind; and the bytes of its results."""
    folder = tmp_path_factory.mktemp("study")
    for place, (name, n) in enumerate((("train", 120), ("test", 60), ("corpus", 400))):
        write_documents(folder / f"{name}.csv", n, seed=place)
    known = (*COMMON, *WORDS["heart"], "goal")
    matrix = np.random.default_rng(1).normal(size=(len(known), 5)).astype(np.float32)
    write_vectors(WordVectors(known, matrix), folder / "general.txt")
    path = folder / "study.toml"
    path.write_text(
        f"""
        general = '{folder / "general.txt"}'
        embeddings = ["general", "aligned", "tfidf", "ngrams"]
        [data]
        train = '{folder / "train.csv"}'
        test = '{folder / "test.csv"}'
        corpus = ['{folder / "corpus.csv"}']
        [word2vec]
        dim = 8
        epochs = 3
        sample = 0
        [classifier]
        label_budgets = [40]
        layers = ["plain", "hybrid"]
        models = ["mean-idf"]
        strategies = ["frozen", "fine-tuned"]
        tfidf_models = ["linear-svm", "logistic-regression"]
        seeds = [0, 1]
        typo_shares = [0.2]
        drift = true
        [classifier.training]
        penalties = [0.1, 1.0]
        max_epochs = 4
        """,
        encoding="utf-8",
    )
    run_study(read_config(path), folder / "here")
    return path, (folder / "here" / "results.json").read_bytes()


def arrived(folder):
    """Folders of what was shipped to the workers."""
    return [path for path in folder.glob("**/adapt-*") if path.is_dir()]


def run(path, out, *options):
    """Run a study by the command line; return its exit status."""
    with pytest.raises(SystemExit) as stop:
        main(["run", str(path), "--out", str(out), "--no-resume", *options])
    return stop.value.code


def refusal(capsys, study, out, *options):
    """Run a study that is refused; return what is said of it."""
    assert run(study[0], out, *options) == 2
    (line,) = capsys.readouterr().err.splitlines()  # not even the first stage was announced
    assert not out.exists()
    return line.removeprefix("adapt: error: ")


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Start two workers; return the address of their scheduler, and the folder of them all."""
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder, 2) as (address, _):
        yield address, folder


def test_a_study_gives_the_same_bytes_on_a_cluster_and_leaves_nothing_there(
    study, workers, tmp_path
):
    path, expected = study
    address, folder = workers
    assert run(path, tmp_path / "out", "--scheduler", address) == 0
    assert (tmp_path / "out" / "results.json").read_bytes() == expected
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scheduler"] == address
    wait_until(lambda: not arrived(folder))


def test_what_is_shared_is_shipped_once_and_forgotten_with_its_last_map(workers, tmp_path):
    address, folder = workers
    path = tmp_path / "matrix.npy"
    matrix = np.arange(6.0).reshape(2, 3)
    np.save(path, matrix)
    for beside in (".json", ".made-up.npy"):
        path.with_suffix(beside).write_bytes(b"[]")
    shared = SharedMatrix(path, "digest")
    with open_executor(scheduler=address) as executor:
        first = executor.map(methodcaller("vectors"), [shared] * 6)
        shared.delete()  # it was read, and no worker looks for it here
        following = executor.map(methodcaller("sources"), [shared] * 2)
        assert all(np.array_equal(found, matrix) for found in first)
        assert 1 <= len(arrived(folder)) <= 2  # one a worker
        assert list(following) == [[], []]
        wait_until(lambda: not arrived(folder))


def test_results_come_in_order_and_errors_as_what_they_were(workers, tmp_path):
    address, _ = workers
    path = tmp_path / "bad.toml"
    path.write_text("a = ", encoding="utf-8")
    with open_executor(scheduler=address) as executor:
        assert list(executor.map(neg, range(9))) == [-number for number in range(9)]
        with pytest.raises(FileFormatError, match="is not valid TOML") as caught:
            list(executor.map(read_config, [path]))
    assert caught.value.path == path


def test_processes_and_a_scheduler_are_not_given_together(study, tmp_path, capsys):
    options = ("--workers", "2", "--scheduler", "tcp://127.0.0.1:9")
    assert "--scheduler has others" in refusal(capsys, study, tmp_path / "out", *options)
    with pytest.raises(InputError, match="workers of its own"):
        check_workers(2, "tcp://127.0.0.1:9")


@pytest.mark.parametrize("silent", [False, True], ids=["refusing", "silent"])
def test_an_address_where_nobody_answers_is_refused_soon(study, tmp_path, capsys, silent):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if not silent:
            server.close()
        begun = time.monotonic()
        said = refusal(capsys, study, tmp_path / "out", "--scheduler", address)
    assert time.monotonic() - begun < 10
    assert said.startswith(f"{address}: no Dask scheduler answers there")


def test_a_scheduler_without_workers_is_refused(study, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("adapt.experiment.scheduler._PATIENCE_SECONDS", 1)
    with scheduler(tmp_path) as (address, _):
        said = refusal(capsys, study, tmp_path / "out", "--scheduler", address)
    assert said.startswith(f"{address}: this scheduler has no workers, nor got any within 1 s")


def test_differences_of_installations_are_named():
    here = Installation((("Python", "3.11"), ("numpy", "2.0"), ("torch", "2.4")), "abc")
    there = Installation((("Python", "3.11"), ("numpy", "2.1")), "abd")
    assert here.differences(here) == ()
    assert here.differences(there) == (
        "numpy is 2.1 there and 2.0 here",
        "torch is missing there and 2.4 here",
        "the sources of adapt differ",
    )


def other_sources(folder):
    """Copy the package, with another line in it."""
    shutil.copytree(SOURCES / "adapt", folder / "adapt", ignore=shutil.ignore_patterns("*.pyc"))
    with (folder / "adapt" / "seeds.py").open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    return folder


def no_sources(folder):
    """Make a package of the same name, before there was any shipping."""
    (folder / "adapt").mkdir(parents=True)
    for name in ("__init__.py", "cluster.py"):
        (folder / "adapt" / name).touch()
    return folder


@pytest.mark.parametrize(
    ("sources", "nthreads", "message"),
    [
        (other_sources, 1, "the sources of adapt differ; install the same on both"),
        (no_sources, 1, "cannot run this adapt ("),
        (lambda _: SOURCES, 2, "runs 2 tasks at a time; start it with --nthreads 1"),
    ],
    ids=["changed", "another-package", "threads"],
)
def test_workers_that_might_give_other_results_are_refused(
    study, tmp_path, capsys, sources, nthreads, message
):
    there = sources(tmp_path / "sources")
    with (
        scheduler(tmp_path) as (address, _),
        worker(tmp_path / "worker", address, "--no-nanny", nthreads=nthreads, sources=there),
    ):
        said = refusal(capsys, study, tmp_path / "out", "--scheduler", address)
    assert message in said
    assert said.startswith("worker tcp://127.0.0.1:")


def test_a_scheduler_without_this_package_is_refused(study, tmp_path, capsys):
    with (
        scheduler(tmp_path, no_sources(tmp_path / "sources")) as (address, _),
        worker(tmp_path / "worker", address, "--no-nanny"),
    ):
        said = refusal(capsys, study, tmp_path / "out", "--scheduler", address)
    assert said.startswith(f"{address}: the scheduler cannot import this adapt (")


def test_a_worker_that_joins_later_is_refused_too(tmp_path):
    with (
        cluster(tmp_path, 1, "--no-nanny") as (address, (first,)),
        open_executor(scheduler=address) as executor,
    ):
        assert list(executor.map(neg, [1])) == [-1]
        first.kill()
        with (
            worker(tmp_path / "later", address, "--no-nanny", nthreads=2),
            pytest.raises(InputError, match="runs 2 tasks at a time"),
        ):
            list(executor.map(neg, [1]))


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_run_changes_nothing(study, tmp_path):
    path, expected = study
    with cluster(tmp_path, 2, "--no-nanny") as (address, (victim, _)):
        said = []

        def kill_at_the_first_cell(stage):
            if "accuracy" in stage and not said:
                victim.kill()
                said.append(stage)

        run_study(
            read_config(path),
            tmp_path / "out",
            scheduler=address,
            resume=False,
            announce=kill_at_the_first_cell,
        )
        assert said
        assert victim.wait() == -signal.SIGKILL
    assert (tmp_path / "out" / "results.json").read_bytes() == expected


@pytest.mark.slow
def test_vectors_trained_in_parts_are_the_same_here_and_on_a_cluster(study, workers, tmp_path):
    path, _ = study
    small = ["embeddings=['aligned']", "classifier.seeds=[0]", "classifier.layers=['plain']"]
    config = read_config(path, [*small, "partitions.n_shards=2", "partitions.parts_per_shard=2"])
    run_study(config, tmp_path / "here")
    run_study(config, tmp_path / "there", scheduler=workers[0], resume=False)
    here, there = (tmp_path / name / "results.json" for name in ("here", "there"))
    assert here.read_bytes() == there.read_bytes()
    names = [tmp_path / name / "vectors" / "aligned.safetensors" for name in ("here", "there")]
    assert names[0].read_bytes() == names[1].read_bytes()
    run_study(read_config(path, small), tmp_path / "whole")
    assert (tmp_path / "whole" / "results.json").read_bytes() != here.read_bytes()


def test_training_in_parts_without_dask_is_refused_at_once(study, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("adapt.experiment.domain.find_spec", lambda name: None)
    said = refusal(capsys, study, tmp_path / "out", "--set", "partitions.n_shards=2")
    assert said == "partitions.n_shards needs Dask; run `pip install adapt-embeddings[distributed]`"


@pytest.mark.slow
def test_a_cluster_that_is_gone_in_mid_run_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("adapt.experiment.scheduler._PATIENCE_SECONDS", 3)
    with (
        cluster(tmp_path / "all", 1, "--no-nanny") as (address, (only,)),
        open_executor(scheduler=address) as executor,
    ):
        results = executor.map(time.sleep, [0, 60])
        next(results)
        only.kill()
        begun = time.monotonic()
        with pytest.raises(AdaptError, match="all workers are gone, and none came back within 3 s"):
            next(results)
        assert time.monotonic() - begun < 15


@pytest.mark.slow
def test_a_scheduler_that_is_gone_in_mid_run_is_said(tmp_path):
    with (
        scheduler(tmp_path) as (address, process),
        worker(tmp_path / "worker", address, "--no-nanny"),
        open_executor(scheduler=address) as executor,
    ):
        results = executor.map(time.sleep, [0, 60])
        next(results)
        process.kill()
        begun = time.monotonic()
        with pytest.raises(AdaptError, match="the scheduler is gone"):
            next(results)
        with pytest.raises(AdaptError, match="the scheduler is gone"):
            list(executor.map(neg, [1]))
        assert time.monotonic() - begun < 60
