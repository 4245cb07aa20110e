"""What files are made of where readers go wrong: numbers at the edge, and marks of formats."""

from __future__ import annotations

import struct

__all__ = ["TOKENS"]

_SIZES = (0, 1, -1, 2, 255, 2**15, 2**31 - 1, -(2**31), 2**32, 2**40, 2**62, 2**63 - 1, -(2**63))
_WORDS = (
    "nan", "-inf", "1e999", "1e39", "-0", "0x1p3", "1_0", "٣", "0", "-1", "99999999999999999999",
    "true", "null", "[]", "{}", '""', "[" * 50, '{"a":' * 20, '"\\ud800"', "\\", "\\u0000",
    "\r\n", "\n\n", "\r", "\t", "  ", "\x0b", "\x1c", "\x85", "\u2028", "\xa0", "\ufeff", "\0",
    "é", "😀", "x\x01", "x^", '"', "'", ",", ";", "#", ":", "/", "..", "../", "%", "<", "&", "]]>",
    "2 3\n", "999999999 999999999\n", "__metadata__", "shape", "F32", "I64", "BOOL", "dtype",
    "data_offsets", "<!DOCTYPE", "<!ENTITY", "&a;", "<?xml", "[Term]", "is_a: ", "[[", "]", "=",
    "1979-05-27",
)  # fmt: skip
_MARKS = (
    b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff\xfe", b"\x80\x04",
    b"\x1f\x8b\x08",
    b"PK\x03\x04", b"PK\x01\x02",
    b"PK\x05\x06", b"\x28\xb5\x2f\xfd", b"\x93NUMPY", b"|O", b"<U9", b"BZh9",
)  # fmt: skip

TOKENS: tuple[bytes, ...] = (
    *(word.encode() for word in _WORDS),
    *_MARKS,
    *(struct.pack("<q", size) for size in _SIZES),
    *(struct.pack("<i", size) for size in _SIZES if -(2**31) <= size < 2**31),
    *(struct.pack("<f", value) for value in (float("nan"), float("inf"), 3e38, 1e-45)),
)
