"""Small corpora with something to learn in them."""

import numpy as np
import pytest

from adapt.text import Corpus
from adapt.training import Word2VecConfig

TOPICS = (("heart", "valve", "aorta", "pulse"), ("bone", "joint", "skeleton", "fracture"))


@pytest.fixture
def topical_corpus():
    """Return a maker of documents that each speak of one of two topics."""

    def make(n_documents=600, seed=0):
        generator = np.random.default_rng(seed)
        return Corpus.from_texts(
            [" ".join(generator.choice(TOPICS[i % 2], size=8)) for i in range(n_documents)]
        )

    return make


@pytest.fixture
def small():
    """Return a maker of configurations that a test can afford."""

    def make(**options):
        settings = {
            "dim": 8,
            "epochs": 3,
            "min_count": 2,
            "window": 3,
            "negative": 3,
            "sample": 0.0,
        }
        return Word2VecConfig(**settings | options)

    return make
