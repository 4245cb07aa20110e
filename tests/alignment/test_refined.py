"""Refinement finds further pairs, and never trades a better fit for a worse one."""

import numpy as np
import pytest

from adapt.alignment import Anchors, Procrustes, Refined, Ridge, csls, random_orthogonal_map
from adapt.alignment.refined import mutual_pairs
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

N, DIM = 600, 20


@pytest.fixture(scope="module")
def spaces():
    rng = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(N))
    general = rng.standard_normal((N, DIM)) * np.linspace(1.5, 0.5, DIM)
    domain = general @ random_orthogonal_map(DIM, DIM, seed=1) + 0.7 * rng.standard_normal((N, DIM))
    return WordVectors(words, domain), WordVectors(words, general)


def precision(aligner, domain, general):
    found, _ = csls(aligner.normalized_domain(domain), aligner.normalized_general(general), 1)
    return (found[100:, 0] == np.arange(100, N)).mean()


def test_with_few_anchors_it_beats_what_it_refines(spaces):
    domain, general = spaces
    few = Anchors(domain.words[:25], domain.words[:25])
    refined = Refined().fit(domain, general, few)
    plain = Procrustes().fit(domain, general, few)
    assert precision(refined, domain, general) > precision(plain, domain, general) + 0.05
    assert len(refined.found_) > 200
    right = [a == b for a, b in zip(refined.found_.domain, refined.found_.general, strict=True)]
    assert np.mean(right) > 0.9
    assert not set(refined.found_.domain) & set(few.domain)
    assert list(refined.mean_csls_) == sorted(refined.mean_csls_)
    assert refined.n_anchors_ == 25


def test_the_base_is_not_changed(spaces):
    base = Ridge()
    Refined(base).fit(*spaces, Anchors(spaces[0].words[:50], spaces[0].words[:50]))
    assert not hasattr(base, "map_")


def test_without_turns_it_is_its_base(spaces):
    domain, general = spaces
    anchors = Anchors(domain.words[:50], domain.words[:50])
    refined = Refined(max_turns=0).fit(domain, general, anchors)
    plain = Procrustes().fit(domain, general, anchors)
    np.testing.assert_array_equal(refined.transform(domain).matrix, plain.transform(domain).matrix)


def test_mutual_pairs_are_those_of_a_loop(spaces):
    domain, general = spaces[0].head(80), spaces[1].head(60)
    aligner = Procrustes().fit(*spaces, Anchors(domain.words, domain.words))
    x = aligner.normalized_domain(domain).astype(np.float64)
    y = aligner.normalized_general(general).astype(np.float64)
    S = x @ y.T
    r_x, r_y = np.sort(S, axis=1)[:, -10:].mean(axis=1), np.sort(S, axis=0)[-10:].mean(axis=0)
    scores = 2 * S - r_x[:, None] - r_y
    expected = [
        (i, int(j)) for i, j in enumerate(scores.argmax(axis=1)) if scores[:, j].argmax() == i
    ]
    pairs, mean = mutual_pairs(aligner, domain, general)
    assert [(int(a[1:]), int(b[1:])) for a, b in zip(pairs.domain, pairs.general, strict=True)] == (
        expected
    )
    assert mean == pytest.approx(np.mean([scores[pair] for pair in expected]), abs=1e-6)


def test_two_different_spaces_are_refused():
    with pytest.raises(InputError, match="space is 'domain', but the aligner to refine"):
        Refined(Procrustes(), space="domain")
