"""The compiled kernels against the plain definition of what they compute."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from adapt.training import kernels
from adapt.training.machine_code import LANES, TILE, alias_tables, train_block
from adapt.training.microkernels import score_pair, update_rows


@njit
def _apply(rows, targets, n_chunks, scores, steps):
    score_pair(rows.ctypes.data, targets.ctypes.data, n_chunks, scores.ctypes.data)
    update_rows(rows.ctypes.data, len(rows), targets.ctypes.data, n_chunks, steps.ctypes.data)


@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_microkernels_are_two_products_of_matrices(n_chunks, seed):
    generator = np.random.default_rng(seed)
    x, y, steps = (
        generator.standard_normal(shape).astype(np.float32)
        for shape in ((2, n_chunks * LANES), (TILE, n_chunks * LANES), (2, TILE))
    )
    x_before, y_before = x.copy(), y.copy()
    scores = np.empty((2, TILE), dtype=np.float32)
    addresses = [np.array([row.ctypes.data for row in rows], dtype=np.int64) for rows in (x, y)]
    _apply(*addresses, n_chunks, scores, steps)
    tolerance = {"rtol": 1e-4, "atol": 1e-4}
    np.testing.assert_allclose(scores, x_before @ y_before.T, **tolerance)
    np.testing.assert_allclose(x, x_before + steps @ y_before, **tolerance)
    np.testing.assert_allclose(y, y_before + steps.T @ x_before, **tolerance)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=50))
def test_alias_tables_give_back_the_distribution(shares):
    shares = np.array(shares)
    threshold, alias = alias_tables(shares)
    probability = threshold.astype(float)
    np.add.at(probability, alias, 1 - threshold.astype(float))
    np.testing.assert_allclose(probability / len(shares), shares / shares.sum(), atol=1e-6)


class Draws:
    """The random numbers of the kernels, in plain Python."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return self.state >> 33


def reference(ids, keep, threshold, alias, input, output, window, negative, rates, seed, cbow):
    """Skip-gram or CBOW as the papers define it, with shared noise words, word by word."""
    draws = Draws(seed)
    kept = [w for w in ids if w < 0 or keep[w] >= 1 or draws.next() * 2.0**-31 < keep[w]]
    for centre, word in enumerate(kept):
        if word < 0:
            continue
        width = 1 + draws.next() % window
        left, right = kept[max(0, centre - width) : centre][::-1], kept[centre + 1 :][:width]
        contexts = [*_until_end(left), *_until_end(right)]
        if not contexts:
            continue
        targets = {word: 1}
        for _ in range(negative):
            noise = draws.next() * len(alias) >> 31
            noise = noise if draws.next() * 2.0**-31 < threshold[noise] else alias[noise]
            targets[noise] = targets.get(noise, 0) + (noise != word)
        rate = rates[0] + (rates[1] - rates[0]) * centre / len(kept)
        rows = list(targets)
        weights = np.array([targets[row] for row in rows])
        x = input[contexts].mean(axis=0, keepdims=True) if cbow else input[contexts]
        for start in range(0, len(rows), TILE):
            tile = rows[start : start + TILE]
            label = np.array([row == word for row in tile])
            step = (label - 1 / (1 + np.exp(-x @ output[tile].T))) * rate
            step *= weights[start : start + TILE]
            moved = step @ output[tile]
            output[tile] += step.T @ x
            x = x + moved
        if cbow:
            np.add.at(input, contexts, x - input[contexts].mean(axis=0))
        else:
            np.add.at(input, contexts, x - input[contexts])


def _until_end(words):
    return words[: words.index(-1)] if -1 in words else words


@pytest.mark.parametrize("cbow", [False, True])
@pytest.mark.parametrize(("window", "negative"), [(1, 1), (3, 5), (4, 9)])
def test_a_block_is_trained_as_the_definition_says(cbow, window, negative):
    generator = np.random.default_rng(3)
    # no word stands twice within a window: rows that do are updated one after the other
    ids = np.concatenate([np.append(generator.permutation(30), -1) for _ in range(8)])
    ids = ids.astype(np.int32)
    input, output = (generator.normal(0, 0.3, (30, 24)).astype(np.float32) for _ in range(2))
    shares = generator.random(30) + 0.1
    keep = np.linspace(0.3, 1.2, 30).astype(np.float32)
    arguments = (ids, keep, *alias_tables(shares))
    expected = [input.astype(float), output.astype(float)]
    reference(
        ids.tolist(),
        keep.tolist(),
        *(table.tolist() for table in arguments[2:]),
        *expected,
        window,
        negative,
        (0.05, 0.02),
        7,
        cbow,
    )
    options = {"cbow": cbow, "window": window, "negative": negative}
    train_block(*arguments, input, output, **options, rates=(0.05, 0.02), seed=7)
    # the sigmoid is looked up in a table, whose entries are up to 0.001 off
    np.testing.assert_allclose(input, expected[0], atol=2e-3)
    np.testing.assert_allclose(output, expected[1], atol=2e-3)


def test_scores_beyond_the_table_are_saturated_and_nan_stays_visible():
    for value in (1e4, -1e4, np.nan):
        input = np.full((2, LANES), value, dtype=np.float32)
        output = np.ones((2, LANES), dtype=np.float32)
        tables = alias_tables(np.ones(2))
        ids = np.array([0, 1, -1], dtype=np.int32)
        keep = np.ones(2, dtype=np.float32)
        options = {"cbow": False, "window": 1, "negative": 1, "rates": (0.1, 0.1), "seed": 1}
        train_block(ids, keep, *tables, input, output, **options)
        assert np.isfinite(input).all() == np.isfinite(value)


def test_frequent_words_are_left_out_as_often_as_asked():
    ids = np.zeros(100_000, dtype=np.int32)
    kept = np.empty_like(ids)
    state = np.array([1], dtype=np.uint64)
    n_kept = kernels._subsample(ids, np.array([0.3], dtype=np.float32), state, kept)
    assert n_kept == pytest.approx(30_000, abs=5 * np.sqrt(100_000 * 0.3 * 0.7))
