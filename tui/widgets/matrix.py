"""Matrix: a NumPy array as a table with headings that stay, drawn line by line, so that its size costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.formatting import DEFAULT_DIGITS, number, width_of
from core.model.table import Table
from tui.commands import MATRIX, bindings
from tui.widgets.text import fit, fit_ends, fit_right
from tui.widgets.whole_columns import WholeColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.style import Style
    from textual import events

    Cell = tuple[int, int]

GAP = 2

SHADES = ("faint", "plain", "strong")
"""How the thirds of the scale are drawn: in the colour of the sign and, without colours, dim, plain and bold."""


def unmarked(_row: int, _column: int) -> bool:
    """Say of no cell that it was changed."""
    return False


@dataclass(frozen=True, eq=False)
class Grid:
    """What a matrix shows: a table, the names of its rows and columns, and which cells are marked as changed.

    ``column_name`` is given a row and a column: of several arrays, the one with the cursor has its names above.
    The columns in ``labels`` are written as it says, in words that take ``widest`` columns of a terminal. A part of a
    larger table is ``part_of`` it: its columns are as wide, and its shades stand for the same numbers.
    """

    table: Table
    row_name: Callable[[int], str]
    column_name: Callable[[int, int], str]
    is_marked: Callable[[int, int], bool] = unmarked
    labels: Mapping[int, Callable[[float], str]] = field(default_factory=dict)
    part_of: Table | None = None
    widest: int = 0

    @property
    def measured(self) -> Table:
        """The table whose numbers have to fit into a cell and into the shades."""
        return self.part_of or self.table

    @cached_property
    def scale(self) -> float:
        """The largest absolute value, for which the strongest shade stands."""
        return max((abs(end) for end in self.measured.ends if isfinite(end)), default=0.0)


NAMES_MEASURED = 200
"""Of how many rows, from the first to the last, the names are measured for their room."""

LEAST_NAME, MOST_NAME = 18, 24
"""Between how many columns the longest names of rows are cut."""

EMPTY = Grid(Table(), str, lambda _row, column: str(column))


def shade(value: float, scale: float) -> str:
    """Return the part of the style for a number: its sign, and a third of the scale that its size is in."""
    if not isfinite(value):
        return "odd"
    if value == 0 or scale == 0:
        return "zero"
    third = min(int(3 * abs(value) / scale), 2)
    return f"{'negative' if value < 0 else 'positive'}-{SHADES[third]}"


class Matrix(ScrollView, can_focus=True):
    """Shows a :class:`Grid`; the arrow keys move a cell cursor, enter and a click on it choose the cell."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "matrix--heading",
        *(f"matrix--{sign}-{shade}" for sign in ("negative", "positive") for shade in SHADES),
        "matrix--zero",
        "matrix--odd",
        "matrix--marked",
        "matrix--cursor",
        "matrix--selected",
    }

    BINDINGS: ClassVar = bindings(MATRIX)

    digits: reactive[int] = reactive(DEFAULT_DIGITS)
    cursor: reactive[Cell] = reactive((0, 0))

    class Moved(Message):
        """The cursor has come to another cell."""

        def __init__(self, matrix: Matrix, row: int, column: int) -> None:
            self.matrix, self.row, self.column = matrix, row, column
            super().__init__()

    class Chosen(Message):
        """Enter was pressed on a cell, or the cell under the cursor was clicked."""

        def __init__(self, matrix: Matrix, row: int, column: int) -> None:
            self.matrix, self.row, self.column = matrix, row, column
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._grid = EMPTY
        self._columns = WholeColumns(0, 1, 0)

    @property
    def grid(self) -> Grid:
        """What is shown."""
        return self._grid

    def show(self, grid: Grid) -> None:
        """Show ``grid``, keeping the cursor where it still fits."""
        self._grid = grid
        row, column = self.cursor
        self.set_reactive(Matrix.cursor, self._inside(row, column))
        self._measure()

    def watch_digits(self) -> None:
        self._measure()

    def watch_cursor(self, old: Cell, new: Cell) -> None:
        for row, column in (old, new):
            self.refresh(self._visible_region(row, column))
        if old[0] != new[0]:
            self.refresh(Region(0, 0, self.size.width, 1))
        self._scroll_to_cursor()
        if self._grid.table.size:
            self.post_message(self.Moved(self, *new))

    def _measure(self) -> None:
        grid = self._grid
        rows = grid.table.rows
        names = [grid.row_name(row) for row in {*range(0, rows, 1 + rows // NAMES_MEASURED), max(rows - 1, 0)}]
        heads = [grid.column_name(0, max(grid.table.columns - 1, 0)), grid.column_name(0, 0)]
        odd = (np.nan, -np.inf) if grid.measured.has_odd else ()
        numbers = width_of(np.array([*grid.measured.ends, *odd]), self.digits)
        # A word, which is no number, needs but one column to be apart.
        cell = max(numbers + GAP, grid.widest + 1, *(cell_len(head) + GAP for head in heads))
        # Two columns of numbers have room beside a long name, where there is any.
        most = min(max(self.scrollable_content_region.width - 2 * cell - 1, LEAST_NAME), MOST_NAME)
        heading = min(most, max((cell_len(name) for name in names), default=0)) + 1
        columns = WholeColumns(heading, cell, grid.table.columns)
        self.virtual_size = Size(columns.width, 1 + grid.table.rows)
        if columns != self._columns:
            self._columns = columns
            self.call_after_refresh(self._scroll_to_cursor)
        self.refresh()

    # Moving

    def _inside(self, row: int, column: int) -> Cell:
        row = min(max(row, 0), max(self._grid.table.rows - 1, 0))
        return row, min(max(column, 0), max(self._grid.table.width(row) - 1, 0))

    def action_move(self, rows: int, columns: int) -> None:
        self.cursor = self._inside(self.cursor[0] + rows, self.cursor[1] + columns)

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1), 0)

    def action_move_to_column(self, column: int) -> None:
        row = self.cursor[0]
        self.cursor = self._inside(row, self._grid.table.columns if column < 0 else column)

    def action_move_to_row(self, row: int) -> None:
        self.cursor = self._inside(self._grid.table.rows if row < 0 else row, self.cursor[1])

    def action_choose(self) -> None:
        if self._grid.table.size:
            self.post_message(self.Chosen(self, *self.cursor))

    def on_click(self, event: events.Click) -> None:
        cell = self._cell_at(event)
        if cell is None:
            return
        if cell == self.cursor:
            self.action_choose()
        self.cursor = cell

    def _cell_at(self, event: events.MouseEvent) -> Cell | None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < 1:
            return None
        row, column = offset.y - 1 + self.scroll_offset.y, self._columns.at(offset.x, self._seen)
        outside = column is None or row >= self._grid.table.rows or column >= self._grid.table.width(row)
        return None if column is None or outside else (row, column)

    @property
    def _seen(self) -> range:
        """The columns that are drawn."""
        return self._columns.seen(self.scroll_offset.x, self.scrollable_content_region.width)

    def _visible_region(self, row: int, column: int) -> Region:
        """Return where a cell stands in the widget, its gap included."""
        left = self._columns.left(column, self._seen)
        return Region(left, 1 + row - self.scroll_offset.y, self._columns.cell, 1)

    def cursor_region(self) -> Region:
        """Return where the cursor's cell stands in the widget, its gap included."""
        return self._visible_region(*self.cursor)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._measure()
        self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        if not self._grid.table.size:
            return
        (row, column), columns = self.cursor, self._columns
        cell = Region(columns.heading + column * columns.cell, 1 + row, columns.cell, 1)
        self.scroll_to_region(cell, spacing=Spacing(1, 0, 0, columns.heading), animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        row = y - 1 + self.scroll_offset.y
        heading = self.get_component_rich_style("matrix--heading")
        if not self._grid.table.size or (y and row >= self._grid.table.rows):
            return Strip.blank(width, heading)
        if y == 0:
            name, cells = "", [self._head(column, heading) for column in self._seen]
        else:
            name, cells = self._grid.row_name(row), self._segments(row, self._seen)
        left = Segment(f"{fit_ends(name, self._columns.heading - 1)} ", heading)
        return Strip([left, *cells]).adjust_cell_length(width, heading)

    def selected_in(self, _row: int) -> range:
        """Return the columns of a row that are selected."""
        return range(0)

    def _head(self, column: int, style: Style) -> Segment:
        return Segment(fit_right(self._grid.column_name(self.cursor[0], column), self._columns.cell), style)

    def _segments(self, row: int, columns: range) -> list[Segment]:
        """Return the cells of a row; what is the same for all of them is looked up once."""
        grid, digits, (cursor_row, cursor_column) = self._grid, self.digits, self.cursor
        selected, width = self.selected_in(row), grid.table.width(row)
        segments = []
        for column in columns:
            if column >= width:
                segments.append(Segment(" " * self._columns.cell, self.get_component_rich_style("matrix--heading")))
                continue
            value, marked = grid.table.at(row, column), grid.is_marked(row, column)
            # A name that is cut keeps its distance from the number before it.
            words = grid.labels.get(column)
            text = fit(words(value), self._columns.cell - 1).rstrip() if words else number(value, digits)
            style = self.get_component_rich_style(f"matrix--{'marked' if marked else shade(value, grid.scale)}")
            if column == cursor_column and row == cursor_row:
                style += self.get_component_rich_style("matrix--cursor", partial=True)
            elif column in selected:
                style += self.get_component_rich_style("matrix--selected", partial=True)
            segments.append(Segment(fit_right(f"{'*' if marked else ''}{text}", self._columns.cell), style))
        return segments
