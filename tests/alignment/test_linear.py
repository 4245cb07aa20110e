import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes

from adapt.alignment import (
    Anchors,
    Procrustes,
    aligner_named,
    orthogonal_map,
    random_orthogonal_map,
)
from adapt.errors import AdaptWarning, InputError, NotFittedError
from adapt.vectors.word_vectors import WordVectors

N = 300
dims = st.integers(2, 12)
seeds = st.integers(0, 10_000)


def gaussian(n, d, seed):
    return np.random.default_rng(seed).standard_normal((n, d))


def space(matrix, prefix="w", **options):
    words = tuple(f"{prefix}{i}" for i in range(len(matrix)))
    return WordVectors(words=words, matrix=matrix.astype(np.float32), **options)


def spelled_alike(vectors, n=None):
    words = vectors.words[:n]
    return Anchors(words, words)


def copied_spaces(p, q, seed, factor=3.0):
    """Return a domain space that is a turned and scaled copy of a general one of other lengths.

    For p < q the general space fills only p of its q dimensions.
    """
    low = gaussian(N, min(p, q), seed) + 0.3  # not centred
    low *= np.random.default_rng(seed).uniform(0.2, 5, (N, 1))
    general = low @ random_orthogonal_map(q, min(p, q), seed=seed).T
    domain = factor * low @ random_orthogonal_map(p, min(p, q), seed=seed + 1).T
    return space(domain), space(general)


def cosines(matrix):
    unit = matrix.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return unit @ unit.T


def relative_error(found, expected):
    return np.linalg.norm(found - expected, axis=1).max() / np.linalg.norm(expected, axis=1).mean()


class TestOrthogonalMap:
    @given(p=dims, q=dims, seed=seeds)
    def test_it_is_semi_orthogonal(self, p, q, seed):
        W = orthogonal_map(gaussian(40, p, seed), gaussian(40, q, seed + 1))
        assert W.shape == (p, q)
        product = W.T @ W if p >= q else W @ W.T
        np.testing.assert_allclose(product, np.eye(min(p, q)), atol=1e-12)

    @given(d=dims, seed=seeds)
    def test_square_maps_agree_with_scipy(self, d, seed):
        X, Y = gaussian(40, d, seed), gaussian(40, d, seed + 1)
        np.testing.assert_allclose(orthogonal_map(X, Y), orthogonal_procrustes(X, Y)[0], atol=1e-8)

    @given(p=dims, q=dims, seed=seeds)
    def test_no_other_semi_orthogonal_map_has_a_larger_trace(self, p, q, seed):
        X, Y = gaussian(40, p, seed), gaussian(40, q, seed + 1)
        best = np.trace(orthogonal_map(X, Y).T @ X.T @ Y)
        for other in range(5):
            assert np.trace(random_orthogonal_map(p, q, seed=other).T @ X.T @ Y) <= best + 1e-9

    @given(p=dims, q=dims, seed=seeds)
    def test_the_order_of_the_pairs_does_not_matter(self, p, q, seed):
        X, Y = gaussian(40, p, seed), gaussian(40, q, seed + 1)
        order = np.random.default_rng(seed).permutation(40)
        np.testing.assert_allclose(
            orthogonal_map(X[order], Y[order]), orthogonal_map(X, Y), atol=1e-8
        )

    def test_float32_input_is_solved_in_float64(self):
        X, Y = gaussian(40, 6, 0).astype(np.float32), gaussian(40, 6, 1).astype(np.float32)
        W = orthogonal_map(X, Y)
        np.testing.assert_allclose(W.T @ W, np.eye(6), atol=1e-13)

    def test_pairs_that_span_too_little_are_reported(self):
        X = gaussian(40, 5, 0)
        X[:, 4] = 0
        with pytest.warns(AdaptWarning, match="span only 4 of 5"):
            W = orthogonal_map(X, gaussian(40, 5, 1))
        np.testing.assert_allclose(W.T @ W, np.eye(5), atol=1e-12)

    @pytest.mark.parametrize("value", [np.inf, np.nan, 1e300])
    def test_what_is_not_finite_is_refused_without_a_warning(self, value):
        X = gaussian(40, 5, 0)
        X[3], X[4] = value, -value
        with pytest.raises(InputError, match="finite"):
            orthogonal_map(X, X)

    def test_unequal_numbers_of_rows_are_refused(self):
        with pytest.raises(InputError, match="X has 3 rows, but Y has 2"):
            orthogonal_map(np.eye(3), np.eye(2))


