import math
from types import SimpleNamespace

import numpy as np
import pytest

from adapt.alignment import (
    Anchors,
    KernelRidge,
    Procrustes,
    Ridge,
    csls,
    random_orthogonal_map,
)
from adapt.errors import InputError, NotFittedError
from adapt.evaluation.alignment_quality import (
    N_BINS,
    QualityTest,
    _shape_of_map,
    alignment_baselines,
    alignment_quality,
    learning_curve,
)
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


def scored(aligner, spaces, held_out, **options):
    return alignment_quality(aligner, a_test(spaces, held_out, **options))


def test_a_precision_is_that_of_its_retrieval_and_k(aligner, spaces):
    quality = scored(aligner, spaces, pairs(400, N))
    for one in quality.precisions:
        assert quality.precision(one.retrieval, one.k) is one
    with pytest.raises(KeyError, match="no precision at 7 by csls"):
        quality.precision("csls", 7)


def a_test(spaces, held_out, **options):
    return QualityTest(domain=spaces[0], general=spaces[1], held_out=held_out, **options)


def at(quality, k, retrieval="nearest"):
    return quality.precision(retrieval, k).scored.value


@pytest.mark.parametrize("retrieval", ["nearest", "csls"])
def test_a_good_map_scores_high_and_its_baselines_near_chance(aligner, spaces, retrieval):
    test = a_test(spaces, pairs(400, N))
    quality = alignment_quality(aligner, test)
    assert at(quality, 1, retrieval) > 0.95
    assert quality.mean_cosine.value > 0.9
    baselines = alignment_baselines(aligner, test)
    assert [one.method for one in baselines] == ["identity", "random-rotation", "shuffled-anchors"]
    for baseline in baselines:
        # chance finds the word among the 10 of 600 in 1.7 % of 200 trials: 3 or so
        assert at(baseline, 10, retrieval) < 0.08
        assert abs(baseline.mean_cosine.value) < 0.2
        assert baseline.n_candidates == quality.n_candidates


def test_the_sizes_are_reported(aligner, spaces):
    quality = scored(aligner, spaces, pairs(400, N), n_candidates=500)
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
    quality = scored(aligner, spaces, pairs(400, N), n_candidates=n_candidates)
    assert quality.n_candidates == expected


def test_fewer_candidates_than_ten_are_enough(aligner, spaces):
    quality = scored(aligner, spaces, pairs(400, 403), n_candidates=0)
    assert quality.n_candidates == 3
    assert at(quality, 5) == at(quality, 10) == 1


