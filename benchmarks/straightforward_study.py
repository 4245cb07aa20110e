"""The clinical study with gensim, scipy, scikit-learn and torch directly: the peer of `adapt run`.

What a competent practitioner writes in an afternoon, step by step and from the libraries' own
documentation: nothing here is slow on purpose, and nothing is clever. It makes every embedding,
label budget, strategy and seed of ``experiments/clinical.toml`` with the same settings and the
same care in choosing penalties and numbers of epochs, and prints its accuracies, so that a reader
sees that both reach the same. The dataset and its split come from `adapt.text`, so that both see
the same documents; all else is written out here.

Run by hand, a small part of it::

    python -m benchmarks.straightforward_study glove.6B.50d.txt --budgets 200 --seeds 0
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
import torch
from gensim.models import KeyedVectors, Word2Vec
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from adapt.text import Dataset, load_dataset
from benchmarks.straightforward_classifiers import (
    Document,
    folds,
    idf_of,
    predict,
    train_fine_tuned,
    train_frozen,
)

__all__ = ["main", "map_between", "nearest_words", "normalize"]

EMBEDDINGS = ("random", "general", "domain", "unaligned", "aligned", "concat", "tfidf")
STRATEGIES = ("frozen", "fine-tuned")
BUDGETS = ("200", "1000", "all")
SVM_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
RESAMPLES = 2000

Vectors = dict[str, np.ndarray]
Cell = tuple[str, str, int]
"""Embedding, strategy, number of labels."""


def tokenize(text: str) -> list[str]:
    """Cut a text into lower-case words, whole across inner hyphens and apostrophes."""
    return re.findall(r"[^\W_]+(?:[-'][^\W_]+)*", text.lower().replace("’", "'"))


# ---------------------------------------------------------------------------- embeddings


def train_domain(
    sentences: list[list[str]], threads: int, epochs: int
) -> tuple[Vectors, Counter[str]]:
    """Train Word2Vec; gives the mean of input and output vector of every word, and the counts."""
    model = Word2Vec(
        sentences,
        vector_size=300,
        sg=1,
        window=15,
        negative=5,
        epochs=epochs,
        sample=1e-4,
        min_count=3,
        seed=0,
        workers=threads,
    )
    matrix = (model.wv.vectors + model.syn1neg) / 2
    counts = Counter({word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key})
    return dict(zip(model.wv.index_to_key, matrix, strict=True)), counts


def normalize(matrix: np.ndarray, mean: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Scale rows to length 1, subtract their mean (or the one given), scale to length 1 again."""
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    if mean is None:
        mean = unit.mean(axis=0)
    centred = unit - mean
    return centred / np.linalg.norm(centred, axis=1, keepdims=True), mean


