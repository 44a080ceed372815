"""``.safetensors``: a header of JSON with every array's type, shape and place, then the bytes; in the limited process.

Source: "Format" in the documentation of safetensors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Refused, shorten
from core.limits import allowing, most
from core.model.archive.gate import mapping, sequence, shown, whole
from core.model.archive.held_array import HeldArray, Read, declared
from core.model.archive.json_text import read_json
from core.model.archive.narrow import BFLOAT16, STORED, widened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.model.archive.gate import Json
    from core.model.between import Content

LENGTH = 8
"""Bytes of the length that stands first."""

MAX_HEADER = 1 << 24
METADATA = "__metadata__"

NARROW_TYPES = {"BF16": BFLOAT16, "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu"}
"""What the format calls a type that NumPy has not -> how files elsewhere call it."""

TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    **{name: STORED[narrow] for name, narrow in NARROW_TYPES.items()},
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
"""What the format calls a type -> NumPy's, or that of its bits."""


def is_safetensors(start: Content, size: int) -> bool:
    """Say whether a file of ``size`` bytes begins as the format does: with a length that may be, and a JSON object."""
    return bytes(start[LENGTH : LENGTH + 1]) == b"{" and int.from_bytes(start[:LENGTH], "little") <= size - LENGTH


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
    left_out = list[str]()
    arrays = _arrays(header, data, LENGTH + size, left_out)
    return Read("safetensors", saved_by if isinstance(saved_by, str) else "", arrays, left_out)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise Refused("expected every name in the header once, got one twice; don't trust this file")
    return made


def _arrays(header: Json, data: Content, start: int, left_out: list[str]) -> Iterator[HeldArray]:
    left = len(data) - start
    for name, value in header.items():
        what = f"the array {shorten(name)}"
        given = mapping(what, value)
        stored = given.get("dtype")
        if not isinstance(stored, str):
            raise Refused(f"expected the type of {what}, such as F32, got {shown(stored)}; the file is damaged")
        shape = tuple(whole(f"a side of {what}", side, 0, 1 << 48) for side in sequence(what, given.get("shape")))
        begin, end = _offsets(what, given.get("data_offsets"), len(data) - start)
        dtype = np.dtype(TYPES.get(stored, np.uint8))
        # How many bytes a type takes that is not known here, the file alone can say.
        size = declared(what, shape, dtype.itemsize) if stored in TYPES else end - begin
        left -= size
        # Together they are no more than the file has: none stands for the bytes of another.
        if end - begin != size or left < 0:
            raise Refused(f"expected {what} of {size:,} bytes of its own, got other ones; the file is damaged")
        if stored not in TYPES:
            left_out.append(name)
            continue
        values, narrow = np.frombuffer(data, dtype, size // dtype.itemsize, start + begin), NARROW_TYPES.get(stored)
        numbers = values if narrow is None else widened(values, narrow)
        yield HeldArray("", name, numbers.reshape(shape), narrow or dtype.name)


def _offsets(what: str, value: object, size: int) -> tuple[int, int]:
    places = sequence(f"the place of {what}", value)
    if len(places) != 2:
        raise Refused(f"expected a beginning and an end of {what}, got {len(places):,} numbers; the file is damaged")
    begin = whole(f"the beginning of {what}", places[0], 0, size)
    return begin, whole(f"the end of {what}", places[1], begin, size)
