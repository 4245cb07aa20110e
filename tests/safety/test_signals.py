"""Whoever stops a command, or stops listening, gets one line and a clean folder."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has other signals")


def start_training(place, inputs, **options):
    """Start a training that takes minutes, and wait until it is at it."""
    command = ("train", inputs / "notes.txt", "--out", "a.txt", "--epochs", 100_000, "--dim", 50)
    process = place.start(*command, **options)
    deadline = time.monotonic() + 120
    while not any(path.stat().st_size for path in place.scratch.rglob("corpus*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    return process


def is_gone(group, within):
    """Wait for the last process of a group to end."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_command_that_is_asked_to_end_clears_away_and_says_so(place, inputs, name):
    one = place()
    (one.work / "a.txt").write_text("old")
    process = start_training(one, inputs)
    process.send_signal(getattr(signal, name))
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out, said) == (130, "", "adapt: interrupted\n")
    assert one.files() == {"a.txt": b"old"}
    assert one.left_over() == []


def test_what_a_shell_has_made_deaf_to_a_signal_stays_so(place, inputs):
    one = place()
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    process = start_training(one, inputs, code=code + "from adapt.cli import main; main()")
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.5)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "adapt: interrupted\n"


def test_a_study_with_workers_that_is_interrupted_ends_with_all_of_them(place, inputs):
    one = place()
    process = one.start("run", inputs / "study.toml", "--out", "run", "--workers", 2)
    told = []
    for line in iter(process.stderr.readline, ""):
        told.append(line)
        if line.startswith("[1/"):
            break
    assert told[-1].startswith("[1/"), told
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    said = process.communicate(timeout=60)[1]
    assert (process.returncode, said.splitlines()[-1]) == (130, "adapt: interrupted")
    assert "Traceback" not in said
    assert is_gone(process.pid, within=10)
    assert one.left_over() == []


def test_nobody_reading_what_goes_on_does_not_stop_the_work(place, inputs):
    one = place()
    read, write = os.pipe()
    os.close(read)
    general = inputs / "general.txt"
    command = ("merge", general, general, "--out", "merged.txt", "--policy", "average")
    align = ("align", inputs / "domain.safetensors", general, "--space", "domain", "--out", "a.txt")
    for arguments, name in ((command, "merged.txt"), (align, "a.txt")):
        outcome = one.run(*arguments, stderr=write)
        assert outcome.status == 0
        assert name in outcome.out
        assert (one.work / name).stat().st_size
    outcome = one.run("merge", "nothing", general, "--out", "b.txt", stderr=write)
    assert outcome.status == 2
    os.close(write)


def test_nobody_reading_the_results_is_no_error(place, inputs):
    read, write = os.pipe()
    os.close(read)
    general = inputs / "general.txt"
    outcome = place().run("neighbors", general, "valve", "-k", 1000, stdout=write)
    os.close(write)
    assert (outcome.status, outcome.said) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_results_that_cannot_be_written_are_an_error(place, inputs):
    with open("/dev/full", "w") as full:
        outcome = place().run("neighbors", inputs / "general.txt", "valve", stdout=full)
    said = "adapt: error: the output cannot be written (No space left on device); make room for it"
    assert (outcome.status, outcome.said.strip()) == (2, said)
