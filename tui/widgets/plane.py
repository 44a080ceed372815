"""Plane: two inputs as a picture: the prediction as a field of colour and signs, the points upon it as x and o."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from core.cells import cell_width
from core.data.extent import UNIT, Extent
from core.formatting import ends
from tui.widgets.text import CUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from rich.style import Style

    from core.arrays import AnyArray

MARKS = "oxvszkmhtq"
"""How points of each kind are drawn; those that are marked are drawn in capitals."""

MOST_KINDS = len(MARKS)
"""Kinds of points that are told apart; of more the last stands for the others."""

SIDES = {"empty": " ", "positive": "+", "negative": "-"}
"""How a cell without a point is drawn where there are two sides; where there are several, by the number of one."""

AXES = ("x1", "x2")
"""The names of the lower and the left axis where nothing else is said."""

ASPECT = 2
"""How many times as high as wide a cell of a terminal is, about: a square has so many columns for each of its rows."""

APART = 2
"""Columns between the picture and the legend beside it."""

MOST_BELOW = 3
"""Lines of a legend below the picture at most."""

USUAL_NAMES = ("-1", "+1")
"""The kinds of points where nothing else is said."""

EDGE = 2
"""Columns of the left edge at least: room for the other axis's name."""

MOST_EDGE = 11
"""Columns of the left edge at most: -1.00000001 tells two float32 apart."""

GAP = 1
"""Columns between the left edge and the picture: a number must not run into what is predicted."""

FEW = 4
"""Of more kinds than these the legend does not write all capitals."""

MOST_HIDDEN = 1 / 3
"""Where points would hide a larger part of what is predicted, every second column is left to it."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Predictions over ``extent`` as (rows from the top, columns) or none, points as (n, 2), and the kind of each.

    The kinds, counted from 0, have ``names``. A prediction is on one of two sides, above 0 or not; where there are
    ``several`` it is the number of a kind. NaN, or a number below 0, is none, and its cell is empty.
    The points that are ``marked`` as changed are drawn in capitals, and before any other in the same cell. The
    lower and the left axis are called ``axes``.
    """

    field: AnyArray | None
    points: AnyArray
    kinds: npt.NDArray[np.int8]
    marked: npt.NDArray[np.bool_] | None = None
    extent: Extent = UNIT
    names: tuple[str, ...] = USUAL_NAMES
    several: bool = False
    axes: tuple[str, str] = AXES

    @property
    def coloured(self) -> bool:
        """Whether each kind has a colour of its own: of two kinds the sides that are predicted have those."""
        return self.several or self.field is None or len(self.names) > 2

    @property
    def legend(self) -> tuple[str, ...]:
        """What is drawn, and what it stands for."""
        drawn, signs = len(self.points) > 0, self._signs
        kinds = _in_words(self.names, MARKS if drawn else "", signs) if drawn or signs else ()
        marks = MARKS[: len(self.names)].upper()
        capitals = "X O" if len(self.names) <= 2 else marks if len(marks) <= FEW else "capitals"
        changed = (f"{capitals} changed",) if self.marked is not None else ()
        if self.field is None:
            return *kinds, *changed
        predicted = "predicted" if signs else "+ - predicted"
        return *kinds, *changed, f"point, {predicted}" if drawn and signs else predicted

    @property
    def _signs(self) -> tuple[str, ...]:
        """How each kind is drawn where it is predicted; none where nothing is, or where the names say it."""
        if self.field is None or self.names == USUAL_NAMES:
            return ()
        if self.several:
            return tuple(f"{kind}" for kind in range(MOST_KINDS))
        return (SIDES["negative"], SIDES["positive"]) if len(self.names) == 2 else ()


def _in_words(names: tuple[str, ...], marks: str, signs: tuple[str, ...]) -> tuple[str, ...]:
    """Return each kind's mark, sign and name; of two kinds the second first, as it lies above.

    The last that is told apart stands for all beyond it.
    """
    if len(names) > MOST_KINDS:
        names = (*names[: MOST_KINDS - 1], f"{len(names) - MOST_KINDS + 1:,} others")
    told = [
        " ".join(dict.fromkeys(part for part in (marks[kind : kind + 1], *signs[kind : kind + 1], name) if part))
        for kind, name in enumerate(names)
    ]
    return tuple(told[::-1] if len(told) == 2 else told)


