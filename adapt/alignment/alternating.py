"""Merging several models of one vocabulary by alternating Procrustes rotations.

Models that were trained apart differ by a rotation, and some lack words. Their common space is
found in turns: rotate every model towards the present estimate, then average what they say of
each word. Words that a model lacks are left to the others, so that the union of all vocabularies
is covered.

References
----------
Gower, J. C. (1975). Generalized Procrustes analysis. Psychometrika 40.
Anand, A., Khosla, M., Singh, J., Zab, J.-H., Zhang, Z. (2019). Asynchronous training of word
embeddings for large text corpora. WSDM. https://arxiv.org/abs/1812.03825
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from adapt.alignment.linear import orthogonal_map
from adapt.errors import AdaptWarning, InputError

__all__ = ["alternating_procrustes"]


def alternating_procrustes(
    models: Sequence[npt.NDArray[np.float32]],
    present: Sequence[npt.NDArray[np.bool_]],
    *,
    max_turns: int = 20,
    tolerance: float = 1e-4,
) -> npt.NDArray[np.float32]:
    """Rotate models of the same words into one space and average them.

    Parameters
    ----------
    models : sequence of ndarray, shape (n_words, dim), float32
        The vectors of each model, in the same order of words.
    present : sequence of ndarray, shape (n_words,), bool
        Which words each model knows; its other rows are ignored.
    max_turns : int
        Most turns of rotating and averaging.
    tolerance : float
        Ends when a turn moves the estimate by less than this share of its norm.

    Returns
    -------
    ndarray, shape (n_words, dim), float32
        Mean of the rotated vectors of the models that know the word; in the space of the first
        model.

    Raises
    ------
    InputError
        If the shapes differ, or a word is in no model.
    """
    if not models or len(models) != len(present):
        raise InputError(f"{len(models)} models, but {len(present)} lists of present words")
    shapes = {(model.shape, known.shape) for model, known in zip(models, present, strict=True)}
    if len(shapes) > 1 or models[0].shape[:1] != present[0].shape:
        raise InputError("the models differ in words or dimensions; train them on one vocabulary")
    n_models_with = np.sum(present, axis=0)
    if not n_models_with.all():
        raise InputError(f"word {int(n_models_with.argmin())} is in none of the models")
    estimate, known = models[0], present[0]
    for _ in range(max_turns):
        total = np.zeros(models[0].shape)
        for model, rows in zip(models, present, strict=True):
            shared = rows & known
            with warnings.catch_warnings():
                # directions that no vector has any share in may be rotated in any way
                warnings.simplefilter("ignore", AdaptWarning)
                rotation = orthogonal_map(model[shared], estimate[shared])
            total[rows] += model[rows] @ rotation
        mean = (total / n_models_with[:, None]).astype(np.float32)
        moved = np.linalg.norm(mean - estimate)
        estimate, known = mean, np.ones_like(known)
        if moved <= tolerance * np.linalg.norm(mean):
            break
    return estimate
