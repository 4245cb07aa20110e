"""Skip-gram and CBOW with negative sampling over a block of word numbers, written for numba.

Only the process that compiles imports this module; `adapt.training.machine_code` has the functions
to call. Nothing here may allocate memory or raise: what is compiled runs without numba.

As in the original word2vec, frequent words are left out at random, windows have a random width,
and noise words follow the counts to the power of 3/4. Unlike there, the noise words of a centre
word are shared by all of its contexts (Ji et al. 2016): as many noise words for each observed
pair, in a fraction of the memory traffic.

References
----------
Mikolov, T., Sutskever, I., Chen, K., Corrado, G., Dean, J. (2013). Distributed representations of
words and phrases and their compositionality. NeurIPS.
Ji, S., Satish, N., Li, S., Dubey, P. (2016). Parallelizing Word2Vec in shared and distributed
memory. https://arxiv.org/abs/1604.04661
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import carray, cfunc, njit, types

from adapt.training.machine_code import LANES, TILE
from adapt.training.microkernels import score_pair, update_rows

__all__ = ["ENTRIES"]

_LARGEST_SCORE = 8.0
_STEPS_PER_UNIT = 128
_SCORES = (np.arange(2 * _LARGEST_SCORE * _STEPS_PER_UNIT) + 0.5) / _STEPS_PER_UNIT - _LARGEST_SCORE
_SIGMOID = (1 / (1 + np.exp(-_SCORES))).astype(np.float32)
_MULTIPLIER, _INCREMENT = np.uint64(6364136223846793005), np.uint64(1442695040888963407)
_HIGH = np.uint64(33)
_SCALE = np.float32(1 / (1 << 31))

_compiled = njit(error_model="numpy")


@_compiled
def _fill_alias_tables(
    rest: np.ndarray, threshold: np.ndarray, alias: np.ndarray, places: np.ndarray
) -> None:
    """Make Walker's tables of the shares `rest`, whose mean is 1; they are used up."""
    n = len(rest)
    # places with less than an even share, and then, from the other end, those with more
    n_small, n_large = 0, 0
    for i in range(n):
        threshold[i] = 1
        alias[i] = i
        if rest[i] < 1:
            places[n_small] = i
            n_small += 1
        else:
            n_large += 1
            places[n - n_large] = i
    while n_small and n_large:
        n_small -= 1
        small, large = places[n_small], places[n - n_large]
        threshold[small] = rest[small]
        alias[small] = large
        rest[large] -= 1 - rest[small]
        if rest[large] < 1:
            n_large -= 1
            places[n_small] = large
            n_small += 1


@_compiled
def _next(state: np.ndarray) -> np.int64:
    """Draw 31 random bits by Knuth's linear congruential generator."""
    state[0] = state[0] * _MULTIPLIER + _INCREMENT
    return np.int64(state[0] >> _HIGH)


@_compiled
def _subsample(ids: np.ndarray, keep: np.ndarray, state: np.ndarray, kept: np.ndarray) -> int:
    """Copy the words that are kept, and the ends of documents, to `kept`; return their number."""
    n_kept = 0
    for word in ids:
        if word < 0 or keep[word] >= 1 or _next(state) * _SCALE < keep[word]:
            kept[n_kept] = word
            n_kept += 1
    return n_kept


@_compiled
def _contexts(kept: np.ndarray, n_kept: int, centre: int, width: int, contexts: np.ndarray) -> int:
    """Write the words around `centre` within its document to `contexts`; return their number."""
    n_contexts = 0
    place = centre - 1
    while place >= max(0, centre - width) and kept[place] >= 0:
        contexts[n_contexts] = kept[place]
        n_contexts += 1
        place -= 1
    place = centre + 1
    while place <= min(n_kept - 1, centre + width) and kept[place] >= 0:
        contexts[n_contexts] = kept[place]
        n_contexts += 1
        place += 1
    return n_contexts


