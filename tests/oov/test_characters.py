"""Spelling: what is read of a word, and that a network learns to give it the right vector."""

import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest
import torch

from adapt.errors import InputError
from adapt.oov import Characters, strategy_named
from adapt.oov.encoders import ENCODERS
from adapt.oov.inventories import CharacterInventory, NgramInventory
from adapt.oov.recall import RecallEncoder
from adapt.vectors import WordVectors

ROOTS = ("cardi", "nephr", "gastr", "derm", "neur", "hepat", "oste", "arthr", "my", "encephal")
ENDINGS = ("itis", "opathy", "ology", "osis", "al", "ectomy", "algia", "ic")


@pytest.fixture(scope="module")
def vectors():
    """Words whose vector is that of their root plus that of their ending, off centre."""
    rng = np.random.default_rng(0)
    roots, endings = rng.normal(size=(len(ROOTS), 8)), rng.normal(size=(len(ENDINGS), 8))
    words = [root + ending for root in ROOTS for ending in ENDINGS]
    matrix = (roots[:, None] + endings).reshape(-1, 8) + 2.0
    return WordVectors(words, matrix.astype(np.float32))


def centred_cosines(given, true, mean):
    given, true = given - mean, true - mean
    return (given * true).sum(1) / np.linalg.norm(given, axis=1) / np.linalg.norm(true, axis=1)


@pytest.mark.parametrize(("encoder", "epochs"), [("ngrams", 400), ("bilstm", 100)])
def test_hidden_words_are_put_together_from_their_parts(vectors, encoder, epochs):
    hidden = ["cardiology", "nephritis", "neuropathy", "hepatectomy"]
    known = vectors.select([word for word in vectors.words if word not in hidden])
    strategy = Characters(encoder, epochs=epochs).fit(known)
    rebuilt = strategy.vectors_for(hidden)
    mean = known.matrix.mean(axis=0)
    assert centred_cosines(rebuilt, vectors.select(hidden).matrix, mean).mean() > 0.5
    assert -1 <= strategy.held_out_cosine_ <= 1


@pytest.mark.parametrize("encoder", ENCODERS)
class TestEveryEncoder:
    def test_the_same_seed_gives_the_same_bytes_whatever_the_global_state(self, vectors, encoder):
        filled = []
        for state in (0, 1):
            torch.manual_seed(state)
            before = torch.random.get_rng_state()
            strategy = Characters(encoder, epochs=2, seed=5).fit(vectors)
            assert torch.equal(torch.random.get_rng_state(), before)
            filled.append(strategy.fill(["renal", "cardiopathic"]))
        assert filled[0].matrix.tobytes() == filled[1].matrix.tobytes()
        assert filled[0].confidences.tobytes() == filled[1].confidences.tobytes()
        other = Characters(encoder, epochs=2, seed=6).fit(vectors).vector_for("renal")
        assert not np.array_equal(other, filled[0].matrix[0])

    def test_a_words_vector_does_not_depend_on_padding(self, vectors, encoder):
        network = Characters(encoder, epochs=2).fit(vectors).encoder_
        codes = torch.from_numpy(network.inventory.encode(["cardiac"]))
        padded = torch.nn.functional.pad(codes, (0, 7))
        torch.testing.assert_close(network(padded), network(codes))

    def test_words_are_read_up_to_their_thirtieth_character(self, vectors, encoder):
        strategy = Characters(encoder, epochs=1).fit(vectors)
        word = "cardi" * 6 + "x"
        same, other = strategy.vectors_for([word + "itis", "y" + word])
        np.testing.assert_array_equal(same, strategy.vector_for(word + "osis"))
        assert not np.array_equal(same, other)

    def test_composed_and_decomposed_accents_and_unknown_capitals_are_the_same(
        self, vectors, encoder
    ):
        strategy = Characters(encoder, epochs=1).fit(vectors)
        first, second = strategy.vectors_for(["cárdi", "ca\u0301rdi"])
        np.testing.assert_array_equal(first, second)
        np.testing.assert_array_equal(strategy.vector_for("CARDI"), strategy.vector_for("cardi"))

    def test_a_word_of_unknown_pieces_has_no_confidence(self, vectors, encoder):
        answer = Characters(encoder, epochs=1).fit(vectors).fill(["🩺🩺"])
        assert answer.confidences[0] == 0
        assert np.isfinite(answer.matrix).all()


def test_zero_rows_and_words_without_letters_are_not_learned_from(vectors):
    extra = WordVectors(
        (*vectors.words, "cardio", "2005"),
        np.concatenate([vectors.matrix, np.zeros((1, 8)), np.ones((1, 8))]).astype(np.float32),
    )
    from adapt.oov.characters import _to_learn

    words, matrix = _to_learn(extra, 1000)
    assert words == list(vectors.words)
    np.testing.assert_array_equal(matrix, vectors.matrix)
    assert _to_learn(extra, 3)[0] == list(vectors.words[:3])