def test_csls_looks_at_as_many_domain_words_as_asked_for():
    rng = np.random.default_rng(5)
    low = rng.standard_normal((N, 10))
    # half of the domain's words lie in a corner, where they make hubs of what is near
    noise = 1.5 * rng.standard_normal((N, 10)) + 2.0 * (np.arange(N) < N // 2)[:, None]
    domain, general = space(low + noise), space(low)
    fitted = Procrustes().fit(domain, general, pairs(0, 400))
    x, y = fitted.normalized_domain(domain), fitted.normalized_general(general)
    held_out = np.arange(400, N)
    shares = []
    for n in (50, N):
        found = csls(x[held_out], y, 10, references=x[:n])[0]
        shares.append(float((found == held_out[:, None]).any(axis=1).mean()))
        quality = scored(fitted, (domain, general), pairs(400, N), n_references=n)
        assert at(quality, 10, "csls") == pytest.approx(shares[-1])
    assert shares[0] != shares[1]


def test_figures_agree_with_a_loop(aligner, spaces):
    domain, general = spaces
    x, y = aligner.normalized_domain(domain), aligner.normalized_general(general)[:440]
    scaled = csls(x[400:440], y, 10, references=x[:50])[0]
    hits, cosines = {(kind, k): 0 for kind in ("nearest", "csls") for k in (1, 5, 10)}, []
    for row in range(400, 440):
        scores = [float(x[row] @ y[i]) for i in range(440)]  # 410 first, 30 held out beyond
        rank = sum(score > scores[row] for score in scores)
        cosines.append(scores[row])
        for k in (1, 5, 10):
            hits["nearest", k] += rank < k
            hits["csls", k] += row in scaled[row - 400, :k]
    quality = scored(aligner, spaces, pairs(400, 440), n_candidates=410, n_references=50)
    assert {(p.retrieval, p.k): p.scored.value for p in quality.precisions} == {
        key: pytest.approx(n / 40) for key, n in hits.items()
    }
    assert quality.mean_cosine.value == pytest.approx(np.mean(cosines), abs=1e-5)


def test_the_histogram_counts_every_scored_pair(aligner, spaces):
    quality = scored(aligner, spaces, pairs(400, N))
    assert len(quality.histogram) == N_BINS
    assert sum(quality.histogram) == 200
    centres = np.linspace(-1, 1, N_BINS + 1)[:-1] + 1 / N_BINS
    mean = np.average(centres, weights=quality.histogram)
    assert mean == pytest.approx(quality.mean_cosine.value, abs=1 / N_BINS)


def test_a_perfect_map_falls_into_the_last_bin():
    vectors = space(np.random.default_rng(0).standard_normal((100, 5)))
    aligner = Procrustes().fit(vectors, vectors, pairs(0, 60))
    quality = scored(aligner, (vectors, vectors), pairs(60, 100))
    assert quality.histogram[-1] == 40
    assert quality.mean_cosine.value == pytest.approx(1)


def test_pairs_that_cannot_be_scored_are_counted_both_ways(aligner, spaces):
    domain, general = spaces
    matrix = domain.matrix.copy()
    matrix[410] = 0
    words = (*pairs(400, 411).domain, "absent")
    quality = scored(aligner, (domain.replace(matrix=matrix), general), Anchors(words, words))
    alone = scored(aligner, spaces, pairs(400, 410))
    assert quality.coverage == 10 / 12
    assert alone.coverage == 1
    assert quality.n_held_out == 12
    assert quality.mean_cosine.value == alone.mean_cosine.value
    for one, other in zip(quality.precisions, alone.precisions, strict=True):
        assert one.scored.value == other.scored.value
        assert one.all.value == pytest.approx(other.scored.value * 10 / 12)


def test_two_domain_words_may_share_a_general_word(aligner, spaces):
    quality = scored(aligner, spaces, Anchors(("w400", "w401"), ("w400", "w400")))
    assert quality.coverage == 1
    assert at(quality, 1) == 0.5


def test_both_unified_spaces_score_alike():
    rng = np.random.default_rng(0)
    domain, general = space(rng.standard_normal((N, 12))), space(rng.standard_normal((N, 8)))
    scores = [
        scored(
            Procrustes(space=unified).fit(domain, general, pairs(0, 400)),
            (domain, general),
            pairs(400, N),
        )
        for unified in ("general", "domain")
    ]
    assert scores[0].histogram == scores[1].histogram
    assert scores[1].space == "domain"


def test_bands_part_the_pairs_by_frequency(aligner, spaces):
    by_rank = scored(aligner, spaces, pairs(400, 440)).bands
    assert [(band.by, band.lowest, band.highest, band.n_pairs) for band in by_rank] == [
        ("rank", 400, 409, 10), ("rank", 410, 419, 10), ("rank", 420, 429, 10),
        ("rank", 430, 439, 10),
    ]  # fmt: skip
    domain, general = spaces
    counted = WordVectors(domain.words, domain.matrix, counts=np.arange(N))
    quality = scored(aligner, (counted, general), pairs(400, 440))
    assert [(band.by, band.lowest, band.highest) for band in quality.bands] == [
        ("count", 430, 439), ("count", 420, 429), ("count", 410, 419), ("count", 400, 409),
    ]  # fmt: skip
    mean = np.mean([band.mean_cosine.value for band in quality.bands])
    assert mean == pytest.approx(quality.mean_cosine.value)
    assert len(scored(aligner, spaces, pairs(400, 409)).bands) == 1


def test_intervals_hold_the_figures_and_narrow_with_more_pairs(aligner, spaces):
    few, many = (scored(aligner, spaces, pairs(400, stop)) for stop in (430, N))
    for quality in (few, many):
        for one in (quality.mean_cosine, quality.hubness, *(p.all for p in quality.precisions)):
            assert one.low <= one.value <= one.high
    widths = [one.mean_cosine.high - one.mean_cosine.low for one in (few, many)]
    assert 1.5 < widths[0] / widths[1] < 4.5  # about the root of 200 / 30


def test_the_shape_of_a_map_is_told_of_linear_ones_alone(spaces):
    domain, general = spaces
    turned, stretched, bent = (
        scored(one.fit(domain, general, pairs(0, 400)), spaces, pairs(400, N))
        for one in (Procrustes(), Ridge(), KernelRidge())
    )
    assert turned.condition_number == pytest.approx(1)
    assert turned.orthogonality_error == pytest.approx(0, abs=1e-12)
    assert stretched.condition_number > 1
    assert stretched.orthogonality_error > 1e-4
    assert bent.condition_number is bent.orthogonality_error is None


def test_the_reason_of_an_automatic_choice_is_noted(spaces):
    chosen = Procrustes().fit(*spaces, pairs(0, 400))
    assert scored(chosen, spaces, pairs(400, N)).note == ""
    chosen.reason_ = "the best of two"
    assert scored(chosen, spaces, pairs(400, N)).note == "the best of two"


def test_a_map_that_loses_a_dimension_has_no_condition_number():
    condition, error = _shape_of_map(SimpleNamespace(linear_map=np.diag([2.0, 1.0, 0.0])))
    assert condition is None
    assert error == pytest.approx(math.sqrt((9 + 0 + 1) / 9))


def test_a_learning_curve_rises_to_the_quality_of_all_anchors(aligner, spaces):
    test = a_test(spaces, pairs(400, N))
    curve = learning_curve([Procrustes(), KernelRidge()], pairs(0, 400), test, n_points=3)
    assert [(point.method, point.n_anchors) for point in curve] == [
        (method, n) for method in ("procrustes", "kernel-ridge") for n in (50, 141, 400)
    ]
    assert curve[0].mean_cosine.value < curve[2].mean_cosine.value
    quality = alignment_quality(aligner, test)
    assert curve[2].precisions == quality.precisions


def test_a_learning_curve_leaves_out_what_is_refused(spaces):
    curve = learning_curve([Procrustes()], pairs(0, 19), a_test(spaces, pairs(400, N)), n_points=2)
    assert curve == ()  # 20 dimensions need 20 anchors


def test_nothing_to_score_is_refused(aligner, spaces):
    with pytest.raises(InputError, match="no anchors are held out"):
        a_test(spaces, Anchors((), ()))
    with pytest.raises(InputError, match="none of the 1 held-out"):
        scored(aligner, spaces, Anchors(("absent",), ("w1",)))


@pytest.mark.parametrize(("name", "value"), [("n_candidates", -1), ("n_references", 0)])
def test_impossible_numbers_are_refused(spaces, name, value):
    with pytest.raises(InputError, match=f"{name} is {value}"):
        a_test(spaces, pairs(400, N), **{name: value})


@pytest.mark.parametrize("unfitted", [alignment_quality, alignment_baselines])
def test_the_aligner_must_be_fitted(unfitted, spaces):
    with pytest.raises(NotFittedError):
        unfitted(Procrustes(), a_test(spaces, pairs(400, N)))


def test_baselines_follow_their_seed_and_leave_the_aligner_alone(aligner, spaces):
    held_out, fitted = pairs(400, N), aligner.map_.copy()
    first, again, other = (
        alignment_baselines(aligner, a_test(spaces, held_out, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first[1].mean_cosine.value != other[1].mean_cosine.value
    np.testing.assert_array_equal(aligner.map_, fitted)
    assert aligner.anchors_ == pairs(0, 400)