def map_between(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Solve the orthogonal Procrustes problem for the rows of two matrices."""
    if source.shape[1] == target.shape[1]:
        return scipy.linalg.orthogonal_procrustes(source, target)[0]
    left, _, right = scipy.linalg.svd(source.T @ target, full_matrices=False)
    return left @ right


def nearest_words(queries: np.ndarray, candidates: np.ndarray, k: int) -> np.ndarray:
    """Rows of the `k` candidates nearest to every query by cosine, the nearest first."""
    candidates = candidates / np.linalg.norm(candidates, axis=1, keepdims=True)
    found = []
    for query in queries:
        cosines = candidates @ (query / np.linalg.norm(query))
        found.append(np.argsort(-cosines)[:k])
    return np.array(found)


@dataclass
class Alignment:
    """The map from the in-domain to the general space, and how well it does on held-out words."""

    matrix: np.ndarray
    precision_at_1: float
    precision_at_10: float


def align(domain: Vectors, counts: Counter[str], general: KeyedVectors) -> Alignment:
    """Fit the map on four fifths of the most frequent shared words, and test it on the others."""
    shared = [word for word, count in counts.most_common() if count >= 3 and word in general]
    anchors = shared[:6500]
    random.Random(0).shuffle(anchors)
    n_test = len(anchors) // 5
    test, fitted = anchors[:n_test], anchors[n_test:]
    source, source_mean = normalize(np.array([domain[word] for word in fitted]))
    target, target_mean = normalize(np.array([general[word] for word in fitted]))
    matrix = map_between(source, target)
    words = general.index_to_key[:50_000]
    words = words + [word for word in test if general.key_to_index[word] >= len(words)]
    candidates, _ = normalize(np.array([general[word] for word in words]), target_mean)
    queries, _ = normalize(np.array([domain[word] for word in test]), source_mean)
    place = {word: row for row, word in enumerate(words)}
    wanted = np.array([[place[word]] for word in test])
    hits = nearest_words(queries @ matrix, candidates, 10) == wanted
    return Alignment(matrix, hits[:, :1].any(axis=1).mean(), hits.any(axis=1).mean())


def embedding(
    name: str, vocabulary: list[str], domain: Vectors, general: KeyedVectors, alignment: Alignment
) -> np.ndarray:
    """Make the embedding called `name`: a row for every word, zeros where nothing is known."""
    shared = [word for word in domain if word in general]
    scale = np.mean([np.linalg.norm(general[word]) for word in shared]) / np.mean(
        [np.linalg.norm(domain[word]) for word in shared]
    )
    if name == "domain":
        scale = 1.0  # nothing to match; and fine-tuning goes further from short vectors
    domain_dim, general_dim = alignment.matrix.shape
    dim = {"general": general_dim, "concat": general_dim + domain_dim}.get(name, domain_dim)
    matrix = np.zeros((len(vocabulary), dim), dtype=np.float32)
    if name == "random":
        noise = np.random.default_rng(0)
        known = scale * np.array(list(domain.values()))
        matrix[2:] = noise.normal(known.mean(axis=0), known.std(axis=0), (len(matrix) - 2, dim))
        return matrix
    for row, word in enumerate(vocabulary):
        if name == "concat":
            if word in general:
                matrix[row, :general_dim] = general[word]
            if word in domain:
                matrix[row, general_dim:] = scale * domain[word]
        elif name != "general" and word in domain:
            matrix[row] = scale * domain[word]
        elif name == "general" and word in general:
            matrix[row] = general[word]
        elif name == "aligned" and word in general:
            matrix[row] = general[word] @ alignment.matrix.T
        elif name == "unaligned" and word in general:
            matrix[row, :general_dim] = general[word]
    return matrix


def predict_by_tfidf(
    texts: list[str], labels: np.ndarray, unseen: Sequence[str], seed: int
) -> np.ndarray:
    """Train TF-IDF and a linear SVM, its C chosen by cross-validation; gives class numbers."""
    pipeline = make_pipeline(TfidfVectorizer(analyzer=tokenize, sublinear_tf=True), LinearSVC())
    search = GridSearchCV(
        pipeline, {"linearsvc__C": SVM_PENALTIES}, cv=folds(labels, seed), scoring="accuracy"
    )
    return search.fit(texts, labels).predict(unseen)


# ---------------------------------------------------------------------------- statistics


def paired_bootstrap(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Mean difference of two ``(n_seeds, n_documents)`` tables with its 95 % interval."""
    difference = first.astype(float) - second
    generator = np.random.default_rng(0)
    n_seeds, n_documents = difference.shape
    means = []
    for _ in range(RESAMPLES):
        seeds = generator.integers(0, n_seeds, n_seeds)
        documents = generator.integers(0, n_documents, n_documents)
        means.append(difference[seeds][:, documents].mean())
    low, high = np.quantile(means, [0.025, 0.975])
    return difference.mean(), low, high


def pairs_to_compare(cells: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Yield the pairs that `adapt` compares: every embedding with the baselines of its budget."""
    for first, second in itertools.product(cells, cells):
        (name, strategy, budget), (baseline, its_strategy, its_budget) = first, second
        if (
            baseline in ("general", "domain", "tfidf")
            and name not in (baseline, "tfidf")
            and budget == its_budget
            and (strategy == its_strategy or baseline == "tfidf")
            and (name, baseline) != ("general", "domain")
        ):
            yield first, second


# --------------------------------------------------------------------------------- study


@dataclass
class Texts:
    """The dataset, tokenised and numbered."""

    dataset: Dataset
    corpus: list[list[str]]
    vocabulary: list[str]
    classes: list[str]
    train: list[Document]
    test: list[Document]

    @property
    def train_labels(self) -> np.ndarray:
        """Class numbers of the training documents."""
        return np.array([label for _, label in self.train])

    @property
    def test_labels(self) -> np.ndarray:
        """Class numbers of the test documents."""
        return np.array([label for _, label in self.test])


def read_texts() -> Texts:
    """Read and number all documents."""
    data = load_dataset("clinical", seed=0)
    corpus = [tokenize(text) for text in data.corpus]
    train = [tokenize(text) for text in data.train.texts]
    test = [tokenize(text) for text in data.test.texts]
    # rows for the words of the labelled documents alone: no other row would ever be looked up
    known = {word for words in corpus + train for word in words}
    counts = Counter(word for words in train + test for word in words)
    vocabulary = ["<pad>", "<unk>", *(word for word, _ in counts.most_common() if word in known)]
    number = {word: row for row, word in enumerate(vocabulary)}
    classes = sorted(set(data.train.labels))

    def documents(tokens: list[list[str]], labels: Sequence[str]) -> list[Document]:
        return [
            (torch.tensor([number.get(word, 1) for word in words] or [1]), classes.index(label))
            for words, label in zip(tokens, labels, strict=True)
        ]

    return Texts(
        dataset=data,
        corpus=corpus,
        vocabulary=vocabulary,
        classes=classes,
        train=documents(train, data.train.labels),
        test=documents(test, data.test.labels),
    )


def run_cell(
    texts: Texts, matrix: np.ndarray | None, strategy: str, budget: str, seed: int
) -> tuple[int, np.ndarray]:
    """Train on a label budget, by TF-IDF without a matrix; gives its size and the predictions."""
    labels = texts.train_labels
    chosen = np.arange(len(labels))
    if budget != "all":
        chosen, _ = train_test_split(
            chosen, train_size=int(budget), random_state=seed, stratify=labels
        )
    if matrix is None:
        known = [texts.dataset.train.texts[row] for row in chosen]
        return len(chosen), predict_by_tfidf(known, labels[chosen], texts.dataset.test.texts, seed)
    fit = train_frozen if strategy == "frozen" else train_fine_tuned
    idf = idf_of(texts.train, len(texts.vocabulary))
    documents = [texts.train[row] for row in chosen]
    model = fit(matrix, documents, idf, len(texts.classes), seed)
    return len(chosen), predict(model, texts.test)


def run_cells(
    texts: Texts, name: str, matrix: np.ndarray | None, options: argparse.Namespace
) -> Iterator[tuple[Cell, np.ndarray]]:
    """Train and test an embedding at every budget; yields correctness ``(n_seeds, n_test)``."""
    strategies = ["bag-of-words"] if matrix is None else options.strategies
    for strategy, budget in itertools.product(strategies, options.budgets):
        began = time.perf_counter()
        correct, f1 = [], []
        for seed in options.seeds:
            n_train, predicted = run_cell(texts, matrix, strategy, budget, seed)
            correct.append(predicted == texts.test_labels)
            f1.append(f1_score(texts.test_labels, predicted, average="macro"))
        print(
            f"cell {name} {strategy} {n_train} accuracy {np.mean(correct):.4f} "
            f"macro-F1 {np.mean(f1):.4f} seconds {time.perf_counter() - began:.1f}",
            flush=True,
        )
        yield (name, strategy, n_train), np.array(correct)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and print a line for every cell and every comparison."""
    options = parse(arguments)
    if options.torch_threads:
        torch.set_num_threads(options.torch_threads)
    start = time.perf_counter()
    texts = read_texts()
    print(f"texts read after {time.perf_counter() - start:.1f} s")
    general = KeyedVectors.load_word2vec_format(options.general, no_header=True)
    print(f"general vectors read after {time.perf_counter() - start:.1f} s")
    domain, counts = train_domain(texts.corpus, options.threads, options.epochs)
    print(f"in-domain vectors trained after {time.perf_counter() - start:.1f} s")
    alignment = align(domain, counts, general)
    print(f"alignment: P@1 {alignment.precision_at_1:.3f}, P@10 {alignment.precision_at_10:.3f}")
    cells: dict[Cell, np.ndarray] = {}
    for name in options.embeddings:
        matrix = None
        if name != "tfidf":
            matrix = embedding(name, texts.vocabulary, domain, general, alignment)
        cells.update(run_cells(texts, name, matrix, options))
    for first, second in pairs_to_compare(list(cells)):
        difference, low, high = paired_bootstrap(cells[first], cells[second])
        names = f"{' '.join(map(str, first))} against {second[0]}"
        print(f"{names}: {difference:+.4f} [{low:+.4f}, {high:+.4f}]")
    print(f"all done after {time.perf_counter() - start:.1f} s")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="The clinical study, written straightforwardly.")
    parser.add_argument("general", help="GloVe text file")
    parser.add_argument("--embeddings", nargs="+", choices=EMBEDDINGS, default=EMBEDDINGS)
    parser.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=STRATEGIES)
    parser.add_argument("--budgets", nargs="+", default=BUDGETS)
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2))
    parser.add_argument("--epochs", type=int, default=25, help="of Word2Vec")
    parser.add_argument("--threads", type=int, default=2, help="of Word2Vec")
    parser.add_argument("--torch-threads", type=int, default=0, help="0: torch's own choice")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
