"""SelectingMatrix: a matrix on which a rectangle of cells is selected, by shift and the arrow keys or the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.message import Message

from tui.commands import SELECTING, bindings
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from textual import events

    from core.arrays import AnyArray
    from tui.widgets.matrix import Cell, Grid


class Rectangle(NamedTuple):
    """The rows and the columns of a table that are selected, more than one cell in all."""

    rows: range
    columns: range

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.rows) * len(self.columns)


class SelectingMatrix(Matrix):
    """Selects from where the cursor was to where it goes; a plain move or escape lets that go.

    A selection stays within the part of the table that it began in: a kernel's numbers, or a bias's.
    """

    ALLOW_SELECT = False

    BINDINGS: ClassVar = bindings(SELECTING)

    class Selected(Message):
        """Something else is selected now, or nothing."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: tuple[Cell, Cell] | None = None
        self._pressed: Cell | None = None
        self._dragged = False

    @property
    def selected(self) -> Rectangle | None:
        """What is selected, if it is more than the cell under the cursor."""
        if self._ends is None or self._ends[0] == self._ends[1]:
            return None
        (top, bottom), (left, right) = (sorted(pair) for pair in zip(*self._ends, strict=True))
        return Rectangle(range(top, bottom + 1), range(left, right + 1))

    def selected_in(self, row: int) -> range:
        selected = self.selected
        return selected.columns if selected is not None and row in selected.rows else range(0)

    @property
    def selected_numbers(self) -> AnyArray:
        """The numbers that are selected, or the one under the cursor, as a table."""
        row, column = self.cursor
        rows, columns = self.selected or (range(row, row + 1), range(column, column + 1))
        top = self._part(rows.start).start
        part = next(part for start, part in self.grid.table.blocks(0, self.grid.table.rows) if start == top)
        return part[rows.start - top : rows.stop - top, columns.start : columns.stop]

    def show(self, grid: Grid) -> None:
        """Show ``grid``; what is selected stays so in a table of the same shape."""
        if [part.shape for part in grid.table.parts] != [part.shape for part in self.grid.table.parts]:
            self.let_go()
        super().show(grid)

    def watch_cursor(self, old: Cell, new: Cell) -> None:
        super().watch_cursor(old, new)
        if self._ends is not None and new != self._ends[1]:
            self.let_go()

    def let_go(self) -> None:
        """Have nothing selected."""
        if self._ends is not None:
            self._select(None)

    def _select(self, ends: tuple[Cell, Cell] | None) -> None:
        self._ends = ends
        self.refresh()
        self.post_message(self.Selected())

    # Selecting

    def extend_to(self, cell: Cell) -> None:
        """Select from where the selection began, or from the cursor, to ``cell``."""
        if not self.grid.table.size:
            return
        begin = self.cursor if self._ends is None else self._ends[0]
        part = self._part(begin[0])
        row, column = self._inside(*cell)
        end = (min(max(row, part.start), part.stop - 1), column)
        self._select((begin, end))
        self.cursor = end

    def _part(self, row: int) -> range:
        """Return the rows of the part of the table that ``row`` is in."""
        top = 0
        for part in self.grid.table.parts:
            if row < top + part.shape[0]:
                break
            top += part.shape[0]
        return range(top, top + part.shape[0])

    def action_extend(self, rows: int, columns: int) -> None:
        self.extend_to((self.cursor[0] + rows, self.cursor[1] + columns))

    def action_extend_to_end(self, direction: int) -> None:
        self.extend_to((self.cursor[0], self.grid.table.columns if direction > 0 else 0))

    def action_let_go(self) -> None:
        self.let_go()

    # A plain move lets go, where the edge keeps the cursor from moving too.

    def action_move(self, rows: int, columns: int) -> None:
        self.let_go()
        super().action_move(rows, columns)

    def action_move_to_column(self, column: int) -> None:
        self.let_go()
        super().action_move_to_column(column)

    def action_move_to_row(self, row: int) -> None:
        self.let_go()
        super().action_move_to_row(row)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed, self._dragged = self._cell_at(event), False
        if self._pressed is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        cell = self._cell_at(event)
        if self._pressed is None or cell is None or (not self._dragged and cell == self._pressed):
            return
        if not self._dragged:
            self._dragged, self.cursor = True, self._pressed
            self.let_go()
        self.extend_to(cell)

    def on_mouse_up(self) -> None:
        self._pressed = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """End a drag: it is no click on the cell where it ends."""
        if self._dragged:
            event.prevent_default()
        else:
            self.let_go()
