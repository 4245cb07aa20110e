import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.alignment import Anchors, read_anchors, shared_anchors
from adapt.alignment.anchors import frequency_ranks
from adapt.errors import AdaptWarning, FileAccessError, FileFormatError, InputError
from adapt.vectors.word_vectors import WordVectors


def space(words, counts=None):
    words = tuple(words)
    return WordVectors(
        words=words,
        matrix=np.ones((len(words), 2), dtype=np.float32),
        counts=None if counts is None else np.array(counts, dtype=np.int64),
    )


def numbered(n):
    return Anchors(tuple(f"d{i}" for i in range(n)), tuple(f"g{i}" for i in range(n)))


DOMAIN = space(["the", "rash", "12", "fever", "zebra", "hpo", "ache"], [90, 7, 8, 7, 1, 5, 7])
GENERAL = space(["the", "zebra", "12", "fever", "rash", "ache", "unshared"])


class TestAnchors:
    def test_sides_of_unequal_length_are_refused(self):
        with pytest.raises(InputError, match="2 domain words, but 1 general"):
            Anchors(("a", "b"), ("a",))

    def test_a_domain_word_has_one_partner(self):
        with pytest.raises(InputError, match="only 1 different"):
            Anchors(("a", "a"), ("b", "c"))

    @given(n=st.integers(2, 60), share=st.floats(0, 0.99), seed=st.integers(0, 5))
    def test_a_split_parts_the_pairs_and_keeps_their_order(self, n, share, seed):
        size = min(round(share * n), n - 1)
        anchors = numbered(n)
        fitted, held_out = anchors.split(size, seed)
        assert len(held_out) == size
        pairs = list(zip(anchors.domain, anchors.general, strict=True))
        for part in (fitted, held_out):
            places = [pairs.index(pair) for pair in zip(part.domain, part.general, strict=True)]
            assert places == sorted(places)
        assert sorted(fitted.domain + held_out.domain) == sorted(anchors.domain)

    def test_a_split_follows_its_seed(self):
        anchors = numbered(100)
        assert anchors.split(0.2, seed=3) == anchors.split(0.2, seed=3)
        assert anchors.split(0.2, seed=3) != anchors.split(0.2, seed=4)

    def test_a_share_is_a_share_and_a_number_a_number(self):
        assert [len(part) for part in numbered(50).split(0.2, seed=0)] == [40, 10]
        assert [len(part) for part in numbered(50).split(2, seed=0)] == [48, 2]
        assert [len(part) for part in numbered(50).split(0, seed=0)] == [50, 0]

    @pytest.mark.parametrize("held_out", [-1, -0.1, 1.0, 50, 51])
    def test_a_split_leaves_something_to_fit_on(self, held_out):
        with pytest.raises(InputError, match=f"hold out {held_out} of 50"):
            numbered(50).split(held_out, seed=0)

    def test_a_share_that_comes_to_nothing_is_refused(self):
        with pytest.raises(InputError, match="share of 0.2 of 2 anchors is none"):
            numbered(2).split(0.2)

    def test_restrict_keeps_what_both_spaces_hold(self):
        anchors = Anchors(("fever", "nowhere", "hpo", "rash"), ("ache", "rash", "gone", "rash"))
        present, n_absent = anchors.restrict(DOMAIN, GENERAL)
        assert present == Anchors(("fever", "rash"), ("ache", "rash"))
        assert n_absent == 2


class TestSharedAnchors:
    def test_order_is_by_count_then_word(self):
        anchors = shared_anchors(DOMAIN, GENERAL)
        assert anchors.domain == ("the", "12", "ache", "fever", "rash", "zebra")
        assert anchors.general == anchors.domain

    def test_without_counts_order_is_by_row(self):
        anchors = shared_anchors(space(DOMAIN.words), GENERAL)
        assert anchors.domain == ("the", "rash", "12", "fever", "zebra", "ache")

    def test_spaces_may_share_nothing(self):
        assert len(shared_anchors(space(["hpo"]), GENERAL)) == 0


def test_ranks_are_by_count_then_word():
    assert frequency_ranks(DOMAIN).tolist() == [1, 5, 2, 4, 7, 6, 3]
    assert frequency_ranks(DOMAIN).dtype == frequency_ranks(GENERAL).dtype == np.int64
    assert frequency_ranks(GENERAL).tolist() == [1, 2, 3, 4, 5, 6, 7]


class TestReadAnchors:
    def read(self, tmp_path, text):
        path = tmp_path / "anchors.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_anchors(path)

    def test_two_words_or_one(self, tmp_path):
        assert self.read(tmp_path, "mi infarction\nfever\n") == Anchors(
            ("mi", "fever"), ("infarction", "fever")
        )

    @pytest.mark.parametrize(
        "text", ["a  b\r\nc\r\n", "\ufeffa b\nc", " a b \nc\t\n", "a\tb\nc", "a \t b\rc\r"]
    )
    def test_blanks_line_ends_and_byte_order_mark(self, tmp_path, text):
        assert self.read(tmp_path, text) == Anchors(("a", "c"), ("b", "c"))

    def test_letters_at_the_ends_of_a_line_belong_to_the_words(self, tmp_path):
        assert self.read(tmp_path, "X-linked X\n") == Anchors(("X-linked",), ("X",))

    def test_a_tab_parts_words_with_blanks(self, tmp_path):
        assert self.read(tmp_path, "heart attack\tinfarction\n").domain == ("heart attack",)

    @pytest.mark.parametrize("odd", ["\u00a0", "\u2028", "\x85", "\u3000"])
    def test_only_blanks_part_words_and_only_line_ends_lines(self, tmp_path, odd):
        assert self.read(tmp_path, f"x{odd}y z\n").domain == (f"x{odd}y",)

    @pytest.mark.parametrize(
        ("text", "line", "columns"),
        [("a b\n\nc\n", 2, 0), ("a b c\n", 1, 3), ("a\nb\tc\td\n", 2, 3)],
    )
    def test_other_numbers_of_columns_are_refused(self, tmp_path, text, line, columns):
        with pytest.raises(FileFormatError, match=rf"line {line}: has {columns} columns") as error:
            self.read(tmp_path, text)
        assert error.value.line == line

    def test_pairs_that_stand_twice_are_reported(self, tmp_path):
        with pytest.warns(AdaptWarning, match="left out 2 anchors that stand twice"):
            anchors = self.read(tmp_path, "a b\na b\nc\nc c\n")
        assert anchors == Anchors(("a", "c"), ("b", "c"))

    def test_the_first_partner_of_a_word_is_kept(self, tmp_path):
        message = "2 .*line 3 pairs 'a' with 'x' after 'b'"
        with pytest.warns(AdaptWarning, match=message):
            anchors = self.read(tmp_path, "a b\nc b\na x\na y\n")
        assert anchors == Anchors(("a", "c"), ("b", "b"))

    def test_an_empty_file_is_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="holds no anchors"):
            self.read(tmp_path, "")

    def test_bytes_that_are_not_utf8_are_placed(self, tmp_path):
        with pytest.raises(FileFormatError, match="byte 2: is not UTF-8"):
            self.read(tmp_path, b"a \xff\n")

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(FileAccessError, match=r"gone\.txt"):
            read_anchors(tmp_path / "gone.txt")
