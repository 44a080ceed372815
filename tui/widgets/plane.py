"""Plane: two inputs as a picture: the prediction as a field of colour and signs, the points upon it as x and o."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from core.arrays import AnyArray

LABEL_MARKS = {True: "x", False: "o"}
"""How points labelled +1 and -1 are drawn."""

SIDE_MARKS = {"empty": " ", "positive": "+", "negative": "-"}
"""How a cell without a point is drawn."""

LEGEND = "x1   (x is +1, o is -1)"
"""The name of the lower axis, and what the points are."""

EDGE = 2


@dataclass(frozen=True, eq=False)
class Picture:
    """Predictions over [0, 1)^2 as (rows from the top, columns) or none, points as (n, 2), and their labels."""

    field: AnyArray | None
    points: AnyArray
    labels: AnyArray


class Plane(Widget):
    """Draws a :class:`Picture` into whatever room there is; the axes are named on its left and lower edge."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plane--empty",
        "plane--negative",
        "plane--positive",
        "plane--negative-point",
        "plane--positive-point",
        "plane--axis",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture: Picture | None = None
        self._marks: dict[tuple[int, int], bool] = {}
        self._marked_for = (0, 0)

    @property
    def cells(self) -> tuple[int, int]:
        """How many (columns, rows) the picture itself has."""
        return max(self.content_size.width - EDGE, 0), max(self.content_size.height - 1, 0)

    def show(self, picture: Picture) -> None:
        """Draw another picture."""
        self._picture = picture
        self._marked_for = (0, 0)
        self.refresh()

    def _place_points(self) -> None:
        """Find the cell of every point, unless that was done for this picture at this size."""
        columns, rows = self.cells
        if self._marked_for == (columns, rows):
            return
        self._marked_for = (columns, rows)
        self._marks = {}
        if self._picture is None or not columns or not rows:
            return
        places = np.clip((self._picture.points * (columns, rows)).astype(int), 0, (columns - 1, rows - 1))
        for (column, row), label in zip(places.tolist(), self._picture.labels.tolist(), strict=True):
            self._marks[column, rows - 1 - row] = label > 0

    def render_line(self, y: int) -> Strip:
        self._place_points()
        columns, rows = self.cells
        axis = self.get_component_rich_style("plane--axis")
        if y >= rows or self._picture is None:
            text = f" 0{LEGEND:^{max(columns - 2, 2)}}1" if y == rows else ""
            return Strip([Segment(text, axis)]).adjust_cell_length(self.content_size.width)
        edge = "1" if y == 0 else "0" if y == rows - 1 else "x2" if y == rows // 2 else ""
        cells = [Segment(edge.rjust(EDGE), axis)]
        sides = self._sides(y, columns, rows)
        cells += [self._cell(sides[column], self._marks.get((column, y))) for column in range(columns)]
        return Strip(cells).simplify()

    def _sides(self, row: int, columns: int, rows: int) -> list[str]:
        """Return what is predicted in every cell of a row."""
        field = None if self._picture is None else self._picture.field
        if field is None:
            return ["empty"] * columns
        shown = field[row * field.shape[0] // rows, np.arange(columns) * field.shape[1] // columns]
        return ["positive" if positive else "negative" for positive in (shown > 0).tolist()]

    def _cell(self, side: str, mark: bool | None) -> Segment:
        style = self.get_component_rich_style(f"plane--{side}")
        if mark is None:
            return Segment(SIDE_MARKS[side], style)
        point = "positive-point" if mark else "negative-point"
        return Segment(LABEL_MARKS[mark], style + self.get_component_rich_style(f"plane--{point}", partial=True))
