"""Exports, read back by the programs they are for."""

import csv
import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.errors import FileAccessError, InputError, MissingDependencyError
from adapt.merging import (
    build_matrix,
    write_model2vec,
    write_projector,
    write_provenance,
    write_tokenizer,
)
from adapt.text import Vocabulary, WhitespaceTokenizer, WordTokenizer
from adapt.vectors import WordVectors

WORDS = ("renal", "cyst", "patient's", "x-linked", "été", "οδος", "123")
TEXT = "Renal CYST of the Patient’s e\u0301te\u0301, X-linked; ΟΔΟΣ (123) <pad> <unk> ataxia_renal"


def matrix_of(words, dim=3):
    vectors = WordVectors(words[::2], np.random.default_rng(0).normal(size=(len(words[::2]), dim)))
    return build_matrix(
        Vocabulary.from_counts({word: 9 for word in words}), vectors, oov="normal", general=vectors
    )


@pytest.fixture(scope="module")
def matrix():
    return matrix_of(WORDS)


def read_table(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_provenance_as_a_table(matrix, tmp_path):
    write_provenance(matrix, tmp_path / "p.tsv")
    rows = read_table(tmp_path / "p.tsv")
    assert [row["word"] for row in rows] == list(matrix.vocabulary.words)
    about = matrix.provenance
    assert [row["source"] for row in rows] == list(about.sources)
    assert [int(row["domain_count"]) for row in rows] == about.domain_counts.tolist()
    assert [int(row["general_rank"]) for row in rows] == about.general_ranks.tolist()
    assert [row["strategy"] for row in rows] == list(about.steps)
    assert [np.float32(row["confidence"]) for row in rows] == about.confidences.tolist()


def test_tabs_and_line_breaks_do_not_break_the_table(tmp_path):
    odd = ("a\tb", "c\nd", "e\rf", "g\\th", '"quoted', "\udc80", "\u2028\x85\x0b", "🩺")
    write_provenance(matrix_of(odd), tmp_path / "p.tsv")
    text = (tmp_path / "p.tsv").read_bytes().decode("utf-8")
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == 3 + len(odd)
    assert {len(line.split("\t")) for line in lines} == {6}
    found = {line.split("\t")[0] for line in lines}
    assert {"a\\tb", "c\\nd", "e\\rf", "g\\\\th", '"quoted', "\\udc80", "🩺"} <= found


@pytest.mark.parametrize("dim", [1, 3, len(WORDS) + 2, 40])
def test_the_projector_gets_a_vector_and_a_line_for_every_row(dim, tmp_path):
    matrix = matrix_of(WORDS, dim)
    write_projector(matrix, tmp_path / "projector")
    vectors = np.loadtxt(tmp_path / "projector" / "vectors.tsv", delimiter="\t", dtype=np.float32)
    np.testing.assert_array_equal(vectors.reshape(-1, dim), matrix.matrix)
    rows = read_table(tmp_path / "projector" / "metadata.tsv")
    assert [row["word"] for row in rows] == list(matrix.vocabulary.words)


def test_a_folder_that_cannot_be_is_refused(matrix, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(FileAccessError, match="cannot be written"):
        write_projector(matrix, tmp_path / "file")


class TestTokenizers:
    tokenizers = pytest.importorskip("tokenizers")

    def load(self, matrix, folder, tokenizer=WordTokenizer()):  # noqa: B008
        write_tokenizer(matrix, folder, tokenizer)
        return self.tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))

    @pytest.mark.parametrize(
        "tokenizer",
        [WordTokenizer(), WordTokenizer(lowercase=False), WhitespaceTokenizer()],
        ids=lambda one: one.name,
    )
    def test_texts_get_the_rows_that_the_vocabulary_gives(self, matrix, tmp_path, tokenizer):
        loaded = self.load(matrix, tmp_path, tokenizer)
        for text in (TEXT, "", " ", "Renal\x1ccyst\x85renal\u2028cyst", "ΟΔΟΣ's ΣΑΣ Σ"):
            rows = matrix.vocabulary.encode(tokenizer(text)).tolist()
            assert loaded.encode(text).ids == rows, text
        assert len({1, *loaded.encode("renal cyst").ids}) == 3

    def test_the_tensor_is_the_matrix(self, matrix, tmp_path):
        from safetensors.numpy import load_file

        self.load(matrix, tmp_path)
        tensors = load_file(tmp_path / "model.safetensors")
        assert list(tensors) == ["embeddings"]
        np.testing.assert_array_equal(tensors["embeddings"], matrix.matrix)

    def test_batches_are_padded_with_row_0(self, matrix, tmp_path):
        batch = self.load(matrix, tmp_path).encode_batch(["renal cyst", "renal"])
        assert [one.ids for one in batch][1] == [matrix.vocabulary["renal"], 0]

    @given(text=st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=30))
    def test_any_text_is_cut_alike(self, text):
        from adapt.merging.exports import _word_level

        made = _word_level(matrix_of(WORDS), WordTokenizer())
        cut = made.pre_tokenizer.pre_tokenize_str(made.normalizer.normalize_str(text))
        assert [word for word, _ in cut] == WordTokenizer()(text)

    def test_the_same_matrix_gives_the_same_bytes(self, matrix, tmp_path):
        for name in ("one", "two"):
            write_model2vec(matrix, tmp_path / name)
        for file in (tmp_path / "one").iterdir():
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()

    def test_a_tokenizer_of_ones_own_cannot_be_written(self, matrix, tmp_path):
        with pytest.raises(InputError, match="export with one that has a name"):
            write_tokenizer(matrix, tmp_path, str.split)

    def test_words_that_are_not_unicode_cannot_be_written(self, tmp_path):
        with pytest.raises(InputError, match="not valid Unicode"):
            write_tokenizer(matrix_of(("a", "\udc80")), tmp_path)
        assert not list(tmp_path.iterdir())


def test_model2vec_is_told_what_the_model_is(matrix, tmp_path):
    pytest.importorskip("tokenizers")
    write_model2vec(matrix, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text(encoding="utf-8")) == {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": 3,
        "max_length": None,
        "normalize": False,
        "embedding_dtype": "float32",
    }


def test_a_missing_package_is_named(matrix, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingDependencyError, match=r"adapt-embeddings\[exports\]"):
        write_tokenizer(matrix, tmp_path)


def test_model2vec_embeds_a_text_as_the_mean_of_its_words(matrix, tmp_path):
    model2vec = pytest.importorskip("model2vec")
    write_model2vec(matrix, tmp_path / "model")
    model = model2vec.StaticModel.from_pretrained(tmp_path / "model")
    assert model.dim == matrix.dim
    long = TEXT + " cyst" * 2_000  # beyond the 512 words at which model2vec cuts by default
    embedded = model.encode([TEXT, long, "nothing known"])
    for text, found in zip([TEXT, long], embedded, strict=False):
        rows = matrix.vocabulary.encode(WordTokenizer()(text))
        expected = matrix.matrix[rows[rows != 1]].mean(axis=0, dtype=np.float64)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert not embedded[2].any()
