"""The embedding spaces that a study compares, all made from the same two sets of vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapt.alignment import Aligner, Anchors, aligner_named
from adapt.errors import InputError
from adapt.merging import merge
from adapt.oov import Normal
from adapt.vectors import WordVectors

__all__ = ["EmbeddingSpaces"]


@dataclass(frozen=True)
class EmbeddingSpaces:
    """Makes each embedding of a study by name.

    Parameters
    ----------
    domain : WordVectors
        In-domain vectors, as trained.
    general : WordVectors
        General vectors; those of the words in use are enough.
    aligner : Aligner
        The fitted map.
    anchors : Anchors
        The pairs that `aligner` was fitted on.
    policy : str
        Merge policy of `aligned` and of its control `unaligned`.
    compass : WordVectors, optional
        In-domain vectors that were trained straight into the general space.
    """

    domain: WordVectors
    general: WordVectors
    aligner: Aligner
    anchors: Anchors
    policy: str
    compass: WordVectors | None = None

    def embedding(self, name: str, words: tuple[str, ...], *, seed: int) -> WordVectors:
        """Make the embedding called `name`.

        Parameters
        ----------
        name : str
            `random`, `general`, `domain`, `unaligned`, `aligned`,
            `concat`, and `compass` if it was trained.
        words : tuple of str
            Words that `random` shall have vectors for.
        seed : int
            Seed of `random`.
        """
        makers: dict[str, Callable[[], WordVectors]] = {
            "random": lambda: self._random(words, seed),
            "general": lambda: self.general,
            "domain": lambda: self.domain,
            "unaligned": self._unaligned,
            "aligned": lambda: self._merged(self.aligner),
            "concat": lambda: merge(self.general, self.domain, "concat"),
        }
        if self.compass is not None:
            compass = self.compass
            # both are of one space and scale: what the corpus lacks keeps its general vector
            makers["compass"] = lambda: merge(self.general, compass, match_scale=False)
        if name not in makers:
            raise InputError(f"no embedding is called {name!r}; choose from {', '.join(makers)}")
        return makers[name]()

    def aligned_domain(self) -> WordVectors:
        """Map the in-domain vectors into the unified space."""
        return self.aligner.transform(self.domain)

    def _random(self, words: tuple[str, ...], seed: int) -> WordVectors:
        """Draw noise with the statistics of the unified space: an embedding that knows nothing."""
        matrix = Normal(seed=seed).fit(self.aligned_domain()).vectors_for(words)
        return WordVectors(words=words, matrix=matrix, origin="random")

    def _unaligned(self) -> WordVectors:
        """Make the control: everything as in `aligned`, but for the rotation, which is left out."""
        identity = aligner_named("identity", space=self.aligner.space)
        return self._merged(identity.fit(self.domain, self.general, self.anchors))

    def _merged(self, aligner: Aligner) -> WordVectors:
        return merge(
            aligner.transform_general(self.general), aligner.transform(self.domain), self.policy
        )
