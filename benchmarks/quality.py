"""What trained vectors are worth: scored pairs of terms, a classification, the training's loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from adapt.evaluation import read_pairs, word_similarity
from adapt.vectors import WordVectors

__all__ = ["accuracy", "evaluate", "noise_loss"]

_N_LABELLED = 1_000
_SEEDS = (0, 1, 2)
_N_PAIRS, _NEGATIVE = 200_000, 5


def evaluate(vectors: str, tokens: str, pairs: str) -> dict[str, Any]:
    """Evaluate a file that `training` wrote; figures that do not apply are left out."""
    with np.load(vectors) as arrays:
        words = str(arrays["words"]).split("\n")
        matrix = arrays["matrix"]
        both = (arrays["input"], arrays["output"]) if "input" in arrays else None
    place = {word: row for row, word in enumerate(words)}
    found: dict[str, Any] = {"accuracy": accuracy(place, matrix)}
    if pairs:
        score = word_similarity(WordVectors(words, matrix), read_pairs(pairs))
        found["spearman"], found["n_pairs"] = score.spearman, score.n_covered
    if both is not None:
        found["loss"] = noise_loss(place, *both, Path(tokens))
    return found


def accuracy(place: dict[str, int], matrix: np.ndarray) -> float:
    """Accuracy on the clinical task, within its training split: its test split stays unseen.

    Plain means of word vectors, standardised, and logistic regression on 1,000 documents; tested
    on the split's other documents; mean over three draws.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from adapt.text import load_dataset

    train = load_dataset("clinical").train
    means = [_mean(place, matrix, text) for text in train.texts]
    nothing = np.zeros(matrix.shape[1])
    features = np.array([nothing if mean is None else mean for mean in means])
    labels = np.array(train.labels)
    scores = []
    for seed in _SEEDS:
        split = train_test_split(
            features, labels, train_size=_N_LABELLED, random_state=seed, stratify=labels
        )
        fitted, held_out, fitted_labels, held_out_labels = split
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1_000))
        scores.append(model.fit(fitted, fitted_labels).score(held_out, held_out_labels))
    return float(np.mean(scores))


def noise_loss(place: dict[str, int], input: np.ndarray, output: np.ndarray, tokens: Path) -> float:
    """Mean loss of skip-gram with negative sampling, in nats a pair of words.

    The same pairs (neighbours in the text) and the same noise words, drawn by count to the power
    of 0.75, are given to every contender, whatever its own windows and draws were.
    """
    generator = np.random.default_rng(0)
    rows = np.fromiter(
        (place.get(word, -1) for line in tokens.open(encoding="utf-8") for word in line.split()),
        dtype=np.int64,
    )
    rows = rows[rows >= 0]
    weight = np.bincount(rows, minlength=len(input)) ** 0.75
    centre = generator.integers(0, len(rows) - 1, _N_PAIRS)
    x, y = input[rows[centre]], output[rows[centre + 1]]
    total = np.logaddexp(0, -np.einsum("ij,ij->i", x, y, dtype=np.float64))
    for _ in range(_NEGATIVE):
        noise = generator.choice(len(input), _N_PAIRS, p=weight / weight.sum())
        total += np.logaddexp(0, np.einsum("ij,ij->i", x, output[noise], dtype=np.float64))
    return float(total.mean())


def _mean(place: dict[str, int], matrix: np.ndarray, text: str) -> np.ndarray | None:
    from adapt.text import WordTokenizer

    rows = [place[word] for word in WordTokenizer()(text) if word in place]
    return matrix[rows].mean(axis=0) if rows else None
