"""The embedding matrix: its parts, and the file it is kept in."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.merging import EmbeddingMatrix, Provenance, build_matrix, holds_matrix
from adapt.text import Vocabulary
from adapt.vectors import WordVectors, read_vectors, write_vectors

VOCABULARY = Vocabulary.from_counts({"renal": 9, "cyst": 8, "ataxia": 7, "\udc80\u2028": 1})
GENERAL = WordVectors(("the", "cyst"), np.ones((2, 3), np.float32))


def provenance(n=6, **columns):
    return Provenance(
        **{
            "sources": ("pad", "unk", *["general"] * (n - 2)),
            "domain_counts": np.arange(n),
            "general_ranks": np.full(n, -1),
            "steps": ("",) * n,
            "confidences": np.ones(n),
        }
        | columns
    )


@pytest.fixture
def matrix():
    vectors = WordVectors(("renal", "cyst"), np.arange(1, 7).reshape(2, 3), origin="here")
    return build_matrix(VOCABULARY, vectors, oov="normal", general=GENERAL, seed=4)


def test_the_round_trip_loses_nothing_and_repeats_every_byte(matrix, tmp_path):
    first, second = tmp_path / "m.safetensors", tmp_path / "n.safetensors"
    matrix.save(first)
    again = EmbeddingMatrix.load(first)
    again.save(second)
    assert first.read_bytes() == second.read_bytes()
    assert again.vocabulary.words == VOCABULARY.words
    np.testing.assert_array_equal(again.vocabulary.counts, VOCABULARY.counts)
    np.testing.assert_array_equal(again.matrix, matrix.matrix)
    assert again.provenance.sources == ("pad", "unk", "here", "here", "oov", "oov")
    assert again.provenance.steps == ("", "mean", "", "", "normal", "normal")
    for column in ("domain_counts", "general_ranks", "confidences"):
        found, wanted = (getattr(one.provenance, column) for one in (again, matrix))
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == wanted.dtype


def test_a_failed_save_leaves_the_file_as_it_was(matrix, tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    matrix.save(path)
    before = path.read_bytes()

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adapt.vectors.tensor_file.TensorWriter.finish", full)
    with pytest.raises(FileAccessError, match="nothing was changed"):
        matrix.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_everything_is_read_only(matrix, tmp_path):
    matrix.save(tmp_path / "m.safetensors")
    for one in (matrix, EmbeddingMatrix.load(tmp_path / "m.safetensors")):
        for array in (one.matrix, one.provenance.general_ranks, one.provenance.confidences):
            with pytest.raises(ValueError, match="read-only"):
                array[1] = 0


def test_files_that_are_no_matrix_are_told_apart(matrix, tmp_path):
    path = tmp_path / "m.safetensors"
    with pytest.raises(FileAccessError, match="no such file"):
        EmbeddingMatrix.load(path)
    assert not holds_matrix(path)
    matrix.save(path)
    assert holds_matrix(path)
    for content in (b"", b"the 1 2 3\n", path.read_bytes()[:40]):
        path.write_bytes(content)
        with pytest.raises(FileFormatError):
            EmbeddingMatrix.load(path)
        assert not holds_matrix(path)
    write_vectors(GENERAL, path)
    with pytest.raises(
        FileFormatError, match="not an embedding matrix; .* written by adapt matrix"
    ):
        EmbeddingMatrix.load(path)
    assert not holds_matrix(path)


def test_other_versions_are_refused_by_name(matrix, tmp_path):
    path = tmp_path / "m.safetensors"
    # what the first version wrote
    save_file(
        {"matrix": matrix.matrix, "sources": np.zeros(6, dtype=np.int32)},
        path,
        metadata={"format": "adapt-embedding-matrix-1", "sources": json.dumps(["general"])},
    )
    assert holds_matrix(path)
    with pytest.raises(FileFormatError, match="version 1, which lacks the provenance; build it"):
        EmbeddingMatrix.load(path)
    matrix.save(path)
    path.write_bytes(path.read_bytes().replace(b'"version":"2"', b'"version":"3"'))
    with pytest.raises(FileFormatError, match="version 3, but this adapt reads version 2"):
        EmbeddingMatrix.load(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"steps":"[', b'"steps":"{'),  # the names are no list
        (b'"shape":[6,3]', b'"shape":[3,6]'),  # rows do not fit the words
        (b'["<pad>"', b'["<bad>"'),
        (b'"confidences":{"dtype":"F32"', b'"confidences":{"dtype":"I64"'),
    ],
)
def test_damaged_files_are_refused(matrix, tmp_path, before, after):
    path = tmp_path / "m.safetensors"
    matrix.save(path)
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))
    with pytest.raises(FileFormatError, match="damaged|cut off"):
        EmbeddingMatrix.load(path)
    path.write_bytes(content[:-5])
    with pytest.raises(FileFormatError, match="cut off"):
        EmbeddingMatrix.load(path)


def test_word_vectors_keep_the_rows_for_other_formats(tmp_path):
    vocabulary = Vocabulary.from_counts({"renal": 9, "cyst": 8, "ataxia": 7})
    matrix = build_matrix(vocabulary, GENERAL, oov="normal")
    vectors = matrix.word_vectors()
    assert vectors.sources == matrix.provenance.sources
    assert vectors.origin == "matrix"
    for name in ("glove.txt", "word2vec.vec", "word2vec.bin", "native.safetensors"):
        write_vectors(vectors, tmp_path / name)
        back = read_vectors(tmp_path / name)
        assert back.words == vocabulary.words
        np.testing.assert_array_equal(back.matrix, matrix.matrix)
    keyed = vectors.to_gensim()
    rows = vocabulary.encode(["cyst", "unheard-of"])
    np.testing.assert_array_equal(keyed.vectors[rows], matrix.matrix[rows])
    assert keyed.get_vecattr("cyst", "count") == 8
    back = WordVectors.from_gensim(keyed)
    assert back.words == vocabulary.words
    np.testing.assert_array_equal(back.matrix, matrix.matrix)


@pytest.mark.parametrize(
    ("rows", "n", "message"),
    [
        (np.zeros((3, 2)), 6, "do not fit a vocabulary of 6"),
        (np.zeros((6, 2)), 5, "a provenance of 5 rows"),
        (np.ones((6, 2)), 6, "must be zero"),
        (np.array([[0.0], [1], [2], [np.nan], [np.inf], [0]]), 6, "'cyst' is not finite"),
    ],
)
def test_inconsistent_parts_are_refused(rows, n, message):
    with pytest.raises(InputError, match=message):
        EmbeddingMatrix(VOCABULARY, rows, provenance(n))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"steps": ("",) * 5}, "steps \\(5,\\)"),
        ({"confidences": np.full(6, np.nan)}, "^a confidence is not between 0 and 1$"),
        ({"confidences": np.full(6, 1.5)}, "^a confidence is not between 0 and 1$"),
        ({"general_ranks": np.full(6, -2)}, "^a count is below 0, or a rank below -1$"),
        ({"domain_counts": np.full(6, -1)}, "^a count is below 0, or a rank below -1$"),
    ],
)
def test_impossible_provenance_is_refused(columns, message):
    with pytest.raises(InputError, match=message):
        provenance(**columns)


def test_provenance_has_its_own_types_whatever_it_is_made_of():
    made = Provenance(["pad", "oov"], [0, 7], [-1, -1], ["", "mean"], [0, 1])
    assert (made.sources, made.steps) == (("pad", "oov"), ("", "mean"))
    assert made.domain_counts.dtype == made.general_ranks.dtype == np.int64
    assert made.confidences.dtype == np.float32


def test_sources_and_steps_are_counted_most_first():
    counted = provenance(
        sources=("pad", "unk", "oov", "general", "oov", "oov"),
        steps=("", "mean", "b:2", "", "a:1", "b:2"),
    )
    assert list(counted.source_counts().items()) == [
        ("oov", 3), ("general", 1), ("pad", 1), ("unk", 1),
    ]  # fmt: skip
    assert list(counted.step_counts().items()) == [("b:2", 2), ("a:1", 1)]
    named = Provenance(
        ("unk", "oov", "both", "oov"), [0] * 4, [-1] * 4, ("", "b:2", "", "c"), [1] * 4
    )
    assert named.named_sources() == ("unk", "b", "both", "c")
