"""Merging two spaces: which vector a word gets, from where, and at what scale."""

import numpy as np
import pytest

from adapt.errors import InputError
from adapt.merging import (
    Average,
    ConcatPCA,
    Convex,
    FrequencyWeighted,
    MergePolicy,
    SpecificityWeighted,
    matched_scale,
    merge,
    policy_named,
    policy_names,
)
from adapt.merging.blending import _variances
from adapt.vectors import WordVectors

GENERAL = WordVectors(
    words=("the", "cell", "goal"),
    matrix=np.array([[1, 0], [0, 2], [2, 2]], dtype=np.float32),
    origin="general",
)
DOMAIN = WordVectors(
    words=("cell", "ataxia", "the"),
    matrix=np.array([[4, 0], [0, 6], [0, 2]], dtype=np.float32),
    counts=np.array([30, 20, 10]),
    origin="domain",
)
# mean norm over {the, cell}: general (1 + 2) / 2, domain (2 + 4) / 2
SCALE = 0.5


def spaces(n_both=300, n_only=50, dim=6, noise=1.0, seed=0):
    """Two spaces that agree the better, the more often the domain has a word."""
    generator = np.random.default_rng(seed)
    meanings = generator.normal(loc=0.5, size=(n_both + 2 * n_only, dim))
    counts = generator.integers(1, 500, size=n_both + n_only)
    words = [f"w{i}" for i in range(len(meanings))]
    seen = meanings[n_only:]
    disturbed = seen + noise * generator.normal(size=seen.shape) / np.sqrt(counts)[:, None]
    general = WordVectors(words[: n_both + n_only], meanings[: n_both + n_only])
    return general, WordVectors(words[n_only:], 3 * disturbed, counts=counts, origin="notes")


def test_scale_is_matched_over_the_shared_words():
    assert matched_scale(GENERAL, DOMAIN) == pytest.approx(SCALE)
    for by in (0.01, 100):
        scaled = DOMAIN.replace(matrix=DOMAIN.matrix * np.float32(by))
        assert matched_scale(GENERAL, scaled) == pytest.approx(SCALE / by)


@pytest.mark.parametrize("policy", policy_names())
class TestEveryPolicy:
    def test_keeps_every_word_of_either_space_once(self, policy):
        merged = merge(GENERAL, DOMAIN, policy)
        assert merged.words == ("the", "cell", "goal", "ataxia")
        assert merged.counts.tolist() == [10, 30, 0, 20]
        assert np.isfinite(merged.matrix).all()

    def test_says_where_every_vector_came_from(self, policy):
        merged = merge(GENERAL, DOMAIN, policy)
        assert merged.sources[2:] == ("general", "domain")
        assert set(merged.sources) <= {"general", "domain", "both"}

    def test_changes_neither_space(self, policy):
        before = GENERAL.matrix.copy(), DOMAIN.matrix.copy()
        merge(GENERAL, DOMAIN, policy)
        np.testing.assert_array_equal(GENERAL.matrix, before[0])
        np.testing.assert_array_equal(DOMAIN.matrix, before[1])

    def test_is_called_by_its_name(self, policy):
        made = policy_named(policy)
        assert isinstance(made, MergePolicy)
        assert made.name == policy
        named, given = merge(GENERAL, DOMAIN, policy), merge(GENERAL, DOMAIN, made)
        assert named.matrix.tobytes() == given.matrix.tobytes()
        assert named.origin == f"merged:{policy}"

    def test_leaves_words_of_the_general_space_alone_unless_it_makes_another_space(self, policy):
        general, domain = spaces()
        merged = merge(general, domain, policy)
        if policy_named(policy).needs_one_space:
            assert merged.matrix[:50].tobytes() == general.matrix[:50].tobytes()

    def test_the_order_and_the_scale_of_the_domain_change_nothing(self, policy):
        general, domain = spaces()
        turned = WordVectors(
            domain.words[::-1], 7 * domain.matrix[::-1], counts=domain.counts[::-1]
        )
        first, again = merge(general, domain, policy), merge(general, turned, policy)
        np.testing.assert_allclose(
            again.select(first.words).matrix, first.matrix, rtol=1e-3, atol=1e-4
        )

    def test_zero_vectors_give_finite_ones(self, policy):
        general, domain = spaces(n_both=4, n_only=1)
        for first, second in ((0, 1), (1, 0), (0, 0)):
            merged = merge(
                general.replace(matrix=first * general.matrix),
                domain.replace(matrix=second * domain.matrix),
                policy,
            )
            assert np.isfinite(merged.matrix).all()

    def test_works_without_shared_words(self, policy):
        other = WordVectors(("ptosis",), np.ones((1, 2), dtype=np.float32), counts=[1])
        if policy == "concat_pca":
            with pytest.raises(InputError, match="learns from words that both spaces have, but"):
                merge(GENERAL, other, policy)
            return
        merged = merge(GENERAL, other, policy)
        assert merged.words == ("the", "cell", "goal", "ptosis")
        assert merged.sources == ("general",) * 3 + ("domain",)