class TestRandomMap:
    @given(p=dims, q=dims, seed=seeds)
    def test_it_is_semi_orthogonal(self, p, q, seed):
        W = random_orthogonal_map(p, q, seed=seed)
        assert W.shape == (p, q)
        product = W.T @ W if p >= q else W @ W.T
        np.testing.assert_allclose(product, np.eye(min(p, q)), atol=1e-12)

    def test_all_directions_are_equally_likely(self):
        drawn = np.array([random_orthogonal_map(3, 3, seed=seed) for seed in range(400)])
        # entries have mean 0 and variance 1/3, so the means of 400 lie within 5/sqrt(1200)
        assert np.abs(drawn.mean(axis=0)).max() < 5 / np.sqrt(1200)

    def test_it_follows_its_seed(self):
        first = random_orthogonal_map(5, 3, seed=1)
        np.testing.assert_array_equal(first, random_orthogonal_map(5, 3, seed=1))
        assert not np.allclose(first, random_orthogonal_map(5, 3, seed=2))


class TestProcrustesOnCopies:
    @given(p=dims, q=dims, seed=seeds)
    def test_a_turned_and_scaled_copy_is_mapped_back(self, p, q, seed):
        domain, general = copied_spaces(p, q, seed)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        mapped = aligner.transform(domain)
        assert mapped.words == domain.words
        assert mapped.matrix.dtype == np.float32
        assert relative_error(mapped.matrix, general.matrix) < 1e-5

    @given(q=dims, extra=st.integers(0, 8), seed=seeds)
    def test_in_the_domain_space_the_copies_meet_too(self, q, extra, seed):
        domain, general = copied_spaces(q + extra, q, seed)
        aligner = Procrustes(space="domain").fit(domain, general, spelled_alike(domain))
        mapped, embedded = aligner.transform(domain), aligner.transform_general(general)
        assert mapped.dim == embedded.dim == q + extra
        assert relative_error(mapped.matrix, embedded.matrix) < 1e-5

    @pytest.mark.parametrize(("p", "q"), [(20, 20), (30, 20), (20, 30)])
    def test_a_noised_copy_is_mapped_near(self, p, q):
        domain, general = copied_spaces(p, q, seed=0)
        typical = np.abs(domain.matrix).mean()
        noised = space(domain.matrix + 0.05 * typical * gaussian(N, p, 9))
        aligner = Procrustes().fit(noised, general, spelled_alike(domain, 200))
        found, expected = aligner.transform(noised).matrix[200:], general.matrix[200:]
        errors = np.linalg.norm(found - expected, axis=1)
        assert np.median(errors) < 0.15 * np.median(np.linalg.norm(expected, axis=1))

    def test_words_that_were_no_anchors_come_back_as_well(self):
        domain, general = copied_spaces(10, 10, seed=3)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain, 40))
        error = relative_error(aligner.transform(domain).matrix, general.matrix)
        assert error < 0.02  # only the scale depends on which words are anchors

    def test_anchors_may_pair_different_words(self):
        domain, general = copied_spaces(6, 6, seed=1)
        renamed = space(general.matrix, prefix="v")
        aligner = Procrustes().fit(domain, renamed, Anchors(domain.words, renamed.words))
        assert relative_error(aligner.transform(domain).matrix, general.matrix) < 1e-5