@_compiled
def _draw_targets(
    centre: int,
    negative: int,
    threshold: np.ndarray,
    alias: np.ndarray,
    state: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
) -> int:
    """Write the centre word and `negative` noise words to `targets`; return their number.

    A word that is drawn twice stands there once with a weight of 2; the centre word itself is no
    noise. Walker's alias method draws.
    """
    targets[0] = centre
    weights[0] = 1
    n_targets = 1
    for _ in range(negative):
        word = (_next(state) * len(alias)) >> 31
        if _next(state) * _SCALE >= threshold[word]:
            word = alias[word]
        place = 0
        while place < n_targets and targets[place] != word:
            place += 1
        if place == n_targets:
            targets[place] = word
            weights[place] = 1
            n_targets += 1
        elif place > 0:
            weights[place] += 1
    return n_targets


@_compiled
def _take_step(
    rows: np.ndarray,
    n_rows: int,
    targets: np.ndarray,
    weights: np.ndarray,
    n_targets: int,
    output: np.ndarray,
    rate: float,
    tile: np.ndarray,
    steps: np.ndarray,
) -> None:
    """Take a gradient step of `n_rows` rows, given by address, against the targets.

    `rows` has room for one address more, which is the padding's if `n_rows` is odd; `tile` holds
    `TILE` addresses, the padding's at first.
    """
    row_bytes = output.strides[0]
    first = output.ctypes.data
    n_chunks = output.shape[1] // LANES
    padding = rows[-1]
    for start in range(0, n_targets, TILE):
        n_here = min(TILE, n_targets - start)
        for k in range(TILE):
            tile[k] = first + targets[start + k] * row_bytes if k < n_here else padding
        for i in range(0, n_rows, 2):
            score_pair(
                rows.ctypes.data + 8 * i,
                tile.ctypes.data,
                n_chunks,
                steps.ctypes.data + 4 * TILE * i,
            )
        for i in range(n_rows):
            for k in range(TILE):
                if k >= n_here:
                    steps[i, k] = 0
                    continue
                score = steps[i, k]
                place = 0  # also where the score is not a number: what diverged is found later
                if score >= _LARGEST_SCORE:
                    place = len(_SIGMOID) - 1
                elif score > -_LARGEST_SCORE:
                    place = int((score + _LARGEST_SCORE) * _STEPS_PER_UNIT)
                label = 1 if start + k == 0 else 0
                steps[i, k] = (label - _SIGMOID[place]) * rate * weights[start + k]
        update_rows(rows.ctypes.data, n_rows, tile.ctypes.data, n_chunks, steps.ctypes.data)


@_compiled
def _train_skipgram(
    kept: np.ndarray,
    n_kept: int,
    threshold: np.ndarray,
    alias: np.ndarray,
    input: np.ndarray,
    output: np.ndarray,
    window: int,
    negative: int,
    first_rate: float,
    last_rate: float,
    state: np.ndarray,
    contexts: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    vectors: np.ndarray,
    rows: np.ndarray,
    tile: np.ndarray,
    steps: np.ndarray,
) -> None:
    """Let the contexts of every word step against it and its noise words."""
    padding = vectors[0].ctypes.data
    rows[:] = padding
    for centre in range(n_kept):
        if kept[centre] < 0:
            continue
        width = 1 + _next(state) % window
        n_contexts = _contexts(kept, n_kept, centre, width, contexts)
        if n_contexts == 0:
            continue
        for i in range(n_contexts):
            rows[i] = input.ctypes.data + contexts[i] * input.strides[0]
        rows[n_contexts] = padding
        n_targets = _draw_targets(kept[centre], negative, threshold, alias, state, targets, weights)
        rate = first_rate + (last_rate - first_rate) * centre / n_kept
        _take_step(rows, n_contexts, targets, weights, n_targets, output, rate, tile, steps)


