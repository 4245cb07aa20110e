"""The frozen head against scikit-learn's logistic regression, on real documents and vectors."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import train_test_split

from adapt.classifiers import (
    Standardization,
    TrainingConfig,
    idf_weights,
    pool_documents,
    train_classifier,
)
from adapt.merging import build_matrix
from adapt.text import Vocabulary, WordTokenizer, load_dataset
from adapt.vectors import read_vectors


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore:The least populated class")
@pytest.mark.parametrize("budget", [200, 1000])
def test_no_worse_than_logistic_regression_on_the_same_features(budget):
    import torch

    dataset = load_dataset("clinical")
    tokenize = WordTokenizer()
    train, test = ([tokenize(t) for t in part.texts] for part in (dataset.train, dataset.test))
    counts: dict[str, int] = {}
    for tokens in train:
        for word in tokens:
            counts[word] = counts.get(word, 0) + 1
    vocabulary = Vocabulary.from_counts(counts)
    matrix = build_matrix(vocabulary, read_vectors("glove.6B.50d")).matrix
    train_rows, test_rows = ([vocabulary.encode(t) for t in part] for part in (train, test))
    weights = idf_weights(train_rows, len(vocabulary))
    classes, labels = np.unique(dataset.train.labels, return_inverse=True)
    test_labels = np.searchsorted(classes, dataset.test.labels)

    ours, theirs = [], []
    for seed in range(3):
        rows, _ = train_test_split(
            np.arange(len(labels)), train_size=budget, random_state=seed, stratify=labels
        )
        documents = [train_rows[row] for row in rows]
        model = train_classifier(
            matrix,
            documents,
            labels[rows],
            model="mean-idf",
            config=TrainingConfig(seed=seed),
            token_weights=weights,
            n_classes=len(classes),
        )
        ours.append((model.predict(test_rows) == test_labels).mean())
        features = torch.from_numpy(pool_documents(matrix, documents, weights))
        standardize = Standardization.fit(features)
        peer = LogisticRegressionCV(
            Cs=TrainingConfig().penalties, cv=5, max_iter=2000, use_legacy_attributes=True
        )
        peer.fit(standardize(features).numpy(), labels[rows])
        unseen = torch.from_numpy(pool_documents(matrix, test_rows, weights))
        theirs.append(peer.score(standardize(unseen).numpy(), test_labels))
    assert np.mean(ours) >= np.mean(theirs) - 0.01, (ours, theirs)
