"""A disk that is full, or takes nothing, costs nothing but the result: one line says so.

Where no other disk can be mounted, the largest size of a file stands for a full disk: the system
cuts every writing short there, whoever writes.
"""

import os
import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from adapt.classifiers.persistence import Content
from adapt.errors import AdaptError, FileAccessError
from adapt.experiment.cells import Cell
from adapt.experiment.predictions import Predictions, write_predictions
from adapt.experiment.store import Store
from adapt.files import check_target
from adapt.merging import EmbeddingMatrix, build_matrix, write_provenance
from adapt.merging.exports import EXPORTS
from adapt.text import Vocabulary, WordTokenizer
from adapt.training import Word2VecConfig
from adapt.training.checkpoint import Checkpoint, write_checkpoint
from adapt.vectors import WordVectors, write_vectors

WORDS = tuple(f"word{number}" for number in range(300))
PAGE = 4096


def vectors_of(seed):
    values = np.random.default_rng(seed).normal(size=(len(WORDS), 12)).astype(np.float32)
    return WordVectors(WORDS, values)


def matrix_of(seed) -> EmbeddingMatrix:
    vocabulary = Vocabulary.from_counts(dict.fromkeys(WORDS, 2))
    return build_matrix(vocabulary, vectors_of(seed), oov="zeros")


def checkpoint_of(seed):
    return Checkpoint(seed, vectors_of(seed).matrix, vectors_of(seed + 1).matrix)


def predictions_of(seed):
    generator = np.random.default_rng(seed)
    cells = (Cell("general", "zeros", "mean", "frozen", 60),)
    labels, predicted = generator.integers(3, size=500), generator.integers(3, size=(1, 2, 500))
    classes = ("a", "b", "c")
    return Predictions(cells, (0, 1), classes, labels, predicted.astype(np.uint8), "digest")


def vectors_in(format):
    return lambda folder, seed: write_vectors(vectors_of(seed), folder / "v", format=format)


def export_to(name):
    return lambda folder, seed: EXPORTS[name](matrix_of(seed), folder, WordTokenizer())


WRITERS = {
    **{name: vectors_in(name) for name in ("native", "word2vec", "word2vec-binary", "glove")},
    **{name: export_to(name) for name in EXPORTS},
    "matrix": lambda folder, seed: matrix_of(seed).save(folder / "m.safetensors"),
    "provenance": lambda folder, seed: write_provenance(matrix_of(seed), folder / "rows.tsv"),
    "vocabulary": lambda folder, seed: matrix_of(seed).vocabulary.save(folder / "v.json"),
    "checkpoint": lambda folder, seed: write_checkpoint(
        folder / "state", checkpoint_of(seed), Word2VecConfig(), "digest"
    ),
    "classifier": lambda folder, seed: Content({"head": vectors_of(seed).matrix}, {}).write(
        folder / "classifier.safetensors"
    ),
    "predictions": lambda folder, seed: write_predictions(
        predictions_of(seed), folder / "predictions.npz"
    ),
}


