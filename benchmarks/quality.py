"""What trained vectors are worth: scored pairs of terms, a classification, the training's loss."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["accuracy", "evaluate", "noise_loss", "read_pairs", "spearman"]

_TERMS = (("term1", "word1"), ("term2", "word2"))
_SCORES = ("mean", "score", "similarity")
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
        found["spearman"], found["n_pairs"] = spearman(place, matrix, read_pairs(Path(pairs)))
    if both is not None:
        found["loss"] = noise_loss(place, *both, Path(tokens))
    return found


def read_pairs(path: Path) -> list[tuple[str, str, float]]:
    """Read scored pairs of terms from CSV or TSV.

    A header names the columns: ``term1``, ``term2`` (or ``word1``, ``word2``) and ``mean``,
    ``score`` or ``similarity``, in capitals or not. Where the first line does not name all three,
    the first three columns are the two terms and the score.
    """
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter="\t" if "\t" in text else ","))
    header = [name.strip().lower() for name in rows[0]]
    columns = [
        next((header.index(name) for name in names if name in header), -1)
        for names in (*_TERMS, _SCORES)
    ]
    first, second, score = (0, 1, 2) if -1 in columns else columns
    body = rows if -1 in columns else rows[1:]
    return [(row[first], row[second], float(row[score])) for row in body if row]


def spearman(
    place: dict[str, int], matrix: np.ndarray, pairs: list[tuple[str, str, float]]
) -> tuple[float, int]:
    """Rank correlation of cosines with scores, and how many pairs have a vector on both sides.

    A term of several words is the mean of its words' vectors.
    """
    from scipy.stats import spearmanr

    cosines, scores = [], []
    for first, second, score in pairs:
        x, y = _mean(place, matrix, first), _mean(place, matrix, second)
        if x is not None and y is not None:
            cosines.append(float(x @ y / (np.linalg.norm(x) * np.linalg.norm(y))))
            scores.append(score)
    return float(spearmanr(cosines, scores).statistic), len(scores)


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
