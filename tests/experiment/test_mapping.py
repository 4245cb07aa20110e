"""The map of a study: its words, and that a picture means what it seems to mean."""

import numpy as np
import pytest

from adapt.alignment import Anchors, aligner_named
from adapt.evaluation import NeighborList, Results
from adapt.experiment.mapping import map_spaces
from adapt.experiment.spaces import EmbeddingSpaces
from adapt.experiment.store import Store
from adapt.vectors import WordVectors

DIM, MORE = 6, 9
SHARED = tuple(f"both{i}" for i in range(120))
GENERAL = (*SHARED, *(f"general{i}" for i in range(40)))
DOMAIN = (*SHARED, "domain0", "domain1")
ANCHORS = SHARED[:80]


@pytest.fixture(params=["general", "domain"])
def spaces(request):
    """Two spaces of other dimensions that are turned copies of each other, and not centred."""
    rng = np.random.default_rng(0)
    everything = (*GENERAL, "domain0", "domain1")
    meaning = rng.normal(size=(len(everything), DIM)) + 0.5
    turn, _ = np.linalg.qr(rng.normal(size=(MORE, MORE)))
    rows = [everything.index(word) for word in DOMAIN]
    general = WordVectors(GENERAL, meaning[: len(GENERAL)].astype(np.float32), origin="general")
    domain = WordVectors(
        DOMAIN,
        (meaning[rows] @ turn[:DIM]).astype(np.float32),
        counts=np.arange(len(DOMAIN), 0, -1),
        origin="domain",
    )
    aligner = aligner_named("procrustes", space=request.param)
    aligner.fit(domain, general, Anchors(ANCHORS, ANCHORS))
    return EmbeddingSpaces(domain, general, {"procrustes": aligner}, "average", fitted_on="made")


@pytest.fixture
def made(spaces, tmp_path):
    named = NeighborList("domain1", 3, (("general39", 0.5), ("nowhere", 0.1)))
    return map_spaces(spaces, Results("made", "", neighbors=(named,)), Store(tmp_path))


def test_copies_meet_after_alignment_and_not_before(made):
    shared = [n for n, kind in enumerate(made.kinds) if kind in ("anchor", "both")]
    general, before, after = (
        np.array([places[n] for n in shared]) for places in (made.general, made.before, made.after)
    )
    np.testing.assert_allclose(after, general, atol=0.002)
    assert np.linalg.norm(before - general, axis=1).mean() > 0.2
    assert made.explained[0] >= made.explained[1] > 1 / DIM / 2


def test_every_word_is_of_its_kind(made):
    kinds = dict(zip(made.words, made.kinds, strict=False))
    assert set(kinds) == {*GENERAL, *DOMAIN}  # a word that no space has is not on it
    assert {kinds[word] for word in ANCHORS} == {"anchor"}
    assert {kinds[word] for word in SHARED[80:]} == {"both"}
    assert kinds["domain1"] == "domain"
    assert kinds["general39"] == "general"
    number = made.words.index("domain1")
    assert made.general[number] is None
    assert made.counts[number] == 1
    assert made.before[made.words.index("general0")] is None


def test_neighbours_are_those_of_each_space(made, spaces):
    for space, found in (
        (spaces.general, made.general_neighbors),
        (spaces.domain, made.domain_neighbors),
        (spaces.embedding("aligned", (), seed=0), made.merged_neighbors),
    ):
        unit = space.matrix / np.linalg.norm(space.matrix, axis=1, keepdims=True)
        for number, word in enumerate(made.words):
            if word not in space:
                assert found.rows[number] == found.cosines[number] == ()
                continue
            row = int(space.rows([word])[0])
            cosines = unit @ unit[row]
            cosines[row] = -2
            expected = [space.words[i] for i in np.argsort(-cosines)[:10]]
            assert [made.words[other] for other in found.rows[number]] == expected
            np.testing.assert_allclose(
                found.cosines[number], np.sort(cosines)[::-1][:10], atol=0.00501
            )


def test_it_is_kept_and_read_again(made, spaces, tmp_path):
    named = NeighborList("domain1", 3, (("general39", 0.5), ("nowhere", 0.1)))
    store = Store(tmp_path)
    again = map_spaces(spaces, Results("made", "", neighbors=(named,)), store)
    assert again == made
    assert store.n_kept["space map"] == 1