def test_misspelt_words_are_nearer_to_the_right_ones_after_training_with_typos(vectors):
    misspelt = ["cardilogy", "nephirtis", "neuropathhy", "hepatectony"]
    right = ["cardiology", "nephritis", "neuropathy", "hepatectomy"]
    mean = vectors.matrix.mean(axis=0)
    strategy = Characters(epochs=200, typos=0.5).fit(vectors)
    cosines = centred_cosines(strategy.vectors_for(misspelt), vectors.select(right).matrix, mean)
    assert cosines.mean() > 0.7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "lstm"}, "'lstm'; choose ngrams or bilstm"),
        ({"epochs": 0}, "epochs is 0"),
        ({"n_words": 0}, "n_words is 0"),
        ({"typos": 1.5}, "typos is 1.5"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Characters(**options)


def test_too_few_known_words_are_refused(vectors):
    with pytest.raises(InputError, match="of the known words, 1 have a letter .* at least 2"):
        Characters().fit(vectors.head(1))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("typos", [0.0, 0.5])
def test_little_to_learn_from_is_no_reason_for_anything_not_finite(encoder, typos):
    same = WordVectors(("abcd", "efgh"), np.ones((2, 3), dtype=np.float32))
    answer = Characters(encoder, typos=typos).fit(same).fill(["abcd", "xyz", "", "🩺"])
    np.testing.assert_allclose(answer.matrix, 1.0, atol=1.5)
    assert np.isfinite(answer.confidences).all()


def test_the_encoder_is_chosen_behind_a_colon():
    assert strategy_named("characters:bilstm", seed=2) == Characters("bilstm", seed=2)
    with pytest.raises(InputError, match="choose ngrams or bilstm"):
        strategy_named("characters:lstm")


def test_torch_is_not_imported_before_a_network_is_needed():
    code = (
        "import sys, adapt.oov; adapt.oov.strategy_named('characters');"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


class TestInventories:
    def test_rare_pieces_are_left_out(self):
        assert CharacterInventory.of_words(["ab", "ac", "aa"], min_words=2).pieces == ("a",)
        assert NgramInventory.of_words(["ab", "cb"], min_words=2).pieces == ("b", "b>")

    def test_a_cut_word_has_no_end(self):
        inventory = CharacterInventory(("a",), max_length=2)
        assert inventory.encode(["aa", "aaa"]).tolist() == [[2, 4, 4, 3], [2, 4, 4, 0]]

    def test_repeated_pieces_and_no_length_are_refused(self):
        with pytest.raises(InputError, match="stands twice"):
            NgramInventory(("a", "a"))
        with pytest.raises(InputError, match="max_length is 0"):
            CharacterInventory(("a",), max_length=0)


class TestRecall:
    WORDS = ("renal", "venal", "cardiac")

    @pytest.fixture
    def recall(self):
        return RecallEncoder(self.WORDS, np.eye(3, dtype=np.float32), np.array([9, 1, 5]))

    def test_a_misspelt_word_recalls_the_right_one_most(self, recall):
        vectors = recall.vectors(["cardaic", "renall", "venaal"])
        assert vectors.argmax(axis=1).tolist() == [2, 0, 1]
        codes = torch.from_numpy(recall.inventory.encode(["cardaic", "renall", "🩺"]))
        assert recall.most_likely(codes).tolist() == [2, 0, -1]

    def test_shares_by_hand(self):
        # a, <a, a>, <a> against a, b, <a, ab, b>, <ab, ab>, <ab>: two in common
        recall = RecallEncoder(("a", "ab"), np.eye(2, dtype=np.float32), np.array([1, 3]))
        with torch.no_grad():
            recall.sharpness.fill_(3.0)
        scores = np.array([3 * 1 + 0.5 * np.log(2), 3 * 2 / np.sqrt(32) + 0.5 * np.log(4)])
        shares = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(recall.vectors(["a"])[0], shares, rtol=1e-4)

    def test_between_words_alike_the_frequent_one_is_meant(self, recall):
        vector = recall.vectors(["enal"])[0]
        assert vector[0] > vector[1] > vector[2]

    def test_a_word_that_is_like_none_has_the_mean(self):
        recall = RecallEncoder(("ab", "cd"), np.eye(2, dtype=np.float32))
        np.testing.assert_allclose(recall.vectors(["🩺", "", "ab"])[:2], np.full((2, 2), 0.5))

    def test_frequent_words_that_are_not_alike_have_no_share(self):
        vectors = np.eye(2, dtype=np.float32)
        recall = RecallEncoder(("abcdef", "xyz"), vectors, np.array([1, 10**15]))
        np.testing.assert_allclose(recall.vectors(["fghijklmno"])[0], [1, 0], atol=1e-6)
        codes = torch.from_numpy(recall.inventory.encode(["fghijklmno"]))
        assert recall.most_likely(codes).tolist() == [0]

    def test_known_words_learn_only_where_they_are_recalled(self, recall):
        words = [f"w{n}" for n in range(30)]
        recall = RecallEncoder(words, np.ones((30, 2), dtype=np.float32))
        codes = torch.from_numpy(recall.inventory.encode(["w7"]))
        recall(codes).sum().backward()
        rows = recall.known.weight.grad.coalesce().indices().ravel()
        assert len(rows) == 10
        assert 7 in rows.tolist()

    def test_sizes_that_disagree_are_refused(self):
        with pytest.raises(InputError, match="2 words, vectors of shape"):
            RecallEncoder(("a", "b"), np.eye(3, dtype=np.float32))


def test_copies_of_an_encoder_share_the_pieces_that_never_change(vectors):
    encoder = RecallEncoder(vectors.words, vectors.matrix)
    copied = deepcopy(encoder)
    assert copied.inventory is encoder.inventory
    assert copied.known.weight is not encoder.known.weight
