"""Embedding matrices as layers of Keras 3, on any of its backends.

Keras is a part of the extra ``keras`` and loaded by this module alone::

    from adapt.classifiers.keras import to_keras_embedding

References
----------
F. Chollet and others (2015). Keras. https://keras.io
"""

from __future__ import annotations

import numpy as np

from adapt.classifiers.embedding import checked_matrix
from adapt.errors import InputError, MissingDependencyError
from adapt.merging import EmbeddingMatrix

try:
    import keras
except ModuleNotFoundError as error:
    if error.name == "keras":
        raise MissingDependencyError(
            "this export needs the package keras; run `pip install 'adapt-embeddings[keras]'`"
        ) from error
    raise MissingDependencyError(
        f"Keras needs the package {error.name}, which is not installed; install it, or set the "
        "environment variable KERAS_BACKEND to torch, which comes with adapt"
    ) from error

__all__ = ["ZeroPadding", "to_keras_embedding"]


@keras.saving.register_keras_serializable(package="adapt")
class ZeroPadding(keras.constraints.Constraint):  # type: ignore[misc]  # Keras has no types
    """Keeps row 0 of a table at zero: after every step of an optimiser, it is zero again.

    A mask keeps gradients from row 0 only as far as every layer above honours it, which
    convolutions, for example, do not.
    """

    def __call__(self, table: keras.KerasTensor) -> keras.KerasTensor:
        """Return the ``(n_rows, dim)`` table with zeros in row 0."""
        table = keras.ops.convert_to_tensor(table)
        return keras.ops.concatenate([keras.ops.zeros_like(table[:1]), table[1:]])


def to_keras_embedding(
    matrix: EmbeddingMatrix | np.ndarray, *, trainable: bool = False, mask_zero: bool = True
) -> keras.layers.Embedding:
    """Make an embedding layer of Keras that starts from a matrix.

    Parameters
    ----------
    matrix : EmbeddingMatrix or numpy.ndarray
        ``(n_rows, dim)`` word vectors, copied. Row 0 is the padding: it is zero whatever the
        array says, and stays so in training.
    trainable : bool, default False
        Whether `fit` trains the vectors.
    mask_zero : bool, default True
        Whether the layers above are told to pass over row 0. Leave it out where one of them
        cannot be told.

    Returns
    -------
    keras.layers.Embedding
        Built. Takes ``(n, length)`` row numbers, as `Vocabulary.encode` gives them, padded by 0;
        gives ``(n, length, dim)``.

    Raises
    ------
    InputError
        If the matrix is not a table, or a number in it is not finite.

    Notes
    -----
    A saved model with a frozen layer is loaded by Keras alone. One with a trainable layer needs
    its `ZeroPadding`: import this module before `keras.saving.load_model`.

    Of a document without words, `keras.layers.GlobalAveragePooling1D` makes NaN, for it divides
    by their number; `MeanPooling` makes zero. Give such a document the row of `<unk>`, 1.

    Examples
    --------
    >>> import numpy as np
    >>> layer = to_keras_embedding(np.eye(4, 3))
    >>> layer.trainable, layer(np.array([[2, 3, 0]])).shape[1:] == (3, 3)
    (False, True)
    """
    table = checked_matrix(matrix.matrix if isinstance(matrix, EmbeddingMatrix) else matrix)
    if 0 in table.shape:
        raise InputError(f"matrix of shape {table.shape} is empty; give it a row for the padding")
    table = table.copy()  # never written to, but a backend may hold on to the array that it gets
    table[0] = 0.0
    return keras.layers.Embedding(
        *table.shape,
        embeddings_initializer="zeros",  # Keras would draw from the caller's random numbers
        embeddings_constraint=ZeroPadding() if trainable else None,
        mask_zero=mask_zero,
        weights=table,
        trainable=trainable,
    )