@contextmanager
def largest_file(size):
    """Let the system write no file beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", WRITERS)
def test_wherever_the_disk_is_full_the_old_files_are_whole(tmp_path, name):
    write = WRITERS[name]
    old, new, folder = (tmp_path / part for part in ("old", "new", "folder"))
    for target, seed in ((old, 0), (new, 1)):
        target.mkdir()
        write(target, seed)
    shutil.copytree(old, folder)
    versions = (contents(old), contents(new))
    largest = max(len(content) for content in versions[1].values())
    for size in range(0, largest, max(largest // 25, 1)):
        with largest_file(size), pytest.raises(FileAccessError) as caught:
            write(folder, 1)
        assert str(folder) in str(caught.value)
        assert "\n" not in str(caught.value)
        found = contents(folder)
        assert found.keys() == versions[0].keys()
        for file, content in found.items():
            assert content in [version[file] for version in versions]
    with largest_file(largest):
        write(folder, 1)
    assert contents(folder) == versions[1]


def test_what_cannot_be_kept_is_computed_and_leaves_nothing(tmp_path):
    store = Store(tmp_path / "kept")
    with largest_file(100), pytest.warns(match="cannot be resumed"):
        store.put("a", matrix_of(0))
    assert contents(store.folder) == {}


@contextmanager
def small_disk(folder, size):
    """Mount a disk of some bytes; yields a function that gives it room."""
    options = f"size={size // PAGE * PAGE + PAGE}"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root of Linux can mount a small disk")
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield lambda: subprocess.run(
            ["mount", "-o", "remount,size=200m", str(folder)], check=True, capture_output=True
        )
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def on_disk(files):
    """Count the bytes of the pages that files take."""
    return sum(-(-len(content) // PAGE) * PAGE for content in files.values())


def fills(place, undisturbed, stages, whole_only, name, share):
    """Run a stage on a disk that has room for a part of its files, and again with more."""
    one, whole = place(), undisturbed.files(name)
    after = stages[name].after
    before = on_disk(undisturbed.files(after)) if after else 0
    more = max(0, on_disk(whole) - before)
    # too little by two pages at least, of which a small disk has one for itself
    room = before + min(int(share * more), max(0, more - 2 * PAGE))
    with small_disk(one.work, room) as make_room:
        undisturbed.prepare(one, name)
        first = one.files()
        outcome = one.run(*stages[name].command)
        assert outcome.status == 2
        assert "Traceback" not in outcome.said
        assert outcome.said.splitlines()[-1].startswith("adapt: error: ")
        assert "No space left on device" in outcome.said.splitlines()[-1]
        whole_only(one.files(), whole, first)
        assert one.left_over() == []
        make_room()
        outcome = one.run(*stages[name].command)
        assert outcome.status == 0, outcome.said
        whole_only(one.files(), whole)
        assert one.files().keys() == whole.keys()


@pytest.mark.parametrize(("name", "share"), [("train", 0.5), ("convert", 0.3), ("fetch", 0.5)])
def test_a_full_disk_is_one_line(place, undisturbed, stages, whole_only, name, share):
    fills(place, undisturbed, stages, whole_only, name, share)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.6, 0.9])
def test_a_full_disk_is_one_line_at_every_stage(
    place, undisturbed, stages, whole_only, share, capsys
):
    for name in stages:
        with capsys.disabled():
            sys.stdout.write(f"{name} ")
            sys.stdout.flush()
        fills(place, undisturbed, stages, whole_only, name, share)


def test_no_room_for_what_is_put_aside_is_one_line(place, inputs):
    one = place()
    with small_disk(one.scratch, 0):
        command = ("train", inputs / "notes.txt", "--out", "a.txt", "--dim", 5)
        outcome = one.run(*command)
        assert outcome.status == 2
        assert outcome.said.startswith(f"adapt: error: {one.scratch}/adapt-scratch-")
        assert outcome.said.endswith("(No space left on device); make room or set TMPDIR\n")
        assert (one.files(), one.left_over()) == ({}, [])


def test_a_folder_that_takes_nothing_is_refused_before_the_work(place, inputs):
    one = place()
    with small_disk(one.work, PAGE):
        subprocess.run(["mount", "-o", "remount,ro", str(one.work)], check=True)
        for command in (
            ("train", inputs / "notes.txt", "--out", "new/a.txt"),
            ("run", inputs / "study.toml", "--out", "run"),
            ("data", "fetch", "medquad", "--from", inputs / "large.zip", "--folder", "data"),
        ):
            outcome = one.run(*command)
            assert outcome.status == 2
            assert len(outcome.said.splitlines()[-1:]) == 1
            assert outcome.said.splitlines()[-1].startswith("adapt: error: ")
            assert "Traceback" not in outcome.said
        with pytest.raises(AdaptError, match="takes no files"):
            check_target(one.work / "a")
