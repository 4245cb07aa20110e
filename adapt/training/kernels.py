"""Skip-gram and CBOW with negative sampling over a block of word numbers, compiled by numba.

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

import numpy as np
from numba import njit

from adapt.training.microkernels import LANES, TILE, score_pair, update_rows

__all__ = ["alias_tables", "train_cbow", "train_skipgram"]

_LARGEST_SCORE = 8.0
_STEPS_PER_UNIT = 128
_SCORES = (np.arange(2 * _LARGEST_SCORE * _STEPS_PER_UNIT) + 0.5) / _STEPS_PER_UNIT - _LARGEST_SCORE
_SIGMOID = (1 / (1 + np.exp(-_SCORES))).astype(np.float32)
_MULTIPLIER, _INCREMENT = np.uint64(6364136223846793005), np.uint64(1442695040888963407)
_HIGH = np.uint64(33)
_SCALE = np.float32(1 / (1 << 31))

_compiled = njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def alias_tables(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prepare drawing from a distribution in constant time, by Walker's alias method.

    Parameters
    ----------
    shares : ndarray, (n,), float64
        Positive; need not sum to 1.

    Returns
    -------
    threshold : ndarray, (n,), float32
        Place `i`, drawn evenly, stands for itself with this probability, else for its alias.
    alias : ndarray, (n,), int32
        The aliases.
    """
    n = len(shares)
    rest = shares * (n / shares.sum())
    threshold = np.ones(n, dtype=np.float32)
    alias = np.arange(n).astype(np.int32)
    # places with less than an even share, and then, from the other end, those with more
    places = np.empty(n, dtype=np.int64)
    n_small, n_large = 0, 0
    for i in range(n):
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
    return threshold, alias


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
def train_skipgram(
    ids: np.ndarray,
    keep: np.ndarray,
    threshold: np.ndarray,
    alias: np.ndarray,
    input: np.ndarray,
    output: np.ndarray,
    window: int,
    negative: int,
    first_rate: float,
    last_rate: float,
    seed: np.uint64,
) -> None:
    """Train both matrices, in place, on one block of word numbers.

    Parameters
    ----------
    ids : ndarray, (n,), int32
        Word numbers; -1 ends a document.
    keep : ndarray, (n_words,), float32
        With which probability a word is kept.
    threshold, alias : ndarray, (n_words,), float32 and int32
        Walker's tables of the noise distribution.
    input, output : ndarray, (n_words, stride), float32
        The matrices; rows are padded with zeros to a multiple of `microkernels.LANES`.
    window, negative : int
        Largest distance of a context; noise words for each pair.
    first_rate, last_rate : float
        The learning rate falls linearly from one to the other.
    seed : uint64
        Of this block's random choices.
    """
    state = np.array([seed], dtype=np.uint64)
    kept = np.empty(len(ids), dtype=np.int32)
    n_kept = _subsample(ids, keep, state, kept)
    contexts = np.empty(2 * window, dtype=np.int32)
    targets = np.empty(negative + 1, dtype=np.int64)
    weights = np.empty(negative + 1, dtype=np.float32)
    padding = np.zeros(input.shape[1], dtype=np.float32)
    rows = np.full(2 * window + 1, padding.ctypes.data, dtype=np.int64)
    tile = np.empty(TILE, dtype=np.int64)
    steps = np.empty((2 * window + 1, TILE), dtype=np.float32)
    for centre in range(n_kept):
        if kept[centre] < 0:
            continue
        width = 1 + _next(state) % window
        n_contexts = _contexts(kept, n_kept, centre, width, contexts)
        if n_contexts == 0:
            continue
        for i in range(n_contexts):
            rows[i] = input.ctypes.data + contexts[i] * input.strides[0]
        rows[n_contexts] = padding.ctypes.data
        n_targets = _draw_targets(kept[centre], negative, threshold, alias, state, targets, weights)
        rate = first_rate + (last_rate - first_rate) * centre / n_kept
        _take_step(rows, n_contexts, targets, weights, n_targets, output, rate, tile, steps)
    # the rows are reached by address only: this use keeps the array alive until here
    padding[0] = 0


@_compiled
def train_cbow(
    ids: np.ndarray,
    keep: np.ndarray,
    threshold: np.ndarray,
    alias: np.ndarray,
    input: np.ndarray,
    output: np.ndarray,
    window: int,
    negative: int,
    first_rate: float,
    last_rate: float,
    seed: np.uint64,
) -> None:
    """Train both matrices, in place, on one block: the mean of the contexts predicts the word.

    Parameters
    ----------
    ids, keep, threshold, alias, input, output, window, negative, first_rate, last_rate, seed
        As for `train_skipgram`.
    """
    state = np.array([seed], dtype=np.uint64)
    kept = np.empty(len(ids), dtype=np.int32)
    n_kept = _subsample(ids, keep, state, kept)
    contexts = np.empty(2 * window, dtype=np.int32)
    targets = np.empty(negative + 1, dtype=np.int64)
    weights = np.empty(negative + 1, dtype=np.float32)
    padding = np.zeros(input.shape[1], dtype=np.float32)
    mean = np.empty(input.shape[1], dtype=np.float32)
    moved = np.empty(input.shape[1], dtype=np.float32)
    rows = np.array([moved.ctypes.data, padding.ctypes.data], dtype=np.int64)
    tile = np.empty(TILE, dtype=np.int64)
    steps = np.empty((2, TILE), dtype=np.float32)
    for centre in range(n_kept):
        if kept[centre] < 0:
            continue
        width = 1 + _next(state) % window
        n_contexts = _contexts(kept, n_kept, centre, width, contexts)
        if n_contexts == 0:
            continue
        mean[:] = 0
        for i in range(n_contexts):
            mean += input[contexts[i]]
        mean /= np.float32(n_contexts)
        moved[:] = mean
        n_targets = _draw_targets(kept[centre], negative, threshold, alias, state, targets, weights)
        rate = first_rate + (last_rate - first_rate) * centre / n_kept
        _take_step(rows, 1, targets, weights, n_targets, output, rate, tile, steps)
        moved -= mean
        for i in range(n_contexts):
            input[contexts[i]] += moved
    padding[0] = 0
