"""What may be the seed of anything random, and generators of a text's own."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from adapt.errors import InputError

__all__ = ["check_seed", "text_generator"]


def check_seed(seed: int, name: str = "seed") -> None:
    """Refuse numbers that not every random generator in use takes.

    Raises
    ------
    InputError
        If `seed` is not in [0, 2**32).
    """
    if not 0 <= seed < 2**32:
        raise InputError(f"{name} is {seed}; it must lie between 0 and 4294967295")


def text_generator(text: str, seed: int) -> np.random.Generator:
    """Make the generator that belongs to a text: what it draws depends on no other text.

    Parameters
    ----------
    text : str
        A word or a document; lone surrogates are allowed.
    seed : int
        Texts draw other numbers under other seeds.
    """
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64([seed, *np.frombuffer(digest, dtype=np.uint32)]))
