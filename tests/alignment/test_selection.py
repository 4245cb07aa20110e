"""Choosing anchors: every reason, the held-out pairs, and change of meaning that was planted."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.alignment import (
    REASONS,
    Anchors,
    AnchorSelection,
    random_orthogonal_map,
    select_anchors,
    shared_anchors,
)
from adapt.errors import InputError
from adapt.vectors import read_vectors
from adapt.vectors.word_vectors import WordVectors


def space(words, counts=None, dim=3, seed=0):
    words = tuple(words)
    matrix = np.random.default_rng(seed).standard_normal((len(words), dim))
    return WordVectors(words, matrix.astype(np.float32), counts=counts)


def select(domain, general, *, candidates=None, held_out=0, seed=0, **options):
    """Choose among the shared words."""
    if candidates is None:
        candidates = shared_anchors(domain, general)
    selection = AnchorSelection(**options)
    return select_anchors(domain, general, candidates, selection, held_out=held_out, seed=seed)


def changed_copy(general, share, noise, seed=0):
    """Return general vectors in a larger space, noised, a share of them under another's word."""
    n, dim = len(general), general.dim
    rng = np.random.default_rng(seed)
    turned = general.matrix @ random_orthogonal_map(dim + 10, dim, seed=seed).T
    turned = turned + noise * general.matrix.std() * rng.standard_normal(turned.shape)
    changed = np.sort(rng.permutation(n)[: round(share * n)])
    turned[changed] = turned[np.roll(changed, 1)]
    counts = np.arange(n, 0, -1)
    return WordVectors(general.words, turned.astype(np.float32), counts=counts), changed


DOMAIN = space(["the", "rash", "12", "fever", "zebra", "hpo", "ache"], [90, 7, 8, 7, 1, 5, 7])
GENERAL = space(["the", "zebra", "12", "fever", "rash", "ache", "unshared"])


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"limit": 2}, ("the", "12")),
            ({"limit": None}, ("the", "12", "ache", "fever", "rash", "zebra")),
            ({"min_count": 8}, ("the", "12")),
            ({"max_count": 7}, ("ache", "fever", "rash", "zebra")),
            ({"min_count": 7, "max_count": 8, "limit": 3}, ("12", "ache", "fever")),
            ({"skip_most_frequent": 1, "limit": 2}, ("12", "ache")),
            (
                {"skip_most_frequent": 1, "exclude_stop_words": True},
                ("ache", "fever", "rash", "zebra"),
            ),
            ({"max_general_rank": 3}, ("the", "12", "zebra")),
            ({"min_general_rank": 3}, ("12", "ache", "fever", "rash")),
            ({"exclude_stop_words": True, "limit": 1}, ("12",)),
            ({"exclude_numbers": True, "limit": 2}, ("the", "ache")),
            ({"min_length": 4, "limit": 2}, ("ache", "fever")),
        ],
    )
    def test_they_choose_the_most_frequent_that_pass(self, options, expected):
        assert select(DOMAIN, GENERAL, **options).anchors == Anchors(expected, expected)

    def test_numbers_are_words_without_letters(self):
        words = ["3", "3.5", "-", "3-fold", "β", "٣"]
        chosen = select(space(words), space(words), exclude_numbers=True)
        assert chosen.anchors.domain == ("3-fold", "β")

    def test_stop_words_are_left_out_in_any_case(self):
        words = space(["The", "cough"])
        assert select(words, words, exclude_stop_words=True).anchors.domain == ("cough",)

    def test_either_word_of_a_pair_may_fail(self):
        pairs = Anchors(("rash", "12", "fever"), ("12", "rash", "ache"))
        chosen = select(DOMAIN, GENERAL, candidates=pairs, exclude_numbers=True)
        assert chosen.anchors == Anchors(("fever",), ("ache",))

    def test_words_that_never_occurred_are_no_anchors(self):
        chosen = select(space(["the", "rash"], [4, 0]), GENERAL)
        assert chosen.n_rejected == {"too_rare": 1}

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"limit": 0}, "limit is 0; give 1 or more"),
            ({"min_count": -1}, "min_count is -1; give 0 or more"),
            ({"max_count": -2}, "max_count is -2; give 0 or more"),
            ({"min_general_rank": 0}, "min_general_rank is 0; give 1 or more"),
            ({"max_general_rank": 0}, "max_general_rank is 0; give 1 or more"),
            ({"min_length": -1}, "min_length is -1; give 0 or more"),
            ({"skip_most_frequent": -1}, "skip_most_frequent is -1; give 0 or more"),
            ({"n_neighbors": 0}, "n_neighbors is 0; give 1 or more"),
            ({"min_count": 5, "max_count": 4}, "min_count is 5, which is above max_count, 4"),
            (
                {"min_general_rank": 9, "max_general_rank": 8},
                "min_general_rank is 9, which is above max_general_rank, 8",
            ),
            ({"min_overlap": -0.1}, "min_overlap is -0.1; give a share from 0 to 1"),
            ({"min_overlap": 1.1}, "min_overlap is 1.1; give a share from 0 to 1"),
            ({"min_overlap": float("nan")}, "min_overlap is nan; give a share from 0 to 1"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, options, message):
        with pytest.raises(InputError, match=message):
            AnchorSelection(**options)


