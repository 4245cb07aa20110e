"""The embeddings of a study: those that must cover both vocabularies do."""

import numpy as np
import pytest

from adapt.alignment import aligner_named, shared_anchors
from adapt.errors import InputError
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.vectors import WordVectors


def vectors(words, seed):
    matrix = np.random.default_rng(seed).normal(size=(len(words), 2))
    return WordVectors(tuple(words), matrix.astype(np.float32), origin="test")


@pytest.fixture
def spaces():
    """Return a maker of spaces whose general words are a to f, and whose domain has c to h."""
    general, domain = vectors("abcdef", 0), vectors("cdefgh", 1)
    anchors = shared_anchors(domain, general)

    def make(compass=None):
        aligners = {
            name: aligner_named(name).fit(domain, general, anchors)
            for name in ("procrustes", "ridge")
        }
        return EmbeddingSpaces(
            domain, general, aligners, "domain_first", compass, fitted_on="anchors"
        )

    return make


def test_the_compass_has_the_words_of_both_and_moves_none(spaces):
    compass = vectors("cdefgh", 2)
    made = spaces(compass)
    merged = made.embedding("compass", (), seed=0)
    assert set(merged.words) == set("abcdefgh")
    for word in "cdefgh":
        np.testing.assert_array_equal(merged[word], compass[word])
    for word in "ab":
        np.testing.assert_array_equal(merged[word], made.general[word])


def test_a_compass_that_was_not_trained_is_no_embedding(spaces):
    with pytest.raises(InputError, match="no embedding is called 'compass'"):
        spaces().embedding("compass", (), seed=0)


def test_variants_of_aligned_have_another_map_or_policy(spaces):
    made = spaces()
    own, ridge, average = (
        made.embedding(name, (), seed=0) for name in ("aligned", "aligned:ridge", "aligned:average")
    )
    mapped = made.aligners["ridge"].transform(made.domain)
    np.testing.assert_allclose(ridge["g"] / ridge["h"], mapped["g"] / mapped["h"], rtol=1e-5)
    assert not np.allclose(own["g"], ridge["g"])
    np.testing.assert_array_equal(own["g"], average["g"])
    np.testing.assert_allclose(average["c"], (own["c"] + made.general["c"]) / 2, rtol=1e-5)


def test_a_map_that_was_not_fitted_is_no_embedding(spaces):
    with pytest.raises(InputError, match="no map was fitted by 'cca'"):
        spaces().embedding("aligned:cca", (), seed=0)


def test_ablations_lose_the_words_and_the_dimensions_of_domain_that_general_lacks():
    general = vectors("abcdef", 0)
    matrix = np.random.default_rng(1).normal(size=(6, 3)) * (5, 1, 0.1)  # the last hardly matters
    domain = WordVectors(tuple("cdefgh"), matrix.astype(np.float32))
    anchors = shared_anchors(domain, general)
    aligner = aligner_named("procrustes").fit(domain, general, anchors)
    made = EmbeddingSpaces(
        domain, general, {"procrustes": aligner}, "domain_first", fitted_on="anchors"
    )
    shared = made.embedding("domain:shared", (), seed=0)
    matched = made.embedding("domain:matched", (), seed=0)
    assert shared.words == matched.words == tuple("cdef")
    np.testing.assert_array_equal(shared.matrix, domain.matrix[:4])
    assert matched.dim == general.dim
    np.testing.assert_allclose(
        matched.matrix @ matched.matrix.T, shared.matrix @ shared.matrix.T, atol=0.1
    )


def test_nothing_is_projected_where_general_vectors_have_as_many_dimensions(spaces):
    made = spaces()
    shared = made.embedding("domain:shared", (), seed=0)
    np.testing.assert_array_equal(
        made.embedding("domain:matched", (), seed=0).matrix, shared.matrix
    )