@pytest.mark.parametrize(
    ("policy", "the", "cell", "source"),
    [
        ("general_first", [1, 0], [0, 2], "general"),
        ("domain_first", [0, 1], [2, 0], "domain"),
        ("average", [0.5, 0.5], [1, 1], "both"),
        ("concat", [1, 0, 0, 1], [0, 2, 2, 0], "both"),
    ],
)
def test_shared_words(policy, the, cell, source):
    merged = merge(GENERAL, DOMAIN, policy)
    np.testing.assert_allclose(merged["the"], the)
    np.testing.assert_allclose(merged["cell"], cell)
    assert merged.sources[:2] == (source, source)


def test_concat_fills_the_missing_side_with_zeros():
    merged = merge(GENERAL, DOMAIN, "concat")
    np.testing.assert_allclose(merged["goal"], [2, 2, 0, 0])
    np.testing.assert_allclose(merged["ataxia"], [0, 0, 0, 3])


def test_scale_can_be_left_alone():
    np.testing.assert_allclose(
        merge(GENERAL, DOMAIN, "domain_first", match_scale=False)["ataxia"], [0, 6]
    )


def test_scales_that_float32_cannot_bridge_are_refused():
    faint = DOMAIN.replace(matrix=DOMAIN.matrix * np.float32(1e-41))
    with pytest.raises(InputError, match="mean length of 2e.00 .* too far apart for one scale"):
        merge(GENERAL, faint)
    assert merge(GENERAL, faint, match_scale=False)["ataxia"][1] == faint["ataxia"][1]


def test_what_overflows_is_refused_with_its_word():
    loud = GENERAL.replace(matrix=GENERAL.matrix * np.float32(1.5e38))
    with pytest.raises(InputError, match="'ataxia' .* holds inf"):
        merge(loud, DOMAIN)


def test_all_zero_vectors_do_not_break_the_scale():
    zero = WordVectors(words=("the",), matrix=np.zeros((1, 2), dtype=np.float32))
    assert matched_scale(GENERAL, zero) == 1.0


@pytest.mark.parametrize(
    "policy", [name for name in policy_names() if policy_named(name).needs_one_space]
)
def test_spaces_of_different_dimension_are_refused(policy):
    other = WordVectors(("the",), np.ones((1, 3), dtype=np.float32), counts=[1])
    with pytest.raises(InputError, match=r"2 dimensions and the domain vectors 3; align them"):
        merge(GENERAL, other, policy)
    assert merge(GENERAL, other, "concat").dim == 5


def test_unknown_policy_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'average'"):
        merge(GENERAL, DOMAIN, "averge")
    with pytest.raises(InputError, match="choose one of .*average.*convex"):
        merge(GENERAL, DOMAIN, "zzzz")


def test_vectors_that_were_merged_before_keep_their_sources():
    first = merge(GENERAL, DOMAIN, "domain_first")
    extra = WordVectors(words=("ptosis", "the"), matrix=np.ones((2, 2), dtype=np.float32))
    again = merge(first, extra, "general_first")
    assert again.words == ("the", "cell", "goal", "ataxia", "ptosis")
    assert again.sources == ("domain", "domain", "general", "domain", "domain")
    assert merge(extra, first, "average").sources == (
        "general", "both", "domain", "general", "domain",
    )  # fmt: skip


