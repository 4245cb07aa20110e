"""Policies that blend the two vectors of a word, ``v = alpha * domain + (1 - alpha) * general``."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from adapt.alignment import row_lengths, unit_rows
from adapt.errors import InputError
from adapt.merging.policy import Merged, MergePolicy, Union

__all__ = ["Average", "Convex", "FrequencyWeighted", "SpecificityWeighted"]

_LARGEST_STRETCH = 1e6
_MANDELBROT_SHIFT = 2.7
_REWEIGHTINGS = 5
_SAME = 1e-6  # lengths are those of float32 vectors


class _Blend(MergePolicy):
    """Blends the words of both spaces; words of one space keep its vector.

    A blend is shorter than what it is made of, and has another mean. With `restore`, the blended
    words get the mean and the mean norm back that the general space gives them, by one shift and
    one factor for all; words that only the domain has are moved along, so that they stay among
    them.
    """

    restore: bool

    @abstractmethod
    def domain_share(self, union: Union) -> NDArray[np.float64]:
        """Return alpha for the words of both spaces, shape (n_both,), each in [0, 1]."""

    def combine(self, union: Union) -> Merged:
        both = union.in_both
        matrix = union.pick(union.in_domain)
        general = union.general[union.general_rows[both]]
        if len(general):
            share = self.domain_share(union)[:, None]
            matrix[both] = share * matrix[both] + (1 - share) * general
            if self.restore:
                moved = union.in_domain
                matrix[moved] = _restored(matrix[moved], matrix[both], general)
        return Merged(matrix, union.in_general, union.in_domain)


@dataclass(frozen=True)
class Average(_Blend):
    """Shared words get the mean of both vectors (Coates & Bollegala 2018).

    Parameters
    ----------
    restore : bool
        Give the shared words the mean and the mean norm of the general space back; by default
        they are averages as they come.

    References
    ----------
    J. Coates, D. Bollegala (2018). Frustratingly easy meta-embedding: computing meta-embeddings by
    averaging source word embeddings. NAACL.
    """

    name: ClassVar[str] = "average"
    restore: bool = False

    def domain_share(self, union: Union) -> NDArray[np.float64]:
        """Return one half for every word."""
        return np.full(int(union.in_both.sum()), 0.5)


@dataclass(frozen=True)
class FrequencyWeighted(_Blend):
    """Trust in the in-domain vector grows with the word's n occurrences: ``alpha = n / (n + k)``.

    Parameters
    ----------
    k : float
        Occurrences at which both vectors count the same; positive.
    restore : bool
        Give the shared words the mean and the mean norm of the general space back.

    Raises
    ------
    InputError
        If k is not positive. While merging: if the domain has no counts.
    """

    name: ClassVar[str] = "frequency_weighted"
    needs_counts: ClassVar[bool] = True
    k: float = 3.0
    restore: bool = True

    def __post_init__(self) -> None:
        _check_k(self.k)

    def domain_share(self, union: Union) -> NDArray[np.float64]:
        """Return n / (n + k)."""
        counts = _shared_counts(union)
        return np.asarray(counts / (counts + self.k))


@dataclass(frozen=True)
class SpecificityWeighted(_Blend):
    """Trust goes to the space that has seen more of the word: ``alpha = n / (n + m + k)``.

    n is how often the domain's text has the word, m how often as much general text would have it.
    Words of the domain, which general text hardly has, keep their in-domain vectors; those of
    everyday keep their general ones, however often they stand in the domain's text, for their
    meaning was learned from a thousand times more. The ratio of n to m is known as weirdness in
    terminology extraction (Ahmad et al. 1999).

    m comes from the counts of the general vectors; where there are none, as in GloVe files, from
    Zipf's law with Mandelbrot's shift, ``1 / (rank + 2.7)``, for words in order of their frequency,
    as such files have them.

    Parameters
    ----------
    k : float
        Occurrences of a word that general text lacks at which both vectors count the same;
        positive.
    restore : bool
        Give the shared words the mean and the mean norm of the general space back.

    Raises
    ------
    InputError
        If k is not positive. While merging: if the domain has no counts.

    References
    ----------
    K. Ahmad, L. Gillam, L. Tostevin (1999). University of Surrey participation in TREC8: Weirdness
    indexing for logical document extrapolation and retrieval (WILDER). TREC.
    B. Mandelbrot (1953). An informational theory of the statistical structure of language.
    Communication Theory.
    """

    name: ClassVar[str] = "specificity_weighted"
    needs_counts: ClassVar[bool] = True
    k: float = 3.0
    restore: bool = True

    def __post_init__(self) -> None:
        _check_k(self.k)

    def domain_share(self, union: Union) -> NDArray[np.float64]:
        """Return n / (n + m + k)."""
        counts = _shared_counts(union)
        expected = (
            _general_shares(union)[union.general_rows[union.in_both]] * _domain_counts(union).sum()
        )
        return np.asarray(counts / (counts + expected + self.k))


@dataclass(frozen=True)
class Convex(_Blend):
    """The vector closest to both views of a word, each by its precision (Sarma et al. 2018).

    Sarma et al. combine the two views x (general) and y (domain) of word i into the vector v that
    minimises ``|v - x|² + |v - y|²``, summed over the words, which is half of each. Here every
    word has precisions of its own: v minimises ``|v - x|² / s + |v - y|² / (b / n)``, so that
    ``alpha = n / (n + b / s)``. The model behind it: the meaning in the domain departs from the
    general one with variance s, and n occurrences tell it with an error of variance ``b / n``.
    Both are estimated from how the disagreement of the views falls with the count:
    ``|x / |x| - y / |y||² = s + b / n`` by reweighted non-negative least squares over the shared
    words. A domain without counts gets ``alpha = 1/2``, the original.

    The views of Sarma et al. are canonical variates: align with the method ``cca`` for these.

    Parameters
    ----------
    restore : bool
        Give the shared words the mean and the mean norm of the general space back.

    References
    ----------
    P. K. Sarma, Y. Liang, W. Sethares (2018). Domain adapted word embeddings for improved
    sentiment classification. ACL.
    """

    name: ClassVar[str] = "convex"
    restore: bool = True

    def domain_share(self, union: Union) -> NDArray[np.float64]:
        """Return n / (n + b / s), or one half if there are no counts."""
        both = union.in_both
        if union.counts is None:
            return np.full(int(both.sum()), 0.5)
        x = unit_rows(union.general[union.general_rows[both]])
        y = unit_rows(union.domain[union.domain_rows[both]])
        counts = _shared_counts(union)
        departure, noise = _variances(np.square(x - y).sum(axis=1, dtype=np.float64), counts)
        if departure + noise == 0:  # the views are the same
            return np.full(len(x), 0.5)
        return np.asarray(departure * counts / (departure * counts + noise))


def _variances(
    disagreement: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float]:
    """Fit ``s + b / n``; squares spread in proportion to their mean, and are weighted for that."""
    from scipy.optimize import nnls

    design = np.column_stack([np.ones(len(counts)), 1 / np.maximum(counts, 1)])
    found, expected = np.zeros(2), np.ones(len(counts))
    for _ in range(_REWEIGHTINGS):
        found, _ = nnls(design / expected[:, None], disagreement / expected)
        expected = design @ found
        if not expected.all():
            break
    return float(found[0]), float(found[1])


def _check_k(k: float) -> None:
    if not 0 < k < float("inf"):
        raise InputError(f"k is {k}; give a positive number of occurrences")


def _domain_counts(union: Union) -> NDArray[np.int64]:
    if union.counts is None:
        raise InputError("the domain's words have no counts; use 'average'")
    return union.counts


def _shared_counts(union: Union) -> NDArray[np.float64]:
    return _domain_counts(union)[union.in_both].astype(np.float64)


def _general_shares(union: Union) -> NDArray[np.float64]:
    """Return the share of general text that each general word is, shape (n_general,)."""
    counts: NDArray[Any] | None = union.general_counts
    if counts is None or not counts.any():
        counts = 1 / (np.arange(len(union.general)) + _MANDELBROT_SHIFT)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _restored(
    moved: NDArray[np.float32], blended: NDArray[np.float32], general: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Shift and stretch `moved` as gives `blended` the mean and the mean norm of `general`."""
    from scipy.optimize import brentq

    mean, centre = (rows.mean(axis=0, dtype=np.float64) for rows in (general, blended))
    wanted = row_lengths(general).mean()
    deviations = blended - centre

    def excess(stretch: float) -> float:
        return float(np.linalg.norm(mean + stretch * deviations, axis=1).mean() - wanted)

    # at 0 the norm is that of the mean, which is the mean norm at most, and beyond it only grows
    if excess(0.0) > -_SAME * wanted:  # general vectors that do not differ have no spread to give
        return np.asarray(mean + (moved - centre), dtype=np.float32)
    highest = 1.0
    while excess(highest) < 0 and highest < _LARGEST_STRETCH:
        highest *= 2
    stretch = 1.0 if highest >= _LARGEST_STRETCH else brentq(excess, 0.0, highest)
    return np.asarray(mean + stretch * (moved - centre), dtype=np.float32)
