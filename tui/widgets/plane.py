"""Plane: two inputs as a picture: the prediction as a field of colour and signs, the points upon it as x and o."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.data.extent import UNIT, Extent
from core.formatting import ends

if TYPE_CHECKING:
    import numpy.typing as npt
    from rich.style import Style

    from core.arrays import AnyArray

MARKS = "oxvszkmhtq"
"""How points of each kind are drawn; those that are marked are drawn in capitals."""

MOST_KINDS = len(MARKS)
"""Kinds of points that are told apart; of more the last stands for the others."""

SIDES = {"empty": " ", "positive": "+", "negative": "-"}
"""How a cell without a point is drawn where there are two sides; where there are several, by the number of one."""

AXIS = "x1"
"""The name of the lower axis."""

EDGE = 2
"""Columns of the left edge at least: room for the other axis's name."""

MOST_EDGE = 11
"""Columns of the left edge at most: -1.00000001 tells two float32 apart."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Predictions over ``extent`` as (rows from the top, columns) or none, points as (n, 2), and the kind of each.

    The kinds, counted from 0, have ``names``. A prediction is on one of two sides, above 0 or not; where there are
    ``several`` it is the number of a kind. The points that are ``marked`` as changed are drawn in capitals, and before
    any other in the same cell.
    """

    field: AnyArray | None
    points: AnyArray
    kinds: npt.NDArray[np.int8]
    marked: npt.NDArray[np.bool_] | None = None
    extent: Extent = UNIT
    names: tuple[str, ...] = ("-1", "+1")
    several: bool = False

    def legends(self) -> tuple[str, ...]:
        """Return what the marks are, from the longest text to the shortest."""
        told = tuple(zip(self.names[:MOST_KINDS], MARKS, strict=False))
        marks = told[::-1] if len(told) == 2 else told
        long = ", ".join(f"{mark} is {name}" for name, mark in marks)
        short = ", ".join(f"{mark} {name}" for name, mark in marks)
        if self.marked is not None:
            changed = ", ".join(mark.upper() for _, mark in marks[:2]) + (" ..." if len(marks) > 2 else "")
            return (f"{AXIS}  ({short}; {changed} changed)", f"{AXIS}  ({short})", AXIS)
        return (f"{AXIS}   ({long})", f"{AXIS}  ({short})", AXIS)


