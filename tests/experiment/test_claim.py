"""A run's folder: one configuration, one process at a time, and no lock that lasts."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import adapt
from adapt.errors import FileFormatError, InputError
from adapt.experiment import StudyConfig
from adapt.experiment.claim import claimed_folder
from adapt.experiment.config import config_digest
from adapt.experiment.manifest import MANIFEST_VERSION, describe_files, read_manifest

CONFIG = StudyConfig(name="any")

HOLD = """
import sys, time
from pathlib import Path
from adapt.experiment import StudyConfig
from adapt.experiment.claim import claimed_folder
with claimed_folder(Path(sys.argv[1]), StudyConfig(name="any")):
    print("held", flush=True)
    time.sleep(600)
"""


def claim(folder):
    """Claim a folder for a moment."""
    with claimed_folder(folder, CONFIG):
        pass


def test_a_second_run_is_refused_at_once(tmp_path):
    folder = tmp_path / "out"
    with claimed_folder(folder, CONFIG):
        with pytest.raises(InputError, match="another run is writing to it"):
            claim(folder)
        claim(tmp_path / "other")  # other folders are free
        (folder / "results.txt").write_text("")
    claim(folder)
    assert [path.name for path in folder.iterdir()] == ["results.txt"]


def test_no_lock_outlives_a_process_that_is_killed(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(adapt.__file__).parents[1])}
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another run"):
            claim(tmp_path / "out")
        holder.send_signal(signal.SIGKILL)
        holder.wait(timeout=60)
        claim(tmp_path / "out")


def test_a_folder_that_nothing_was_written_to_is_not_left_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), claimed_folder(tmp_path / "a" / "b" / "c", CONFIG):
        raise KeyboardInterrupt
    assert not (tmp_path / "a").exists()
    (tmp_path / "mine").mkdir()
    claim(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_manifests_of_a_newer_adapt_are_refused_and_older_ones_read(tmp_path):
    path = tmp_path / "manifest.json"
    facts = {"config_digest": config_digest(CONFIG)}
    path.write_text(json.dumps(facts))
    with claimed_folder(tmp_path, CONFIG):
        assert read_manifest(path) == facts
    path.write_text(json.dumps({**facts, "manifest_version": MANIFEST_VERSION + 1}))
    with pytest.raises(FileFormatError, match=f"of version {MANIFEST_VERSION + 1}, but this adapt"):
        claim(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is damaged"), ("[]", "is no manifest"), ("\xff", "is damaged")]
)
def test_what_is_no_manifest_is_said(tmp_path, text, message):
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(FileFormatError, match=message):
        read_manifest(path)


def test_inputs_of_one_name_are_told_apart(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.txt").write_text(folder)
    first, second = (tmp_path / folder / "notes.txt" for folder in "ab")
    described = describe_files([first, second, first])
    assert [*described] == ["notes.txt", "notes.txt (2)"]
    assert described["notes.txt (2)"]["path"] == str(second)
    assert described["notes.txt"]["sha256"] != described["notes.txt (2)"]["sha256"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file, not a folder"):
        claim(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
