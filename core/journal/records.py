"""A file that only grows, of records that each have their length and a checksum: a torn last one is known as such.

A record has a *part*, which says what it is, and *bulk*, the numbers or bytes that it speaks of, which may be large.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from core.saving import write_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Bytes = bytes | memoryview

MAGIC = b"byhand journal 1\n"

HEAD = struct.Struct("<IQI")
"""Before each record: how long its part is, how long its bulk, and the checksum of both lengths and both."""

LENGTHS = struct.Struct("<IQ")


class Record(NamedTuple):
    """One record, and where in its file it ends."""

    part: memoryview
    bulk: memoryview
    end: int


def framed(part: bytes, bulk: Sequence[Bytes] = ()) -> list[Bytes]:
    """Return what stands in a file for a record whose bulk is these pieces, one after the other."""
    lengths = LENGTHS.pack(len(part), sum(len(piece) for piece in bulk))
    checksum = crc32(part, crc32(lengths))
    for piece in bulk:
        checksum = crc32(piece, checksum)
    return [lengths + checksum.to_bytes(4, "little") + part, *bulk]


def records(data: memoryview) -> Iterator[Record]:
    """Give the records in ``data`` until the first that is not whole, as the last one of a session that was killed.

    Nothing is given of what is no journal at all.
    """
    place = len(MAGIC)
    if data[:place] != MAGIC:
        return
    while place + HEAD.size <= len(data):
        part_length, bulk_length, checksum = HEAD.unpack_from(data, place)
        start = place + HEAD.size
        middle, end = start + part_length, start + part_length + bulk_length
        if end > len(data):
            return
        lengths = data[place : place + LENGTHS.size]
        if crc32(data[start:end], crc32(lengths)) != checksum:
            return
        yield Record(data[start:middle], data[middle:end], end)
        place = end


def append(descriptor: int, buffers: Sequence[Bytes]) -> int:
    """Write ``buffers`` at the end of a file, and return how many bytes they were.

    Raises:
        OSError: the system did not take all of them.
    """
    return sum(write_all(descriptor, buffer) for buffer in buffers)
