import numpy as np
import pytest

from adapt.alignment import Anchors, Procrustes, random_orthogonal_map
from adapt.errors import InputError, NotFittedError
from adapt.evaluation.alignment_quality import N_BINS, alignment_baselines, alignment_quality
from adapt.vectors.word_vectors import WordVectors

N = 600


def space(matrix):
    return WordVectors(
        words=tuple(f"w{i}" for i in range(len(matrix))), matrix=matrix.astype(np.float32)
    )


def pairs(start, stop):
    words = tuple(f"w{i}" for i in range(start, stop))
    return Anchors(words, words)


@pytest.fixture(scope="module", params=[(20, 20), (30, 20), (20, 30)], ids=str)
def spaces(request):
    """Return a domain space and a general one, turned copies but for a little noise."""
    p, q = request.param
    rng = np.random.default_rng(0)
    low = rng.standard_normal((N, min(p, q)))
    domain = low @ random_orthogonal_map(p, min(p, q), seed=1).T
    general = low @ random_orthogonal_map(q, min(p, q), seed=2).T
    noise = 0.2 * rng.standard_normal((N, p))
    return space(domain + noise), space(general)


@pytest.fixture(scope="module")
def aligner(spaces):
    return Procrustes().fit(*spaces, pairs(0, 400))


def test_a_good_map_scores_high_and_its_baselines_near_chance(aligner, spaces):
    held_out = pairs(400, N)
    quality = alignment_quality(aligner, *spaces, held_out)
    assert quality.precision_at_1 > 0.95
    assert quality.mean_cosine > 0.9
    random, shuffled = alignment_baselines(aligner, *spaces, held_out, seed=0)
    assert (random.method, shuffled.method) == ("random-rotation", "shuffled-anchors")
    for baseline in (random, shuffled):
        # chance finds the word among the 10 of 600 in 1.7 % of 200 trials: 3 or so
        assert baseline.precision_at_10 < 0.08
        assert abs(baseline.mean_cosine) < 0.2
        assert baseline.n_candidates == quality.n_candidates


def test_the_sizes_are_reported(aligner, spaces):
    quality = alignment_quality(aligner, *spaces, pairs(400, N), n_candidates=500)
    assert quality.method == "procrustes"
    assert quality.space == "general"
    assert (quality.domain_dim, quality.general_dim) == tuple(s.dim for s in spaces)
    assert (quality.n_anchors, quality.n_held_out) == (400, 200)


@pytest.mark.parametrize(
    ("n_candidates", "expected"), [(0, 200), (100, 300), (500, 600), (9999, N)]
)
def test_candidates_are_the_first_words_and_the_held_out_ones(
    aligner, spaces, n_candidates, expected
):
    quality = alignment_quality(aligner, *spaces, pairs(400, N), n_candidates=n_candidates)
    assert quality.n_candidates == expected


def test_fewer_candidates_than_ten_are_enough(aligner, spaces):
    quality = alignment_quality(aligner, *spaces, pairs(400, 403), n_candidates=0)
    assert quality.n_candidates == 3
    assert quality.precision_at_5 == quality.precision_at_10 == 1


def test_figures_agree_with_a_loop(aligner, spaces):
    domain, general = spaces
    held_out, n_candidates = pairs(400, 440), 410
    x, y = aligner.normalized_domain(domain), aligner.normalized_general(general)
    hits, cosines = {1: 0, 5: 0, 10: 0}, []
    for row in range(400, 440):
        scores = [float(x[row] @ y[i]) for i in range(440)]  # 410 first, 30 held out beyond
        rank = sum(score > scores[row] for score in scores)
        cosines.append(scores[row])
        for k in hits:
            hits[k] += rank < k
    quality = alignment_quality(aligner, domain, general, held_out, n_candidates=n_candidates)
    assert quality.precision_at_1 == hits[1] / 40
    assert quality.precision_at_5 == hits[5] / 40
    assert quality.precision_at_10 == hits[10] / 40
    assert quality.mean_cosine == pytest.approx(np.mean(cosines), abs=1e-5)