class TestProcrustes:
    @given(q=dims, extra=st.integers(0, 8), seed=seeds)
    def test_the_domain_space_keeps_all_lengths_and_cosines_of_the_general_one(
        self, q, extra, seed
    ):
        domain, general = space(gaussian(60, q + extra, seed)), space(gaussian(60, q, seed + 1))
        aligner = Procrustes(space="domain").fit(domain, general, spelled_alike(domain))
        embedded = aligner.transform_general(general).matrix
        np.testing.assert_allclose(cosines(embedded), cosines(general.matrix), atol=1e-5)
        np.testing.assert_allclose(
            np.linalg.norm(embedded, axis=1), np.linalg.norm(general.matrix, axis=1), rtol=1e-5
        )

    def test_the_general_space_is_left_as_it_is(self):
        domain, general = space(gaussian(60, 5, 0)), space(gaussian(60, 4, 1))
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        assert aligner.transform_general(general) is general

    @given(p=dims, q=dims, seed=seeds)
    def test_the_order_of_the_anchors_does_not_matter(self, p, q, seed):
        domain, general = space(gaussian(60, p, seed)), space(gaussian(60, q, seed + 1))
        anchors = spelled_alike(domain)
        shuffled = anchors.subset(np.random.default_rng(seed).permutation(60))
        first = Procrustes().fit(domain, general, anchors).transform(domain).matrix
        second = Procrustes().fit(domain, general, shuffled).transform(domain).matrix
        np.testing.assert_allclose(first, second, atol=1e-5)

    def test_what_the_formula_says(self):
        domain, general = space(gaussian(60, 7, 0) + 0.5), space(2 * gaussian(60, 5, 1) - 0.5)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain, 40))
        X, Y = domain.matrix.astype(np.float64), general.matrix.astype(np.float64)
        u = X / np.linalg.norm(X, axis=1, keepdims=True)
        v = Y / np.linalg.norm(Y, axis=1, keepdims=True)
        m, n = u[:40].mean(axis=0), v[:40].mean(axis=0)
        g = np.linalg.norm(Y[:40], axis=1).mean() / np.linalg.norm(X[:40], axis=1).mean()
        r = np.linalg.norm(v[:40] - n, axis=1).mean() / np.linalg.norm(u[:40] - m, axis=1).mean()
        lengths = np.linalg.norm(X, axis=1, keepdims=True)
        expected = g * lengths * (r * (u - m) @ aligner.map_ + n)
        np.testing.assert_allclose(aligner.transform(domain).matrix, expected, atol=1e-5)

    @pytest.mark.parametrize("unified", ["general", "domain"])
    def test_mapping_is_positively_homogeneous(self, unified):
        domain, general = space(gaussian(60, 7, 0)), space(gaussian(60, 5, 1))
        aligner = Procrustes(space=unified).fit(domain, general, spelled_alike(domain))
        tripled = aligner.transform(domain.replace(matrix=3 * domain.matrix)).matrix
        np.testing.assert_allclose(
            tripled, 3 * aligner.transform(domain).matrix, rtol=1e-4, atol=1e-5
        )

    @pytest.mark.parametrize("unified", ["general", "domain"])
    def test_vectors_of_zeros_stay_zeros(self, unified):
        domain, general = space(gaussian(60, 7, 0)), space(gaussian(60, 5, 1))
        aligner = Procrustes(space=unified).fit(domain, general, spelled_alike(domain))
        zeros = space(np.zeros((2, 7)))
        assert not aligner.transform(zeros).matrix.any()
        assert not aligner.normalized_domain(zeros).any()
        assert not aligner.normalized_general(space(np.zeros((2, 5)))).any()

    def test_normalized_rows_have_unit_length_and_meet(self):
        domain, general = copied_spaces(9, 6, seed=0)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        x, y = aligner.normalized_domain(domain), aligner.normalized_general(general)
        assert x.shape == y.shape == (N, 6)
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(x, y, atol=1e-4)
        np.testing.assert_array_equal(aligner.normalized_domain(domain.matrix), x)

    def test_counts_and_words_are_kept(self):
        counts = np.arange(60, dtype=np.int64)
        domain, general = space(gaussian(60, 5, 0), counts=counts), space(gaussian(60, 5, 1))
        mapped = Procrustes().fit(domain, general, spelled_alike(domain)).transform(domain)
        np.testing.assert_array_equal(mapped.counts, counts)

    def test_unusable_anchors_are_left_out_and_counted(self):
        matrix = gaussian(60, 5, 0)
        matrix[[3, 4]] = 0
        domain, general = space(matrix), space(gaussian(60, 5, 1))
        words = (*domain.words, "nowhere")
        with pytest.warns(AdaptWarning, match="left out 3 of 61 anchors: 1 are absent.* 2 have"):
            aligner = Procrustes().fit(domain, general, Anchors(words, words))
        assert aligner.n_anchors_ == len(aligner.anchors_) == 58
        assert "w3" not in aligner.anchors_.domain
        clean = spelled_alike(domain).subset([*range(3), *range(5, 60)])
        np.testing.assert_array_equal(aligner.map_, Procrustes().fit(domain, general, clean).map_)

    @pytest.mark.parametrize(("p", "q", "n"), [(6, 6, 5), (9, 6, 5), (6, 9, 5), (6, 6, 1)])
    def test_too_few_anchors_are_refused(self, p, q, n):
        domain, general = space(gaussian(60, p, 0)), space(gaussian(60, q, 1))
        with pytest.raises(InputError, match=f"^{n} anchors cannot fix a map of 6 dim.*--dim"):
            Procrustes().fit(domain, general, spelled_alike(domain, n))

    def test_anchors_that_all_point_one_way_are_refused(self):
        domain, general = space(np.ones((60, 5))), space(gaussian(60, 5, 1))
        with pytest.raises(InputError, match="domain vectors of all 60 anchors point the same"):
            Procrustes().fit(domain, general, spelled_alike(domain))

    def test_a_failed_refit_leaves_the_fitted_state_whole(self):
        domain, general = copied_spaces(5, 5, seed=0)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        before = aligner.transform(domain).matrix
        flat = space(np.ones((N, 5)))
        with pytest.raises(InputError):
            aligner.fit(flat, general, spelled_alike(domain))
        np.testing.assert_array_equal(aligner.transform(domain).matrix, before)

    def test_a_smaller_domain_space_cannot_hold_the_general_one(self):
        domain, general = space(gaussian(60, 5, 0)), space(gaussian(60, 6, 1))
        with pytest.raises(InputError, match="5 dimensions and cannot hold the 6"):
            Procrustes(space="domain").fit(domain, general, spelled_alike(domain))

    def test_other_dimensions_are_refused_with_both_numbers(self):
        domain, general = space(gaussian(60, 7, 0)), space(gaussian(60, 5, 1))
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        for method in (aligner.transform, aligner.normalized_domain):
            with pytest.raises(InputError, match=r"5 dimensions, .* of 7"):
                method(general)
        for method in (aligner.transform_general, aligner.normalized_general):
            with pytest.raises(InputError, match=r"7 dimensions, .* of 5"):
                method(domain)


