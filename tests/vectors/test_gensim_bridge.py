import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec

from adapt.errors import InputError
from adapt.vectors import WordVectors


def test_there_and_back():
    vectors = WordVectors(("b", "a"), [[1, 2, 3], [4, 5, 6.5]], counts=[9, 3], origin="o")
    keyed = vectors.to_gensim()
    assert keyed.similarity("a", "b") == pytest.approx(33.5 / np.sqrt(14 * 83.25), abs=1e-6)
    assert keyed.get_vecattr("b", "count") == 9
    back = WordVectors.from_gensim(keyed, origin="o")
    assert back.words == vectors.words
    assert back.matrix.tolist() == vectors.matrix.tolist()
    assert back.counts.tolist() == [9, 3]


def test_nothing_is_shared_with_the_changeable_side():
    keyed = WordVectors(("a",), [[1.0]]).to_gensim()
    back = WordVectors.from_gensim(keyed)
    keyed.vectors[0] = 5
    keyed.key_to_index["b"] = 0
    assert back.matrix.tolist() == [[1.0]]
    assert back.counts is None


def test_trained_model_is_taken_over():
    sentences = [["fever", "cough", "fever"], ["cough", "fever"]] * 3
    model = Word2Vec(sentences, vector_size=4, min_count=1, seed=1, workers=1)
    vectors = WordVectors.from_gensim(model.wv, origin="trained")
    assert vectors.words == ("fever", "cough")
    assert vectors.counts.tolist() == [9, 6]
    assert np.array_equal(vectors["cough"], model.wv["cough"])
    with pytest.raises(InputError, match=r"not Word2Vec; of a model, pass model\.wv"):
        WordVectors.from_gensim(model)


def test_keys_that_are_not_words_are_refused():
    keyed = KeyedVectors(1)
    keyed.add_vectors([5], np.ones((1, 1), dtype=np.float32))
    with pytest.raises(InputError, match="word 0 is 5"):
        WordVectors.from_gensim(keyed)
