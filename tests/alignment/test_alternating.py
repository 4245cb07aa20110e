"""Merging models that differ by a rotation, and each lack some words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapt.alignment import alternating_procrustes, random_orthogonal_map
from adapt.errors import InputError


@given(st.integers(1, 5), st.integers(0, 1000))
def test_rotated_copies_give_back_the_first(n_models, seed):
    generator = np.random.default_rng(seed)
    space = generator.standard_normal((40, 6)).astype(np.float32)
    models = [space] + [
        (space @ random_orthogonal_map(6, 6, seed=seed + i)).astype(np.float32)
        for i in range(1, n_models)
    ]
    merged = alternating_procrustes(models, [np.ones(40, dtype=bool)] * n_models)
    np.testing.assert_allclose(merged, space, atol=1e-4)


def test_every_word_of_any_model_is_placed():
    generator = np.random.default_rng(1)
    space = generator.standard_normal((60, 4)).astype(np.float32)
    rotated = (space @ random_orthogonal_map(4, 4, seed=2)).astype(np.float32)
    known = [np.arange(60) < 40, np.arange(60) >= 20]
    models = [
        np.where(rows[:, None], model, np.nan)
        for rows, model in zip(known, (space, rotated), strict=True)
    ]
    np.testing.assert_allclose(alternating_procrustes(models, known), space, atol=1e-4)


def test_averaging_removes_noise():
    generator = np.random.default_rng(4)
    space = generator.standard_normal((500, 10)).astype(np.float32)
    models = [
        ((space + generator.normal(0, 0.5, space.shape)) @ random_orthogonal_map(10, 10, seed=i))
        for i in range(6)
    ]
    merged = alternating_procrustes(models, [np.ones(500, dtype=bool)] * 6)

    def spread(model):
        """Distance from the space in terms of the angles between its words, free of rotation."""
        return np.linalg.norm(model @ model.T - space @ space.T)

    assert spread(merged) < 0.6 * min(map(spread, models))


def test_turning_ends_when_it_gains_too_little():
    generator = np.random.default_rng(3)
    models = [generator.standard_normal((50, 5)).astype(np.float32) for _ in range(4)]
    known = [np.ones(50, dtype=bool)] * 4
    twice, coarse, fine = (
        alternating_procrustes(models, known, **options)
        for options in ({"max_turns": 2}, {"tolerance": 0.5}, {"tolerance": 1e-9})
    )
    # the first turn gains everything, the second less than half
    np.testing.assert_array_equal(coarse, twice)
    # models without anything in common take many turns, each of which gains a little
    assert np.abs(fine - twice).max() > 0.01
    endless = alternating_procrustes(models, known, max_turns=200, tolerance=-1)
    np.testing.assert_allclose(fine, endless, atol=0.01)


def test_models_that_do_not_belong_together_are_refused():
    space, known = np.ones((3, 2), dtype=np.float32), np.ones(3, dtype=bool)
    with pytest.raises(InputError, match="word 1 is in none"):
        alternating_procrustes([space], [np.array([True, False, True])])
    with pytest.raises(InputError, match="differ in words or dimensions"):
        alternating_procrustes([space, space[:, :1]], [known, known])
    with pytest.raises(InputError, match="0 models"):
        alternating_procrustes([], [])
