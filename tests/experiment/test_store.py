"""The store: values come back as they were, or not at all, and nothing that goes wrong stops it."""

import errno
import os
import time
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

from adapt.errors import AdaptWarning, InputError
from adapt.evaluation import DriftMeasurement
from adapt.evaluation.drift_results import DriftBand, MovedWord, Movement
from adapt.experiment import store as store_module
from adapt.experiment.executors import open_executor
from adapt.experiment.fits import Outcome
from adapt.experiment.store import Store, open_store
from adapt.merging import EmbeddingMatrix, build_matrix
from adapt.text import Vocabulary
from adapt.vectors import WordVectors


@dataclass(frozen=True)
class Number:
    value: float | None


def never():
    raise AssertionError("this should have been known")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kept")


def the_entry(store):
    (path,) = store.folder.glob("*.safetensors")
    return path


def test_a_value_is_computed_once(store):
    calls = []

    def compute():
        calls.append(1)
        return Number(0.1 + 0.2)

    for _ in range(3):
        assert store.keep("sums", ("a", 1), Number, compute) == Number(0.1 + 0.2)
    assert len(calls) == 1
    assert store.n_computed == {"sums": 1}
    assert store.n_kept == {"sums": 2}
    assert Store(store.folder).keep("sums", ("a", 1), Number, never) == Number(0.1 + 0.2)


def test_a_key_is_of_the_stage_the_inputs_and_what_computes(store, monkeypatch):
    keys = [
        store.key("sums", "a"),
        store.key("sums", "b"),
        store.key("products", "a"),
        store.key("sums", "a", "b"),
    ]
    assert store.key("sums", "a") == keys[0]
    monkeypatch.setattr(store_module, "environment_digest", lambda *, gpu: "newer numpy")
    keys.append(store.key("sums", "a"))
    assert len(set(keys)) == 5


def test_outcomes_come_back_with_their_drift(store):
    movement = Movement(3, 0.1, 0.2, float("inf"), 0.4, 0.5, 3)
    drift = DriftMeasurement(
        bands=(DriftBand(1, None, movement),),
        sources=(),
        n_from_zero=0,
        n_candidates=7,
        moved=(MovedWord("naïve\u00a0\ud800", 2, "general", 0.5, 0.9, ("a",), ()),),
        moved_once=(),
        shifts=np.array([0, 0.25], np.float32),
    )
    outcome = Outcome(np.arange(6).reshape(2, 3), 1 / 3, "penalty 0.1", drift)
    store.put("a", outcome)
    found = store.get("a", Outcome)
    assert found.predicted.dtype == np.int64
    np.testing.assert_array_equal(found.predicted, outcome.predicted)
    assert (found.validation_accuracy, found.chosen) == (1 / 3, "penalty 0.1")
    np.testing.assert_array_equal(found.drift.shifts, drift.shifts)
    assert found.drift.bands == drift.bands
    assert found.drift.moved == drift.moved