class Plane(Widget):
    """Draws a :class:`Picture` as the largest square that there is room for, its axes named on the left and below.

    Its legend stands beside it where the room is wider than high, else below.
    """

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

    class Resized(Message):
        """The picture has another number of cells now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture: Picture | None = None
        self._marks = np.zeros((0, 0), dtype=np.int8)
        self._marked_for = (0, 0)
        self._axes = AXES
        self._take_axes(UNIT)
        self._styles: dict[tuple[str, int], Style] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    @property
    def cells(self) -> tuple[int, int]:
        """How many (columns, rows) the picture itself has."""
        rows = self._rows
        return ASPECT * rows, rows

    @property
    def _rows(self) -> int:
        """How many rows the largest square has, with a line below for the axis, and a legend that is not beside it."""
        most = min(self.content_size.height - 1, (self.content_size.width - self._edge) // ASPECT)
        above = self.content_size.height - 1 - len(self._below())
        return next((rows for rows in range(most, 0, -1) if rows <= above or self._is_beside(rows)), 0)

    @property
    def _legend(self) -> tuple[str, ...]:
        return (
            self._picture.legend if self._picture is not None else (*_in_words(USUAL_NAMES, MARKS, ()), "+ - predicted")
        )

    def _below(self) -> list[list[str]]:
        """Return the legend as lines below the picture, no word of it cut off, a few lines at most."""
        lines: list[list[str]] = [[]]
        for words in self._legend:
            longer = sum(cell_width(told) + APART for told in (*lines[-1], words)) - APART
            if lines[-1] and longer > self.content_size.width - self._edge and len(lines) < MOST_BELOW:
                lines.append([])
            lines[-1].append(words)
        return lines

    def _is_beside(self, rows: int) -> bool:
        """Return whether the legend has room beside a picture of so many rows."""
        room = self.content_size.width - self._edge - ASPECT * rows - APART
        widest = max(map(cell_width, self._legend), default=0)
        return widest <= room and len(self._legend) <= rows + 1

    def show(self, picture: Picture) -> None:
        """Draw another picture."""
        if self._picture is None or picture.coloured != self._picture.coloured:
            self._styles.clear()
        self._picture = picture
        self._axes = picture.axes
        self._take_axes(picture.extent)
        self._marked_for = (0, 0)
        self.refresh()

    def _take_axes(self, extent: Extent) -> None:
        """Note the numbers at the ends of the axes (left, right, bottom and top) and the columns of the left edge."""
        left, right, bottom, top = extent
        self._ends = *ends(left, right, MOST_EDGE), *ends(bottom, top, MOST_EDGE)
        self._edge = (
            max(EDGE, len(self._axes[1]), *(len(end) for place, end in enumerate(self._ends) if place != 1)) + GAP
        )

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
        axis, beside = self._style("axis"), self._is_beside(rows)
        if self._picture is None or y > rows:
            below = self._below()[y - rows - 1 : y - rows] if y > rows and self._picture and not beside else []
            told = [cell for words in below for cell in self._legend_cells(words)]
            width = self.content_size.width
            return _shortened(Strip([Segment(" " * (self._edge - APART), axis), *told]), width, axis)
        legend = self._legend_cells(self._legend[y : y + 1]) if beside else []
        if y == rows:
            lower = Segment(f"{self._lower_edge(columns):<{self._edge + columns}}", axis)
            return Strip([lower, *legend]).adjust_cell_length(self.content_size.width, axis)
        _, _, bottom, top = self._ends
        edge = top if y == 0 else bottom if y == rows - 1 else self._axes[1] if y == rows // 2 else ""
        cells = [Segment(f"{edge:>{self._edge - GAP}}{'':{GAP}}", axis)]
        runs = groupby(zip(self._sides(y, columns, rows), self._marks[y].tolist(), strict=True))
        cells += [self._cells(side, mark, len(list(run))) for (side, mark), run in runs]
        cells += legend
        return Strip(cells).simplify().adjust_cell_length(self.content_size.width, axis)

    def _legend_cells(self, told: Sequence[str]) -> list[Segment]:
        """Return words of the legend, each kind in its colour where each has one."""
        return [
            cell
            for words in told
            for cell in (Segment(" " * APART, self._style("axis")), Segment(words, self._style(self._told_in(words))))
        ]

    def _told_in(self, words: str) -> str:
        """Return the part of the style that words of the legend have."""
        if self._picture is None or not self._picture.coloured:
            return "axis"
        kind = MARKS.find(words[0]) if self._picture.points.size else "0123456789".find(words[0])
        return "axis" if kind < 0 else f"class-{kind}"

    def _lower_edge(self, columns: int) -> str:
        left, right, *_ = self._ends
        room = max(columns - len(right), 1)
        name = self._axes[0] if room > len(self._axes[0]) + 1 else ""
        return f"{left:>{self._edge}}{name:^{room}}{right}"

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
        sides = np.where(np.isnan(shown), "empty", np.where(shown > 0, "positive", "negative"))
        return [str(side) for side in sides.tolist()]

    def _cells(self, side: str, mark: int, run: int) -> Segment:
        return Segment(_sign(side, mark) * run, self._style(side, mark))

    def _style(self, side: str, mark: int = 0) -> Style:
        """Return how a cell is drawn; working that out for each one would take longer than all else."""
        if (side, mark) not in self._styles:
            style = self.get_component_rich_style(f"plane--{side}")
            if mark:
                several = self._picture is not None and self._picture.coloured
                style += self.get_component_rich_style(f"plane--{_point(mark, several)}", partial=True)
            self._styles[side, mark] = style
        return self._styles[side, mark]


def _shortened(strip: Strip, width: int, style: Style) -> Strip:
    """Return a strip of so many columns, with dots where it is cut."""
    if strip.cell_length <= width:
        return strip.adjust_cell_length(width, style)
    return Strip([*strip.crop(0, max(width - len(CUT), 0)), Segment(CUT[:width], style)])


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
    _mark(picture, marks, 1)
    if picture.field is not None and np.count_nonzero(marks) > MOST_HIDDEN * marks.size:
        marks[:] = 0
        _mark(picture, marks, ASPECT)


def _mark(picture: Picture, marks: npt.NDArray[np.int8], apart: int) -> None:
    """Write the marks into the first of every ``apart`` columns."""
    rows, columns = marks.shape
    left, right, bottom, top = picture.extent
    across, up = (
        _cells_of(picture.points[:, axis], *edges)
        for axis, edges in enumerate(((left, right, columns // apart), (bottom, top, rows)))
    )
    cells = (rows - 1 - up) * columns + across * apart
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
