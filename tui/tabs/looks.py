"""Looks: the ways in which a layer's numbers can be looked at, and the lines that say what is seen and which keys."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tui.widgets.kernel_pictures import MARKS
from tui.widgets.layer_table import under_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.editing.layer_view import ArrayPlace
    from core.editing.plane import Plane


class Look(Enum):
    """How a layer is shown; the value is what the key that leads there promises."""

    WHOLE = "table"
    SLICE = "slices"
    PICTURES = "pictures"


ROOM = 46
"""Columns that a line has at 80 beside a model's calls."""

STEP_KEYS = (", .", "< >")
"""What steps the first and the second of the axes that are no table."""


def whole_words(shape: tuple[int, ...], words: Sequence[str], following: Look) -> str:
    """Return how the rows of a convolution's kernel of ``shape`` are named, whose axes are called by ``words``."""
    channel = () if shape[-2] == 1 or words[-2] != "in" else ("channel",)
    said, key = f"{','.join((*words[:-2], *channel))} in the window", f"S: {following.value}"
    return f"{said}   {key}" if len(said) + len(key) + 3 <= ROOM else f"{said}\n{key}"


def slice_words(plane: Plane, names: Sequence[str], following: Look) -> str:
    """Return which part of a kernel is shown, and what steps through the rest."""
    sizes = plane.shape
    parts = [
        f"{names[axis]} {plane.at[axis] + 1:,} of {sizes[axis]:,}" if axis in plane.others else ":"
        for axis in range(len(sizes))
    ]
    steps = [f"{keys} {names[axis]}" for keys, axis in zip(STEP_KEYS, plane.others, strict=False) if sizes[axis] > 1]
    return f"kernel[{', '.join(parts)}]\n{'   '.join([*steps, 'x axes', f'S: {following.value}'])}"


def picture_words(following: Look) -> str:
    """Return what the marks of a picture stand for."""
    marks = "  ".join(mark.strip() for part, mark in MARKS.items() if part != "odd")
    return f"thirds of the scale:  {marks}\nenter: this one as a slice   S: {following.value}"


def number_words(place: ArrayPlace, shape: tuple[int, ...], words: Sequence[str]) -> str:
    """Return which number of a convolution with a kernel of ``shape`` is meant."""
    unit = place.at[-1] + 1
    if place.array:
        return f"bias of filter {unit}"
    return f"weight at {under_window(place.at, shape, words)} of {words[-1]} {unit}"
