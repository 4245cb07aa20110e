"""Orthogonal maps from anchors of which some are wrong or noisy."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from adapt.alignment import (
    Anchors,
    Procrustes,
    RobustProcrustes,
    WeightedProcrustes,
    random_orthogonal_map,
)
from adapt.errors import InputError
from adapt.vectors import read_vectors
from adapt.vectors.word_vectors import WordVectors


def turned_copy(general, noise, seed=0):
    """Return the general vectors, turned by a known map and noised, and that map backwards."""
    dim = general.dim
    R = random_orthogonal_map(dim, dim, seed=seed)
    typical = general.matrix.std()
    noised = general.matrix @ R.T + noise * typical * np.random.default_rng(seed).standard_normal(
        general.matrix.shape
    )
    return WordVectors(general.words, noised.astype(np.float32)), R


def with_wrong_partners(words, share, seed=0):
    """Return anchors of which a share has the partner of another word."""
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(words))[: round(share * len(words))]
    general = list(words)
    for i, j in zip(wrong, np.roll(wrong, 1), strict=True):
        general[i] = words[j]
    return Anchors(words, tuple(general)), wrong


def error_of(aligner, R):
    return np.linalg.norm(aligner.map_ - R) / np.linalg.norm(R)


@pytest.fixture(scope="module")
def planted():
    general = read_vectors("glove.6B.50d").head(20_000)
    domain, R = turned_copy(general, noise=0.1)
    anchors, wrong = with_wrong_partners(general.words, share=0.3)
    return domain, general, anchors, wrong, R


class TestPlantedTruth:
    """GloVe's 20,000 most frequent words, turned and noised; 30 % of the anchors are wrong."""

    def test_robust_procrustes_recovers_the_rotation_where_procrustes_does_not(self, planted):
        domain, general, anchors, _, R = planted
        robust = RobustProcrustes().fit(domain, general, anchors)
        plain = Procrustes().fit(domain, general, anchors)
        assert error_of(robust, R) <= 0.02
        assert error_of(plain, R) > 0.02

    def test_the_wrong_anchors_are_the_rejected_ones(self, planted):
        domain, general, anchors, wrong, _ = planted
        weights = RobustProcrustes().fit(domain, general, anchors).weights_
        is_wrong = np.isin(np.arange(len(anchors)), wrong)
        assert (weights[is_wrong] < 0.1).mean() > 0.95
        assert (weights[~is_wrong] > 0.1).mean() > 0.95


def test_without_wrong_anchors_it_is_close_to_procrustes():
    general = WordVectors(
        [f"w{i}" for i in range(400)], np.random.default_rng(1).standard_normal((400, 12))
    )
    domain, _ = turned_copy(general, noise=0.05)
    anchors = Anchors(general.words, general.words)
    robust = RobustProcrustes().fit(domain, general, anchors)
    plain = Procrustes().fit(domain, general, anchors)
    np.testing.assert_allclose(robust.map_, plain.map_, atol=0.01)


def test_exact_copies_keep_all_anchors():
    general = WordVectors(
        [f"w{i}" for i in range(100)], np.random.default_rng(1).standard_normal((100, 5))
    )
    domain, R = turned_copy(general, noise=0)
    robust = RobustProcrustes().fit(domain, general, Anchors(general.words, general.words))
    assert error_of(robust, R) < 1e-4
    assert robust.weights_.max() == pytest.approx(1)


def test_weights_are_the_logarithms_of_counts_and_the_map_is_scipys():
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in range(60)]
    counts = rng.integers(1, 1000, 60)
    domain = WordVectors(words, rng.standard_normal((60, 5)), counts=counts)
    general = WordVectors(words, rng.standard_normal((60, 5)))
    aligner = WeightedProcrustes().fit(domain, general, Anchors(domain.words, domain.words))
    weights = np.log(1 + counts)
    np.testing.assert_allclose(aligner.weights_, weights / weights.mean())
    X = aligner.domain_normalization_(domain.matrix.astype(np.float64))
    Y = aligner.general_normalization_(general.matrix.astype(np.float64))
    root = np.sqrt(weights)[:, None]
    np.testing.assert_allclose(
        aligner.map_, orthogonal_procrustes(root * X, root * Y)[0], atol=1e-8
    )


def test_weights_need_counts():
    vectors = WordVectors([f"w{i}" for i in range(9)], np.random.default_rng(0).random((9, 3)))
    with pytest.raises(InputError, match="in-domain counts, but the domain vectors have none"):
        WeightedProcrustes().fit(vectors, vectors, Anchors(vectors.words, vectors.words))