@pytest.fixture(scope="module")
def chosen():
    words = [f"w{i:02}" for i in range(60)]
    odd = ["rare", "often", "late", "early", "12", "the", "xy", "zero"]
    general = space(["early", *words, "xy", "12", "the", "rare", "often", "zero", "late"], dim=4)
    counts = [1, 500, 50, 50, 50, 50, 50, 50, *range(160, 100, -1), 77]
    domain = space([*odd, *words, "own"], counts, dim=5)
    matrix = domain.matrix.copy()
    matrix[domain.index("zero")] = 0
    turned = general.matrix @ random_orthogonal_map(5, 4, seed=0).T
    for word in words:
        matrix[domain.index(word)] = turned[general.index(word)]
    swapped = domain.rows(["w03", "w40"])
    matrix[swapped] = matrix[swapped[::-1]]
    pairs = Anchors((*odd, *words, "own", "nowhere"), (*odd, *words, "unknown", "the"))
    return select_anchors(
        domain.replace(matrix=matrix),
        general,
        pairs,
        AnchorSelection(
            limit=40,
            min_count=2,
            max_count=400,
            min_general_rank=2,
            max_general_rank=len(general) - 1,
            exclude_stop_words=True,
            exclude_numbers=True,
            min_length=3,
            skip_most_frequent=2,
            min_overlap=0.3,
            n_neighbors=10,
        ),
        held_out=5,
    )


class TestReasons:
    """One set of candidates with a case of every reason."""

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            ("absent_from_domain", ["nowhere"]),
            ("absent_from_general", ["own"]),
            ("zero_vector", ["zero"]),
            ("too_rare", ["rare"]),
            ("too_frequent", ["often"]),
            ("too_rare_in_general", ["late"]),
            ("too_frequent_in_general", ["early"]),
            ("stop_word", ["the"]),
            ("number", ["12"]),
            ("too_short", ["xy"]),
            ("skipped", ["w00", "w01"]),
            ("neighbours_disagree", ["w03", "w40"]),
        ],
    )
    def test_each_is_given(self, chosen, reason, words):
        assert [one.domain for one in chosen.rejected(reason)] == words
        assert chosen.n_rejected[reason] == len(words)

    def test_the_limit_counts_those_held_out(self, chosen):
        assert (len(chosen.anchors), len(chosen.held_out)) == (35, 5)
        beyond = [one.domain for one in chosen.rejected("beyond_limit")]
        assert beyond == [f"w{i}" for i in range(44, 60)]

    def test_the_cases_above_are_all_reasons(self, chosen):
        assert set(chosen.reasons) - {None} == set(REASONS)
        assert list(chosen.n_rejected) == [name for name in REASONS if name != "held_out"]

    def test_every_candidate_is_accounted_for(self, chosen):
        rejected = chosen.rejected()
        assert len(chosen.candidates) == len(chosen.anchors) + 5 + len(rejected)
        assert all(one.reason in REASONS for one in rejected)
        assert sum(chosen.n_rejected.values()) == len(rejected)

    def test_figures_of_absent_words_are_none(self, chosen):
        (absent,) = chosen.rejected("absent_from_domain")
        assert dataclasses.asdict(absent) == {
            "domain": "nowhere",
            "general": "the",
            "reason": "absent_from_domain",
            "domain_count": None,
            "general_count": None,
            "domain_rank": None,
            "general_rank": 64,
            "overlap": None,
        }

    def test_those_rejected_before_have_an_overlap_too(self, chosen):
        (rare,) = chosen.rejected("too_rare")
        assert (rare.domain_count, rare.domain_rank, rare.general_rank) == (1, 69, 65)
        assert rare.overlap is not None
        (zero,) = chosen.rejected("zero_vector")
        assert zero.overlap is None

    def test_chance_is_that_among_the_references(self, chosen):
        assert chosen.n_references == 60 - 2 - 5
        assert chosen.chance_overlap == pytest.approx(10 / 52)

    def test_the_table_has_a_line_for_every_candidate(self, chosen, tmp_path):
        chosen.write_table(tmp_path / "anchors.tsv")
        header, *lines = (tmp_path / "anchors.tsv").read_text(encoding="utf-8").splitlines()
        assert header.split("\t") == [
            "domain", "general", "reason", "domain_count", "general_count", "domain_rank",
            "general_rank", "overlap",
        ]  # fmt: skip
        table = {line.split("\t")[0]: line.split("\t") for line in lines}
        assert len(lines) == len(table) == len(chosen.candidates)
        assert table["nowhere"] == ["nowhere", "the", "absent_from_domain", *[""] * 3, "64", ""]
        assert table["w20"][:7] == ["w20", "w20", "", "140", "", "22", "22"]
        assert float(table["w20"][7]) > 0.3

    def test_unknown_reasons_are_refused(self, chosen):
        with pytest.raises(InputError, match="unknown reason 'too_odd'; known are absent_from_d"):
            chosen.rejected("too_odd")

    def test_nothing_can_be_changed(self, chosen):
        for column in (chosen.domain_counts, chosen.domain_ranks, chosen.overlaps):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 1


