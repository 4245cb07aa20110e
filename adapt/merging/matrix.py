"""The embedding matrix: a row for every word of a vocabulary, each with its provenance."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapt.errors import FileAccessError, FileFormatError, InputError
from adapt.files import atomic_path
from adapt.oov import OOVStrategy, strategy_named
from adapt.text import Vocabulary, fallback_forms
from adapt.vectors import WordVectors

__all__ = ["EmbeddingMatrix", "build_matrix"]

_FORMAT = "adapt-embedding-matrix-1"


@dataclass(frozen=True, eq=False)
class EmbeddingMatrix:
    """One vector for every word of a vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
        Words and their rows; row 0 is `<pad>`, row 1 `<unk>`.
    matrix : numpy.ndarray
        ``(len(vocabulary), dim)`` float32, finite, made read-only. Row 0 is zero.
    sources : tuple of str
        Where each row came from: `pad`, `unk`, `general`, `domain`, `both`, the origin of plain
        vectors, any of these followed by `:` and a fallback step, or `oov:` and a strategy's name.

    Raises
    ------
    InputError
        If the sizes disagree, a number is not finite, or the padding row is not zero.
    """

    vocabulary: Vocabulary
    matrix: np.ndarray
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        n_words = len(self.vocabulary)
        if self.matrix.ndim != 2 or len(self.matrix) != n_words or len(self.sources) != n_words:
            raise InputError(
                f"matrix of shape {self.matrix.shape} and {len(self.sources)} sources do not fit "
                f"a vocabulary of {n_words} words"
            )
        matrix = np.asarray(self.matrix, dtype=np.float32).view()
        if not np.isfinite(matrix).all():
            row = int(np.flatnonzero(~np.isfinite(matrix).all(axis=1))[0])
            raise InputError(f"the vector of {self.vocabulary.words[row]!r} is not finite")
        if matrix[0].any():
            raise InputError("row 0 stands for <pad> and must be zero")
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return int(self.matrix.shape[1])

    def source_counts(self) -> dict[str, int]:
        """Rows from each source, most first."""
        counts = Counter(self.sources)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def save(self, path: Path | str) -> None:
        """Write everything to one safetensors file, whole or not at all."""
        from safetensors.numpy import save_file

        names = sorted(set(self.sources))
        code = {name: number for number, name in enumerate(names)}
        tensors = {
            "matrix": np.ascontiguousarray(self.matrix),
            "counts": np.ascontiguousarray(self.vocabulary.counts),
            "sources": np.asarray([code[source] for source in self.sources], dtype=np.int32),
            "words": np.frombuffer(json.dumps(self.vocabulary.words).encode(), dtype=np.uint8),
        }
        metadata = {"format": _FORMAT, "sources": json.dumps(names)}
        with atomic_path(path) as temporary:
            save_file(tensors, temporary, metadata=metadata)

    @classmethod
    def load(cls, path: Path | str) -> EmbeddingMatrix:
        """Read what `save` wrote.

        Raises
        ------
        FileAccessError
            If the file cannot be read.
        FileFormatError
            If it is not an embedding matrix.
        """
        from safetensors import SafetensorError, safe_open

        path = Path(path)
        if not path.is_file():
            raise FileAccessError(f"{path}: no such file; `adapt matrix` writes one")
        try:
            with safe_open(path, framework="numpy") as file:
                metadata = file.metadata() or {}
                if metadata.get("format") != _FORMAT:
                    raise FileFormatError(
                        path, "holds no embedding matrix; `adapt matrix` writes one"
                    )
                names = json.loads(metadata["sources"])
                words = tuple(json.loads(file.get_tensor("words").tobytes()))
                return cls(
                    vocabulary=Vocabulary(words=words, counts=file.get_tensor("counts")),
                    matrix=file.get_tensor("matrix"),
                    sources=tuple(names[code] for code in file.get_tensor("sources")),
                )
        except (SafetensorError, KeyError, IndexError, json.JSONDecodeError, UnicodeError) as error:
            raise FileFormatError(path, f"is damaged ({error}); make it again") from error


def build_matrix(
    vocabulary: Vocabulary,
    vectors: WordVectors,
    *,
    oov: OOVStrategy | str = "zeros",
    fallbacks: bool = False,
    seed: int = 0,
) -> EmbeddingMatrix:
    """Give every word of a vocabulary a vector.

    Parameters
    ----------
    vocabulary : Vocabulary
        The words.
    vectors : WordVectors
        The known vectors, ``(n, dim)``, merged or plain.
    oov : OOVStrategy or str
        What gives unknown words their vectors; fitted here on `vectors`. `<unk>` is treated like
        an unknown word.
    fallbacks : bool
        Look unknown words up in lower case, without possessive, and by their hyphenated parts
        (whose vectors are averaged), before `oov` is asked.
    seed : int
        Seed of a strategy given by name.

    Returns
    -------
    EmbeddingMatrix
        ``(len(vocabulary), dim)``, with a source for every row.
    """
    strategy = strategy_named(oov, seed=seed) if isinstance(oov, str) else oov
    rows = vectors.rows(vocabulary.words)
    rows[:2] = -1  # a vector that happens to be called <pad> or <unk> is not ours
    known = rows >= 0
    matrix = np.zeros((len(vocabulary), vectors.dim), dtype=np.float32)
    matrix[known] = vectors.matrix[rows[known]]
    sources = [_source(vectors, int(row)) if row >= 0 else "" for row in rows]
    if fallbacks:
        _fill_by_fallback(vocabulary, vectors, matrix, sources)
    unknown = [row for row, source in enumerate(sources) if row > 0 and not source]
    matrix[unknown] = strategy.fit(vectors).vectors_for([vocabulary.words[row] for row in unknown])
    for row in unknown:
        sources[row] = f"oov:{strategy.name}"
    sources[0], sources[1] = "pad", "unk"
    return EmbeddingMatrix(vocabulary=vocabulary, matrix=matrix, sources=tuple(sources))


def _source(vectors: WordVectors, row: int) -> str:
    if vectors.sources is not None:
        return vectors.sources[row]
    return vectors.origin or "vectors"


def _fill_by_fallback(
    vocabulary: Vocabulary, vectors: WordVectors, matrix: np.ndarray, sources: list[str]
) -> None:
    """Fill rows in place whose word the vectors know in another form."""
    for row in range(2, len(vocabulary)):
        if sources[row]:
            continue
        for step, forms in fallback_forms(vocabulary.words[row])[1:]:
            found = vectors.rows(forms)
            if (found >= 0).all():
                matrix[row] = vectors.matrix[found].mean(axis=0)
                sources[row] = f"{_source(vectors, int(found[0]))}:{step}"
                break
