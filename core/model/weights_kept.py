"""The numbers of a file's arrays that were changed, as bytes, and these numbers in the arrays again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.errors import Refused, shorten
from core.formatting import count

if TYPE_CHECKING:
    from core.model.archive.held_array import HeldArray
    from core.model.weights_file import WeightsFile


class _Changed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of one array the places in C order of what changed, as whole numbers of 64 bits, and the numbers themselves."""

    array: str
    dtype: str
    shape: tuple[int, ...]
    places: bytes
    numbers: bytes


def changes(opened: WeightsFile, held: WeightsFile) -> bytes:
    """Return what of the arrays ``held`` is another number than in those that were ``opened``."""
    pairs = zip(opened.arrays, held.arrays, strict=True)
    return msgspec.msgpack.encode([_changed(old, new) for old, new in pairs if old.values is not new.values])


def _changed(old: HeldArray, new: HeldArray) -> _Changed:
    before, after = np.ascontiguousarray(old.values), np.ascontiguousarray(new.values)
    # As bytes, because NaN is equal to nothing; an array has one type.
    sizes = before.size, before.itemsize
    differs = before.reshape(-1).view(np.uint8).reshape(sizes) != after.reshape(-1).view(np.uint8).reshape(sizes)
    places = np.flatnonzero(differs.any(axis=1)).astype("<i8")
    numbers = after.reshape(-1)[places].tobytes()
    return _Changed(new.path, after.dtype.str, after.shape, places.tobytes(), numbers)


def changed_in_words(kept: bytes) -> str:
    """Return how many numbers are others, and of which arrays; "" if none are.

    Raises:
        Refused: it is something else.
    """
    changed = [one for one in _read(kept) if one.places]
    numbers = sum(len(one.places) // 8 for one in changed)
    if not changed:
        return ""
    where = f"{count(len(changed), 'array')}, the first {shorten(changed[0].array)}"
    return f"{count(numbers, 'number')} of the file changed, in {where}"


def _read(kept: bytes) -> list[_Changed]:
    try:
        return msgspec.msgpack.decode(kept, type=list[_Changed])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refused("expected changed numbers of a file's arrays, got something else; throw it away") from None


def with_changes(opened: WeightsFile, kept: bytes) -> WeightsFile:
    """Return the arrays that were ``opened`` with the numbers that were kept of them.

    Raises:
        Refused: it is something else, or the file has not those arrays any more.
    """
    changed = {one.array: one for one in _read(kept)}
    arrays = tuple(_with(array, changed.pop(array.path, None)) for array in opened.arrays)
    if changed:
        raise Refused(f"expected an array {shorten(next(iter(changed)))} in the file, got none; put the file back")
    return replace(opened, arrays=arrays)


def _with(array: HeldArray, changed: _Changed | None) -> HeldArray:
    if changed is None:
        return array
    values = array.values.copy()
    places = np.frombuffer(changed.places, "<i8") if len(changed.places) % 8 == 0 else np.array([-1])
    fits = (values.dtype.str, values.shape) == (changed.dtype, changed.shape)
    if not fits or len(changed.numbers) != len(places) * values.itemsize:
        raise Refused(f"expected {shorten(array.path)} as it was opened, got another array; put the file back")
    if len(places) and not (places.min() >= 0 and places.max() < values.size):
        raise Refused(f"expected changed numbers within {shorten(array.path)}, got others; throw it away")
    values.reshape(-1)[places] = np.frombuffer(changed.numbers, values.dtype)
    values.flags.writeable = False
    return replace(array, values=values)
