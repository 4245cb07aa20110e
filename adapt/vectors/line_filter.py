"""Finding the lines of wanted words in text, without taking the other lines apart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

__all__ = ["LineFilter"]

_KEY_BYTES = 8
_NEWLINE = ord("\n")
_SPACES, _ONES, _HIGH_BITS = (
    np.uint64(int.from_bytes(bytes([byte]) * _KEY_BYTES, "little")) for byte in (0x20, 0x01, 0x80)
)


class LineFilter:
    """Finds lines that begin with one of some words, or with the part of one before a space.

    The first eight bytes of all lines are compared at once, as whole numbers; only lines that
    agree in them are cut out and compared in full.

    Parameters
    ----------
    words : iterable of str
        The wanted words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        # a line that starts with a space starts with its second part, whichever that is
        self._starts = {b""} | {
            word.encode("utf-8", "surrogatepass").split(b" ", 1)[0] for word in words
        }
        keys = {int.from_bytes(start[:_KEY_BYTES], "little") for start in self._starts}
        self._keys = np.array(sorted(keys), dtype=np.uint64)

    def find(self, content: bytes) -> tuple[list[int], list[bytes]]:
        """Return the positions of such lines among the lines of `content`, and the lines."""
        ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == _NEWLINE)
        begins = np.concatenate(([0], ends + 1))
        ends = np.append(ends, len(content))
        keys = _first_parts(content, begins)
        nearest = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        agreeing = np.flatnonzero(self._keys[nearest] == keys)
        positions, lines = [], []
        for at, begin, end in zip(
            agreeing.tolist(), begins[agreeing].tolist(), ends[agreeing].tolist(), strict=True
        ):
            line = content[begin:end]
            space = line.find(b" ")
            if space >= 0 and line[:space] in self._starts:
                positions.append(at)
                lines.append(line)
        return positions, lines


def _first_parts(content: bytes, begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the bytes from `begins` to the next space, at most eight, as little-endian numbers."""
    # the last lines may be too close to the end to have eight bytes
    tail = max(0, len(content) - _KEY_BYTES + 1)
    n_before = int(np.searchsorted(begins, tail))
    values = np.concatenate(
        (
            _numbers(content, begins[:n_before]),
            _numbers(content[tail:] + bytes(_KEY_BYTES), begins[n_before:] - tail),
        )
    )
    # a byte that is a space becomes zero; the borrow of the subtraction marks the lowest such
    # byte in its highest bit (and perhaps higher ones, which do not matter)
    without_spaces = values ^ _SPACES
    marks = (without_spaces - _ONES) & ~without_spaces & _HIGH_BITS
    lowest = marks & (~marks + np.uint64(1))
    # all bits below the marked byte; without a mark 0 - 1 wraps around to all bits there are
    below = (lowest >> np.uint64(7)) - np.uint64(1)
    return values & below


def _numbers(content: bytes, begins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    n_places = max(0, len(content) - _KEY_BYTES + 1)
    every = np.ndarray((n_places,), dtype="<u8", buffer=content, strides=(1,))
    return every[begins]