@pytest.fixture(scope="module")
def spaces():
    general = space([f"w{i:03}" for i in range(300)], dim=6)
    return changed_copy(general, share=0.2, noise=0.3)[0], general


class TestHeldOut:
    def test_they_are_those_of_a_split(self, spaces):
        chosen = select(*spaces, limit=200, held_out=0.2, seed=3)
        everything = select(*spaces, limit=200).anchors
        assert (chosen.anchors, chosen.held_out) == everything.split(0.2, seed=3)

    def test_they_do_not_depend_on_the_overlap(self, spaces):
        plain = select(*spaces, limit=200, held_out=0.2)
        strict = select(*spaces, limit=200, held_out=0.2, min_overlap=0.3, n_neighbors=20)
        assert strict.held_out == plain.held_out
        assert strict.n_rejected["neighbours_disagree"] > 0
        lows = strict.overlaps[[reason == "held_out" for reason in strict.reasons]]
        assert lows.min() < 0.3

    def test_no_overlap_depends_on_them(self, spaces):
        domain, general = spaces
        options = {"limit": 200, "held_out": 0.2, "min_overlap": 0.3, "n_neighbors": 20}
        before = select(domain, general, **options)
        matrix = domain.matrix.copy()
        rows = domain.rows(before.held_out.domain)
        matrix[rows] = matrix[rows[::-1]]
        after = select(domain.replace(matrix=matrix), general, **options)
        others = [reason != "held_out" for reason in before.reasons]
        np.testing.assert_array_equal(after.overlaps[others], before.overlaps[others])
        assert after.anchors == before.anchors

    def test_more_than_there_are_is_refused(self, spaces):
        with pytest.raises(InputError, match="cannot hold out 200 of 200 anchors"):
            select(*spaces, limit=200, held_out=200)


@pytest.fixture(scope="module")
def planted():
    general = read_vectors("glove.6B.50d").head(3000)
    domain, changed = changed_copy(general, share=0.1, noise=0.6)
    return domain, general, frozenset(general.words[i] for i in changed)


