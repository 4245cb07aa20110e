"""Errors and warnings that `adapt` raises; all are `AdaptError` or `AdaptWarning`."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

__all__ = [
    "AdaptError",
    "AdaptWarning",
    "FileAccessError",
    "FileFormatError",
    "InputError",
    "MissingDependencyError",
    "NotFittedError",
    "UnknownWordError",
    "check_choice",
]


_HALF_A_MESSAGE = 2000


class AdaptError(Exception):
    """Base of every error that `adapt` raises on purpose.

    The message is one line: what is wrong, where, and what to do about it. What a file holds may
    be part of it, so that characters which would break the line, or steer a terminal, are escaped,
    and of very long messages the middle is left out.
    """

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else ""
        if len(message) > 2 * _HALF_A_MESSAGE:
            message = f"{message[:_HALF_A_MESSAGE]} … {message[-_HALF_A_MESSAGE:]}"
        if message.isprintable():
            return message
        return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in message)


class InputError(AdaptError, ValueError):
    """A value, an option or a combination of them that cannot be used."""


class FileFormatError(InputError):
    """A file whose content is not what its format demands.

    Parameters
    ----------
    path : Path or str
        The offending file.
    problem : str
        What is wrong and what to do.
    line : int, optional
        Line of the problem, counted from 1.
    byte : int, optional
        Offset of the problem, counted from 0, for binary files.
    """

    def __init__(
        self,
        path: Path | str,
        problem: str,
        *,
        line: int | None = None,
        byte: int | None = None,
    ) -> None:
        place = f"{path}"
        if line is not None:
            place += f", line {line}"
        elif byte is not None:
            place += f", byte {byte}"
        super().__init__(f"{place}: {problem}")
        self.path = Path(path)
        self.problem = problem
        self.line = line
        self.byte = byte

    def __reduce__(self) -> tuple[Any, ...]:
        # worker processes send their errors home by pickle, which would call with the message alone
        return partial(FileFormatError, line=self.line, byte=self.byte), (self.path, self.problem)


class FileAccessError(AdaptError, OSError):
    """A file that is missing, cannot be read, or cannot be written."""


class MissingDependencyError(AdaptError, ImportError):
    """An optional package that the requested feature needs is not installed."""


class NotFittedError(AdaptError, ValueError, AttributeError):
    """An estimator or strategy was used before `fit`."""


class UnknownWordError(AdaptError, KeyError):
    """A word that a vocabulary or a set of vectors does not hold."""


def check_choice(key: str, value: str, choices: Collection[str]) -> None:
    """Refuse a value that is none of the choices, with the nearest of them if one is near.

    Raises
    ------
    InputError
        If it is none.
    """
    if value not in choices:
        near = get_close_matches(value, choices, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(choices)}"
        raise InputError(f"{key} is {value!r}; {hint}")


class AdaptWarning(UserWarning):
    """Something was repaired or left out; the message says what and how often."""
