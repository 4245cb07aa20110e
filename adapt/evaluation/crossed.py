"""Variances of a table of differences with two crossed random factors: seeds and documents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["CrossedVariances", "MeanSquare", "satterthwaite"]


def satterthwaite(mean_squares: np.ndarray, freedom: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what the mean of a crossed table varies by, times its cells, and how sure that is.

    Parameters
    ----------
    mean_squares, freedom : numpy.ndarray
        ``(3, ...)``: of seeds, of documents, and of what is left.

    Returns
    -------
    tuple of numpy.ndarray
        The variance times ``n_seeds * n_documents`` and its degrees of freedom, at least 1, both
        ``(...)``.

    References
    ----------
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
    Biometrics Bulletin 2(6).
    """
    seeds, documents, rest = mean_squares
    # what is left is in both of the others, and counts once; each is a lower bound by itself
    total = np.maximum(seeds + documents - rest, np.maximum(seeds, documents))
    squares = (mean_squares.T**2 / freedom.T).T.sum(axis=0)
    return total, np.maximum(1.0, total**2 / np.where(squares > 0, squares, 1.0))


@dataclass(frozen=True)
class MeanSquare:
    """An estimate of a variance, and the degrees of freedom that it rests on."""

    value: float
    freedom: float


@dataclass(frozen=True)
class CrossedVariances:
    """Mean squares of a table ``(n_seeds, n_documents)``: of seeds, documents, and what is left.

    Each has at least one degree of freedom. With a single seed, those of the seeds and of what is
    left are 0: they cannot be told from that of the documents.
    """

    n_seeds: int
    n_documents: int
    of_seeds: MeanSquare
    of_documents: MeanSquare
    rest: MeanSquare

    @classmethod
    def of(cls, table: np.ndarray) -> CrossedVariances:
        """Part the variance of a table of float ``(n_seeds, n_documents)``."""
        n_seeds, n_documents = table.shape
        mean = table.mean()
        rows, columns = table.mean(axis=1) - mean, table.mean(axis=0) - mean
        rest = table - mean - rows[:, None] - columns

        def mean_square(total: float, freedom: int) -> MeanSquare:
            return MeanSquare(float(total) / max(1, freedom), max(1, freedom))

        return cls(
            n_seeds,
            n_documents,
            of_seeds=mean_square(n_documents * (rows @ rows), n_seeds - 1),
            of_documents=mean_square(n_seeds * (columns @ columns), n_documents - 1),
            rest=mean_square((rest**2).sum(), (n_seeds - 1) * (n_documents - 1)),
        )

    def of_mean(self) -> MeanSquare:
        """Return the variance of the table's mean, with Satterthwaite's degrees of freedom."""
        parts = (self.of_seeds, self.of_documents, self.rest)
        total, freedom = satterthwaite(
            np.array([part.value for part in parts]), np.array([part.freedom for part in parts])
        )
        return MeanSquare(float(total) / (self.n_seeds * self.n_documents), float(freedom))

    def resized(self, n_seeds: int, n_documents: int) -> CrossedVariances:
        """Return what to expect of a study with other numbers of seeds and documents.

        The components of variance stay, one of seeds, one of documents and one of what is left;
        the mean squares, which hold so many of them, do not (Cornfield and Tukey 1956).

        References
        ----------
        Cornfield, J., and Tukey, J. W. (1956). Average values of mean squares in factorials. Annals
        of Mathematical Statistics 27(4).
        """
        rest = self.rest.value
        by_seed = max(0.0, self.of_seeds.value - rest) / self.n_documents
        by_document = max(0.0, self.of_documents.value - rest) / self.n_seeds
        more_seeds = (n_seeds - 1) / max(1, self.n_seeds - 1)
        return CrossedVariances(
            n_seeds,
            n_documents,
            of_seeds=MeanSquare(
                rest + n_documents * by_seed, max(1.0, self.of_seeds.freedom * more_seeds)
            ),
            of_documents=MeanSquare(rest + n_seeds * by_document, max(1, n_documents - 1)),
            rest=MeanSquare(rest, max(1, (n_seeds - 1) * (n_documents - 1))),
        )