class TestWithMap:
    def test_no_map_without_fit(self):
        with pytest.raises(NotFittedError, match="call fit first"):
            Procrustes().with_map(np.eye(2))

    def test_it_copies(self):
        domain, general = copied_spaces(5, 5, seed=0)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        fitted = aligner.map_
        other = aligner.with_map(-fitted)
        np.testing.assert_allclose(
            other.normalized_domain(domain), -aligner.normalized_domain(domain)
        )
        assert aligner.map_ is fitted

    def test_another_shape_is_refused(self):
        domain, general = copied_spaces(5, 4, seed=0)
        aligner = Procrustes().fit(domain, general, spelled_alike(domain))
        with pytest.raises(InputError, match=r"\(5, 4\)"):
            aligner.with_map(np.eye(5))


class TestIdentity:
    def test_it_leaves_directions_alone(self):
        domain, general = copied_spaces(5, 5, seed=0)
        aligner = aligner_named("identity").fit(domain, general, spelled_alike(domain))
        np.testing.assert_array_equal(aligner.map_, np.eye(5))

    def test_the_smaller_space_fills_the_first_dimensions(self):
        domain, general = copied_spaces(7, 4, seed=0)
        aligner = aligner_named("identity", space="domain")
        embedded = aligner.fit(domain, general, spelled_alike(domain)).transform_general(general)
        np.testing.assert_allclose(embedded.matrix[:, :4], general.matrix, rtol=1e-6)
        assert not embedded.matrix[:, 4:].any()

    def test_it_finds_no_rotation(self):
        domain, general = copied_spaces(8, 8, seed=0)
        anchors = spelled_alike(domain)
        mapped = {
            name: aligner_named(name).fit(domain, general, anchors).normalized_domain(domain)
            for name in ("identity", "procrustes")
        }
        target = (
            aligner_named("procrustes").fit(domain, general, anchors).normalized_general(general)
        )
        cosine = {name: float((rows * target).sum(axis=1).mean()) for name, rows in mapped.items()}
        assert cosine["procrustes"] > 0.99
        assert cosine["identity"] < 0.8
