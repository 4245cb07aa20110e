"""Nearest neighbours by spelling, and their weights, written for numba.

Nothing here holds the interpreter's lock, so that threads share the words out among them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit

__all__ = ["weigh_neighbors"]


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    """Compile at the first call, and keep the machine code where there is a folder for it."""
    options |= {"nogil": True, "error_model": "numpy"}
    try:
        return njit(function, cache=True, **options)
    except RuntimeError:  # neither beside this file nor in the user's cache
        return njit(function, **options)


# sums may be taken in another order, which is always the same one: several values at a time
_vectorized = partial(_compiled, fastmath={"reassoc", "contract"})


@_compiled
def weigh_neighbors(
    query_starts: np.ndarray,
    query_ngrams: np.ndarray,
    query_norms: np.ndarray,
    starts: np.ndarray,
    ngrams: np.ndarray,
    norms: np.ndarray,
    list_starts: np.ndarray,
    lists: np.ndarray,
    squares: np.ndarray,
    noise: np.ndarray,
    longest_list: int,
    neighbors: np.ndarray,
    weights: np.ndarray,
    explained: np.ndarray,
) -> None:
    """Find the words most like each query, and weigh them by Gaussian-process regression.

    Parameters
    ----------
    query_starts, query_ngrams, query_norms : ndarray
        Compressed rows of the queries' n-grams, int32, and the lengths of their vectors, float32.
    starts, ngrams, norms : ndarray
        The same of the known words.
    list_starts, lists : ndarray of int32
        For each n-gram the known words that have it, the most frequent first.
    squares : ndarray of float32, shape (n_ngrams,)
        The square of each n-gram's weight.
    noise : ndarray of float32, shape (n_words,)
        Variance of what a known word's vector has of its own.
    longest_list : int
        How many words of an n-gram's list are looked at.
    neighbors, weights : ndarray of int32 and float32, shape (n_queries, m)
        Written to: rows of known words, and their weights; 0 where there are no more.
    explained : ndarray of float32, shape (n_queries,)
        Written to: the share of the query's variance that its neighbours explain.
    """
    m = neighbors.shape[1]
    shared = np.zeros(len(norms), dtype=np.float32)
    touched = np.empty(len(norms), dtype=np.int32)
    likeness = np.empty(m, dtype=np.float32)
    rows = np.empty(m, dtype=np.int32)
    heads = np.full(len(squares), -1, dtype=np.int32)
    gram = np.empty((m, m), dtype=np.float64)
    solution = np.empty(m, dtype=np.float64)
    for query in range(len(query_norms)):
        own = query_ngrams[query_starts[query] : query_starts[query + 1]]
        n_touched = _count_shared(own, list_starts, lists, squares, longest_list, shared, touched)
        n = _nearest(shared, touched[:n_touched], norms, query_norms[query], likeness, rows)
        _fill_gram(rows[:n], starts, ngrams, norms, squares, noise, heads, gram)
        for i in range(n):
            solution[i] = _covariance(likeness[i])
        _solve(gram, solution, n)
        share = 0.0
        for i in range(n):
            neighbors[query, i] = rows[i]
            weights[query, i] = solution[i]
            share += solution[i] * _covariance(likeness[i])
        neighbors[query, n:] = 0
        weights[query, n:] = 0
        explained[query] = share


@_compiled
def _covariance(cosine: float) -> float:
    """Give the covariance of two words by the cosine of their n-grams; a square stays one."""
    return cosine * cosine


@_compiled
def _count_shared(
    own: np.ndarray,
    list_starts: np.ndarray,
    lists: np.ndarray,
    squares: np.ndarray,
    longest_list: int,
    shared: np.ndarray,
    touched: np.ndarray,
) -> int:
    """Add up the squares of shared n-grams for all words that have one; return their number."""
    n_touched = 0
    for ngram in own:
        first = list_starts[ngram]
        for place in range(first, min(first + longest_list, list_starts[ngram + 1])):
            word = lists[place]
            if shared[word] == 0:
                touched[n_touched] = word
                n_touched += 1
            shared[word] += squares[ngram]
    return n_touched


@_compiled
def _nearest(
    shared: np.ndarray,
    touched: np.ndarray,
    norms: np.ndarray,
    query_norm: float,
    likeness: np.ndarray,
    rows: np.ndarray,
) -> int:
    """Keep the words of largest cosine, sorted, the more frequent of equals; clear `shared`."""
    n = 0
    for word in touched:
        cosine = np.float32(shared[word] / (norms[word] * query_norm))
        shared[word] = 0
        place = n
        while place > 0 and (
            cosine > likeness[place - 1]
            or (cosine == likeness[place - 1] and word < rows[place - 1])
        ):
            place -= 1
        if place == len(rows):
            continue
        n = min(n + 1, len(rows))
        for i in range(n - 1, place, -1):
            likeness[i], rows[i] = likeness[i - 1], rows[i - 1]
        likeness[place], rows[place] = cosine, word
    return n


@_compiled
def _fill_gram(
    rows: np.ndarray,
    starts: np.ndarray,
    ngrams: np.ndarray,
    norms: np.ndarray,
    squares: np.ndarray,
    noise: np.ndarray,
    heads: np.ndarray,
    gram: np.ndarray,
) -> None:
    """Write the covariances of the neighbours, lower triangle, with their noise on the diagonal.

    `heads` leads from an n-gram to the last neighbour that had it, and a chain of links from there
    to the ones before: only neighbours that share something meet.
    """
    n = len(rows)
    n_links = 0
    for i in range(n):
        n_links += starts[rows[i] + 1] - starts[rows[i]]
    linked = np.empty(n_links, dtype=np.int32)
    links = np.empty(n_links, dtype=np.int32)
    gram[:n, :n] = 0
    link = 0
    for i in range(n):
        for place in range(starts[rows[i]], starts[rows[i] + 1]):
            ngram = ngrams[place]
            other = heads[ngram]
            while other >= 0:
                gram[i, linked[other]] += squares[ngram]
                other = links[other]
            linked[link], links[link] = i, heads[ngram]
            heads[ngram] = link
            link += 1
        for j in range(i):
            gram[i, j] = _covariance(gram[i, j] / (norms[rows[i]] * norms[rows[j]]))
        gram[i, i] = 1 + noise[rows[i]]
    for i in range(n):
        for place in range(starts[rows[i]], starts[rows[i] + 1]):
            heads[ngrams[place]] = -1


@_vectorized
def _solve(matrix: np.ndarray, b: np.ndarray, n: int) -> None:
    """Solve a positive definite system of `n` equations in place, by Cholesky's decomposition."""
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = np.sqrt(rest) if i == j else rest / matrix[j, j]
        for k in range(i):
            b[i] -= matrix[i, k] * b[k]
        b[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            b[i] -= matrix[k, i] * b[k]
        b[i] /= matrix[i, i]