def plain(policy):
    """Give the domain's share of each shared word back, from its blend without restoring."""
    general, domain = spaces(n_only=0)
    merged = merge(general, domain, policy)
    scaled = domain.matrix * matched_scale(general, domain)
    x, y, v = (m.astype(np.float64) for m in (general.matrix, scaled, merged.matrix))
    return ((v - x) * (y - x)).sum(axis=1) / np.square(y - x).sum(axis=1), domain.counts


def test_frequency_weighted_trusts_the_domain_by_the_count():
    share, n = plain(FrequencyWeighted(k=20, restore=False))
    np.testing.assert_allclose(share, n / (n + 20), atol=1e-3)


def test_specificity_weighted_trusts_the_space_that_has_seen_more():
    share, n = plain(SpecificityWeighted(k=4, restore=False))
    zipf = 1 / (np.arange(300) + 2.7)
    np.testing.assert_allclose(share, n / (n + n.sum() * zipf / zipf.sum() + 4), atol=1e-3)
    counted = WordVectors(GENERAL.words, GENERAL.matrix, counts=[6, 0, 4])
    merged = merge(counted, DOMAIN, SpecificityWeighted(k=2, restore=False))
    # "the": n 10 and m 60 * 6 / 10, "cell": n 30 and m 0
    np.testing.assert_allclose(merged["the"], [38 / 48, 10 / 48], rtol=1e-6)
    np.testing.assert_allclose(merged["cell"], [2 * 30 / 32, 2 * 2 / 32], rtol=1e-6)


def test_convex_finds_how_much_the_counts_matter():
    generator = np.random.default_rng(1)
    n = np.repeat([1, 2, 5, 1000], 500)
    angles = np.sqrt(0.002 + 0.03 / n) * generator.normal(size=len(n))  # departure and noise
    words = [f"w{i}" for i in range(len(n))]
    general = WordVectors(words, np.tile([[1.0, 0.0]], (len(n), 1)))
    domain = WordVectors(words, np.column_stack([np.cos(angles), np.sin(angles)]), counts=n)
    merged = merge(general, domain, Convex(restore=False))
    share = merged.matrix[:, 1] / np.sin(angles)
    np.testing.assert_allclose(share, n / (n + 15), atol=0.12)
    assert np.isclose(share[0], 1 / 16, atol=0.03)


def test_convex_parts_departure_from_noise():
    n = np.array([1.0, 2.0, 5.0, 40.0, 1000.0])
    assert _variances(0.002 + 0.03 / n, n) == pytest.approx((0.002, 0.03))
    assert _variances(np.zeros(5), n) == (0, 0)


def test_convex_is_half_of_each_view_without_counts_or_disagreement():
    bare = WordVectors(DOMAIN.words, DOMAIN.matrix)
    merged = merge(GENERAL, bare, Convex(restore=False))
    np.testing.assert_allclose(merged.matrix, merge(GENERAL, bare, "average").matrix)
    same = WordVectors(GENERAL.words, GENERAL.matrix, counts=[3, 2, 1])
    np.testing.assert_allclose(merge(GENERAL, same, "convex").matrix, GENERAL.matrix, atol=1e-6)


@pytest.mark.parametrize(
    "policy",
    [Average(restore=True), FrequencyWeighted(), SpecificityWeighted(), Convex()],
    ids=lambda policy: policy.name,
)
def test_blends_have_the_mean_and_the_mean_norm_of_the_general_space(policy):
    general, domain = spaces(noise=20)
    merged = merge(general, domain, policy).select(general.words).matrix
    np.testing.assert_allclose(merged.mean(axis=0), general.matrix.mean(axis=0), atol=1e-5)
    norms = [np.linalg.norm(matrix, axis=1).mean() for matrix in (merged, general.matrix)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-5)
    assert not np.allclose(merged, general.matrix)


