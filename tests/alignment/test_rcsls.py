"""RCSLS: its gradient, and that it only ever improves."""

from itertools import pairwise

import numpy as np
import pytest

from adapt.alignment import RCSLS, Anchors, Procrustes, csls
from adapt.alignment.rcsls import rcsls_loss
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def arrays(p, q, seed=0):
    rng = np.random.default_rng(seed)
    X, Y = unit(rng.standard_normal((20, p))), unit(rng.standard_normal((20, q)))
    sources, targets = unit(rng.standard_normal((30, p))), unit(rng.standard_normal((40, q)))
    return 0.5 * rng.standard_normal((p, q)), X, Y, sources, targets


@pytest.mark.parametrize(("p", "q"), [(4, 4), (6, 4), (4, 6)])
@pytest.mark.parametrize("k", [1, 5, 50])
def test_the_loss_is_that_of_a_loop(p, q, k):
    W, X, Y, sources, targets = arrays(p, q)
    total = 0.0
    for x, y in zip(X, Y, strict=True):
        to_targets = sorted((x @ W @ t for t in targets), reverse=True)[:k]
        to_sources = sorted((s @ W @ y for s in sources), reverse=True)[:k]
        total -= 2 * x @ W @ y - np.mean(to_targets) - np.mean(to_sources)
    loss, _ = rcsls_loss(W, X, Y, sources, targets, k)
    assert loss == pytest.approx(total / len(X))


@pytest.mark.parametrize(("p", "q"), [(4, 4), (6, 4), (4, 6)])
def test_the_gradient_is_that_of_finite_differences(p, q):
    W, *rest = arrays(p, q)
    _, gradient = rcsls_loss(W, *rest, 5)
    step = 1e-6
    for i in range(p):
        for j in range(q):
            moved = np.zeros_like(W)
            moved[i, j] = step
            difference = rcsls_loss(W + moved, *rest, 5)[0] - rcsls_loss(W - moved, *rest, 5)[0]
            assert gradient[i, j] == pytest.approx(difference / (2 * step), abs=1e-6)


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(500))
    general = rng.standard_normal((500, 10)) + rng.standard_normal(10)
    domain = general @ rng.standard_normal((10, 10)) + 0.5 * rng.standard_normal((500, 10))
    return WordVectors(words, domain), WordVectors(words, general), Anchors(words, words)


@pytest.mark.parametrize("spectral", [False, True])
def test_the_loss_falls_with_every_step_that_is_kept(noisy, spectral):
    aligner = RCSLS(spectral=spectral).fit(*noisy)
    assert len(aligner.losses_) > 2
    assert all(later < earlier for earlier, later in pairwise(aligner.losses_))
    singular_values = np.linalg.svd(aligner.map_, compute_uv=False)
    assert (singular_values.max() <= 1 + 1e-9) == spectral


def test_a_step_that_raises_the_loss_is_taken_back_entirely(noisy, monkeypatch):
    import adapt.alignment.rcsls as module

    seen = []

    def always_worse(W, X, *rest):
        seen.append(W)
        return float(len(seen)), np.ones_like(W)

    monkeypatch.setattr(module, "rcsls_loss", always_worse)
    aligner = RCSLS(max_turns=5).fit(*noisy)
    np.testing.assert_array_equal(aligner.map_, Procrustes().fit(*noisy).map_)
    assert aligner.losses_ == (1.0,)
    steps = [np.abs(W - seen[0]).max() for W in seen[1:]]
    np.testing.assert_allclose(steps, [1, 0.5, 0.25, 0.125, 0.0625])


def test_it_finds_more_by_csls_than_where_it_starts(noisy):
    domain, general, anchors = noisy
    found = {}
    for aligner in (Procrustes(), RCSLS(max_turns=30)):
        aligner.fit(domain, general, anchors.subset(range(300)))
        x, y = aligner.normalized_domain(domain), aligner.normalized_general(general)
        indices, _ = csls(x, y, 1)
        found[aligner.name] = (indices[300:, 0] == np.arange(300, 500)).mean()
    assert found["rcsls"] > found["procrustes"]


@pytest.mark.parametrize("option", ["n_neighbors", "n_words"])
def test_impossible_options_are_refused(option):
    with pytest.raises(InputError, match=f"{option} is 0; give 1 or more"):
        RCSLS(**{option: 0})