def test_the_histogram_counts_every_scored_pair(aligner, spaces):
    quality = alignment_quality(aligner, *spaces, pairs(400, N))
    assert len(quality.histogram) == N_BINS
    assert sum(quality.histogram) == 200
    centres = np.linspace(-1, 1, N_BINS + 1)[:-1] + 1 / N_BINS
    mean = np.average(centres, weights=quality.histogram)
    assert mean == pytest.approx(quality.mean_cosine, abs=1 / N_BINS)


def test_a_perfect_map_falls_into_the_last_bin():
    vectors = space(np.random.default_rng(0).standard_normal((100, 5)))
    aligner = Procrustes().fit(vectors, vectors, pairs(0, 60))
    quality = alignment_quality(aligner, vectors, vectors, pairs(60, 100))
    assert quality.histogram[-1] == 40
    assert quality.mean_cosine == pytest.approx(1)


def test_pairs_that_cannot_be_scored_lower_the_coverage_only(aligner, spaces):
    domain, general = spaces
    matrix = domain.matrix.copy()
    matrix[410] = 0
    words = (*pairs(400, 411).domain, "absent")
    quality = alignment_quality(
        aligner, domain.replace(matrix=matrix), general, Anchors(words, words)
    )
    alone = alignment_quality(aligner, domain, general, pairs(400, 410))
    assert quality.coverage == 10 / 12
    assert alone.coverage == 1
    assert quality.n_held_out == 12
    assert quality.precision_at_1 == alone.precision_at_1
    assert quality.mean_cosine == alone.mean_cosine


def test_two_domain_words_may_share_a_general_word(aligner, spaces):
    held_out = Anchors(("w400", "w401"), ("w400", "w400"))
    quality = alignment_quality(aligner, *spaces, held_out)
    assert quality.coverage == 1
    assert quality.precision_at_1 == 0.5


def test_both_unified_spaces_score_alike():
    rng = np.random.default_rng(0)
    domain, general = space(rng.standard_normal((N, 12))), space(rng.standard_normal((N, 8)))
    scores = [
        alignment_quality(
            Procrustes(space=unified).fit(domain, general, pairs(0, 400)),
            domain,
            general,
            pairs(400, N),
        )
        for unified in ("general", "domain")
    ]
    assert scores[0].histogram == scores[1].histogram
    assert scores[1].space == "domain"


def test_nothing_to_score_is_refused(aligner, spaces):
    for held_out in (Anchors((), ()), Anchors(("absent",), ("w1",))):
        with pytest.raises(InputError, match=f"none of the {len(held_out)} held-out"):
            alignment_quality(aligner, *spaces, held_out)


def test_a_negative_number_of_candidates_is_refused(aligner, spaces):
    with pytest.raises(InputError, match="n_candidates is -1"):
        alignment_quality(aligner, *spaces, pairs(400, N), n_candidates=-1)


@pytest.mark.parametrize("unfitted", [alignment_quality, alignment_baselines])
def test_the_aligner_must_be_fitted(unfitted, spaces):
    options = {"seed": 0} if unfitted is alignment_baselines else {}
    with pytest.raises(NotFittedError):
        unfitted(Procrustes(), *spaces, pairs(400, N), **options)


def test_baselines_follow_their_seed_and_leave_the_aligner_alone(aligner, spaces):
    held_out, fitted = pairs(400, N), aligner.map_.copy()
    first = alignment_baselines(aligner, *spaces, held_out, seed=1)
    assert first == alignment_baselines(aligner, *spaces, held_out, seed=1)
    assert first != alignment_baselines(aligner, *spaces, held_out, seed=2)
    np.testing.assert_array_equal(aligner.map_, fitted)
    assert aligner.anchors_ == pairs(0, 400)
