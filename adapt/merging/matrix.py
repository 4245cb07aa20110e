"""The embedding matrix: a row for every word of a vocabulary, each with its provenance.

It is kept as one ``.safetensors`` file. The tensors are

=================  =======  ===============  ===================================================
``counts``         int64    (n_words,)       of the vocabulary
``domain_counts``  int64    (n_words,)       of the provenance, as the next four
``general_ranks``  int64    (n_words,)
``confidences``    float32  (n_words,)
``sources``        uint32   (n_words,)       positions in the metadata's list ``sources``
``steps``          uint32   (n_words,)       positions in the metadata's list ``steps``
``matrix``         float32  (n_words, dim)   the vectors
``words``          uint8    (n_bytes,)       the words, as a JSON list
=================  =======  ===============  ===================================================

and the metadata ``format``, ``version``, ``sources`` and ``steps`` (JSON). The bytes depend on
nothing but the content.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.merging.provenance import Provenance
from adapt.text import Vocabulary
from adapt.vectors import WordVectors
from adapt.vectors.tensor_file import MappedTensors, write_tensors

__all__ = ["EmbeddingMatrix", "holds_matrix"]

_FORMAT, _VERSION = "adapt-embedding-matrix", "2"
_FIRST_FORMAT = "adapt-embedding-matrix-1"  # had no version of its own, and knew sources alone


@dataclass(frozen=True, eq=False)
class EmbeddingMatrix:
    """One vector for every word of a vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
        Words and their rows; row 0 is `<pad>`, row 1 `<unk>`.
    matrix : ndarray of float32, shape (n_words, dim)
        Finite, held through a read-only view. Row 0 is zero.
    provenance : Provenance
        Where each row came from.

    Raises
    ------
    InputError
        If the sizes disagree, a number is not finite, or the padding row is not zero.
    """

    vocabulary: Vocabulary
    matrix: NDArray[np.float32]
    provenance: Provenance

    def __post_init__(self) -> None:
        n_words = len(self.vocabulary)
        if self.matrix.ndim != 2 or len(self.matrix) != n_words or len(self.provenance) != n_words:
            raise InputError(
                f"a matrix of shape {self.matrix.shape} and a provenance of {len(self.provenance)} "
                f"rows do not fit a vocabulary of {n_words} words"
            )
        matrix = np.ascontiguousarray(self.matrix, dtype=np.float32).view()
        finite = np.isfinite(matrix).all(axis=1)
        if not finite.all():
            word = self.vocabulary.words[int(np.argmin(finite))]
            raise InputError(f"the vector of {word!r} is not finite; every value must be")
        if matrix[0].any():
            raise InputError("row 0 stands for <pad> and must be zero")
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    def __deepcopy__(self, memo: dict[int, Any]) -> EmbeddingMatrix:
        # nothing can change it; scikit-learn copies the parameters of an estimator for every fit
        return self

    def __repr__(self) -> str:
        return f"EmbeddingMatrix({len(self.vocabulary)} words x {self.dim})"

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return int(self.matrix.shape[1])

    def word_vectors(self) -> WordVectors:
        """Return all rows as word vectors, `<pad>` and `<unk>` included.

        Rows keep their numbers, so that whatever is written from them (GloVe text, word2vec, a
        gensim ``KeyedVectors``) can be indexed with what `Vocabulary.encode` returns.

        Raises
        ------
        InputError
            If a word is empty or not valid Unicode.
        """
        return WordVectors(
            self.vocabulary.words,
            self.matrix,
            counts=self.vocabulary.counts,
            origin="matrix",
            sources=self.provenance.sources,
        )

    def save(self, path: Path | str) -> None:
        """Write everything to one safetensors file, whole or not at all.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        about = self.provenance
        source_names, sources = _coded(about.sources)
        step_names, steps = _coded(about.steps)
        tensors: dict[str, NDArray[Any]] = {
            "counts": self.vocabulary.counts,
            "domain_counts": about.domain_counts,
            "general_ranks": about.general_ranks,
            "confidences": about.confidences,
            "sources": sources,
            "steps": steps,
            "matrix": self.matrix,
            "words": np.frombuffer(json.dumps(self.vocabulary.words).encode(), dtype=np.uint8),
        }
        metadata = {
            "format": _FORMAT,
            "version": _VERSION,
            "sources": json.dumps(source_names),
            "steps": json.dumps(step_names),
        }
        write_tensors(path, tensors, metadata)

    @classmethod
    def load(cls, path: Path | str) -> EmbeddingMatrix:
        """Read what `save` wrote; the vectors stay a map of the file.

        Raises
        ------
        FileAccessError
            If the file cannot be read.
        FileFormatError
            If it is not an embedding matrix, is of another version, or is damaged.
        """
        path = Path(path)
        if not path.is_file():
            raise FileAccessError(f"{path}: no such file; `adapt matrix` writes one")
        tensors = MappedTensors(path)
        if tensors.metadata.get("format") == _FIRST_FORMAT:
            raise FileFormatError(
                path, "is of version 1, which lacks the provenance; build it again: adapt matrix"
            )
        kind = "an embedding matrix; such files are written by adapt matrix"
        tensors.expect(_FORMAT, _VERSION, kind=kind)
        try:
            words = json.loads(tensors.take("words", "U8", 1).tobytes())
            provenance = Provenance(
                sources=_decoded(tensors, "sources"),
                domain_counts=tensors.take("domain_counts", "I64", 1),
                general_ranks=tensors.take("general_ranks", "I64", 1),
                steps=_decoded(tensors, "steps"),
                confidences=tensors.take("confidences", "F32", 1),
            )
            return cls(
                vocabulary=Vocabulary(tuple(words), tensors.take("counts", "I64", 1)),
                matrix=tensors.take("matrix", "F32", 2),
                provenance=provenance,
            )
        except FileFormatError:
            raise
        except (ValueError, TypeError, LookupError, RecursionError) as error:  # InputError, too
            raise FileFormatError(path, f"is damaged ({error}); build it again") from error


def holds_matrix(path: Path | str) -> bool:
    """Whether a file is an embedding matrix, of this version or another."""
    path = Path(path)
    try:
        found = MappedTensors(path).metadata.get("format", "") if path.is_file() else ""
    except (FileFormatError, OSError):
        return False
    return str(found).startswith(_FORMAT)


def _coded(texts: Sequence[str]) -> tuple[list[str], NDArray[np.uint32]]:
    """Return the distinct texts in the order of their first rows, and the number of each row's."""
    codes = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    return list(codes), np.array([codes[text] for text in texts], dtype=np.uint32)


def _decoded(tensors: MappedTensors, column: str) -> tuple[str, ...]:
    names = [str(name) for name in json.loads(tensors.metadata[column])]
    return tuple(names[code] for code in tensors.take(column, "U32", 1).tolist())
