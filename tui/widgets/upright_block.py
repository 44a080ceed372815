"""One step of a calculation as on paper: its vectors upright in brackets, the inputs right of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tui.widgets.page_block import Block
from tui.widgets.text import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calculation.calculated import Spot, Value
    from tui.widgets.page_block import Page

FRAME = 3
"""Columns of a box beside its numbers: its brackets, and the space before the right one."""

APART = 1
"""Columns between two boxes."""


class Box(NamedTuple):
    """A matrix or a vector in brackets: the value that it shows, its heading, its left bracket's column, its size."""

    value: Value
    heading: str
    left: int
    columns: int
    lines: int


class Upright(Block):
    """A step with all of its inputs on the page, as many columns wide and lines high as that takes."""

    def __init__(self, page: Page, place: int, top: int) -> None:
        super().__init__(page, place, top, 0)
        self.shown = self.inputs
        self.boxes = self._boxes()

    def _boxes(self) -> list[Box]:
        given, kernel = self.step.given, self.step.values.get("kernel")
        operands = [] if kernel is None else [(kernel, f"{self.letter('kernel')}^T"), (given, self.letter("given"))]
        boxes, left = [], self.name
        for value, heading in [*operands, *self.results]:
            columns = self.inputs if value is kernel else 1
            boxes.append(Box(value, heading, left, columns, self.inputs if value is given else self.units))
            left += self._width(columns) + APART
        return boxes

    def _width(self, columns: int) -> int:
        return columns * self.cell + FRAME

    @property
    def width(self) -> int:
        """Columns that the block takes."""
        return self.boxes[-1].left + self._width(self.boxes[-1].columns)

    @property
    def rows(self) -> range:
        return range(max(self.units, self.inputs))

    def row_of(self, spot: Spot) -> int:
        return spot.index[-1]

    def spots(self, row: int) -> Sequence[Spot]:
        return [spot for box in self.boxes for spot in self._of_box(box, row)]

    def seen(self, row: int) -> list[Spot]:
        return list(self.spots(row))

    def _of_box(self, box: Box, row: int) -> list[Spot]:
        if row >= box.lines:
            return []
        if box.value.name == "kernel":
            return [box.value.spot((place, row)) for place in range(self.inputs)]
        return [box.value.spot((row,))]

    def x_of(self, spot: Spot) -> int:
        of = (spot.call, spot.value)
        left = next(box.left for box in self.boxes if (box.value.call, box.value.name) == of)
        return left + 1 + (spot.index[0] * self.cell if spot.value == "kernel" else 0)

    # Walking: up and down stay in the box

    def valid(self, spot: Spot) -> Spot:
        spots = self.spots(min(self.row_of(spot), max(self._lines(spot), 1) - 1))
        return spot if spot in spots else spots[-1]

    def enter(self, direction: int, x: int) -> Spot:
        spot = self._nearest(0, x)
        return spot if direction > 0 else self._on_row(spot, self._lines(spot) - 1)

    def next(self, spot: Spot, direction: int, x: int) -> Spot | None:  # noqa: ARG002 - a box has straight columns
        row = self.row_of(spot) + direction
        return self._on_row(spot, row) if 0 <= row < self._lines(spot) else None

    def _lines(self, spot: Spot) -> int:
        return self.inputs if self.inputs and self.is_given(spot) else self.units

    @staticmethod
    def _on_row(spot: Spot, row: int) -> Spot:
        return msgspec.structs.replace(spot, index=(*spot.index[:-1], row))

    # What stands on a line

    def headings(self) -> list[Spot | str]:
        line: list[Spot | str] = [" " * self.name]
        for box in self.boxes:
            width = self._width(box.columns)
            line += [fit(self._heading(box, width).center(width), width), " " * APART]
        return line

    def _heading(self, box: Box, width: int) -> str:
        whole = f"{box.heading} = {self.letter('output')}"
        return whole if box is self.boxes[-1] and len(whole) <= width else box.heading

    def line(self, row: int) -> list[Spot | str]:
        label = self.label(row) if row < self.units else ""
        line: list[Spot | str] = [fit(label, self.name)]
        for box in self.boxes:
            numbers = self._of_box(box, row)
            line += ["[", *numbers, " ]"] if numbers else [" " * self._width(box.columns)]
            line.append(" " * APART)
        return line
