"""What may be the seed of anything random."""

from __future__ import annotations

from adapt.errors import InputError

__all__ = ["check_seed"]


def check_seed(seed: int, name: str = "seed") -> None:
    """Refuse numbers that not every random generator in use takes.

    Raises
    ------
    InputError
        If `seed` is not in [0, 2**32).
    """
    if not 0 <= seed < 2**32:
        raise InputError(f"{name} is {seed}; it must lie between 0 and 4294967295")
