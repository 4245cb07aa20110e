"""Training into a general space: shared words are held there, and new words land among them."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.text import Corpus
from adapt.training import Compass, compiled_backend, train_word2vec
from adapt.training.compass import HeldRows
from adapt.training.compiled_backend import BlockTrainer
from adapt.vectors import WordVectors

N_TOPICS, N_WORDS, DIM = 8, 12, 8
WORDS = [f"t{topic}w{word}" for topic in range(N_TOPICS) for word in range(N_WORDS)]
NEW = [word for word in WORDS if word.endswith("w5")]  # of every topic, the general space lacks one


@pytest.fixture
def planted_corpus():
    """Documents of one topic each, and all its words equally often."""
    generator = np.random.default_rng(0)
    topics = [WORDS[start : start + N_WORDS] for start in range(0, len(WORDS), N_WORDS)]
    return Corpus.from_texts(
        [" ".join(generator.choice(topics[i % N_TOPICS], size=10)) for i in range(2400)]
    )


@pytest.fixture
def planted_vectors():
    """General vectors of all words, those of a topic together, about a mean that is not zero."""
    generator = np.random.default_rng(1)
    centres = 3 + np.linalg.qr(generator.normal(size=(DIM, N_TOPICS)))[0] * 6
    matrix = np.repeat(centres, N_WORDS, axis=0) + generator.normal(size=(len(WORDS), DIM))
    return WordVectors(WORDS, matrix.astype(np.float32), origin="general")


@pytest.fixture
def known(planted_vectors):
    """General vectors without the new words, and with one that the corpus lacks."""
    words = [word for word in WORDS if word not in NEW]
    matrix = np.vstack([planted_vectors.select(words).matrix, np.ones((1, DIM))])
    return WordVectors([*words, "elsewhere"], matrix, origin="general")


def topic_of(vector, planted_vectors):
    """The topic of the general word whose vector is nearest by cosine, less the mean."""
    centred = planted_vectors.matrix - planted_vectors.matrix.mean(axis=0)
    query = vector - planted_vectors.matrix.mean(axis=0)
    cosines = centred @ query / np.linalg.norm(centred, axis=1)
    return WORDS[int(np.argmax(cosines))][:2]


@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("shared", ["frozen", "penalised"])
def test_new_words_land_in_their_topic_without_a_map(
    planted_corpus, planted_vectors, known, small, shared, architecture
):
    config = small(epochs=10, architecture=architecture)
    vectors = train_word2vec(planted_corpus, config, general=known, compass=Compass(shared=shared))
    assert [topic_of(vectors[word], planted_vectors) for word in NEW] == [w[:2] for w in NEW]
    # without the general vectors the space is another one, and topics are found by chance
    free = train_word2vec(planted_corpus, config)
    found = [topic_of(free[word], planted_vectors) == word[:2] for word in NEW]
    assert np.mean(found) < 0.6


def test_frozen_words_have_exactly_their_general_vectors(planted_corpus, known, small):
    vectors = train_word2vec(planted_corpus, small(output="average"), general=known)
    shared = [word for word in vectors.words if word in known]
    assert vectors.select(shared).matrix.tobytes() == known.select(shared).matrix.tobytes()
    assert set(vectors.words) == set(WORDS)
    assert vectors.counts is not None
    assert vectors.sources == tuple(
        "domain" if word in NEW else "general" for word in vectors.words
    )


def test_a_penalty_holds_words_between_free_and_frozen(planted_corpus, known, small):
    shared = [word for word in known.words if word in WORDS]

    def moved(**options):
        compass = Compass(**options)
        vectors = train_word2vec(planted_corpus, small(), general=known, compass=compass)
        difference = vectors.select(shared).matrix - known.select(shared).matrix
        return np.linalg.norm(difference, axis=1).mean()

    free, loose, tight = (
        moved(shared="penalised", strength=strength) for strength in (0.0, 30.0, 3000.0)
    )
    assert free > 1.2 * loose > 1.2 * 1.2 * tight > 0
    assert moved(shared="frozen") == 0


def test_shrinkage_keeps_new_words_near_the_mean(planted_corpus, known, small):
    def distance(shrinkage):
        compass = Compass(shrinkage=shrinkage)
        vectors = train_word2vec(planted_corpus, small(), general=known, compass=compass)
        mean = known.select([word for word in known.words if word in WORDS]).matrix.mean(axis=0)
        return np.linalg.norm(vectors.select(NEW).matrix - mean, axis=1).mean()

    assert distance(0.0) > distance(10.0) > distance(1000.0) > 0


def test_turning_the_general_space_turns_the_result(planted_corpus, known, small):
    # no direction is special: what training makes of a space depends on its inner products alone,
    # but for the small random start of the new words
    turn = np.linalg.qr(np.random.default_rng(5).normal(size=(DIM, DIM)))[0]
    turned = known.replace(matrix=known.matrix @ turn)
    straight = train_word2vec(planted_corpus, small(epochs=10), general=known).select(NEW).matrix
    bent = train_word2vec(planted_corpus, small(epochs=10), general=turned).select(NEW).matrix
    straight, bent = straight - straight.mean(axis=0), bent @ turn.T - bent.mean(axis=0) @ turn.T
    assert np.linalg.norm(straight - bent) < 0.1 * np.linalg.norm(straight)


def test_the_length_of_the_general_vectors_does_not_matter(planted_corpus, known, small):
    longer = known.replace(matrix=known.matrix * 4)
    vectors = train_word2vec(planted_corpus, small(), general=known)
    again = train_word2vec(planted_corpus, small(), general=longer)
    np.testing.assert_allclose(again.matrix, 4 * vectors.matrix, rtol=1e-3, atol=1e-3)


def test_a_pull_is_the_proximal_step_and_leaves_other_words(known):
    words = ("t0w0", "t0w5", "t1w0", "t1w5")
    held = HeldRows.find(words, known, Compass(shared="penalised", strength=3.0, shrinkage=2.0))
    input = np.zeros((4, DIM), dtype=np.float32)
    held.start(input)
    start = input.copy()
    assert not start[[1, 3]].any()
    np.testing.assert_allclose(np.square(start).sum() / 2, 5.0**2, rtol=1e-5)
    input += 1
    held.pull(input, np.array([0, 1, 1], dtype=np.int32), 0.5)
    np.testing.assert_allclose(input[0], start[0] + 1 / 2.5, rtol=1e-5)
    np.testing.assert_allclose(input[1], 1 / 2, rtol=1e-5)
    np.testing.assert_array_equal(input[2:], start[2:] + 1)


@pytest.mark.parametrize("shared", ["frozen", "penalised"])
def test_same_seed_gives_the_same_bytes_also_through_a_checkpoint(
    planted_corpus, known, small, tmp_path, monkeypatch, shared
):
    monkeypatch.setattr(compiled_backend, "BLOCK", 1024)
    monkeypatch.setattr(compiled_backend, "_CHECKPOINT_SECONDS", 0.0)
    given = known.matrix.tobytes()

    def train(**options):
        compass = Compass(shared=shared)
        return train_word2vec(planted_corpus, small(), general=known, compass=compass, **options)

    expected = train().matrix.tobytes()
    assert train().matrix.tobytes() == expected
    path = tmp_path / "training.checkpoint"
    train_block, done = BlockTrainer.train, []

    def train_some(self, *arguments):
        done.append(1)
        if len(done) > 20:
            raise KeyboardInterrupt
        train_block(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(BlockTrainer, "train", train_some)
        with pytest.raises(KeyboardInterrupt):
            train(checkpoint=path)
    assert train(checkpoint=path).matrix.tobytes() == expected
    assert train(checkpoint=path).matrix.tobytes() == expected
    assert known.matrix.tobytes() == given


def test_a_checkpoint_of_another_space_or_compass_does_not_go_on(
    planted_corpus, known, small, tmp_path
):
    path = tmp_path / "training.checkpoint"
    train_word2vec(planted_corpus, small(), general=known, checkpoint=path)
    others = (
        {},
        {"general": known.replace(matrix=known.matrix + 1)},
        {"general": known, "compass": Compass(shared="penalised")},
    )
    for other in others:
        with pytest.raises(InputError, match="begun with other general vectors or another compass"):
            train_word2vec(planted_corpus, small(), checkpoint=path, **other)


def test_a_checkpoint_without_a_general_space_does_not_go_on_with_one(
    planted_corpus, known, small, tmp_path
):
    path = tmp_path / "training.checkpoint"
    train_word2vec(planted_corpus, small(), checkpoint=path)
    with pytest.raises(InputError, match="or with none"):
        train_word2vec(planted_corpus, small(), general=known, checkpoint=path)


def test_words_with_a_zero_vector_count_as_unknown(planted_corpus, known, small):
    matrix = known.matrix.copy()
    matrix[0] = 0
    vectors = train_word2vec(planted_corpus, small(), general=known.replace(matrix=matrix))
    assert vectors[known.words[0]].any()
    assert vectors.sources[vectors.index(known.words[0])] == "domain"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dim": 7}, "dim is 7, but the general vectors have 8 dimensions; set dim to 8"),
        ({"backend": "gensim"}, "backend 'gensim' does not train into a general space"),
        ({"backend": "torch"}, "use backend 'compiled'"),
    ],
)
def test_what_does_not_fit_the_general_space_is_refused(
    planted_corpus, known, small, options, message
):
    with pytest.raises(InputError, match=message):
        train_word2vec(planted_corpus, small(**options), general=known)


@pytest.mark.parametrize("words", [("other", "words"), ("t0w0", "other"), ("t0w0", "t0w1")])
def test_a_general_space_with_too_little_in_common_is_refused(planted_corpus, small, words):
    alike = WordVectors(words, np.ones((2, DIM)), origin="general")
    with pytest.raises(InputError, match="two with different ones are needed"):
        train_word2vec(planted_corpus, small(), general=alike)


def test_a_compass_without_a_general_space_is_refused(planted_corpus, small):
    with pytest.raises(InputError, match="give general vectors too"):
        train_word2vec(planted_corpus, small(), compass=Compass())


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"shared": "free"}, "choose one of frozen, penalised"),
        ({"strength": -1.0}, "strength is -1.0"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"shrinkage": float("inf")}, "shrinkage is inf"),
        ({"length": 0.0}, "length is 0.0"),
    ],
)
def test_impossible_options_are_refused(option, message):
    with pytest.raises(InputError, match=message):
        Compass(**option)
