"""Nothing that is fitted depends on the test texts: the study's own way from data to matrix."""

from collections import Counter
from dataclasses import replace
from functools import partial
from inspect import isroutine

import numpy as np
import pytest

from adapt.alignment import aligner_named, shared_anchors
from adapt.errors import InputError
from adapt.experiment import StudyConfig
from adapt.experiment.data import prepare_data
from adapt.experiment.grid import _matrix
from adapt.experiment.leaks import check_vocabulary
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.merging import build_matrix
from adapt.oov import strategy_named, strategy_names
from adapt.text import Dataset, LabelledTexts, Vocabulary
from adapt.training import Word2VecConfig, train_word2vec
from adapt.vectors import WordVectors

KNOWN = tuple(f"w{i:02}" for i in range(40))
UNKNOWN = ("w01s", "W02", "w03-w04", "wo5", "renal", "cyst")


def dataset(test_texts=None, corpus_word="w00"):
    """Texts of known and unknown words, alike but for the test texts and one word of the corpus."""
    generator = np.random.default_rng(0)

    def texts(n):
        words = (*KNOWN, *UNKNOWN)
        return tuple(" ".join(generator.choice(words, size=8)) for _ in range(n))

    labels = ("a", "b") * 20
    train = LabelledTexts(texts(40), labels)
    test, corpus = texts(40), texts(300)
    corpus = tuple(text.replace("w00", corpus_word) for text in corpus)
    return Dataset("made", train, LabelledTexts(test_texts or test, labels), corpus, ())


def state(value):
    """Walk through everything that an object holds, down to plain values and bytes."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if hasattr(value, "state_dict"):  # a torch module
        return state(value.state_dict())
    if hasattr(value, "detach"):  # a tensor
        return state(value.detach().cpu().numpy())
    if hasattr(value, "tocsr"):  # a sparse matrix
        return state(value.tocsr().toarray())
    if isinstance(value, WordVectors):
        return value.words, state(value.matrix), state(value.counts), value.sources
    if isinstance(value, dict):
        return [(state(key), state(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [state(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    if isinstance(value, partial):
        return state([value.func, value.args, value.keywords])
    if isinstance(value, type) or isroutine(value):
        return value.__qualname__
    return (type(value).__name__, state(vars(value))) if hasattr(value, "__dict__") else repr(value)


@pytest.fixture
def prepare(monkeypatch):
    """Give the study's data, made of a dataset."""

    def prepared(source):
        monkeypatch.setattr("adapt.experiment.data.load_dataset", lambda name, **_: source)
        return prepare_data(StudyConfig(name="x").data)

    return prepared


@pytest.fixture(scope="module")
def vectors():
    matrix = np.random.default_rng(1).normal(size=(len(KNOWN), 6)).astype(np.float32)
    return WordVectors(KNOWN, matrix, origin="general")


ELSEWHERE = ("wo5 renal w01s entirely different words w41",) * 40


@pytest.mark.parametrize("name", strategy_names())
class TestEveryStrategy:
    def fitted(self, name, vectors, data):
        return state(strategy_named(name, seed=3).fit(vectors, data.corpus))

    def test_no_parameter_changes_with_the_test_texts(self, name, vectors, prepare):
        before = self.fitted(name, vectors, prepare(dataset()))
        assert before == self.fitted(name, vectors, prepare(dataset(ELSEWHERE)))

    def test_the_walk_would_see_a_leak(self, name, vectors, prepare):
        data = prepare(dataset())
        before = self.fitted(name, vectors, data)
        if name != "zeros":  # which learns nothing but the dimension
            doubled = vectors.replace(matrix=2 * vectors.matrix)
            assert before != self.fitted(name, doubled, data)
        if strategy_named(name).needs_corpus:
            leaked = replace(data, corpus=prepare(dataset(corpus_word="renal")).corpus)
            assert before != self.fitted(name, vectors, leaked)

    def test_no_byte_of_the_matrix_changes_with_the_test_texts(
        self, name, vectors, prepare, tmp_path
    ):
        oov = name if strategy_named(name).total else f"{name},mean"

        def saved(data):
            built = build_matrix(data.vocabulary, vectors, oov=oov, corpus=data.corpus, seed=3)
            built.save(tmp_path / "m.safetensors")
            return (tmp_path / "m.safetensors").read_bytes()

        before = saved(prepare(dataset()))
        assert before == saved(prepare(dataset(ELSEWHERE)))
        assert before != saved(prepare(dataset(corpus_word="renal")))

    def test_the_studys_matrices_do_not_change_with_the_test_texts(self, name, vectors, prepare):
        oov = name if strategy_named(name).total else f"{name},mean"
        config = StudyConfig(name="x").classifier

        def matrices(data):
            training = Word2VecConfig(dim=6, epochs=1, min_count=30, sample=0, backend="gensim")
            domain = train_word2vec(data.corpus, training)
            anchors = shared_anchors(domain, vectors)
            aligner = aligner_named("procrustes", space="domain").fit(domain, vectors, anchors)
            spaces = EmbeddingSpaces(
                domain, vectors, {"procrustes": aligner}, "domain_first", fitted_on="anchors"
            )
            names = ("random", "general", "domain", "unaligned", "aligned", "concat")
            return [_matrix(name, oov, spaces, data, config).matrix.tobytes() for name in names]

        before = matrices(prepare(dataset()))
        assert before == matrices(prepare(dataset(ELSEWHERE)))
        assert before != matrices(prepare(dataset(corpus_word="renal")))


def test_a_vocabulary_with_a_word_of_the_test_texts_alone_is_refused(prepare):
    data = prepare(dataset(test_texts=("gait w00",) * 40))
    check_vocabulary(data)
    leaky = Vocabulary.from_counts(data.corpus_counts + data.train_counts + data.test_counts)
    with pytest.raises(InputError, match="made: the vocabulary has 'gait', which is neither"):
        check_vocabulary(replace(data, vocabulary=leaky))


def test_words_of_the_training_texts_alone_are_no_leak(prepare):
    data = prepare(dataset())
    alone = replace(data, vocabulary=Vocabulary.from_counts(data.train_counts))
    check_vocabulary(replace(alone, corpus_counts=Counter()))
    with pytest.raises(InputError, match="build it from these alone"):
        check_vocabulary(replace(alone, corpus_counts=Counter(), train_counts=Counter()))