class TestOverlap:
    def test_planted_change_is_found(self, planted):
        """GloVe turned and noised; 300 of 3,000 words mean what another one did."""
        domain, general, changed = planted
        chosen = select(domain, general, min_overlap=0.15)
        found = [one.domain for one in chosen.rejected("neighbours_disagree")]
        n_right = sum(word in changed for word in found)
        assert n_right / len(found) > 0.9
        assert n_right / len(changed) > 0.9

    def test_changed_lists_the_lowest_overlaps_of_frequent_words(self, planted):
        domain, general, changed = planted
        chosen = select(domain, general, min_overlap=0.0)
        assert len(chosen.anchors) == 3000
        listed = chosen.changed(50, max_domain_rank=1000, max_general_rank=900)
        assert len(listed) == 50
        assert sum(one.domain in changed for one in listed) >= 49
        assert all(one.domain_rank <= 1000 and one.general_rank <= 900 for one in listed)
        keys = [(one.overlap, one.domain_rank) for one in listed]
        assert keys == sorted(keys)

    def test_changed_leaves_out_what_other_tests_reject(self, planted):
        domain, general, _ = planted
        chosen = select(domain, general, min_overlap=0.0, exclude_numbers=True, limit=100)
        listed = chosen.changed(3000)
        assert not any(one.reason == "number" for one in listed)
        assert {one.reason for one in listed} == {None, "beyond_limit"}

    def test_words_that_are_held_out_may_have_changed_too(self, planted):
        domain, general, _ = planted
        listed = select(domain, general, min_overlap=0.0, held_out=600).changed(3000)
        assert sum(one.reason == "held_out" for one in listed) == 600

    def test_change_needs_overlaps(self):
        chosen = select(DOMAIN, GENERAL)
        assert chosen.chance_overlap is None
        assert np.isnan(chosen.overlaps).all()
        with pytest.raises(InputError, match="select with min_overlap"):
            chosen.changed()

    def test_too_few_to_compare_among(self):
        with pytest.raises(InputError, match="compares 100 neighbours .* only 5 of 6 pass the"):
            select(DOMAIN, GENERAL, min_overlap=0.1, min_count=2)


@given(order=st.permutations(range(40)), seed=st.integers(0, 9))
def test_the_order_of_the_candidates_does_not_matter(order, seed):
    words = [f"w{i:02}" for i in range(30)]
    counts = np.random.default_rng(seed).integers(1, 6, 30)  # many ties
    domain, general = space(words, counts, seed=seed), space(words[::-1], seed=seed + 1)
    pairs = Anchors((*words, *(f"own{i}" for i in range(10))), (*words, *words[:10]))
    options = {"limit": 20, "min_count": 2, "min_overlap": 0.2, "n_neighbors": 5, "held_out": 4}
    first = select(domain, general, candidates=pairs, **options)
    second = select(domain, general, candidates=pairs.subset(order), **options)
    assert second.candidates == first.candidates
    assert second.reasons == first.reasons
    np.testing.assert_array_equal(second.overlaps, first.overlaps)


@given(limit=st.integers(1, 30), seed=st.integers(0, 9))
def test_the_limit_keeps_the_most_frequent(limit, seed):
    words = [f"w{i:02}" for i in range(30)]
    counts = np.random.default_rng(seed).integers(1, 9, 30)
    chosen = select(space(words, counts), space(words), limit=limit)
    by_count = sorted(zip(-counts, words, strict=True))
    assert chosen.anchors.domain == tuple(word for _, word in by_count[:limit])


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "asked"), [({"min_count": 2}, "2 to any"), ({"max_count": 9}, "1 to 9")]
    )
    def test_counts_must_be_there_to_be_asked_for(self, options, asked):
        message = f"counts from {asked} were asked for, but the domain vectors have no counts"
        with pytest.raises(InputError, match=message):
            select(space(["the"]), GENERAL, **options)

    def test_when_nothing_is_left_the_reasons_are_counted(self):
        message = (
            "none of 6 candidates is left as an anchor (5 too_rare, 1 stop_word); loosen the "
            "selection"
        )
        with pytest.raises(InputError) as error:
            select(DOMAIN, GENERAL, min_count=9, exclude_stop_words=True)
        assert str(error.value) == message

    def test_when_nobody_agrees(self):
        words = [f"w{i:02}" for i in range(30)]
        with pytest.raises(InputError, match=r"none of 30 .* \(30 neighbours_disagree\)"):
            select(space(words, seed=1), space(words), min_overlap=1.0, n_neighbors=5)

    def test_without_candidates(self):
        with pytest.raises(InputError, match="none of 0 candidates .* both spaces share words"):
            select(space(["hpo"]), GENERAL)

    def test_columns_of_unequal_length_are_refused(self):
        chosen = select(DOMAIN, GENERAL)
        with pytest.raises(InputError, match="reasons has 2 entries, but there are 6 candidates"):
            dataclasses.replace(chosen, reasons=(None, None))
