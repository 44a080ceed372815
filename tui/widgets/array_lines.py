"""ArrayLines: the arrays of a file, a line each: its name, its shape, and how many numbers it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment

from core.names import told_apart
from tui.widgets.lines import Lines
from tui.widgets.text import fit, fit_right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from core.model.archive.held_array import HeldArray

SCALAR = "()"

SHAPE, NUMBERS = 14, 10
"""Columns of a shape and of an amount at most."""

MOST_TOLD_APART = 1_000
"""Of more names than these, finding out where each can be cut would hold the screen up."""


class ArrayLines(Lines):
    """Shows so much of each name as there is room for."""

    def __init__(self, arrays: Sequence[HeldArray]) -> None:
        super().__init__()
        self._arrays = arrays
        self._names = tuple(array.path for array in arrays)
        self._shape = min(SHAPE, max(len(_shape(array)) for array in arrays))
        self._numbers = min(NUMBERS, max(len(f"{array.values.size:,}") for array in arrays))
        self.show(len(arrays), self._names.__getitem__)

    def segments(self, place: int, width: int, style: Style) -> list[Segment]:
        values = self._arrays[place].values
        room = max(width - self._shape - self._numbers - 2, 1)
        short = len(self._names) <= MOST_TOLD_APART
        name = told_apart(self._names, room)[place] if short else self._names[place]
        shape = fit_right(_shape(self._arrays[place]), self._shape)
        numbers = fit_right(f"{values.size:,}", self._numbers)
        return [Segment(f"{fit(name, room)} {shape} {numbers}", style)]


def _shape(array: HeldArray) -> str:
    return "x".join(map(str, array.values.shape)) or SCALAR
