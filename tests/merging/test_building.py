"""Building an embedding matrix: whose vector each row is, and what is said about it."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.merging import build_matrix, merge
from adapt.oov import Chain, Filled, Normal, OOVStrategy, strategy_named, strategy_names
from adapt.text import Corpus, Vocabulary
from adapt.vectors import WordVectors

VECTORS = WordVectors(
    words=("renal", "cyst", "patient", "<unk>", "x-linked"),
    matrix=np.arange(1, 11, dtype=np.float32).reshape(5, 2),
    origin="general",
)
VOCABULARY = Vocabulary.from_counts({"renal": 9, "cyst": 8, "ataxia": 7, "Renal": 6, "tremor": 5})
CORPUS = Corpus.from_texts([f"renal cyst ataxia tremor patient {i}" for i in range(50)])


class Lower(OOVStrategy):
    """Knows what is known in lower case; learns from text if told to."""

    name = "lower"

    def __init__(self, needs_corpus=False):
        self.needs_corpus = needs_corpus
        self.corpus = None

    def fit(self, vectors, corpus=None):
        self.vectors, self.corpus = vectors, corpus
        return self

    def fill(self, words):
        rows = self.vectors.rows([word.lower() for word in words])
        found = rows >= 0
        matrix = np.where(found[:, None], self.vectors.matrix[rows], 0).astype(np.float32)
        steps = tuple("lower:case" if one else "" for one in found)
        return Filled(matrix, steps, found.astype(np.float32) * np.float32(0.75))


def whole(name):
    """Return a strategy of this name that has a vector for every word."""
    return name if strategy_named(name).total else f"{name},zeros"


def about(matrix, word):
    row, table = matrix.vocabulary[word], matrix.provenance
    return (
        table.sources[row], table.domain_counts[row], table.general_ranks[row],
        table.steps[row], table.confidences[row],
    )  # fmt: skip


@pytest.mark.parametrize("name", strategy_names())
def test_every_row_has_a_finite_vector_and_a_provenance(name):
    matrix = build_matrix(VOCABULARY, VECTORS, oov=whole(name), corpus=CORPUS)
    assert matrix.matrix.shape == (len(VOCABULARY), 2)
    assert matrix.matrix.dtype == np.float32
    assert np.isfinite(matrix.matrix).all()
    assert not matrix.matrix[0].any()
    sources = matrix.provenance.sources
    assert sources == ("pad", "unk", "general", "general", "oov", "oov", "oov")
    links = {step.partition(":")[0] for step in matrix.provenance.steps[4:]}
    assert links <= {name, "zeros"}
    np.testing.assert_array_equal(matrix.matrix[VOCABULARY["cyst"]], VECTORS["cyst"])


def test_the_unknown_word_may_be_made_from_text():
    matrix = build_matrix(VOCABULARY, VECTORS, unk="context,mean", corpus=CORPUS)
    assert matrix.provenance.steps[1] == "mean"  # no text holds <unk>
    with pytest.raises(InputError, match="learns from text; give a corpus"):
        build_matrix(VOCABULARY, VECTORS, unk="context,mean")


def test_each_word_tells_what_gave_it_its_vector():
    general = WordVectors(("the", "patient", "cyst"), np.ones((3, 2), np.float32))
    oov = Chain([Lower(), Normal(seed=3)])
    matrix = build_matrix(VOCABULARY, VECTORS, oov=oov, general=general)
    assert about(matrix, "cyst") == ("general", 8, 2, "", 1)
    assert about(matrix, "renal") == ("general", 9, -1, "", 1)
    assert about(matrix, "Renal") == ("oov", 6, -1, "lower:case", 0.75)
    assert about(matrix, "ataxia") == ("oov", 7, -1, "normal", 0)
    assert about(matrix, "<pad>") == ("pad", 0, -1, "", 0)
    assert about(matrix, "<unk>") == ("unk", 0, -1, "mean", 0)
    np.testing.assert_array_equal(matrix.matrix[VOCABULARY["Renal"]], VECTORS["renal"])
    np.testing.assert_array_equal(
        matrix.matrix[VOCABULARY["ataxia"]], Normal(seed=3).fit(VECTORS).vector_for("ataxia")
    )


def test_unknown_words_are_the_mean_of_the_known_rows_of_the_matrix():
    # not of all vectors: patient, <unk> and x-linked are no words of the vocabulary
    expected = (VECTORS["renal"] + VECTORS["cyst"]) / 2
    np.testing.assert_array_equal(build_matrix(VOCABULARY, VECTORS).matrix[1], expected)
    assert not build_matrix(VOCABULARY, VECTORS, unk="zeros").matrix[1].any()
    own = VECTORS.select(["renal", "cyst"])
    np.testing.assert_array_equal(
        build_matrix(VOCABULARY, VECTORS, unk="normal", seed=5).matrix[1],
        Normal(seed=5).fit(own).vector_for("<unk>"),
    )


def test_sources_of_merged_vectors_reach_the_rows():
    domain = WordVectors(
        words=("ataxia", "renal"), matrix=np.ones((2, 2), np.float32), origin="domain"
    )
    matrix = build_matrix(VOCABULARY, merge(VECTORS, domain, "average"))
    assert [about(matrix, word)[0] for word in ("ataxia", "renal", "cyst")] == [
        "domain", "both", "general",
    ]  # fmt: skip


def test_vectors_without_an_origin_are_called_vectors():
    nameless = VECTORS.replace(origin="")
    assert about(build_matrix(VOCABULARY, nameless), "cyst")[0] == "vectors"


def test_the_corpus_reaches_the_strategy_that_needs_it():
    oov = Chain([Lower(needs_corpus=True), Normal()])
    build_matrix(VOCABULARY, VECTORS, oov=oov, corpus=CORPUS)
    assert oov.links[0].corpus is CORPUS
    with pytest.raises(InputError, match="'lower,normal' learns from text; give a corpus"):
        build_matrix(VOCABULARY, VECTORS, oov=oov)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"oov": Lower()}, "'lower' leaves 2 of 3 words .* 'ataxia' the first"),
        ({"oov": "nrmal"}, "did you mean 'normal'"),
        ({"unk": "avrage"}, "no out-of-vocabulary strategy is called 'avrage'"),
        ({"oov": "normal", "seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_built_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        build_matrix(VOCABULARY, VECTORS, **options)


def test_unk_must_know_every_word(monkeypatch):
    monkeypatch.setattr("adapt.merging.building.strategy_named", lambda name, seed: Lower())
    with pytest.raises(InputError, match="unk is 'lower', which leaves words out"):
        build_matrix(VOCABULARY, VECTORS, oov=Normal(), unk="lower")


def test_nothing_known_leaves_nothing_to_average():
    strange = Vocabulary.from_counts({"goniometer": 1})
    with pytest.raises(InputError, match="no word of the vocabulary has a vector, so 'mean'"):
        build_matrix(strange, VECTORS)
    assert build_matrix(strange, VECTORS, oov="normal", unk="zeros").matrix[2].any()
