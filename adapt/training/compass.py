"""Training straight into the general space: words that it has are held, and guide the others.

Word vectors of two trainings differ by a rotation at least, which an aligner has to find. There is
none to find where the words that the general space has start at their general vectors and are held
there: the output vectors learn to predict text from general vectors, and the input vectors of all
other words learn from those outputs, so that they end among the general ones.

In the compass of Bianchi et al. (2020) and Di Carlo et al. (2019), one of the two matrices of a
general Word2Vec model is frozen. Published vectors such as GloVe's come without a second matrix; so
here the rows of the shared words are held, in the input matrix, and the output matrix is learned
anew.

References
----------
Bianchi, F., Di Carlo, V., Nicoli, P., Palmonari, M. (2020). Compass-aligned distributional
embeddings for studying semantic differences across corpora. https://arxiv.org/abs/2004.06519
Di Carlo, V., Bianchi, F., Palmonari, M. (2019). Training temporal word embeddings with a compass.
AAAI. https://arxiv.org/abs/1906.02376
Parikh, N., Boyd, S. (2014). Proximal algorithms. Foundations and Trends in Optimization 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from adapt.errors import InputError
from adapt.vectors import WordVectors

__all__ = ["Compass", "HeldRows"]

_HOLDS = ("frozen", "penalised")
_ROWS = 1 << 10  # brought back at once


@dataclass(frozen=True, kw_only=True)
class Compass:
    """How words are held when vectors are trained into a general space.

    The defaults were chosen on medical text and 50-d GloVe, by how near words that were withheld
    from the general space came to their general vectors. There the penalty did better than
    freezing; but frozen is the default, since it leaves the general space as it is.

    Parameters
    ----------
    shared : {"frozen", "penalised"}
        What becomes of the words that the general space has: they keep their general vectors, or
        are pulled back to them while they learn.
    strength : float
        Of that pull; only where `shared` is `penalised`. With 0 the words only start at their
        general vectors.
    shrinkage : float
        Strength of the pull of all other words to the mean of the shared ones, which keeps rare
        words from becoming long for want of evidence.
    length : float
        Root mean square length of the shared vectors, less their mean, as training sees them.
        Word2Vec finds its own lengths and GloVe has others, so general vectors are scaled for the
        training and back after it.

    Raises
    ------
    InputError
        If a value is out of its range.
    """

    shared: str = "frozen"
    strength: float = 30.0
    shrinkage: float = 0.1
    length: float = 5.0

    def __post_init__(self) -> None:
        if self.shared not in _HOLDS:
            raise InputError(f"shared is {self.shared!r}; choose one of {', '.join(_HOLDS)}")
        for name in ("strength", "shrinkage"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InputError(
                    f"{name} is {getattr(self, name)}; it must be finite, and 0 or more"
                )
        if not 0 < self.length < float("inf"):
            raise InputError(f"length is {self.length}; it must be finite and above 0")


@dataclass(frozen=True, eq=False)
class HeldRows:
    """Which rows of the input matrix are held, and where.

    Training sees the general space moved and scaled: less the mean of the shared vectors, so that
    0 is the mean, and times a number that gives them the length of `Compass.length`.

    Parameters
    ----------
    compass : Compass
        How rows are held.
    number : ndarray, shape (n_words,), int64
        Which of the shared words each word is; -1 for those that the general space lacks.
    general : ndarray, shape (n_shared, dim), float32
        General vectors of the shared words.
    mean : ndarray, shape (dim,), float32
        Of those.
    scale : float
        What training multiplies them by, after the mean is taken off.
    """

    compass: Compass
    number: npt.NDArray[np.int64]
    general: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]
    scale: float

    @classmethod
    def find(cls, words: Sequence[str], general: WordVectors, compass: Compass) -> HeldRows:
        """Find the shared words. Those whose general vector is zero count as unknown.

        Parameters
        ----------
        words : sequence of str
            The words to be trained.
        general : WordVectors
            The general vectors.
        compass : Compass
            How shared words will be held.

        Raises
        ------
        InputError
            If fewer than two words with different vectors are shared.
        """
        rows = general.rows(words)
        shared = rows >= 0
        shared[shared] = general.matrix[rows[shared]].any(axis=1)
        held = np.array(general.matrix[rows[shared]])
        number = np.where(shared, np.cumsum(shared) - 1, -1)
        if not len(held) or not (held != held[0]).any():
            raise InputError(
                f"{len(held)} of the {len(words)} words of the corpus have a general "
                "vector, and two with different ones are needed to train into their space; give "
                "general vectors of the language and spelling of the corpus"
            )
        mean = held.mean(axis=0, dtype=np.float64).astype(np.float32)
        squares = np.square(held - mean).sum(axis=1, dtype=np.float64)
        return cls(compass, number, held, mean, compass.length / float(np.sqrt(squares.mean())))

    def digest(self) -> str:
        """SHA-256 of everything that determines how rows are held."""
        digest = hashlib.sha256(json.dumps(asdict(self.compass)).encode())
        digest.update(self.number.tobytes())
        digest.update(self.general.tobytes())
        return digest.hexdigest()

    def sources(self) -> tuple[str, ...]:
        """Tell of each word where its trained vector comes from."""
        shared = "general" if self.compass.shared == "frozen" else "both"
        return tuple(shared if number >= 0 else "domain" for number in self.number)

    def start(self, input: npt.NDArray[np.float32]) -> None:
        """Put the shared words at their places.

        Parameters
        ----------
        input : ndarray, shape (n_words, at least dim), float32
            The input matrix; changed in place.
        """
        input[self.number >= 0, : self.general.shape[1]] = self._places(slice(None))

    def pull(
        self, input: npt.NDArray[np.float32], words: npt.NDArray[np.int32], rate: float
    ) -> None:
        """Bring rows back after some steps of training, or nearer to where they are held.

        Frozen rows go back all the way. For the others this is the proximal step of the penalty
        ``strength / 2 * |x - x0|²`` at the learning rate (Parikh & Boyd 2014), which never goes
        beyond the target, however large the strength.

        Parameters
        ----------
        input : ndarray, shape (n_words, at least dim), float32
            The input matrix; changed in place.
        words : ndarray of int32
            Words that may have moved.
        rate : float
            Learning rate.
        """
        compass, dim = self.compass, self.general.shape[1]
        words = np.unique(words)
        number = self.number[words]
        input[words[number < 0], :dim] /= np.float32(1 + compass.shrinkage * rate)
        held = words[number >= 0]
        places = self._places(number[number >= 0])
        if compass.shared == "penalised":
            places += (input[held, :dim] - places) / np.float32(1 + compass.strength * rate)
        input[held, :dim] = places

    def bring_back(self, input: npt.NDArray[np.float32]) -> None:
        """Turn the trained input matrix into vectors of the general space.

        Frozen words get exactly their general vectors.

        Parameters
        ----------
        input : ndarray, shape (n_words, at least dim), float32
            The input matrix; changed in place.
        """
        dim = self.general.shape[1]
        for start in range(0, len(input), _ROWS):  # a second matrix would be the peak of the memory
            rows = input[start : start + _ROWS, :dim]
            rows /= self.scale
            rows += self.mean
        if self.compass.shared == "frozen":
            input[self.number >= 0, :dim] = self.general

    def _places(self, which: slice | npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Where training holds some of the shared words."""
        return (self.general[which] - self.mean) * np.float32(self.scale)
