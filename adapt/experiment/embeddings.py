"""The names of a study's embeddings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from adapt.alignment import aligner_named
from adapt.errors import InputError, check_choice
from adapt.evaluation import ABLATIONS
from adapt.merging import policy_names

__all__ = ["USUAL_EMBEDDINGS", "Embedding", "alignment_methods"]

USUAL_EMBEDDINGS = ("random", "general", "domain", "unaligned", "aligned", "concat", "tfidf")
_NAMES = (*USUAL_EMBEDDINGS, *ABLATIONS, "compass", "ngrams")


@dataclass(frozen=True)
class Embedding:
    """An embedding by name.

    Parameters
    ----------
    kind : str
        `random`, `general`, `domain`, `unaligned`, `aligned`, `concat`, `compass`, or one of the
        bags of words, `tfidf` and `ngrams`. `domain:shared` is `domain` without the words that
        general vectors lack, `domain:matched` is that in no more dimensions than these have: what
        `domain` loses by it says where its gain over `general` comes from.
    method : str, optional
        Of the alignment; the study's own without.
    policy : str, optional
        Of the merging; the study's own without.
    """

    kind: str
    method: str | None = None
    policy: str | None = None

    @classmethod
    def named(cls, name: str) -> Embedding:
        """Read a name: of a kind, or ``aligned:`` and a method of alignment or a merge policy.

        Raises
        ------
        InputError
            If there is no such embedding.

        Examples
        --------
        >>> Embedding.named("aligned:average")
        Embedding(kind='aligned', method=None, policy='average')
        >>> Embedding.named("aligned:refined:ridge").method
        'refined:ridge'
        """
        kind, _, variant = name.partition(":")
        if kind == "aligned" and variant:
            if variant in policy_names():
                return cls(kind, policy=variant)
            try:
                aligner_named(variant)
            except InputError as error:
                raise InputError(
                    f"embeddings holds {name!r}, but {variant!r} is no merge policy "
                    f"({', '.join(policy_names())}), and as a method of alignment: {error}"
                ) from error
            return cls(kind, method=variant)
        check_choice("embeddings", name, _NAMES)
        return cls(name)


def alignment_methods(own: str, embeddings: Iterable[str]) -> tuple[str, ...]:
    """List the methods of alignment that embeddings need: the study's own first, each once."""
    named = (Embedding.named(name).method for name in embeddings)
    return tuple(dict.fromkeys([own, *(method for method in named if method is not None)]))