def test_general_vectors_without_spread_leave_the_blend_its_own():
    general, domain = spaces(n_only=0, noise=20)
    constant = general.replace(matrix=np.full_like(general.matrix, 0.5))
    merged = merge(constant, domain, Average(restore=True)).select(general.words).matrix
    plain = merge(constant, domain, Average()).select(general.words).matrix
    np.testing.assert_allclose(merged.mean(axis=0), 0.5, atol=1e-5)
    np.testing.assert_allclose(
        merged - merged.mean(axis=0), plain - plain.mean(axis=0), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("policy", ["frequency_weighted", "specificity_weighted"])
def test_counts_that_are_missing_are_asked_for(policy):
    for origin, named in (("notes.txt", "notes.txt"), ("", "its vectors")):
        bare = WordVectors(DOMAIN.words, DOMAIN.matrix, origin=origin)
        message = f"policy '{policy}' needs the counts .*, but {named} come without; keep them as"
        with pytest.raises(InputError, match=message):
            merge(GENERAL, bare, policy)


class TestConcatPCA:
    def test_all_components_keep_the_distances_of_shared_words(self):
        general, domain = spaces(n_only=0)
        joined = merge(general, domain, "concat").matrix
        components = merge(general, domain, ConcatPCA(dim=12)).matrix
        distances = [np.linalg.norm(m[:100] - m[100:200], axis=1) for m in (joined, components)]
        np.testing.assert_allclose(*distances, rtol=1e-4)
        np.testing.assert_allclose(components.mean(axis=0), 0, atol=1e-5)
        variances = components.var(axis=0)
        assert (np.diff(variances) <= 1e-5).all()

    def test_what_is_missing_is_predicted_from_what_is_there(self):
        generator = np.random.default_rng(0)
        meanings = generator.normal(loc=1.0, size=(200, 4))
        turned = meanings @ np.linalg.qr(generator.normal(size=(4, 4)))[0]
        words = [f"w{i}" for i in range(200)]
        whole = merge(WordVectors(words, meanings), WordVectors(words, turned), "concat_pca")
        parts = merge(
            WordVectors(words[:150], meanings[:150]), WordVectors(words[50:], turned[50:]),
            ConcatPCA(),
        )  # fmt: skip
        cosines = np.corrcoef(whole.matrix @ whole.matrix[0], parts.matrix @ parts.matrix[0])[0, 1]
        assert cosines > 0.99

    def test_a_linear_relation_is_found_wherever_the_spaces_lie(self):
        generator = np.random.default_rng(2)
        meanings = generator.normal(loc=[5.0, -3.0, 2.0], size=(300, 3))
        linear = meanings @ generator.normal(size=(3, 3)) + [10.0, 0.0, -4.0]
        words = [f"w{i}" for i in range(300)]
        whole = merge(
            WordVectors(words, meanings), WordVectors(words, linear), ConcatPCA(dim=6),
            match_scale=False,
        ).matrix  # fmt: skip
        for general, domain in ((range(300), range(250)), (range(250), range(300))):
            parts = merge(
                WordVectors([words[i] for i in general], meanings[general]),
                WordVectors([words[i] for i in domain], linear[domain]),
                ConcatPCA(dim=6),
                match_scale=False,
            ).matrix
            # all components keep distances: those of what is predicted are those of the truth
            distances = [np.linalg.norm(m[250:] - m[:50], axis=1) for m in (whole, parts)]
            np.testing.assert_allclose(*distances, rtol=0.01)

    def test_signs_are_fixed(self):
        general, domain = spaces()
        first = merge(general, domain, "concat_pca").matrix
        again = merge(
            general.replace(matrix=-general.matrix), domain.replace(matrix=-domain.matrix),
            "concat_pca",
        ).matrix  # fmt: skip
        np.testing.assert_allclose(again, -first, atol=1e-4)

    def test_spaces_of_different_dimension_need_no_alignment(self):
        general, domain = spaces()
        wide = domain.replace(matrix=np.hstack([domain.matrix, domain.matrix[:, :2]]))
        assert merge(general, wide, "concat_pca").dim == 6
        assert merge(general, wide, ConcatPCA(dim=9)).dim == 9
        with pytest.raises(InputError, match="dim is 15, but both vectors side by side have 14"):
            merge(general, wide, ConcatPCA(dim=15))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("frequency_weighted", {"k": 0}, "k is 0; give a positive"),
        ("specificity_weighted", {"k": float("nan")}, "k is nan; give a positive"),
        ("frequency_weighted", {"k": float("inf")}, "k is inf; give a positive"),
        ("concat_pca", {"dim": 0}, "dim is 0; it must be at least 1"),
    ],
)
def test_impossible_options_are_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        policy_named(name, **options)
