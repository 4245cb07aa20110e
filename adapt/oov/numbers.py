"""Words with digits, by their neighbours in size."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["NumberIndex"]

_DIGIT, _OTHER = re.compile(r"[0-9]"), re.compile(r"[^0-9]")
_MOST_DIGITS = 18
_N_NEAREST = 3


class NumberIndex:
    """Known words with digits, sorted by shape and size.

    The shape is the word with all its digits made 0, the size the number that its digits form:
    ``2017`` is near ``2016``, and ``i70`` near ``i69``, but not near ``70``.

    Parameters
    ----------
    words : iterable of str
        The known words, also those without digits.
    """

    def __init__(self, words: Iterable[str]) -> None:
        of_shape: dict[str, list[tuple[int, str]]] = {}
        for word in words:
            if _DIGIT.search(word) and (size := _size(word)) is not None:
                of_shape.setdefault(_DIGIT.sub("0", word), []).append((size, word))
        self._of_shape = {shape: sorted(numbers) for shape, numbers in of_shape.items()}

    def nearest(self, word: str) -> tuple[str, ...]:
        """Return the three known words of the same shape whose sizes are nearest, or fewer.

        Examples
        --------
        >>> NumberIndex(["1998", "2003", "2008", "2015", "40", "x"]).nearest("2007")
        ('2008', '2003', '2015')
        """
        size = _size(word) if _DIGIT.search(word) else None
        numbers = self._of_shape.get(_DIGIT.sub("0", word)) if size is not None else None
        if size is None or numbers is None:
            return ()
        place = bisect_left(numbers, (size, ""))
        around = numbers[max(0, place - _N_NEAREST) : place + _N_NEAREST]
        around.sort(key=lambda number: abs(number[0] - size))
        return tuple(known for _, known in around[:_N_NEAREST])


def _size(word: str) -> int | None:
    digits = _OTHER.sub("", word)
    return int(digits) if len(digits) <= _MOST_DIGITS else None