@_compiled
def _train_cbow(
    kept: np.ndarray,
    n_kept: int,
    threshold: np.ndarray,
    alias: np.ndarray,
    input: np.ndarray,
    output: np.ndarray,
    window: int,
    negative: int,
    first_rate: float,
    last_rate: float,
    state: np.ndarray,
    contexts: np.ndarray,
    targets: np.ndarray,
    weights: np.ndarray,
    vectors: np.ndarray,
    rows: np.ndarray,
    tile: np.ndarray,
    steps: np.ndarray,
) -> None:
    """Let the mean of the contexts of every word step against it, and every context with it."""
    mean, moved = vectors[1], vectors[2]
    rows[0] = moved.ctypes.data
    rows[1:] = vectors[0].ctypes.data
    for centre in range(n_kept):
        if kept[centre] < 0:
            continue
        width = 1 + _next(state) % window
        n_contexts = _contexts(kept, n_kept, centre, width, contexts)
        if n_contexts == 0:
            continue
        # element by element: expressions of whole arrays would allocate memory
        for column in range(len(mean)):
            total = np.float32(0)
            for i in range(n_contexts):
                total += input[contexts[i], column]
            mean[column] = moved[column] = total / np.float32(n_contexts)
        n_targets = _draw_targets(kept[centre], negative, threshold, alias, state, targets, weights)
        rate = first_rate + (last_rate - first_rate) * centre / n_kept
        _take_step(rows, 1, targets, weights, n_targets, output, rate, tile, steps)
        for i in range(n_contexts):
            for column in range(len(mean)):
                input[contexts[i], column] += moved[column] - mean[column]


_INT32S, _INT64S = types.CPointer(types.int32), types.CPointer(types.int64)
_FLOATS, _DOUBLES = types.CPointer(types.float32), types.CPointer(types.float64)


@cfunc(types.void(_DOUBLES, _FLOATS, _INT32S, _INT64S, types.int64), error_model="numpy")
def alias_tables(shares: Any, threshold: Any, alias: Any, places: Any, n: int) -> None:
    """Fill Walker's tables ``(n,)`` of the `shares` ``(n,)``, with room for ``(n,)`` places."""
    _fill_alias_tables(carray(shares, n), carray(threshold, n), carray(alias, n), carray(places, n))


def _entry(train: Callable[..., None]) -> Any:
    """Make one of the trainings callable from outside; `machine_code` says what the arrays are."""

    @cfunc(
        types.void(
            *(_INT32S, types.int64),
            *(_FLOATS, _FLOATS, _INT32S, _FLOATS, _FLOATS),
            *(types.int64, types.int64, types.int64, types.int64),
            *(types.float64, types.float64),
            *(types.CPointer(types.uint64), _INT32S, _INT32S, _INT64S, _FLOATS),
            *(_FLOATS, _INT64S, _INT64S, _FLOATS),
        ),
        error_model="numpy",
    )
    def train_block(
        ids: Any,
        n_ids: int,
        keep: Any,
        threshold: Any,
        alias: Any,
        input: Any,
        output: Any,
        n_words: int,
        stride: int,
        window: int,
        negative: int,
        first_rate: float,
        last_rate: float,
        state: Any,
        kept: Any,
        contexts: Any,
        targets: Any,
        weights: Any,
        vectors: Any,
        rows: Any,
        tile: Any,
        steps: Any,
    ) -> None:
        state_array, kept_array = carray(state, 1), carray(kept, n_ids)
        n_kept = _subsample(carray(ids, n_ids), carray(keep, n_words), state_array, kept_array)
        train(
            kept_array,
            n_kept,
            carray(threshold, n_words),
            carray(alias, n_words),
            carray(input, (n_words, stride)),
            carray(output, (n_words, stride)),
            window,
            negative,
            first_rate,
            last_rate,
            state_array,
            carray(contexts, 2 * window),
            carray(targets, negative + 1),
            carray(weights, negative + 1),
            carray(vectors, (3, stride)),
            carray(rows, 2 * window + 1),
            carray(tile, TILE),
            carray(steps, (2 * window + 1, TILE)),
        )

    return train_block


ENTRIES = {
    "alias_tables": alias_tables,
    "train_skipgram": _entry(_train_skipgram),
    "train_cbow": _entry(_train_cbow),
}
"""What other processes call."""
