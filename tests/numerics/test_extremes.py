"""Extreme vectors through every stage: right, or refused in one line, but never NaN in silence.

A warning of NumPy (overflow, an invalid value) is an error in this suite, so that a stage which
goes wrong and recovers by luck fails here as well.
"""

import warnings
from contextlib import contextmanager

import numpy as np
import pytest

from adapt.alignment import ALIGNERS, Anchors, aligner_named, random_orthogonal_map
from adapt.classifiers import EmbeddingTextClassifier
from adapt.errors import AdaptError, AdaptWarning
from adapt.merging import build_matrix, merge, policy_names
from adapt.oov import strategy_named, strategy_names
from adapt.text import Corpus, Vocabulary

DIM = 6
CORPUS = Corpus.from_texts(
    [f"word{i} word{i + 1} words{i} unseen word{i + 2} word333" for i in range(70)], name="made"
)


@contextmanager
def right_or_refused():
    """Let errors of ours pass if they are one line, and our warnings; nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AdaptWarning)
        try:
            yield
        except AdaptError as error:
            refused = str(error)
        else:
            return
    assert "\n" not in refused
    assert len(refused) > 20


def check(vectors):
    assert vectors.matrix.dtype == np.float32
    assert np.isfinite(vectors.matrix).all()


SIDES = [(True, False), (False, True), (True, True)]
"""Whether the domain, and whether the general space, is extreme."""


@pytest.mark.parametrize("name", [*ALIGNERS, "refined:ridge"])
def test_alignment(name, extreme, ordinary, space):
    for of_domain, of_general in SIDES:
        with right_or_refused():
            domain = space(extreme(ordinary(0)) if of_domain else ordinary(0))
            general = space(extreme(ordinary(1)) if of_general else ordinary(1))
            aligner = aligner_named(name).fit(domain, general, Anchors(domain.words, domain.words))
            check(aligner.transform(domain))
            check(aligner.transform_general(general))
            check_directions(aligner.normalized_domain(domain))
            check_directions(aligner.normalized_general(general))


@pytest.mark.parametrize("exponent", [-110, -60, 60, 110])
@pytest.mark.parametrize("name", [*ALIGNERS, "refined:ridge"])
def test_the_scale_of_the_domain_has_no_say(name, exponent, ordinary, space):
    turned = ordinary(0) @ random_orthogonal_map(DIM, DIM, seed=1).astype(np.float32)
    domain = space(turned + ordinary(2) / 10)
    general = space(ordinary(0))
    scaled = domain.replace(matrix=domain.matrix * np.float32(2.0**exponent))
    anchors = Anchors(domain.words, domain.words)
    there = [
        aligner_named(name).fit(some, general, anchors).transform(some).matrix
        for some in (domain, scaled)
    ]
    np.testing.assert_allclose(*there, rtol=1e-4, atol=1e-4)


def check_directions(normalized):
    lengths = np.linalg.norm(normalized, axis=1)
    assert ((np.abs(lengths - 1) < 1e-3) | (lengths == 0)).all()


@pytest.mark.parametrize("name", policy_names())
def test_merging(name, extreme, ordinary, space):
    shared = [f"word{i}" for i in range(60)]
    for of_domain, of_general in SIDES:
        domain = space(extreme(ordinary(0)) if of_domain else ordinary(0)).select(shared)
        general = space(extreme(ordinary(1)) if of_general else ordinary(1))
        for match_scale in (True, False):
            with right_or_refused():
                check(merge(general, domain, name, match_scale=match_scale))


@pytest.mark.parametrize("name", strategy_names())
def test_unknown_words(name, extreme, ordinary, space):
    with right_or_refused():
        answer = strategy_named(name).fit(space(extreme(ordinary(0))), CORPUS)
        filled = answer.fill(["words3", "unseen", "word333", "Word5", "x"])
        assert np.isfinite(filled.matrix).all()
        assert ((filled.confidences >= 0) & (filled.confidences <= 1)).all()


def test_the_matrix_and_a_classifier(extreme, ordinary, space):
    with right_or_refused():
        vectors = space(extreme(ordinary(0)))
        matrix = build_matrix(Vocabulary.from_corpus(CORPUS), vectors, oov="related,mean")
        assert np.isfinite(matrix.matrix).all()
        texts = [f"word{i} word{i + 1} unseen" for i in range(40)]
        classifier = EmbeddingTextClassifier(matrix, max_epochs=2)
        classifier.fit(texts, ["a", "b"] * 20)
        assert np.isfinite(classifier.predict_proba(texts)).all()