def test_vectors_and_matrices_come_back_whole(store, tmp_path):
    matrix = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    vectors = WordVectors(("c", "a", "b"), matrix, [3, 2, 1], "domain", ("x", "y", "x"))
    store.put("vectors", vectors)
    found = store.get("vectors", WordVectors)
    assert (found.words, found.origin, found.sources) == (
        ("c", "a", "b"),
        "domain",
        ("x", "y", "x"),
    )
    np.testing.assert_array_equal(found.matrix, matrix)
    np.testing.assert_array_equal(found.counts, [3, 2, 1])

    vocabulary = Vocabulary.from_counts({"a": 2, "z": 1})
    built = build_matrix(vocabulary, vectors, oov="mean", general=vectors, seed=0)
    store.put("matrix", built)
    for name, one in (("first", built), ("second", store.get("matrix", EmbeddingMatrix))):
        one.save(tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_bytes_do_not_depend_on_when_an_entry_is_written(store):
    store.put("a", Number(1.5))
    before = the_entry(store).read_bytes()
    store.put("a", Number(1.5))
    assert the_entry(store).read_bytes() == before


@pytest.mark.parametrize("place", [0, 9, 0.3, 0.5, -1])
def test_a_damaged_entry_is_said_removed_and_computed_again(store, place):
    outcome = Outcome(np.arange(60).reshape(2, 30), 0.5, "penalty 0.1")
    store.put("a", outcome)
    path = the_entry(store)
    content = bytearray(path.read_bytes())
    changed = int(place * len(content)) if isinstance(place, float) else place
    # into the middle of what is written: the room that the header leaves holds blanks
    while content[changed] == ord(" "):
        changed += 1
    content[changed] ^= 1
    path.write_bytes(content)
    with pytest.warns(AdaptWarning, match="is damaged and will be computed again"):
        assert store.get("a", Outcome) is None
    assert not path.exists()
    store.put("a", outcome)
    np.testing.assert_array_equal(store.get("a", Outcome).predicted, outcome.predicted)


@pytest.mark.parametrize("n_bytes", [0, 7, 100, -1])
def test_an_entry_that_is_cut_off_is_no_entry(store, n_bytes):
    store.put("a", Number(1.0))
    path = the_entry(store)
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.warns(AdaptWarning, match="is damaged"):
        assert store.get("a", Number) is None


def test_an_entry_of_another_kind_is_not_taken_for_a_value(store):
    store.put("a", Number(1.0))
    with pytest.warns(AdaptWarning, match="is damaged"):
        assert store.get("a", Outcome) is None


def test_what_is_kept_can_be_ignored_and_replaced(store):
    assert store.keep("sums", "a", Number, lambda: Number(1.0)) == Number(1.0)
    again = Store(store.folder, resume=False)
    assert again.keep("sums", "a", Number, lambda: Number(2.0)) == Number(2.0)
    assert store.keep("sums", "a", Number, never) == Number(2.0)


def break_writing(monkeypatch, number):
    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    place = "os.open" if number == errno.EROFS else "os.replace"
    monkeypatch.setattr(f"adapt.files.{place}", refuse)


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_folder_that_takes_nothing_is_said_once_and_the_work_goes_on(store, monkeypatch, number):
    store.keep("sums", "known", Number, lambda: Number(0.0))
    break_writing(monkeypatch, number)
    with pytest.warns(AdaptWarning) as said:
        values = [store.keep("sums", n, Number, lambda n=n: Number(n)) for n in (1.0, 2.0)]
    store.try_put("b", Number(3.0))  # leaves it to another process to warn
    assert values == [Number(1.0), Number(2.0)]
    assert len(said) == 1
    assert os.strerror(number) in str(said[0].message)
    assert "cannot be resumed" in str(said[0].message)
    assert store.keep("sums", "known", Number, never) == Number(0.0)
    assert not [*store.folder.glob(".*")]


def test_a_file_in_place_of_the_folder_is_no_obstacle(tmp_path):
    (tmp_path / "kept").write_text("")
    store = Store(tmp_path / "kept")
    with pytest.warns(AdaptWarning, match="cannot be resumed"):
        assert store.keep("sums", "a", Number, lambda: Number(1.0)) == Number(1.0)


def test_what_was_not_used_for_longest_goes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("ADAPT_CACHE", str(tmp_path / "cache"))
    store = open_store(tmp_path, resume=True, gpu=False)
    large = Outcome(np.zeros((1, 1000), np.int64), 0.0, "")
    for age, key in enumerate("dcba"):
        store.put(key, large)
        os.utime(store.folder / f"{key}.safetensors", (age, age))
    assert store.get("d", Outcome) is not None  # and so used
    begun = store.folder / ".e-12345678.safetensors"
    begun.write_bytes(b"")
    os.utime(begun, (1, 1))
    monkeypatch.setenv("ADAPT_CACHE_GIB", str(18_000 / (1 << 30)))
    store.trim()
    assert sorted(path.stem for path in store.folder.iterdir()) == ["a", "d"]


def test_a_limit_that_is_no_number_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ADAPT_CACHE_GIB", "much")
    with pytest.raises(InputError, match="ADAPT_CACHE_GIB is 'much'"):
        open_store(tmp_path, resume=True, gpu=False)


def test_without_a_cache_the_run_keeps_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("ADAPT_CACHE", "off")
    store = open_store(tmp_path / "run", resume=True, gpu=False)
    store.put("a", Number(1.0))
    assert the_entry(store).parent == tmp_path / "run" / "kept"
    monkeypatch.setenv("ADAPT_CACHE_GIB", "0")
    store.trim()
    assert store.get("a", Number) == Number(1.0)


def write_and_read(folder):
    """Write three entries many times over, as two others do, and read what is there each time."""
    (folder.parent / f"{os.getpid()}.begun").touch()
    while len([*folder.parent.glob("*.begun")]) < 3:
        time.sleep(0.01)
    store = Store(folder)
    value = Outcome(np.arange(20_000).reshape(2, -1), 0.5, "same")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(40):
            for key in "abc":
                store.put(key, value)
                assert store.get(key, Outcome).predicted[1, -1] == 19_999


def test_processes_that_write_the_same_entries_at_once_do_no_harm(tmp_path):
    with open_executor(3) as executor:
        list(executor.map(write_and_read, [tmp_path / "kept"] * 3))
    store = Store(tmp_path / "kept")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(store.get(key, Outcome) is not None for key in "abc")
    assert sorted(path.name for path in store.folder.iterdir()) == [
        f"{key}.safetensors" for key in "abc"
    ]
