"""Making checksums good again: else mutation would hardly ever get past them."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib

import numpy as np

from adapt.experiment.store import _checksum
from adapt.vectors.tensor_file import _DTYPES

__all__ = ["archive_of", "with_checksum", "with_sums"]

_GZIP_HEADER_BYTES = 10  # of a header without a name or other extras
_CRC_IN_ENTRY, _SIZES_IN_ENTRY, _PLACE_IN_ENTRY = 16, 20, 42
_CRC_IN_HEADER, _LENGTHS_IN_HEADER, _HEADER_BYTES = 14, 26, 30
_SHA256 = re.compile(rb"[0-9a-f]{64}")


def archive_of(content: bytes) -> bytes:
    """Put an XML document into a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("1.xml"), content)
    return packed.getvalue()


def with_sums(content: bytes) -> bytes:
    """Correct the CRC-32 of what a gzip file or the members of a zip archive hold."""
    if content.startswith(b"\x1f\x8b"):
        return _with_gzip_sum(content)
    changed = bytearray(content)
    for entry in re.finditer(rb"PK\x01\x02", content):
        crc = struct.pack("<I", zlib.crc32(_member(content, entry.start())))
        (place,) = struct.unpack_from("<I", content, entry.start() + _PLACE_IN_ENTRY)
        for start in (entry.start() + _CRC_IN_ENTRY, place + _CRC_IN_HEADER):
            changed[start : start + len(crc)] = crc
    return bytes(changed)


def _member(content: bytes, entry: int) -> bytes:
    """Return what a member holds, stored as it is, by its entry in the central directory."""
    size, _ = struct.unpack_from("<2I", content, entry + _SIZES_IN_ENTRY)
    (place,) = struct.unpack_from("<I", content, entry + _PLACE_IN_ENTRY)
    start = (
        place + _HEADER_BYTES + sum(struct.unpack_from("<2H", content, place + _LENGTHS_IN_HEADER))
    )
    return content[start : start + size]


def _with_gzip_sum(content: bytes) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = stream.decompress(content[_GZIP_HEADER_BYTES:], 1 << 20)
    packed = content[: len(content) - len(stream.unused_data)]
    return packed + struct.pack("<2I", zlib.crc32(unpacked), len(unpacked))


def with_checksum(content: bytes) -> bytes:
    """Correct the SHA-256 in an entry of the store."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    arrays = {
        name: np.frombuffer(
            content[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]],
            dtype=_DTYPES[entry["dtype"]],
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }
    return _SHA256.sub(_checksum(arrays).encode(), content, count=1)
