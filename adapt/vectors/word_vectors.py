"""`WordVectors`: words and their vectors, the one container that all other stages share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from adapt.errors import InputError, UnknownWordError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["WordVectors"]

FloatMatrix = npt.NDArray[np.float32]
IntVector = npt.NDArray[np.int64]
Default = TypeVar("Default")

# Values looked at together when searching for NaN: a memory map is checked without being held.
_VALUES_PER_CHECK = 1 << 20


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Words and their vectors, immutable.

    The matrix is not copied when it is C-contiguous float32 already, so that a memory-mapped
    file stays one; it is held through a read-only view. Whoever passes an array that is changed
    later passes a copy of it.

    Parameters
    ----------
    words : sequence of str
        Distinct, non-empty words, valid Unicode; ``words[i]`` has the vector ``matrix[i]``.
    matrix : ndarray, shape (n_words, dim), float32
        Finite values. Other real dtypes are converted.
    counts : ndarray, shape (n_words,), int64, optional
        How often each word occurred in the text the vectors were trained on.
    origin : str
        Where the vectors come from, for people to read.
    sources : sequence of str, optional
        Where each word's vector comes from; without it, all come from `origin`.

    Raises
    ------
    InputError
        If sizes disagree, a word is empty or occurs twice, or a value is NaN or infinite.

    Examples
    --------
    >>> vectors = WordVectors(("cough", "fever"), [[1.0, 0.0], [0.6, 0.8]], origin="example")
    >>> vectors
    WordVectors(2 words x 2, origin='example')
    >>> "fever" in vectors, vectors["cough"].tolist(), vectors.get("ache")
    (True, [1.0, 0.0], None)
    >>> vectors.rows(["fever", "ache"]).tolist()
    [1, -1]
    """

    words: tuple[str, ...]
    matrix: FloatMatrix
    counts: IntVector | None = None
    origin: str = ""
    sources: tuple[str, ...] | None = None
    # built at once, not when first needed: finding repeated words builds it anyway
    _index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.words, str):  # type: ignore[unreachable]
            raise InputError("words is one string; pass a sequence of words")
        words = tuple(self.words)
        matrix = _as_matrix(self.matrix)
        if len(words) != matrix.shape[0]:
            raise InputError(f"matrix has {matrix.shape[0]} rows, but there are {len(words)} words")
        index = _index_of(words)
        _check_finite(matrix, words)
        # frozen: the normalised values have to be set past the dataclass's guard
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "_index", index)
        if self.counts is not None:
            object.__setattr__(self, "counts", _as_counts(self.counts, len(words)))
        if self.sources is not None:
            sources = tuple(self.sources)
            if len(sources) != len(words):
                raise InputError(f"there are {len(sources)} sources, but {len(words)} words")
            object.__setattr__(self, "sources", sources)

    def __reduce__(self) -> tuple[Any, ...]:
        # arrays come back from a pickle writeable: build anew, so that the copy is immutable too
        return WordVectors, (self.words, self.matrix, self.counts, self.origin, self.sources)

    def __repr__(self) -> str:
        return f"WordVectors({len(self)} words x {self.dim}, origin={self.origin!r})"

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._index

    def __getitem__(self, word: str) -> FloatMatrix:
        vector: FloatMatrix = self.matrix[self.index(word)]
        return vector

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.matrix.shape[1])

    def index(self, word: str) -> int:
        """Return the row of `word`.

        Raises
        ------
        UnknownWordError
            If there is no such word.
        """
        row = self._index.get(word)
        if row is None:
            raise UnknownWordError(f"{word!r} is not among {self._description()}")
        return row

    @overload
    def get(self, word: str) -> FloatMatrix | None: ...
    @overload
    def get(self, word: str, default: Default) -> FloatMatrix | Default: ...
    def get(self, word: str, default: Any = None) -> Any:
        """Return the vector of `word`, shape (dim,), or `default` if there is none."""
        row = self._index.get(word)
        return default if row is None else self.matrix[row]

    def rows(self, words: Iterable[str]) -> IntVector:
        """Return the rows of `words`, shape (n,), int64; -1 where a word is absent."""
        get = self._index.get
        return np.fromiter((get(word, -1) for word in words), dtype=np.int64)

    def select(self, words: Sequence[str]) -> WordVectors:
        """Return the vectors of `words`, in that order.

        Raises
        ------
        UnknownWordError
            If a word is absent.
        InputError
            If a word is asked for twice.
        """
        words = tuple(words)
        rows = self.rows(words)
        absent = np.flatnonzero(rows < 0)
        if absent.size:
            raise UnknownWordError(
                f"{absent.size} of {len(words)} words, {words[absent[0]]!r} the first, are not "
                f"among {self._description()}"
            )
        return WordVectors(
            words,
            self.matrix[rows],
            counts=None if self.counts is None else self.counts[rows],
            origin=self.origin,
            sources=None if self.sources is None else tuple(self.sources[row] for row in rows),
        )

    def head(self, n: int) -> WordVectors:
        """Return the first `n` words and their vectors, sharing memory; all if there are fewer.

        Raises
        ------
        InputError
            If `n` is negative.
        """
        if n < 0:
            raise InputError(f"head of {n} words: the number cannot be negative")
        return WordVectors(
            self.words[:n],
            self.matrix[:n],
            counts=None if self.counts is None else self.counts[:n],
            origin=self.origin,
            sources=None if self.sources is None else self.sources[:n],
        )

    def replace(
        self, *, matrix: npt.ArrayLike | None = None, origin: str | None = None
    ) -> WordVectors:
        """Return the same words with another matrix, shape (n_words, any dim), or origin.

        Raises
        ------
        InputError
            If `matrix` has another number of rows, or a value that is not finite.
        """
        return WordVectors(
            self.words,
            self.matrix if matrix is None else matrix,  # type: ignore[arg-type]
            counts=self.counts,
            origin=self.origin if origin is None else origin,
            sources=self.sources,
        )

    def to_gensim(self) -> KeyedVectors:
        """Return a copy as gensim's ``KeyedVectors``, with the counts if there are any."""
        from adapt.vectors.gensim_bridge import to_gensim

        return to_gensim(self)

    @classmethod
    def from_gensim(cls, keyed_vectors: KeyedVectors, *, origin: str = "") -> WordVectors:
        """Return a copy of gensim's ``KeyedVectors``.

        See Also
        --------
        adapt.vectors.gensim_bridge.from_gensim : what is taken over, and what is refused.
        """
        from adapt.vectors.gensim_bridge import from_gensim

        return from_gensim(keyed_vectors, origin=origin)

    def _description(self) -> str:
        return f"the {len(self)} words of {self.origin or 'these vectors'}"


