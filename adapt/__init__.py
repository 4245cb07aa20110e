"""Adapt general word vectors to a specialised domain, and measure honestly whether it helped.

The names here are all that most programs need; each is loaded when it is first used, so that
importing `adapt` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapt.alignment import Anchors, Procrustes, read_anchors, shared_anchors
    from adapt.classifiers import EmbeddingTextClassifier
    from adapt.errors import AdaptError, AdaptWarning
    from adapt.merging import EmbeddingMatrix, build_matrix, merge
    from adapt.text import Corpus, Vocabulary
    from adapt.training import Word2VecConfig, train_word2vec
    from adapt.vectors import WordVectors, read_vectors, write_vectors

__all__ = [
    "AdaptError",
    "AdaptWarning",
    "Anchors",
    "Corpus",
    "EmbeddingMatrix",
    "EmbeddingTextClassifier",
    "Procrustes",
    "Vocabulary",
    "Word2VecConfig",
    "WordVectors",
    "build_matrix",
    "merge",
    "read_anchors",
    "read_vectors",
    "shared_anchors",
    "train_word2vec",
    "write_vectors",
]

_HOMES = {
    "adapt.alignment": ("Anchors", "Procrustes", "read_anchors", "shared_anchors"),
    "adapt.classifiers": ("EmbeddingTextClassifier",),
    "adapt.errors": ("AdaptError", "AdaptWarning"),
    "adapt.merging": ("EmbeddingMatrix", "build_matrix", "merge"),
    "adapt.text": ("Corpus", "Vocabulary"),
    "adapt.training": ("Word2VecConfig", "train_word2vec"),
    "adapt.vectors": ("WordVectors", "read_vectors", "write_vectors"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
