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

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from adapt.alignment.linear import orthogonal_factor
from adapt.errors import InputError

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
        Ends when a turn raises the agreement of the models, the sum over the words of the
        products of their rotated vectors, by no more than this share.

    Returns
    -------
    ndarray, shape (n_words, dim), float32
        Mean of the rotated vectors of the models that know the word; in the space of the first
        model.

    Raises
    ------
    InputError
        If the shapes differ, a word is in no model, or a number is not finite.
    """
    if not models or len(models) != len(present):
        raise InputError(f"{len(models)} models, but {len(present)} lists of present words")
    shapes = {(model.shape, known.shape) for model, known in zip(models, present, strict=True)}
    if len(shapes) > 1 or models[0].shape[:1] != present[0].shape:
        raise InputError("the models differ in words or dimensions; train them on one vocabulary")
    dim = models[0].shape[1]
    n_models_with = np.sum(present, axis=0)
    if not n_models_with.all():
        raise InputError(f"word {int(n_models_with.argmin())} is in none of the models")
    # rows that a model lacks count for nothing, and the others for their share of the mean
    known = [np.where(rows[:, None], model, 0) for model, rows in zip(models, present, strict=True)]
    weight = (1 / n_models_with).astype(np.float32)[:, None]
    shared = {(i, j): known[i].T @ (known[j] * weight) for i in range(len(known)) for j in range(i)}
    # the turns need no more of the models than these products: the mean is linear in the rotations
    rotations = [np.eye(dim)]
    for i in range(1, len(known)):
        rotations.append(orthogonal_factor(shared[i, 0].astype(np.float64))[0])
    before = 0.0
    # one model is turned at a time, towards the others: the agreement rises with each
    for _ in range(max_turns if len(known) > 1 else 0):
        for i in range(len(known)):
            cross = sum(
                (shared[i, j] if i > j else shared[j, i].T) @ rotation
                for j, rotation in enumerate(rotations)
                if i != j
            )
            rotations[i], _ = orthogonal_factor(np.asarray(cross))
        # at the end of the turn: sums taken on the way count rotations that changed after
        agreement = sum(
            float(np.vdot(rotations[i], products @ rotations[j]))
            for (i, j), products in shared.items()
        )
        if agreement - before <= tolerance * agreement:
            break
        before = agreement
    # each turn also turns everything a little: back to where the first model stands
    home = rotations[0].T
    total = sum(
        model @ (rotation @ home).astype(np.float32)
        for model, rotation in zip(known, rotations, strict=True)
    )
    merged: npt.NDArray[np.float32] = (total * weight).astype(np.float32)
    return merged
