"""Names of embeddings: kinds, and variants of `aligned`."""

import pytest

from adapt.alignment import aligner_names
from adapt.errors import InputError
from adapt.experiment.embeddings import USUAL_EMBEDDINGS, Embedding, alignment_methods
from adapt.merging import policy_names


@pytest.mark.parametrize("name", [*USUAL_EMBEDDINGS, "compass"])
def test_a_kind_is_named_as_it_is(name):
    assert Embedding.named(name) == Embedding(name)


@pytest.mark.parametrize("method", [*aligner_names(), "refined:ridge"])
def test_every_method_of_alignment_makes_a_variant(method):
    assert Embedding.named(f"aligned:{method}") == Embedding("aligned", method=method)


@pytest.mark.parametrize("policy", policy_names())
def test_every_merge_policy_makes_a_variant(policy):
    assert Embedding.named(f"aligned:{policy}") == Embedding("aligned", policy=policy)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("genral", "did you mean 'general'"),
        ("aligned:ridg", "no merge policy .*did you mean 'ridge'"),
        ("aligned:", "did you mean 'aligned'"),
        ("domain:ridge", "embeddings is 'domain:ridge'"),
    ],
)
def test_others_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        Embedding.named(name)


def test_the_methods_of_a_study_stand_once_each_its_own_first():
    names = ("general", "aligned", "aligned:ridge", "aligned:procrustes", "aligned:average")
    assert alignment_methods("procrustes", names) == ("procrustes", "ridge")
