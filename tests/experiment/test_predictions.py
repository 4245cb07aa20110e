"""Predictions on disk: a round trip, and what is refused."""

import io
import json
import zipfile

import numpy as np
import pytest

from adapt.errors import FileAccessError, FileFormatError
from adapt.experiment import Predictions, read_config, read_predictions, run_study
from adapt.experiment.cells import Cell
from adapt.experiment.predictions import write_predictions


def predictions(**changes):
    generator = np.random.default_rng(0)
    fields = {
        "cells": (Cell("general", "zeros", "mean", "frozen", 30), Cell("tfidf", "", "", "", 7)),
        "seeds": (3, 4),
        "classes": ("bone", "näve", "œil"),
        "labels": generator.integers(0, 3, 50),
        "predicted": generator.integers(0, 3, (2, 2, 50)).astype(np.uint8),
        "documents": "abc",
    }
    return Predictions(**fields | changes)


def test_a_round_trip_and_equal_bytes(tmp_path):
    made = predictions()
    for name in ("a.npz", "b.npz"):
        write_predictions(made, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    read = read_predictions(tmp_path / "a.npz")
    assert (read.cells, read.seeds, read.classes) == (made.cells, made.seeds, made.classes)
    assert read.documents == made.documents
    np.testing.assert_array_equal(read.labels, made.labels)
    np.testing.assert_array_equal(read.predicted, made.predicted)
    assert read.predicted.dtype == np.uint8
    correct = read.correct()[made.cells[1]]
    np.testing.assert_array_equal(correct, made.predicted[1] == made.labels)


@pytest.mark.parametrize(
    "change",
    [{"documents": "other"}, {"seeds": (3, 5)}, {"classes": ("a", "b", "c")},
     {"labels": np.zeros(50, dtype=np.int64)}],
)  # fmt: skip
def test_studies_of_other_documents_or_seeds_are_not_paired(change):
    assert predictions().is_paired_with(predictions())
    assert not predictions().is_paired_with(predictions(**change))


def test_a_study_leaves_what_its_results_were_counted_from(small_study, tmp_path):
    results = run_study(read_config(small_study()), tmp_path / "out")
    read = read_predictions(tmp_path / "out")
    rows = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["runs"]
    accuracies = (read.predicted == read.labels).mean(axis=2).ravel()
    assert [row["accuracy"] for row in rows] == pytest.approx(list(accuracies))
    assert read.classes == ("bone", "eye", "heart")
    assert read.seeds == (0, 1)
    assert [cell.embedding for cell in read.cells] == [row.embedding for row in results.summary]


def test_damaged_and_missing_files(tmp_path):
    with pytest.raises(FileAccessError, match="run the study"):
        read_predictions(tmp_path)
    path = tmp_path / "predictions.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(FileFormatError, match="is no file of predictions"):
        read_predictions(path)
    np.savez(path, predicted=np.zeros(3))
    with pytest.raises(FileFormatError, match="is no file of predictions"):
        read_predictions(path)
    write_predictions(predictions(labels=np.zeros(7, dtype=np.int64)), path)
    with pytest.raises(FileFormatError, match="do not fit"):
        read_predictions(path)
    np.savez(path, predicted=np.array([object()]), allow_pickle=True)
    with pytest.raises(FileFormatError):
        read_predictions(path)


def packed(folder, **changes):
    """Write predictions with other members than `write_predictions` writes."""
    write_predictions(predictions(), folder / "whole.npz")
    with (
        zipfile.ZipFile(folder / "whole.npz") as whole,
        zipfile.ZipFile(folder / "a.npz", "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name in whole.namelist():
            content = changes.get(name.removesuffix(".npy"), whole.read(name))
            if isinstance(content, np.ndarray):
                stream = io.BytesIO()
                np.save(stream, content)
                content = stream.getvalue()
            file.writestr(name, content)
    return folder / "a.npz"


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": np.full(50, 3)},
        {"labels": np.full(50, -1)},
        {"labels": np.zeros(50)},
        {"labels": np.zeros((50, 1), dtype=np.int64)},
        {"predicted": np.full((2, 2, 50), 3, dtype=np.uint8)},
        {"predicted": np.zeros((2, 2, 49), dtype=np.uint8)},
        {"classes": np.array(["a", "b", None], dtype=object)},
        {"seeds": b"\x93NUMPY\x01\x00\x0c\x00{'descr': (  \n"},
        {"seeds": b"no array"},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, changes):
    with pytest.raises(FileFormatError, match=r"a\.npz: (is no file of pred|holds arrays)"):
        read_predictions(packed(tmp_path, **changes))


def test_a_declared_shape_reserves_no_memory(tmp_path):
    """Thirty terabytes of predictions, in a file of a few hundred bytes."""
    stream = io.BytesIO()
    about = {"descr": "|u1", "fortran_order": False, "shape": (2, 2, 8 * 10**12)}
    np.lib.format.write_array_header_1_0(stream, about)
    with pytest.raises(FileFormatError, match="is no file of predictions"):
        read_predictions(packed(tmp_path, predicted=stream.getvalue() + bytes(200)))


def test_a_member_that_claims_more_than_it_can_unpack_to_is_refused(tmp_path):
    path = packed(tmp_path)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="is no file of predictions"):
        read_predictions(path)
