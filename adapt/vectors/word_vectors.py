"""`WordVectors`: words and their vectors, the one container that all other stages share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from adapt.errors import InputError, UnknownWordError
from adapt.vectors.lexicon import HeldWords, Lexicon

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["WordVectors"]

FloatMatrix = npt.NDArray[np.float32]
IntVector = npt.NDArray[np.int64]
Default = TypeVar("Default")

# Values looked at together when searching for NaN: a memory map is checked without being held.
_VALUES_PER_CHECK = 1 << 20


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

    __slots__ = ("__weakref__", "_counts", "_lexicon", "_matrix", "_origin", "_sources")

    def __init__(
        self,
        words: Sequence[str],
        matrix: npt.ArrayLike,
        counts: npt.ArrayLike | None = None,
        origin: str = "",
        sources: Sequence[str] | None = None,
    ) -> None:
        lexicon = HeldWords.checked(words)
        self._keep(lexicon, _as_matrix(matrix), counts, origin, sources)
        _check_finite(self._matrix, lexicon)

    @classmethod
    def from_checked(
        cls,
        lexicon: Lexicon,
        matrix: FloatMatrix,
        *,
        counts: npt.ArrayLike | None = None,
        origin: str = "",
        sources: Sequence[str] | None = None,
    ) -> WordVectors:
        """Return vectors of which words and values need no further check; only sizes are compared.

        For what has been checked already: rows of other vectors, and readers that check each row
        as they read it. Nothing but the class itself stands between a wrong value and all other
        stages, so whoever cannot vouch for every row calls the constructor instead.
        """
        vectors = cls.__new__(cls)
        vectors._keep(lexicon, _as_matrix(matrix), counts, origin, sources)
        return vectors

    def _keep(
        self,
        lexicon: Lexicon,
        matrix: FloatMatrix,
        counts: npt.ArrayLike | None,
        origin: str,
        sources: Sequence[str] | None,
    ) -> None:
        n_words = len(lexicon)
        if n_words != matrix.shape[0]:
            raise InputError(f"matrix has {matrix.shape[0]} rows, but there are {n_words} words")
        if sources is not None and len(sources) != n_words:
            raise InputError(f"there are {len(sources)} sources, but {n_words} words")
        self._lexicon, self._matrix, self._origin = lexicon, matrix, origin
        self._counts = None if counts is None else _as_counts(counts, n_words)
        self._sources = None if sources is None else tuple(sources)

    def __reduce__(self) -> tuple[Any, ...]:
        # arrays come back from a pickle writeable: build anew, so that the copy is immutable too
        return WordVectors, (self.words, self.matrix, self.counts, self.origin, self.sources)

    def __deepcopy__(self, memo: dict[int, Any]) -> WordVectors:
        # nothing can change it; scikit-learn copies the parameters of an estimator for every fit
        return self

    def __repr__(self) -> str:
        return f"WordVectors({len(self)} words x {self.dim}, origin={self.origin!r})"

    def __len__(self) -> int:
        return len(self._lexicon)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return self._lexicon.row(word) is not None

    def __getitem__(self, word: str) -> FloatMatrix:
        vector: FloatMatrix = self.matrix[self.index(word)]
        return vector

    @property
    def words(self) -> tuple[str, ...]:
        """The words, in the order of the matrix's rows."""
        return self._lexicon.words

    @property
    def matrix(self) -> FloatMatrix:
        """The vectors, shape (n_words, dim), float32, read-only."""
        return self._matrix

    @property
    def counts(self) -> IntVector | None:
        """How often each word occurred, shape (n_words,), read-only; None if that is not known."""
        return self._counts

    @property
    def origin(self) -> str:
        """Where the vectors come from, for people to read."""
        return self._origin

    @property
    def sources(self) -> tuple[str, ...] | None:
        """Where each word's vector comes from; None if all come from `origin`."""
        return self._sources

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
        row = self._lexicon.row(word)
        if row is None:
            raise UnknownWordError(self._lacking(word))
        return row

    @overload
    def get(self, word: str) -> FloatMatrix | None: ...
    @overload
    def get(self, word: str, default: Default) -> FloatMatrix | Default: ...
    def get(self, word: str, default: Any = None) -> Any:
        """Return the vector of `word`, shape (dim,), or `default` if there is none."""
        row = self._lexicon.row(word)
        return default if row is None else self.matrix[row]

    def rows(self, words: Iterable[str]) -> IntVector:
        """Return the rows of `words`, shape (n,), int64; -1 where a word is absent."""
        return self._lexicon.rows(words)

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
            first = words[absent[0]]
            raise UnknownWordError(
                self._lacking(first)
                if absent.size == 1
                else f"{absent.size} of {len(words)} words, {first!r} the first, are not among "
                f"{self._description()}; check their spelling and case"
            )
        return WordVectors.from_checked(
            HeldWords.checked(words),
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
        return WordVectors.from_checked(
            self._lexicon.head(n),
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
        changed = WordVectors.from_checked(
            self._lexicon,
            self.matrix if matrix is None else _as_matrix(matrix),
            counts=self.counts,
            origin=self.origin if origin is None else origin,
            sources=self.sources,
        )
        if matrix is not None:
            _check_finite(changed.matrix, self._lexicon)
        return changed

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

    def _lacking(self, word: str) -> str:
        return f"{word!r} is not among {self._description()}; check its spelling and case"

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


def _check_finite(matrix: FloatMatrix, lexicon: Lexicon) -> None:
    step = max(1, _VALUES_PER_CHECK // matrix.shape[1])
    for start in range(0, len(matrix), step):
        finite = np.isfinite(matrix[start : start + step])
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            value = matrix[start + row, column]
            raise InputError(
                f"the vector of {lexicon.words[start + row]!r} (row {start + row}) holds {value} "
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
