"""A file's arrays with one number changed, or a layer's with all: by what each array can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.errors import Refused, shorten
from core.model.archive.narrow import NARROW, nearest
from core.model.literal import parse_number
from core.model.weights import checked_arrays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.arrays import Array
    from core.model.archive.held_array import HeldArray
    from core.model.weights_file import WeightsFile

FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Changed(NamedTuple):
    """A file's arrays with another number, and to what that was ``rounded``, in words; "" if it is as it was typed."""

    held: WeightsFile
    rounded: str


def with_number(held: WeightsFile, place: int, at: tuple[int, ...], text: str) -> Changed:
    """Return the file's arrays with the number in ``text`` at ``at`` of the array at ``place``.

    Raises:
        Refused: it is no number, or none that the array can hold.
    """
    array = held.arrays[place]
    values = array.values.copy()
    values[at] = _number(text, array)
    values.flags.writeable = False
    changed = replace(array, values=values)
    made = replace(held, arrays=(*held.arrays[:place], changed, *held.arrays[place + 1 :]))
    return Changed(made, _rounded(text, values[at], array.dtype))


def in_their_types(
    layer: str, held: Mapping[str, npt.NDArray[Any]], arrays: Sequence[Array]
) -> dict[str, npt.NDArray[Any]]:
    """Return ``arrays`` in the types of those that the layer called ``layer`` has, under their names.

    Raises:
        Refused: they are others in number or shape, or have a number that such an array can't hold.
    """
    checked_arrays(layer, {name: array.shape for name, array in held.items()}, arrays)
    return {
        name: in_type(array, old.dtype, f"{shorten(layer)}: expected {old.dtype} numbers for {shorten(name)}")
        for (name, old), array in zip(held.items(), arrays, strict=True)
    }


def in_type(array: npt.NDArray[Any], dtype: np.dtype[Any], expected: str) -> npt.NDArray[Any]:
    """Return numbers in another type; of fractions the nearest ones, as of what is typed anywhere.

    Raises:
        Refused: it has none for one of them; the sentence begins with what was ``expected``.
    """
    with np.errstate(all="ignore"):
        made = array.astype(dtype)
        kept = made.astype(array.dtype) == array
        kept |= np.isfinite(made) == np.isfinite(array) if dtype.kind == "f" else False
    if not kept.all():
        raise Refused(f"{expected}, got {array[~kept][0]:g}")
    return made


def _rounded(text: str, made: Any, dtype: str) -> str:
    """Say which number stands for the one that was typed, if the fewest digits that tell it are others."""
    if made.dtype.kind != "f" or np.isnan(made) or float(str(made)) == parse_number(text):
        return ""
    return f"{shorten(text.strip())} is {made!s} here: {dtype} has no number nearer to it."


def _number(text: str, array: HeldArray) -> Any:
    """Return the number as the array will have it."""
    dtype = array.values.dtype
    if dtype.kind == "b":
        if text.strip().lower() not in FLAGS:
            raise Refused(f"expected true or false, got {shorten(text.strip())!r}")
        return FLAGS[text.strip().lower()]
    if dtype.kind in "iu":
        return _whole(text, dtype)
    given = np.float64(parse_number(text))
    with np.errstate(over="ignore"):
        made = np.float32(nearest(float(given), array.dtype)) if array.dtype in NARROW else given.astype(dtype)
    if (np.isfinite(given) and not np.isfinite(made)) or (np.isnan(made) and not np.isnan(given)):
        raise Refused(f"expected a number that {array.dtype} holds, got {shorten(text.strip())!r}")
    return made


def _whole(text: str, dtype: np.dtype[Any]) -> int:
    limits = np.iinfo(dtype)
    try:
        number = int(text.strip())
    except ValueError:
        number = limits.max + 1
    if not limits.min <= number <= limits.max:
        got = shorten(text.strip())
        raise Refused(f"expected a whole number from {limits.min:,} to {limits.max:,}, got {got!r}")
    return number
