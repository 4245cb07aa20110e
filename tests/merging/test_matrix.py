"""The embedding matrix: rows, provenance, files."""

import numpy as np
import pytest

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.merging import EmbeddingMatrix, build_matrix, merge
from adapt.text import Vocabulary
from adapt.vectors import WordVectors

VECTORS = WordVectors(
    words=("renal", "cyst", "patient", "<unk>", "x-linked"),
    matrix=np.arange(1, 11, dtype=np.float32).reshape(5, 2),
    origin="general",
)
VOCABULARY = Vocabulary.from_counts(
    {"renal": 9, "cyst": 8, "ataxia": 7, "Renal": 6, "patient's": 5, "renal-cyst": 4, "renal-x": 3}
)


def row_of(matrix, word):
    return matrix.matrix[matrix.vocabulary[word]]


def source_of(matrix, word):
    return matrix.sources[matrix.vocabulary[word]]


@pytest.mark.parametrize("oov", ["zeros", "mean", "uniform", "normal"])
def test_every_row_has_a_finite_vector_and_a_source(oov):
    matrix = build_matrix(VOCABULARY, VECTORS, oov=oov)
    assert matrix.matrix.shape == (len(VOCABULARY), 2)
    assert matrix.matrix.dtype == np.float32
    assert not matrix.matrix[0].any()
    assert matrix.sources[:2] == ("pad", "unk")
    assert source_of(matrix, "renal") == "general"
    assert source_of(matrix, "ataxia") == f"oov:{oov}"
    np.testing.assert_array_equal(row_of(matrix, "cyst"), VECTORS["cyst"])


def test_a_vector_called_unk_is_not_taken_for_the_unknown_row():
    assert not build_matrix(VOCABULARY, VECTORS, oov="zeros").matrix[1].any()


def test_fallbacks_come_before_the_strategy_and_are_named():
    matrix = build_matrix(VOCABULARY, VECTORS, oov="normal", fallbacks=True)
    assert source_of(matrix, "Renal") == "general:lower_case"
    assert source_of(matrix, "patient's") == "general:without_possessive"
    assert source_of(matrix, "renal-cyst") == "general:hyphen_parts"
    np.testing.assert_array_equal(row_of(matrix, "patient's"), VECTORS["patient"])
    np.testing.assert_allclose(
        row_of(matrix, "renal-cyst"), (VECTORS["renal"] + VECTORS["cyst"]) / 2
    )
    assert source_of(matrix, "renal-x") == "oov:normal"  # only one of its parts is known


def test_sources_of_merged_vectors_reach_the_rows():
    domain = WordVectors(
        words=("ataxia", "renal"), matrix=np.ones((2, 2), np.float32), origin="domain"
    )
    matrix = build_matrix(VOCABULARY, merge(VECTORS, domain, "average"))
    assert source_of(matrix, "ataxia") == "domain"
    assert source_of(matrix, "renal") == "both"
    assert source_of(matrix, "cyst") == "general"
    assert sum(matrix.source_counts().values()) == len(VOCABULARY)


def test_matrix_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        build_matrix(VOCABULARY, VECTORS).matrix[1] = 1


def test_round_trip_is_exact(tmp_path):
    matrix = build_matrix(VOCABULARY, VECTORS, oov="uniform", seed=4)
    matrix.save(tmp_path / "m.safetensors")
    again = EmbeddingMatrix.load(tmp_path / "m.safetensors")
    assert again.vocabulary.words == VOCABULARY.words
    np.testing.assert_array_equal(again.vocabulary.counts, VOCABULARY.counts)
    np.testing.assert_array_equal(again.matrix, matrix.matrix)
    assert again.sources == matrix.sources


def test_bad_files_are_refused(tmp_path):
    with pytest.raises(FileAccessError, match="no such file"):
        EmbeddingMatrix.load(tmp_path / "missing.safetensors")
    path = tmp_path / "m.safetensors"
    build_matrix(VOCABULARY, VECTORS).save(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(FileFormatError, match="damaged"):
        EmbeddingMatrix.load(path)
    path.write_text("the 1 2 3\n")
    with pytest.raises(FileFormatError, match="damaged"):
        EmbeddingMatrix.load(path)


@pytest.mark.parametrize(
    ("matrix", "sources", "message"),
    [
        (np.zeros((3, 2)), ("pad", "unk", "x"), "3 sources do not fit"),
        (np.ones((9, 2)), ("x",) * 9, "must be zero"),
        (np.full((9, 2), np.nan), ("x",) * 9, "not finite"),
    ],
)
def test_inconsistent_parts_are_refused(matrix, sources, message):
    with pytest.raises(InputError, match=message):
        EmbeddingMatrix(vocabulary=VOCABULARY, matrix=matrix.astype(np.float32), sources=sources)
