"""Ridge, CCA, re-weighting and kernel ridge against independent computations."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.cross_decomposition import CCA as SklearnCCA
from sklearn.linear_model import RidgeCV

from adapt.alignment import CCA, AnchorPairs, Anchors, KernelRidge, Reweighted, Ridge
from adapt.alignment.kernel import _negative_power
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

N = 200


def spaces(p, q, seed=0):
    rng = np.random.default_rng(seed)
    low = rng.standard_normal((N, 4))
    words = tuple(f"w{i}" for i in range(N))
    X = low @ rng.standard_normal((4, p)) + 0.5 * rng.standard_normal((N, p))
    Y = low @ rng.standard_normal((4, q)) + 0.5 * rng.standard_normal((N, q))
    return WordVectors(words, X), WordVectors(words, Y), Anchors(words, words)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("p", "q"), [(5, 5), (8, 5), (5, 8)])
class TestAgainstOthers:
    def test_ridge_is_scikit_learns(self, p, q):
        domain, general, anchors = spaces(p, q)
        aligner = Ridge().fit(domain, general, anchors)
        pairs = AnchorPairs.of(domain, general, anchors)
        model = RidgeCV(alphas=np.logspace(-3, 3, 13), fit_intercept=False).fit(pairs.X, pairs.Y)
        assert aligner.alpha_ == model.alpha_
        by_hand = np.linalg.solve(
            pairs.X.T @ pairs.X + model.alpha_ * np.eye(p), pairs.X.T @ pairs.Y
        )
        ratio = np.linalg.norm(pairs.X @ by_hand, axis=1).mean()
        np.testing.assert_allclose(aligner.map_, by_hand / ratio, atol=1e-8)

    def test_the_canonical_correlations_are_scikit_learns(self, p, q):
        domain, general, anchors = spaces(p, q)
        # normalised rows are nearly, not quite, centred, which scikit-learn does once more
        aligner = CCA(regularization=1e-9).fit(domain, general, anchors)
        pairs = AnchorPairs.of(domain, general, anchors)
        A, B = SklearnCCA(n_components=2, max_iter=5000, tol=1e-12).fit_transform(pairs.X, pairs.Y)
        expected = [np.corrcoef(A[:, i], B[:, i])[0, 1] for i in range(2)]
        np.testing.assert_allclose(aligner.correlations_[:2], expected, atol=0.01)

    def test_cca_is_its_formula(self, p, q):
        domain, general, anchors = spaces(p, q)
        aligner = CCA(regularization=0.1).fit(domain, general, anchors)
        pairs = AnchorPairs.of(domain, general, anchors)
        roots = []
        for M in (pairs.X, pairs.Y):
            C = M.T @ M / N
            roots.append(np.linalg.inv(sqrtm(C + 0.1 * np.trace(C) / len(C) * np.eye(len(C)))))
        U, rho, Vt = np.linalg.svd(
            roots[0] @ pairs.X.T @ pairs.Y @ roots[1] / N, full_matrices=False
        )
        expected = pairs.X @ roots[0] @ U @ np.diag(rho) @ Vt
        np.testing.assert_allclose(unit(pairs.X @ aligner.map_), unit(expected), atol=1e-8)

    def test_reweighting_equals_moving_both_sides(self, p, q):
        domain, general, anchors = spaces(p, q)
        aligner = Reweighted(regularization=1e-3).fit(domain, general, anchors)
        pairs = AnchorPairs.of(domain, general, anchors)
        roots = []
        for M in (pairs.X, pairs.Y):
            C = M.T @ M / N
            roots.append(np.real(sqrtm(C + 1e-3 * np.trace(C) / len(C) * np.eye(len(C)))))
        inverse = [np.linalg.inv(root) for root in roots]
        U, s, Vt = np.linalg.svd(
            inverse[0] @ pairs.X.T @ pairs.Y @ inverse[1] / N, full_matrices=False
        )
        moved_x = pairs.X @ inverse[0] @ U @ np.diag(s) @ U.T @ roots[0] @ U
        if p >= q:  # then the general side is turned, and no more
            moved_y = pairs.Y @ inverse[1] @ Vt.T @ Vt @ roots[1] @ Vt.T
            np.testing.assert_allclose(moved_y, pairs.Y @ Vt.T, atol=1e-8)
        np.testing.assert_allclose(
            unit(pairs.X @ aligner.map_) @ pairs.Y.T, unit(moved_x) @ (pairs.Y @ Vt.T).T, atol=1e-8
        )

    def test_kernel_ridge_is_its_formula(self, p, q):
        domain, general, anchors = spaces(p, q)
        aligner = KernelRidge(gamma=2.0, alpha=0.7).fit(domain, general, anchors)
        pairs = AnchorPairs.of(domain, general, anchors)
        K = np.exp(2.0 * (pairs.X @ pairs.X.T - 1))
        expected = K @ np.linalg.solve(K + 0.7 * np.eye(N), pairs.Y @ aligner.emphasis_)
        np.testing.assert_allclose(
            aligner.normalized_domain(domain.matrix.astype(np.float64)), unit(expected), atol=1e-7
        )

    def test_mapped_anchors_have_length_one_on_average(self, p, q):
        domain, general, anchors = spaces(p, q)
        pairs = AnchorPairs.of(domain, general, anchors)
        for aligner in (Ridge(), CCA(), Reweighted()):
            mapped = pairs.X @ aligner.fit(domain, general, anchors).map_
            assert np.linalg.norm(mapped, axis=1).mean() == pytest.approx(1)


def test_a_map_that_bends_is_learned_where_no_matrix_can():
    rng = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(1200))
    general = unit(rng.standard_normal((1200, 3)))
    # each half space is turned its own way
    turn = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]])
    bent = np.where(general[:, 2:] > 0, general @ turn, general)
    domain, target = WordVectors(words, bent), WordVectors(words, general)
    anchors, rest = Anchors(words[:800], words[:800]), slice(800, None)

    def mean_cosine(aligner):
        aligner.fit(domain, target, anchors)
        x, y = aligner.normalized_domain(domain), aligner.normalized_general(target)
        return float((x[rest] * y[rest]).sum(axis=1).mean())

    assert mean_cosine(KernelRidge(gamma=5.0, alpha=0.1)) > 0.95
    assert mean_cosine(Ridge()) < 0.9


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_impossible_options_are_refused(value):
    for make in (
        lambda: CCA(regularization=value),
        lambda: Reweighted(regularization=value),
        lambda: KernelRidge(gamma=value),
        lambda: KernelRidge(alpha=value),
    ):
        with pytest.raises(InputError, match="give a number above 0"):
            make()


@pytest.mark.parametrize("whitening", [-0.01, 0.51, np.nan])
def test_whitening_is_none_to_entire(whitening):
    with pytest.raises(InputError, match=f"^whitening is {whitening}; give a number from 0 to 0.5"):
        KernelRidge(whitening=whitening)
    assert [KernelRidge(whitening=w).whitening for w in (0, 0.5)] == [0, 0.5]


def test_whitening_gives_every_direction_its_power_of_the_variance():
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    covariance = turn @ np.diag([4.0, 1.0]) @ turn.T
    # a thousandth of the mean variance is added to each
    expected = turn @ np.diag([4.0025**-0.5, 1.0025**-0.5]) @ turn.T
    np.testing.assert_allclose(_negative_power(covariance, 0.5), expected)
    np.testing.assert_allclose(_negative_power(covariance, 0.0), np.eye(2), atol=1e-12)
    flat = _negative_power(np.diag([1.0, 0.0]), 0.5)
    np.testing.assert_allclose(flat, np.diag([1.0005**-0.5, 0.0005**-0.5]))


def test_a_kernel_is_applied_in_blocks_of_any_size(monkeypatch):
    domain, general, anchors = spaces(5, 4)
    aligner = KernelRidge().fit(domain, general, anchors)
    at_once = aligner.transform(domain).matrix
    monkeypatch.setattr("adapt.alignment.kernel._BLOCK_ROWS", 7)
    np.testing.assert_allclose(aligner.transform(domain).matrix, at_once, rtol=1e-5, atol=1e-6)


def test_too_many_anchors_for_a_kernel_are_refused(monkeypatch):
    monkeypatch.setattr("adapt.alignment.kernel._MOST_ANCHORS", 100)
    with pytest.raises(InputError, match="200 anchors need a kernel of 200 x 200"):
        KernelRidge().fit(*spaces(5, 5))
