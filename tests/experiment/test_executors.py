"""Executors: the same results anywhere, errors that arrive, and no worker left behind."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from operator import neg
from pathlib import Path

import pytest

from adapt.errors import AdaptError, FileFormatError, InputError
from adapt.experiment.executors import open_executor, prepare_workers

N_WORKERS = [1, 2]


def late_if_first(number):
    """Finish in another order than begun."""
    time.sleep(0.2 if number == 0 else 0.0)
    return number, os.getpid()


def refuse(number):
    raise FileFormatError("notes.csv", f"cannot use {number}", line=3)


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def report_and_wait(path):
    """Say which process this is, and stay busy."""
    Path(path).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(60)


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    # a process that ended, but whose end nobody has asked for yet, is a zombie
    return (
        not state.exists() or state.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    )


def wait_until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.mark.parametrize("n_workers", N_WORKERS)
def test_results_come_in_the_order_of_the_items(n_workers):
    with open_executor(n_workers) as executor:
        results = list(executor.map(late_if_first, range(5)))
    assert [number for number, _ in results] == [0, 1, 2, 3, 4]
    assert (os.getpid() in {process for _, process in results}) == (n_workers == 1)


def test_with_one_worker_nothing_runs_before_it_is_asked_for():
    done = []
    with open_executor(1) as executor:
        results = executor.map(done.append, range(3))
        next(results)
        assert done == [0]


@pytest.mark.parametrize("n_workers", N_WORKERS)
def test_several_maps_can_be_under_way(n_workers):
    with open_executor(n_workers) as executor:
        first, second = executor.map(neg, [1, 2]), executor.map(neg, [3])
        assert [*second, *first] == [-3, -1, -2]


@pytest.mark.parametrize("n_workers", N_WORKERS)
def test_an_error_arrives_as_what_it_was(n_workers):
    with pytest.raises(FileFormatError, match="line 3: cannot use 7"):  # noqa: SIM117
        with open_executor(n_workers) as executor:
            list(executor.map(refuse, [7, 8]))


def test_a_worker_that_is_killed_is_said_in_one_line():
    with open_executor(2) as executor:
        with pytest.raises(AdaptError, match="ended before its work was done") as caught:
            list(executor.map(die, [1]))
        with pytest.raises(AdaptError, match="ended before its work was done"):
            executor.map(neg, [1])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n_workers", [0, -2])
def test_a_number_of_workers_that_cannot_be_is_refused(n_workers):
    with pytest.raises(InputError, match=f"{n_workers} workers"), open_executor(n_workers):
        pass


def test_an_exception_in_the_block_stops_workers_in_the_middle_of_their_work(tmp_path):
    said = tmp_path / "process"
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), open_executor(2) as executor:  # noqa: PT012
        executor.map(report_and_wait, [str(said)])
        wait_until(lambda: said.exists() and said.read_text(encoding="utf-8"))
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 50  # the worker would have been busy for longer
    wait_until(lambda: not is_alive(int(said.read_text(encoding="utf-8"))))


SCRIPT = """
import sys
from adapt.experiment.executors import open_executor
sys.path.insert(0, {folder!r})
from {module} import report_and_wait

if __name__ == "__main__":
    with open_executor(2) as executor:
        list(executor.map(report_and_wait, [sys.argv[1], sys.argv[2]]))
"""


def test_no_worker_outlives_the_process_that_started_it(tmp_path):
    script, here = tmp_path / "script.py", Path(__file__)
    script.write_text(SCRIPT.format(folder=str(here.parent), module=here.stem), encoding="utf-8")
    parents = {}
    for sent in (signal.SIGINT, signal.SIGKILL):
        said = [tmp_path / f"{sent.name}-{number}" for number in "12"]
        parents[sent] = (
            said,
            subprocess.Popen(
                [sys.executable, str(script), *map(str, said)], stderr=subprocess.DEVNULL
            ),
        )
    for sent, (said, parent) in parents.items():
        wait_until(lambda files=said: all(path.exists() and path.read_text() for path in files))
        parent.send_signal(sent)
        parent.wait(timeout=20)
        workers = [int(path.read_text()) for path in said]
        wait_until(lambda ids=workers: not any(map(is_alive, ids)))


def test_workers_that_cannot_be_started_are_named(monkeypatch):
    def refuse():
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", refuse)
    with pytest.raises(
        AdaptError, match=r"cannot be started \(AF_UNIX path too long\); set TMPDIR"
    ):
        prepare_workers(2)
    prepare_workers(1)  # has none


INTERRUPTED = """
import os, signal, time
from adapt.experiment.executors import prepare_workers
heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append(True))
prepare_workers(2)
time.sleep(0.5)  # it imports for seconds
os.killpg(0, signal.SIGINT)  # as a terminal does, to all processes that it runs
time.sleep(0.5)
print(bool(heard))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes")
def test_ctrl_c_is_no_traceback_of_what_begins_the_workers():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_ctrl_c_waits_until_workers_have_begun_so_that_none_is_forgotten(monkeypatch):
    submit, begun = ProcessPoolExecutor.submit, []

    def interrupted_submit(pool, *arguments):
        time.sleep(0.1)  # the main thread waits by now
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        begun.append(submit(pool, *arguments))
        return begun[-1]

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted_submit)
    with pytest.raises(KeyboardInterrupt), open_executor(2) as executor:  # noqa: PT012
        executor.map(neg, [1])
        pytest.fail("nobody was interrupted")
    assert len(begun) == 1
