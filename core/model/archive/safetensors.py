"""``.safetensors``: a header of JSON with every array's type, shape and place, then the bytes; in the limited process.

Source: "Format" in the documentation of safetensors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.limits import allowing, most
from core.model.archive.gate import mapping, sequence, shown, whole
from core.model.archive.held_array import BFLOAT16, HeldArray, Read, declared
from core.model.archive.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.model.archive.gate import Json
    from core.model.between import Content

LENGTH = 8
"""Bytes of the length that stands first."""

MAX_HEADER = 1 << 24
METADATA = "__metadata__"
BF16 = "BF16"

TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    BF16: "<u2",
    "BOOL": "|b1",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
}
"""What the format calls a type -> NumPy's; bfloat16 is the first half of a float32."""


def is_safetensors(start: Content, size: int) -> bool:
    """Say whether a file of ``size`` bytes begins as the format does: with a length that may be, and a JSON object."""
    return bytes(start[LENGTH : LENGTH + 1]) == b"{" and int.from_bytes(start[:LENGTH], "little") <= size - LENGTH


def from_bfloat16(halves: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """Return the numbers whose bits are ``halves``, each of them exactly."""
    return (halves.astype("<u4") << 16).view("<f4")


def to_bfloat16(numbers: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Return the bits of float32 ``numbers`` that bfloat16 keeps: all, of numbers that came from it."""
    return (np.ascontiguousarray(numbers, "<f4").view("<u4") >> 16).astype("<u2").reshape(numbers.shape)


def read_safetensors(data: Content) -> Read:
    """Return the arrays of the file ``data``.

    Raises:
        Refused: its header is none, or speaks of bytes that are not there, or of some twice.
    """
    size = int.from_bytes(data[:LENGTH], "little")
    if not 0 < size <= len(data) - LENGTH:
        raise Refused(f"expected a header in the file, got one of {size:,} bytes; the file is damaged")
    if size > most(MAX_HEADER):
        raise Refused(
            f"expected a header of at most {most(MAX_HEADER) >> 20:,} MiB, got one of {size:,} bytes; "
            f"{allowing(size, MAX_HEADER)}"
        )
    header = mapping("the header", read_json("the header", bytes(data[LENGTH : LENGTH + size]), _once))
    metadata = mapping("the metadata", header.pop(METADATA, {}))
    saved_by = metadata.get("format", "")
    return Read("safetensors", saved_by if isinstance(saved_by, str) else "", _arrays(header, data, LENGTH + size), [])


def _once(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Refused("expected every name in the header once, got one twice; don't trust this file")
    return made


def _arrays(header: Json, data: Content, start: int) -> Iterator[HeldArray]:
    left = len(data) - start
    for name, value in header.items():
        what = f"the array {shorten(name)}"
        given = mapping(what, value)
        if given.get("dtype") not in TYPES:
            raise Refused(f"expected {what} of one of {', '.join(TYPES)}, got {shown(given.get('dtype'))}")
        dtype = np.dtype(TYPES[given["dtype"]])
        shape = tuple(whole(f"a side of {what}", side, 0, 1 << 48) for side in sequence(what, given.get("shape")))
        begin, end = _offsets(what, given.get("data_offsets"), len(data) - start)
        size = declared(what, shape, dtype.itemsize)
        left -= size
        # Together they are no more than the file has: none stands for the bytes of another.
        if end - begin != size or left < 0:
            raise Refused(f"expected {what} of {size:,} bytes of its own, got other ones; the file is damaged")
        values = np.frombuffer(data, dtype, size // dtype.itemsize, start + begin).reshape(shape)
        wide = from_bfloat16(values) if given["dtype"] == BF16 else values
        yield HeldArray("", name, wide, BFLOAT16 if given["dtype"] == BF16 else dtype.name)


def _offsets(what: str, value: object, size: int) -> tuple[int, int]:
    places = sequence(f"the place of {what}", value)
    if len(places) != 2:
        raise Refused(f"expected a beginning and an end of {what}, got {len(places):,} numbers; the file is damaged")
    begin = whole(f"the beginning of {what}", places[0], 0, size)
    return begin, whole(f"the end of {what}", places[1], begin, size)
