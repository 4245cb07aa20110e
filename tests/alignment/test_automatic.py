"""Choosing by cross-validation: the better method is chosen, and the reason is told."""

import numpy as np
import pytest

from adapt.alignment import (
    Anchors,
    Automatic,
    Identity,
    Procrustes,
    Ridge,
    RobustProcrustes,
    WeightedProcrustes,
    random_orthogonal_map,
)
from adapt.errors import InputError
from adapt.vectors.word_vectors import WordVectors

N, DIM = 300, 10


def spaces(mapped_by, noise=0.3, counts=None):
    rng = np.random.default_rng(0)
    words = tuple(f"w{i}" for i in range(N))
    general = rng.standard_normal((N, DIM))
    domain = general @ mapped_by + noise * rng.standard_normal((N, DIM))
    first = WordVectors(words, domain, counts=counts)
    return first, WordVectors(words, general), Anchors(words, words)


def test_a_rotation_is_left_to_an_orthogonal_map_and_a_distortion_is_not():
    rotation = random_orthogonal_map(DIM, DIM, seed=1)
    distortion = rotation * np.linspace(0.1, 6, DIM)
    both = (Identity(), Procrustes(), Ridge())
    assert Automatic(both).fit(*spaces(rotation)).aligner_.name == "procrustes"
    assert Automatic(both).fit(*spaces(distortion, noise=0.05)).aligner_.name == "ridge"


def test_it_maps_as_the_chosen_one_fitted_on_all_anchors():
    domain, general, anchors = spaces(random_orthogonal_map(DIM, DIM, seed=1))
    chosen = Automatic().fit(domain, general, anchors)
    alone = type(chosen.aligner_)().fit(domain, general, anchors)
    np.testing.assert_array_equal(chosen.transform(domain).matrix, alone.transform(domain).matrix)
    assert chosen.aligner_.n_anchors_ == N


def test_the_reason_names_every_candidate_with_its_figure():
    aligner = Automatic().fit(*spaces(random_orthogonal_map(DIM, DIM, seed=1)))
    assert aligner.reason_.startswith(f"{aligner.aligner_.name}: CSLS finds ")
    assert "300 anchors at rank 1 in 3-fold cross-validation" in aligner.reason_
    for name, value in aligner.precisions_.items():
        assert name in aligner.reason_
        assert 0 <= value <= 1
    # without counts there is nothing to weight by
    assert list(aligner.refusals_) == ["weighted-procrustes"]
    assert "could not be fitted: weighted-procrustes" in aligner.reason_


def test_the_reason_of_a_single_candidate_compares_it_with_none():
    data = spaces(random_orthogonal_map(DIM, DIM, seed=1))
    aligner = Automatic((Procrustes(),)).fit(*data)
    share = f"{aligner.precisions_['procrustes']:.1%}"
    assert aligner.reason_ == (
        f"procrustes: CSLS finds {share} of 300 anchors at rank 1 in 3-fold cross-validation"
    )


def test_of_equals_the_first_is_chosen():
    candidates = (RobustProcrustes(), Procrustes())
    aligner = Automatic(candidates).fit(
        *spaces(random_orthogonal_map(DIM, DIM, seed=1), noise=0.001)
    )
    assert set(aligner.precisions_.values()) == {1.0}
    assert aligner.aligner_.name == "robust-procrustes"


def test_in_the_domain_space_only_orthogonal_maps_compete():
    domain, general, anchors = spaces(random_orthogonal_map(DIM, DIM, seed=1))
    aligner = Automatic(space="domain").fit(domain, general, anchors)
    assert {*aligner.precisions_, *aligner.refusals_} == {
        "procrustes",
        "weighted-procrustes",
        "robust-procrustes",
    }
    assert aligner.transform_general(general).dim == DIM


def test_when_nothing_can_be_fitted_the_first_reason_is_told():
    with pytest.raises(InputError, match="no method could be fitted on 300 anchors.*counts"):
        Automatic((WeightedProcrustes(),)).fit(*spaces(np.eye(DIM)))


@pytest.mark.parametrize("candidates", [(), (Procrustes(), Procrustes(space="domain"))])
def test_candidates_of_no_space_or_of_two_are_refused(candidates):
    with pytest.raises(InputError, match="all of one space"):
        Automatic(candidates)


def test_a_single_fold_is_refused():
    with pytest.raises(InputError, match="n_folds is 1; give 2 or more"):
        Automatic(n_folds=1)
