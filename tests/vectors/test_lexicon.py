import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.vectors.lexicon import HeldWords, MappedWords, decode_words, hash_table

# two pairs of words with the same CRC-32
COLLIDING = ["plumless", "buckeroo", "codding", "gnu"]
some_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)


def mapped(words: list[str]) -> MappedWords:
    encoded = [word.encode() for word in words]
    ends = np.cumsum([len(word) for word in encoded], dtype=np.int64)
    return MappedWords(np.frombuffer(b"".join(encoded), np.uint8), ends, *hash_table(encoded))


def test_the_colliding_words_collide():
    hashes, _ = hash_table([word.encode() for word in COLLIDING])
    assert len(np.unique(hashes)) == 2


@given(st.lists(st.one_of(some_words, st.sampled_from(COLLIDING)), unique=True), st.data())
def test_mapped_words_answer_as_held_ones(words, data):
    asked = data.draw(st.lists(st.one_of(some_words, st.sampled_from([*COLLIDING, *words]))))
    n = data.draw(st.integers(0, len(words) + 1))
    for left, right in (
        (mapped(words), HeldWords.checked(words)),
        (mapped(words).head(n), HeldWords.checked(words).head(n)),
    ):
        left._spent = -(10**9)  # keep it from decoding
        assert left.rows(asked).tolist() == right.rows(asked).tolist()
        assert [left.row(word) for word in asked] == [right.row(word) for word in asked]
        assert left._held is None
        assert len(left) == len(right)
        assert left.words == right.words
        assert left.rows(asked).tolist() == right.rows(asked).tolist()


def test_words_are_decoded_once_looking_up_has_cost_as_much():
    words = [f"w{row}" for row in range(4000)]
    lexicon = mapped(words)
    assert lexicon.rows(words[:900]).tolist() == list(range(900))
    assert lexicon._held is None
    assert lexicon.rows(words[900:]).tolist() == list(range(900, 4000))
    assert lexicon._held is not None
    assert lexicon.row("w7") == 7


def test_what_is_no_word_is_absent():
    lexicon = mapped(["a"] * 1 + [f"b{row}" for row in range(500)])
    assert [lexicon.row(other) for other in (5, None, "\ud800", "")] == [None] * 4
    assert lexicon.rows(["\ud800", "a"]).tolist() == [-1, 0]
    assert lexicon._held is None


def test_word_that_ends_inside_a_character_is_refused():
    content = np.frombuffer("aé".encode(), np.uint8)
    assert decode_words(content, np.array([1, 3])) == ("a", "é")
    with pytest.raises(UnicodeDecodeError):
        decode_words(content, np.array([2, 3]))
