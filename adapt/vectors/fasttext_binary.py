"""fastText's binary models: vectors of words, and of the character n-grams they are made of.

gensim reads them; what it would stumble over, or read for ever, is refused before.

References
----------
P. Bojanowski, E. Grave, A. Joulin, T. Mikolov (2017). Enriching word vectors with subword
information. TACL 5.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adapt.errors import FileAccessError, FileFormatError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.streams import is_packed

if TYPE_CHECKING:
    from gensim.models.fasttext import FastTextKeyedVectors

__all__ = ["MAGIC", "load_fasttext", "read_fasttext_binary"]

MAGIC = struct.pack("<i", 793712314)

_OPTIONS = struct.Struct("<4s13id")
_SIZES = struct.Struct("<3i2q")
_ENTRY = struct.Struct("<qb")
_MATRIX = struct.Struct("<?2q")
_PRUNED_BYTES = 8
_VERSIONS = (11, 12)  # which are laid out alike
_ROWS_PER_BLOCK = 8192


def load_fasttext(path: Path | str) -> FastTextKeyedVectors:
    """Load the vectors of a fastText model, those of its n-grams included.

    Parameters
    ----------
    path : Path or str
        A ``.bin`` file as fastText writes it, not packed.

    Returns
    -------
    gensim.models.fasttext.FastTextKeyedVectors
        Words have the vectors that fastText itself gives to them.

    Raises
    ------
    FileAccessError
        If the file is missing or cannot be read.
    FileFormatError
        If it is not a fastText model, one for classification, compressed, or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileAccessError(f"{path}: no such file; name a fastText model (.bin)")
    if is_packed(path):
        raise FileFormatError(path, "is packed; unpack it to read it as a fastText model")
    try:
        with open(path, "rb") as stream:
            if not stream.read(len(MAGIC)) == MAGIC:
                raise FileFormatError(
                    path, "is not a fastText model (.bin); train or fetch one", byte=0
                )
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check(path, content)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error
    except struct.error as error:
        raise FileFormatError(
            path, "is a damaged fastText model: it ends too early; fetch it again"
        ) from error
    # imported here: gensim takes a second to load
    from gensim.models.fasttext import load_facebook_vectors

    model = load_facebook_vectors(str(path))
    for name, matrix in (("word", model.vectors), ("n-gram", model.vectors_ngrams)):
        if not np.isfinite(matrix).all():
            row = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
            raise FileFormatError(
                path,
                f"is a damaged fastText model: the vector of {name} {row + 1} holds a value that "
                "is not finite; train it again",
            )
    return model


def read_fasttext_binary(path: Path, rows: RowBuffer) -> None:
    """Read the words' vectors of a fastText model; see `load_fasttext` for what is refused."""
    model = load_fasttext(path)
    words, matrix = model.index_to_key[: rows.limit], model.vectors
    rows.begin(matrix.shape[1], len(words))
    for start in range(0, len(words), _ROWS_PER_BLOCK):
        block = words[start : start + _ROWS_PER_BLOCK]
        taken = [at for at, word in enumerate(block) if rows.words is None or word in rows.words]
        rows.append(
            [block[at] for at in taken],
            matrix[start : start + len(block)][taken].astype(np.float32, copy=False),
            n_rows=len(block),
            positions=taken,
        )


def _check(path: Path, content: mmap.mmap) -> None:
    """Walk through a model and compare its sizes with each other."""
    _, version, dim, *_ = _OPTIONS.unpack_from(content)
    n_entries, n_words, n_labels, _, n_pruned = _SIZES.unpack_from(content, _OPTIONS.size)
    if version not in _VERSIONS or dim < 1 or n_words < 1:
        raise FileFormatError(
            path,
            f"is a damaged fastText model, or of another version: it declares version {version} "
            f"and {n_words} words of {dim} values; fetch it again",
            byte=len(MAGIC),
        )
    if n_labels or n_entries != n_words:
        raise FileFormatError(
            path, "is a fastText model for classification; train one with skipgram or cbow"
        )
    place = _check_words(path, content, _OPTIONS.size + _SIZES.size, n_words)
    place += _PRUNED_BYTES * max(0, n_pruned)
    # the vectors of words and n-grams, then the weights of the output
    for least_rows in (n_words, 0):
        is_compressed, n_rows, n_columns = _MATRIX.unpack_from(content, place)
        if is_compressed or n_pruned > 0:
            raise FileFormatError(
                path, "is a compressed fastText model (.ftz); use the .bin it was made from"
            )
        if n_columns != dim or n_rows < least_rows:
            raise FileFormatError(
                path,
                f"is a damaged fastText model: a matrix of {n_rows} x {n_columns} values does not "
                f"fit {n_words} words of {dim}; fetch it again",
                byte=place,
            )
        place += _MATRIX.size + 4 * n_rows * n_columns
    if place != len(content):
        raise FileFormatError(
            path,
            f"is a damaged fastText model: it should have {place:,} bytes, but has "
            f"{len(content):,}; fetch it again",
        )


def _check_words(path: Path, content: mmap.mmap, place: int, n_words: int) -> int:
    """Return where the words end; each ends with a zero, a count and a kind."""
    for row in range(n_words):
        end = content.find(b"\0", place)
        if end < 0:
            raise FileFormatError(
                path, f"is a damaged fastText model: it ends inside word {row + 1} of {n_words}"
            )
        try:
            content[place:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileFormatError(
                path, f"word {row + 1} of the fastText model is not UTF-8", byte=place
            ) from error
        place = end + 1 + _ENTRY.size
    return place
