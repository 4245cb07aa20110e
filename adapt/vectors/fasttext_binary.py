"""fastText's binary models: vectors of words, and of the character n-grams they are made of.

gensim makes the vectors of words and n-grams; the file is read here, each size in it compared with
what the file holds before it is relied on.

References
----------
P. Bojanowski, E. Grave, A. Joulin, T. Mikolov (2017). Enriching word vectors with subword
information. TACL 5.
"""

from __future__ import annotations

import mmap
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from adapt.errors import AdaptWarning, FileAccessError, FileFormatError
from adapt.vectors.row_buffer import RowBuffer
from adapt.vectors.streams import is_packed

if TYPE_CHECKING:
    from gensim.models.fasttext import FastTextKeyedVectors

__all__ = ["MAGIC", "load_fasttext", "read_fasttext_binary"]

MAGIC = struct.pack("<i", 793712314)

# magic, version, dim, seven options of training, bucket, minn, maxn, and two more of training
_OPTIONS = struct.Struct("<4s13id")
_SIZES = struct.Struct("<3i2q")
_ENTRY = struct.Struct("<qb")
_MATRIX = struct.Struct("<?2q")
_COMPRESSED = "is a compressed fastText model (.ftz); use the .bin it was made from"
_VERSIONS = (11, 12)  # which are laid out alike
_LONGEST_NGRAM = 64  # characters; a word of n characters has up to so many times n of them
_LONGEST_WORD = 1 << 12
_ROWS_PER_BLOCK = 8192


@dataclass(frozen=True)
class _Layout:
    """What a model declares, and where its input matrix stands, n-grams behind words."""

    dim: int
    bucket: int
    ngram_lengths: tuple[int, int]
    counts: dict[str, int]
    matrix_place: int


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
                layout = _layout(path, content)
        shape = (len(layout.counts) + layout.bucket, layout.dim)
        matrix = np.memmap(path, "<f4", mode="r", offset=layout.matrix_place, shape=shape)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error
    except struct.error as error:
        raise FileFormatError(
            path, "is a damaged fastText model: it ends too early; fetch it again"
        ) from error
    return _composed(path, layout, matrix)


def _composed(path: Path, layout: _Layout, matrix: npt.NDArray[np.float32]) -> FastTextKeyedVectors:
    """Let gensim compose the vectors of words from those of their n-grams."""
    # imported here: gensim takes a second to load
    from gensim.models.fasttext import FastTextKeyedVectors

    shortest, longest = layout.ngram_lengths
    keyed = FastTextKeyedVectors(layout.dim, min_n=shortest, max_n=longest, bucket=layout.bucket)
    keyed.index_to_key = list(layout.counts)
    keyed.key_to_index = {word: row for row, word in enumerate(layout.counts)}
    keyed.expandos["count"] = np.fromiter(layout.counts.values(), dtype=np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # what comes of that is refused
        keyed.init_post_load(matrix)
    for name, vectors in (("word", keyed.vectors), ("n-gram", keyed.vectors_ngrams)):
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            raise FileFormatError(
                path,
                f"is a damaged fastText model: the vector of {name} {int(np.argmin(finite)) + 1} "
                "holds a value that is not finite; train it again",
            )
    return keyed


def read_fasttext_binary(path: Path, rows: RowBuffer) -> None:
    """Read the words' vectors of a fastText model; see `load_fasttext` for what is refused.

    Warns
    -----
    AdaptWarning
        If a word is empty, as fastText makes one of an empty line in pretrained vectors; it is
        left out.
    """
    model = load_fasttext(path)
    if "" in model.key_to_index:
        row = model.key_to_index[""] + 1
        warnings.warn(f"{path}: word {row} is empty; it was left out", AdaptWarning, stacklevel=2)
    words, matrix = model.index_to_key[: rows.limit], model.vectors
    rows.begin(matrix.shape[1], len(words))
    for start in range(0, len(words), _ROWS_PER_BLOCK):
        block = words[start : start + _ROWS_PER_BLOCK]
        taken = [
            at
            for at, word in enumerate(block)
            if word and (rows.words is None or word in rows.words)
        ]
        rows.append(
            [block[at] for at in taken],
            matrix[start : start + len(block)][taken].astype(np.float32, copy=False),
            n_rows=len(block),
            positions=taken,
        )


def _layout(path: Path, content: mmap.mmap) -> _Layout:
    """Walk through a model and compare its sizes with each other."""
    _, version, dim, *_, bucket, shortest, longest, _, _ = _OPTIONS.unpack_from(content)
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
    if n_pruned > 0:
        raise FileFormatError(path, _COMPRESSED)
    # models without n-grams may have any shortest length, above the longest one too
    if shortest < 0 or not 0 <= longest <= _LONGEST_NGRAM:
        raise FileFormatError(
            path,
            f"is a damaged fastText model: its n-grams are of {shortest} to {longest} characters; "
            "fetch it again",
            byte=len(MAGIC),
        )
    counts, place = _words(path, content, _OPTIONS.size + _SIZES.size, n_words)
    matrix_place = place + _MATRIX.size
    # the vectors of words and n-grams, then the weights of the output
    for least, most in ((n_words + bucket, n_words + bucket), (0, len(content))):
        is_compressed, n_rows, n_columns = _MATRIX.unpack_from(content, place)
        if is_compressed:
            raise FileFormatError(path, _COMPRESSED)
        if n_columns != dim or not least <= n_rows <= most:
            raise FileFormatError(
                path,
                f"is a damaged fastText model: a matrix of {n_rows} x {n_columns} values does not "
                f"fit {n_words} words of {dim} and {bucket} n-grams; fetch it again",
                byte=place,
            )
        place += _MATRIX.size + 4 * n_rows * n_columns
        if place > len(content):
            break  # nothing can be unpacked there
    if place != len(content):
        raise FileFormatError(
            path,
            f"is a damaged fastText model: it should have {place:,} bytes, but has "
            f"{len(content):,}; fetch it again",
        )
    return _Layout(dim, bucket, (shortest, longest), counts, matrix_place)


def _words(path: Path, content: mmap.mmap, place: int, n_words: int) -> tuple[dict[str, int], int]:
    """Return the words with their counts, and where they end; each ends with a zero."""
    counts: dict[str, int] = {}
    for row in range(n_words):
        end = content.find(b"\0", place, place + _LONGEST_WORD)
        if end < 0:
            raise FileFormatError(
                path,
                f"is a damaged fastText model: word {row + 1} of {n_words} has no end; fetch it "
                "again",
                byte=place,
            )
        try:
            word = content[place:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileFormatError(
                path, f"word {row + 1} of the fastText model is not UTF-8", byte=place
            ) from error
        if word in counts:
            raise FileFormatError(
                path,
                f"is a damaged fastText model: its word {row + 1}, {word!r}, stands twice; fetch "
                "it again",
                byte=place,
            )
        counts[word], _ = _ENTRY.unpack_from(content, end + 1)
        place = end + 1 + _ENTRY.size
    return counts, place