def _as_matrix(values: npt.ArrayLike) -> FloatMatrix:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"matrix cannot be made an array ({error})") from error
    if array.ndim != 2 or array.shape[1] < 1:
        raise InputError(f"matrix must have shape (words, dimensions), but has shape {array.shape}")
    if array.dtype.kind not in "fiu":
        raise InputError(f"matrix must hold real numbers, but its dtype is {array.dtype}")
    with np.errstate(over="ignore"):  # what overflows float32 is refused below, with its word
        matrix = np.ascontiguousarray(array, dtype=np.float32).view()
    matrix.flags.writeable = False
    return matrix


def _index_of(words: tuple[str, ...]) -> dict[str, int]:
    if set(map(type, words)) - {str}:
        row = next(row for row, word in enumerate(words) if type(word) is not str)
        raise InputError(f"word {row} is {words[row]!r}, a {type(words[row]).__name__}, not a str")
    index = dict(zip(words, range(len(words)), strict=True))
    if len(index) != len(words):
        # a repeated word has the row of its last occurrence in the index
        first = next(row for row, word in enumerate(words) if index[word] != row)
        raise InputError(
            f"words holds {len(words)} words, but only {len(index)} distinct ones: "
            f"{words[first]!r} stands in rows {first} and {index[words[first]]}"
        )
    if "" in index:
        raise InputError(f"word {index['']} is empty")
    try:
        "".join(words).encode("utf-8")
    except UnicodeEncodeError as error:
        broken = error.object[error.start]
        row = next(row for row, word in enumerate(words) if broken in word)
        raise InputError(
            f"word {row}, {words[row]!r}, holds half of a character and cannot be written as UTF-8"
        ) from error
    return index


def _check_finite(matrix: FloatMatrix, words: tuple[str, ...]) -> None:
    step = max(1, _VALUES_PER_CHECK // matrix.shape[1])
    for start in range(0, len(words), step):
        finite = np.isfinite(matrix[start : start + step])
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            value = matrix[start + row, column]
            raise InputError(
                f"the vector of {words[start + row]!r} (row {start + row}) holds {value} "
                f"in column {column}; every value must be finite"
            )


def _as_counts(counts: npt.ArrayLike, n_words: int) -> IntVector:
    array = np.asarray(counts)
    if array.shape != (n_words,):
        raise InputError(f"counts has shape {array.shape}, but there are {n_words} words")
    if n_words and array.dtype.kind not in "iu":
        raise InputError(f"counts must be whole numbers, but their dtype is {array.dtype}")
    if n_words and array.min() < 0:
        raise InputError(f"counts holds {array.min()}; a word cannot occur less than 0 times")
    result = np.ascontiguousarray(array, dtype=np.int64).view()
    result.flags.writeable = False
    return result
