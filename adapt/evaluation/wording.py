"""Numbers as a reader meets them: percentages, points, p-values, intervals, lists."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "decimal",
    "interval",
    "labels",
    "listed",
    "p_value",
    "percent",
    "percent_interval",
    "rounded",
    "signed_difference",
    "signed_points",
    "signed_points_interval",
    "unsigned_points",
]

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"  # where a line must not end


def percent(share: float) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.1804)
    '18.0%'
    """
    return f"{_number(100 * share)}%"


def percent_interval(low: float, high: float) -> str:
    """Write the interval between two shares, in percent, without the sign."""
    return interval(_number(100 * low), _number(100 * high))


def signed_points(difference: float) -> str:
    """Write a difference of two shares in percentage points, with its sign.

    A difference that is not zero is never written as zero when a second decimal can show it: an
    interval that ends just short of zero must not look as if it included zero.

    Examples
    --------
    >>> signed_points(0.0213), signed_points(0.0002), signed_points(-0.0)
    ('+2.1', '+0.02', '0.0')
    """
    text = _number(100 * difference)
    return text if float(text.replace(MINUS, "-")) <= 0 else f"+{text}"


def signed_points_interval(low: float, high: float) -> str:
    """Write the interval between two differences, in percentage points."""
    return interval(signed_points(low), signed_points(high))


def signed_difference(difference: float, low: float, high: float) -> str:
    """Write a difference of two shares with its interval, in percentage points.

    Examples
    --------
    >>> signed_difference(0.021, 0.012, 0.03).replace(SPACE, " ")
    '+2.1 [+1.2, +3.0]'
    """
    return f"{signed_points(difference)} {signed_points_interval(low, high)}"


def unsigned_points(difference: float, low: float, high: float) -> str:
    """Write the size of a difference with its interval, where a sentence tells its direction.

    Examples
    --------
    >>> unsigned_points(-0.021, -0.03, -0.012).replace(SPACE, " ")
    '2.1 points [1.2, 3.0]'
    """
    sign = 1 if difference > 0 else -1
    ends = sorted((sign * low, sign * high))
    size, *ends_text = (signed_points(x).removeprefix("+") for x in (abs(difference), *ends))
    return f"{size} points {interval(*ends_text)}"


def interval(low: str, high: str) -> str:
    """Put two written numbers in brackets."""
    return f"[{low},{SPACE}{high}]"


def decimal(value: float, places: int) -> str:
    """Write a number with so many decimals.

    Examples
    --------
    >>> decimal(1234.5, 1), decimal(0.12345, 3)
    ('1,234.5', '0.123')
    """
    return f"{value:z,.{places}f}".replace("-", MINUS)


def p_value(p: float) -> str:
    """Write a p-value.

    Examples
    --------
    >>> [p_value(p).replace(SPACE, " ") for p in (0.0000001, 0.0412, 0.3)]
    ['p < 0.001', 'p = 0.041', 'p = 0.30']
    """
    if p < 0.001:
        return f"p{SPACE}<{SPACE}0.001"
    return f"p{SPACE}={SPACE}{p:.3f}" if p < 0.1 else f"p{SPACE}={SPACE}{p:.2f}"


def rounded(n: int) -> int:
    """Round a number up to its two leading digits, as an estimate is told.

    Examples
    --------
    >>> rounded(8_321), rounded(12), rounded(100)
    (8400, 12, 100)
    """
    unit = int(10 ** max(0, len(str(n)) - 2))
    return -(-n // unit) * unit


def labels(n: int) -> str:
    """Write a label budget.

    Examples
    --------
    >>> labels(7352)
    '7,352 labels'
    """
    return f"{n:,} label" if n == 1 else f"{n:,} labels"


def listed(items: Sequence[str]) -> str:
    """Join items as a sentence does.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _number(value: float) -> str:
    text = f"{value:.1f}"
    if float(text) == 0:
        finer = f"{value:.2f}"
        text = finer if float(finer) != 0 else "0.0"
    return text.replace("-", MINUS)
