"""Processes and threads at the same files: each sees whole versions, and all see the same."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from adapt.alignment import nearest
from adapt.vectors import WordVectors, cache, read_vectors, write_vectors

REPLACING = """
import sys, time
from adapt.vectors import read_vectors, write_vectors
versions = [read_vectors(name, cache=False) for name in sys.argv[2:]]
print("begun", flush=True)
for n in range(60):
    write_vectors(versions[n % len(versions)], sys.argv[1])
    time.sleep(0.02)
"""


def vectors_of(seed, n_words, dim):
    values = np.random.default_rng(seed).normal(size=(n_words, dim)).astype(np.float32)
    return WordVectors(tuple(f"{chr(97 + seed)}{row}" for row in range(n_words)), values)


def is_same(left, right):
    return left.words == right.words and left.matrix.tobytes() == right.matrix.tobytes()


@pytest.mark.parametrize("kept", [True, False], ids=["with cache", "without"])
@pytest.mark.parametrize("suffix", [".txt", ".vec", ".bin", ".safetensors"])
def test_each_reading_during_writings_is_one_version(place, monkeypatch, suffix, kept):
    one = place()
    monkeypatch.setenv("ADAPT_CACHE", str(one.cache))
    monkeypatch.setattr(cache, "_LEAST_BYTES", 0)
    monkeypatch.setattr(cache, "_SETTLED_NS", -1)
    versions = [vectors_of(0, 900, 5), vectors_of(1, 300, 9), vectors_of(2, 1, 5)]
    names = [f"version{number}.safetensors" for number in range(len(versions))]
    for name, version in zip(names, versions, strict=True):
        write_vectors(version, one.work / name)
    file = one.work / f"v{suffix}"
    write_vectors(versions[0], file)
    process = one.start(file.name, *names, code=REPLACING)
    assert process.stdout.readline() == "begun\n"
    seen = Counter()
    while process.poll() is None:
        found = read_vectors(file, cache=kept)
        same = [number for number, version in enumerate(versions) if is_same(found, version)]
        assert same, f"{found} is no version of the file"
        seen.update(same)
    assert process.communicate() == ("", "")
    assert len(seen) == len(versions)
    assert one.left_over() == []


def test_what_was_read_stays_when_the_file_is_replaced_or_removed(tmp_path):
    file = tmp_path / "v.safetensors"
    before, after = vectors_of(0, 500, 5), vectors_of(1, 500, 5)
    write_vectors(before, file)
    mapped = read_vectors(file)
    write_vectors(after, file)
    assert is_same(mapped, before)
    file.unlink()
    assert is_same(mapped, before)


def test_many_threads_may_use_one_map(tmp_path):
    vectors = vectors_of(0, 3000, 16)
    write_vectors(vectors, tmp_path / "v.safetensors")
    mapped = read_vectors(tmp_path / "v.safetensors")
    queries = [vectors.words[start : start + 50] for start in range(0, 3000, 100)]

    def look_up(words, found):
        rows, cosines = nearest(found.select(words).matrix, found.matrix, 5)
        return (
            [found.words[row] for row in rows[:, 1]],
            cosines.tobytes(),
            found[words[0]].tobytes(),
        )

    expected = [look_up(words, vectors) for words in queries]
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        return [look_up(words, mapped) for words in queries]

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(work, range(8)):
            assert found == expected


@pytest.mark.slow
def test_two_studies_at_once_may_share_a_cache(place, inputs, undisturbed):
    one, whole = place(), undisturbed.files("run")
    command = ("run", inputs / "study.toml", "--workers", 1)
    begun = [one.start(*command, "--out", Path(name) / "run") for name in ("left", "right")]
    said = [process.communicate(timeout=300)[1] for process in begun]
    assert [process.returncode for process in begun] == [0, 0], said
    for name in ("left", "right"):
        for file in ("run/results.json", "run/map.json", "run/predictions.npz"):
            assert (one.work / name / file).read_bytes() == whole[file]
    assert "damaged" not in "".join(said)
    assert one.left_over() == []


@pytest.mark.slow
def test_two_studies_at_once_may_not_share_a_folder(place, inputs):
    one = place()
    command = ("run", inputs / "study.toml", "--workers", 1, "--out", "run")
    first = one.start(*command)
    while not (one.work / "run" / ".lock").exists():
        assert first.poll() is None
    second = one.run(*command)
    said = "adapt: error: run: another run is writing to it; wait for its end, or choose another"
    assert (second.status, second.said.startswith(said)) == (2, True)
    assert first.communicate(timeout=300)[0]
    assert first.returncode == 0