class Plane(Widget):
    """Draws a :class:`Picture` into whatever room there is; the axes are named on its left and lower edge."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "plane--empty",
        "plane--negative",
        "plane--positive",
        "plane--negative-point",
        "plane--positive-point",
        "plane--marked-point",
        *(f"plane--class-{place}" for place in range(MOST_KINDS)),
        *(f"plane--class-{place}-point" for place in range(MOST_KINDS)),
        "plane--axis",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture: Picture | None = None
        self._marks = np.zeros((0, 0), dtype=np.int8)
        self._marked_for = (0, 0)
        self._take_axes(UNIT)
        self._styles: dict[tuple[str, int], Style] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    @property
    def cells(self) -> tuple[int, int]:
        """How many (columns, rows) the picture itself has."""
        return max(self.content_size.width - self._edge, 0), max(self.content_size.height - 1, 0)

    def show(self, picture: Picture) -> None:
        """Draw another picture."""
        if self._picture is None or picture.names != self._picture.names:
            self._styles.clear()
        self._picture = picture
        self._take_axes(picture.extent)
        self._marked_for = (0, 0)
        self.refresh()

    def _take_axes(self, extent: Extent) -> None:
        """Note the numbers at the ends of the axes (left, right, bottom and top) and the columns of the left edge."""
        left, right, bottom, top = extent
        self._ends = *ends(left, right, MOST_EDGE), *ends(bottom, top, MOST_EDGE)
        self._edge = max(EDGE, *(len(end) for place, end in enumerate(self._ends) if place != 1))

    def _place_points(self) -> None:
        """Find the cell of every point, unless that was done for this picture at this size."""
        columns, rows = self.cells
        if self._marked_for == (columns, rows):
            return
        self._marked_for = (columns, rows)
        self._marks = np.zeros((rows, columns), dtype=np.int8)
        if self._picture is not None and columns and rows:
            _place(self._picture, self._marks)

    def render_line(self, y: int) -> Strip:
        self._place_points()
        columns, rows = self.cells
        axis = self._style("axis")
        if y >= rows or self._picture is None:
            text = self._lower_edge(columns) if y == rows else ""
            return Strip([Segment(text, axis)]).adjust_cell_length(self.content_size.width, axis)
        _, _, bottom, top = self._ends
        edge = top if y == 0 else bottom if y == rows - 1 else "x2" if y == rows // 2 else ""
        cells = [Segment(edge.rjust(self._edge), axis)]
        sides = self._sides(y, columns, rows)
        runs = groupby(zip(sides, self._marks[y].tolist(), strict=True))
        cells += [self._cells(side, mark, len(list(run))) for (side, mark), run in runs]
        return Strip(cells).simplify()

    def _lower_edge(self, columns: int) -> str:
        left, right, *_ = self._ends
        room = columns - len(right) - 1
        legends = (AXIS,) if self._picture is None else self._picture.legends()
        legend = next((text for text in legends if len(text) <= room), AXIS)
        return f"{left:>{self._edge}}{legend:^{max(room, 2)}}{right}"

    def _sides(self, row: int, columns: int, rows: int) -> list[str]:
        """Return what is predicted in every cell of a row."""
        picture = self._picture
        if picture is None or picture.field is None:
            return ["empty"] * columns
        field = picture.field
        shown = field[row * field.shape[0] // rows, np.arange(columns) * field.shape[1] // columns]
        if picture.several:
            kinds = np.clip(shown, -1, MOST_KINDS - 1).astype(np.int64).tolist()
            return ["empty" if kind < 0 else f"class-{kind}" for kind in kinds]
        return ["positive" if positive else "negative" for positive in (shown > 0).tolist()]

    def _cells(self, side: str, mark: int, run: int) -> Segment:
        return Segment(_sign(side, mark) * run, self._style(side, mark))

    def _style(self, side: str, mark: int = 0) -> Style:
        """Return how a cell is drawn; working that out for each one would take longer than all else."""
        if (side, mark) not in self._styles:
            style = self.get_component_rich_style(f"plane--{side}")
            if mark:
                several = self._picture is not None and (self._picture.several or len(self._picture.names) > 2)
                style += self.get_component_rich_style(f"plane--{_point(mark, several)}", partial=True)
            self._styles[side, mark] = style
        return self._styles[side, mark]


def _sign(side: str, mark: int) -> str:
    """Return how a cell is drawn: the mark of its last point, or else the side that is predicted there."""
    if mark:
        return MARKS[mark - 1] if mark <= MOST_KINDS else MARKS[mark - 1 - MOST_KINDS].upper()
    return SIDES.get(side, side.removeprefix("class-"))


def _point(mark: int, several: bool) -> str:
    """Return the part of a style that a point's mark has."""
    if mark > MOST_KINDS:
        return "marked-point"
    return f"class-{mark - 1}-point" if several else ("negative-point", "positive-point")[mark - 1]


def _place(picture: Picture, marks: npt.NDArray[np.int8]) -> None:
    """Write the mark of the last point of every cell, counted from 1; a million points take some milliseconds."""
    rows, columns = marks.shape
    left, right, bottom, top = picture.extent
    across, up = (
        _cells_of(picture.points[:, axis], *edges)
        for axis, edges in enumerate(((left, right, columns), (bottom, top, rows)))
    )
    cells = (rows - 1 - up) * columns + across
    kinds = picture.kinds + np.int8(1)
    flat = marks.reshape(-1)
    flat[cells] = kinds
    if picture.marked is not None:
        flat[cells[picture.marked]] = kinds[picture.marked] + np.int8(MOST_KINDS)


def _cells_of(values: AnyArray, low: float, high: float, cells: int) -> npt.NDArray[np.int32]:
    """Return in which of so many cells between ``low`` and ``high`` each value lies; in the nearest if in none."""
    # In float64: the ends of float32 are further apart than a float32 can say.
    places = (values - np.float64(low)) * (cells / (high - low))
    return np.clip(places.astype(np.int32), 0, cells - 1)
