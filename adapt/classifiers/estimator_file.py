"""The scikit-learn estimator on disk: the file of its classifier, and what more it needs.

Beside what `adapt.classifiers.persistence` describes, the file has the vocabulary, the tensors

===============  =======  ===============  ===================================================
``vectors``      float32  (n_words, dim)   vectors of words beyond the vocabulary, if there are any
``words``        uint8    (n_bytes,)       those words, as a JSON list
===============  =======  ===============  ===================================================

and the metadata ``estimator`` (JSON): its parameters, its classes, the weight of unseen words.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adapt.classifiers.persistence import (
    Content,
    classifier_content,
    classifier_of,
    listed,
    naming_damage,
    open_classifier,
    texts_as_bytes,
    vocabulary_content,
    vocabulary_of,
)
from adapt.errors import FileFormatError, InputError
from adapt.text import tokenizer_named
from adapt.vectors import WordVectors
from adapt.vectors.tensor_file import MappedTensors

if TYPE_CHECKING:
    from adapt.classifiers.estimator import EmbeddingTextClassifier

__all__ = ["read_estimator", "write_estimator"]

_CLASS_KINDS = "biufUO"
"""Kinds of arrays of labels that a JSON list holds; objects must be texts."""


def write_estimator(estimator: EmbeddingTextClassifier, path: Path | str) -> None:
    """Write a fitted estimator; see `EmbeddingTextClassifier.save`."""
    about = {
        "parameters": _parameters(estimator),
        "classes": _classes(estimator.classes_),
        "classes_dtype": estimator.classes_.dtype.str,
        "unseen_weight": estimator._unseen_weight,
    }
    content = classifier_content(estimator.classifier_) + vocabulary_content(estimator.vocabulary_)
    content += Content({}, {"estimator": json.dumps(about)})
    vectors = estimator.vectors_
    if vectors is not None:
        words = texts_as_bytes(vectors.words)
        content += Content({"vectors": vectors.matrix, "words": words}, {"origin": vectors.origin})
    content.write(path)


def read_estimator(path: Path | str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of an estimator, and the attributes that `fit` gave it."""
    tensors = open_classifier(path)
    if "estimator" not in tensors.metadata:
        raise FileFormatError(
            path, "holds a classifier, but no estimator around it; read it with load_classifier"
        )
    with naming_damage(path):
        about = json.loads(tensors.metadata["estimator"])
        parameters: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in about["parameters"].items()
        }
        classifier = classifier_of(tensors)
        fitted = {
            "classifier_": classifier,
            "chosen_": classifier.chosen,
            "classes_": _as_classes(about["classes"], np.dtype(about["classes_dtype"])),
            "vocabulary_": vocabulary_of(tensors),
            "vectors_": _vectors(tensors),
            "tokenizer_": tokenizer_named(parameters["tokenizer"]),
            "_unseen_weight": float(about["unseen_weight"]),
        }
        _check_sizes(fitted)
    return parameters, fitted


def _vectors(tensors: MappedTensors) -> WordVectors | None:
    if "vectors" not in tensors.entries:
        return None
    words, origin = listed(tensors, "words"), tensors.metadata["origin"]
    return WordVectors(words, tensors.take("vectors", "F32", 2), origin=origin)


def _as_classes(values: list[Any], dtype: np.dtype[Any]) -> np.ndarray:
    if dtype.kind not in _CLASS_KINDS:
        raise ValueError(f"classes cannot be of the type {dtype}")
    # texts are as wide as they are: a width that is merely declared could take any memory
    return np.array(values, dtype=str if dtype.kind == "U" else dtype)


def _check_sizes(fitted: dict[str, Any]) -> None:
    rows, dim = fitted["classifier_"].matrix.shape
    sizes = {
        "words": (len(fitted["vocabulary_"]), rows),
        "classes": (len(fitted["classes_"]), fitted["classifier_"].model.head.out_features),
        "dimensions": (dim if fitted["vectors_"] is None else fitted["vectors_"].dim, dim),
    }
    for name, (found, wanted) in sizes.items():
        if found != wanted:
            raise ValueError(f"it has {found} {name} for a classifier of {wanted}")


def _parameters(estimator: EmbeddingTextClassifier) -> dict[str, Any]:
    """Return all parameters but the vectors, as JSON has them."""
    parameters: dict[str, Any] = estimator.get_params(deep=False)
    del parameters["vectors"]
    parameters["tokenizer"] = _tokenizer_name(estimator.tokenizer_)
    for name, value in parameters.items():
        if isinstance(value, np.generic | np.ndarray):
            parameters[name] = value.tolist()
        try:
            json.dumps(parameters[name])
        except TypeError as error:
            raise InputError(
                f"{name} is {value!r}, which no file can hold; give a plain value to save it"
            ) from error
    return parameters


def _tokenizer_name(tokenizer: Any) -> str:
    name = str(getattr(tokenizer, "name", ""))
    if not name or tokenizer_named(name) != tokenizer:
        raise InputError(
            f"the tokenizer {tokenizer!r} has no name that a file could hold; fit with one that "
            "tokenizer_named knows to save the classifier"
        )
    return name


def _classes(classes: np.ndarray) -> list[Any]:
    values: list[Any] = classes.tolist()
    plain = classes.dtype.kind != "O" or all(isinstance(value, str) for value in values)
    if classes.dtype.kind not in _CLASS_KINDS or not plain:
        raise InputError(
            f"the classes are {classes.dtype} of {type(values[0]).__name__}, which no file can "
            "hold; fit with labels that are texts or numbers"
        )
    return values
