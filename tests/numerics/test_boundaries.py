"""NaN and infinity are refused wherever arrays come in, by an error that says which."""

import numpy as np
import pytest

from adapt.alignment import (
    Anchors,
    Procrustes,
    UnitCentreUnit,
    alternating_procrustes,
    csls,
    nearest,
    neighbor_overlap,
    orthogonal_map,
    unit_rows,
)
from adapt.classifiers import PretrainedEmbedding, train_classifier
from adapt.errors import InputError
from adapt.evaluation import accuracy_by_oov, accuracy_interval, paired_differences
from adapt.merging import EmbeddingMatrix, Provenance
from adapt.oov import Filled
from adapt.text import Vocabulary
from adapt.vectors import WordVectors

N, DIM = 30, 4
WORDS = tuple(f"w{i}" for i in range(N))
SOUND = np.random.default_rng(0).standard_normal((N, DIM)).astype(np.float32)
ALIGNER = Procrustes().fit(
    WordVectors(WORDS, SOUND), WordVectors(WORDS, SOUND[:, ::-1]), Anchors(WORDS, WORDS)
)
VOCABULARY = Vocabulary.from_counts({f"w{i}": 1 for i in range(N - 2)})


def embedding_matrix(matrix):
    provenance = Provenance(
        sources=("oov",) * N,
        domain_counts=VOCABULARY.counts,
        general_ranks=np.zeros(N, np.int64),
        steps=("",) * N,
        confidences=np.zeros(N, np.float32),
    )
    return EmbeddingMatrix(VOCABULARY, np.vstack([np.zeros((1, DIM)), matrix[1:]]), provenance)


ENTRANCES = {
    "vectors": lambda matrix: WordVectors(WORDS, matrix),
    "other vectors": lambda matrix: WordVectors(WORDS, SOUND).replace(matrix=matrix),
    "unit_rows": unit_rows,
    "a mean": UnitCentreUnit.fit,
    "a normalisation": UnitCentreUnit.fit(SOUND),
    "map, left": lambda matrix: orthogonal_map(matrix, SOUND),
    "map, right": lambda matrix: orthogonal_map(SOUND, matrix),
    "map": lambda matrix: ALIGNER.with_map(matrix[:DIM]),
    "mapping": ALIGNER.normalized_domain,
    "normalising": ALIGNER.normalized_general,
    "queries": lambda matrix: nearest(matrix, SOUND, 2),
    "candidates": lambda matrix: csls(SOUND, matrix, 2),
    "neighbours": lambda matrix: neighbor_overlap(SOUND, matrix, 3),
    "models": lambda matrix: alternating_procrustes([SOUND, matrix], [np.ones(N, bool)] * 2),
    "filled": lambda matrix: Filled(matrix, ("mean",) * N, np.zeros(N, np.float32)),
    "matrix": embedding_matrix,
    "torch": PretrainedEmbedding,
    "classifier": lambda matrix: train_classifier(
        matrix, [np.array([2, 3]), np.array([4])], np.array([0, 1])
    ),
    "correctness": accuracy_interval,
    "by documents": lambda matrix: accuracy_by_oov(matrix, np.zeros(DIM)),
    "compared": lambda matrix: paired_differences([(SOUND, matrix)]),
}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_what_is_not_finite_is_refused(entrance, value):
    spoiled = SOUND.copy()
    spoiled[2, 1] = value
    with pytest.raises(InputError, match="finite") as refused:
        ENTRANCES[entrance](spoiled)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_keras_refuses_it_too(value):
    pytest.importorskip("keras")
    from adapt.classifiers.keras import to_keras_embedding

    spoiled = SOUND.copy()
    spoiled[2, 1] = value
    with pytest.raises(InputError, match="row 2 of the matrix is not finite"):
        to_keras_embedding(spoiled)


def test_what_float32_cannot_hold_is_refused_not_made_infinite():
    large = SOUND.astype(np.float64)
    large[3, 0] = 1e39
    with pytest.raises(InputError, match="'w3' .* holds inf"):
        WordVectors(WORDS, large)
    with pytest.raises(InputError, match="row 3 of the matrix is not finite"):
        PretrainedEmbedding(large)
