"""The embedding spaces that a study compares, all made from the same two sets of vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import eigh

from adapt.alignment import Aligner, aligner_named
from adapt.errors import InputError
from adapt.experiment.digests import content_digest
from adapt.experiment.embeddings import Embedding
from adapt.experiment.environment import linear_algebra_threads
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
    aligners : mapping of str to Aligner
        The fitted maps by method, all fitted on the same anchors; the study's own first.
    policy : str
        Merge policy of `aligned` and of its control `unaligned`.
    compass : WordVectors, optional
        In-domain vectors that were trained straight into the general space.
    fitted_on : str
        Digest of all that `aligners` are fitted on, but for their methods.
    """

    domain: WordVectors
    general: WordVectors
    aligners: Mapping[str, Aligner]
    policy: str
    compass: WordVectors | None = None
    fitted_on: str = field(kw_only=True)

    @property
    def digest(self) -> str:
        """Digest of all that embeddings depend on, but for their names and the seed."""
        own = next(iter(self.aligners))
        return content_digest(
            (self.domain, self.general, self.compass),
            (self.fitted_on, own, self.policy, linear_algebra_threads()),
        )

    @property
    def aligner(self) -> Aligner:
        """The study's own map."""
        return next(iter(self.aligners.values()))

    def embedding(self, name: str, words: tuple[str, ...], *, seed: int) -> WordVectors:
        """Make the embedding called `name`.

        Parameters
        ----------
        name : str
            See `Embedding`; `compass` only if it was trained.
        words : tuple of str
            Words that `random` shall have vectors for.
        seed : int
            Seed of `random`.
        """
        asked = Embedding.named(name)
        policy = asked.policy or self.policy
        makers: dict[str, Callable[[], WordVectors]] = {
            "random": lambda: self._random(words, seed),
            "general": lambda: self.general,
            "domain": lambda: self.domain,
            "domain:shared": self._shared,
            "domain:matched": self._matched,
            "unaligned": self._unaligned,
            "aligned": lambda: self._merged(self._by_method(asked.method), policy),
            "concat": lambda: merge(self.general, self.domain, "concat"),
        }
        if self.compass is not None:
            compass = self.compass
            # both are of one space and scale: what the corpus lacks keeps its general vector
            makers["compass"] = lambda: merge(self.general, compass, match_scale=False)
        if asked.kind not in makers:
            raise InputError(f"no embedding is called {name!r}; choose from {', '.join(makers)}")
        return makers[asked.kind]()

    def aligned_domain(self) -> WordVectors:
        """Map the in-domain vectors into the unified space, by the study's own map."""
        return self.aligner.transform(self.domain)

    def _by_method(self, method: str | None) -> Aligner:
        if method is None:
            return self.aligner
        if method not in self.aligners:
            raise InputError(f"no map was fitted by {method!r}; fitted are {list(self.aligners)}")
        return self.aligners[method]

    def _random(self, words: tuple[str, ...], seed: int) -> WordVectors:
        """Draw noise with the statistics of the unified space: an embedding that knows nothing."""
        matrix = Normal(seed=seed).fit(self.aligned_domain()).vectors_for(words)
        return WordVectors(words=words, matrix=matrix, origin="random")

    def _unaligned(self) -> WordVectors:
        """Make the control: everything as in `aligned`, but for the rotation, which is left out."""
        identity = aligner_named("identity", space=self.aligner.space)
        return self._merged(
            identity.fit(self.domain, self.general, self.aligner.anchors_), self.policy
        )

    def _shared(self) -> WordVectors:
        """Leave out the in-domain vectors of words that the general vectors lack."""
        return self.domain.select([word for word in self.domain.words if word in self.general])

    def _matched(self) -> WordVectors:
        """Project what `_shared` leaves on as many dimensions as general vectors have, its first.

        They are those of the singular value decomposition, which keeps the products of vectors as
        well as so few dimensions can.
        """
        shared = self._shared()
        if shared.dim <= self.general.dim:
            return shared
        products = shared.matrix.T.astype(np.float64) @ shared.matrix
        _, directions = eigh(
            products, subset_by_index=(shared.dim - self.general.dim, shared.dim - 1)
        )
        return shared.replace(matrix=shared.matrix @ directions[:, ::-1].astype(np.float32))

    def _merged(self, aligner: Aligner, policy: str) -> WordVectors:
        return merge(
            aligner.transform_general(self.general), aligner.transform(self.domain), policy
        )
