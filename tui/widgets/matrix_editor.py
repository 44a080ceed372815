"""MatrixEditor: a matrix whose cells are edited in place; what is wrong with an entry is said under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from textual import on
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input, Static

from core.editing.expression import parse
from core.errors import Refused
from core.formatting import exact
from tui.widgets.cell_input import CellInput
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.widgets.matrix import Grid


class MatrixEditor(Container):
    """A :class:`Matrix` with a field over the cell that is being edited.

    The entry is for the cell that it was opened on; going to another cell or other numbers gives it up.
    """

    class Edited(Message):
        """A number was entered for a cell."""

        def __init__(self, row: int, column: int, value: float) -> None:
            self.row, self.column, self.value = row, column, value
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._cell = (0, 0)
        self._shown: object = None
        self._locked = ""

    def compose(self) -> ComposeResult:
        yield Matrix()
        yield CellInput()
        yield Static(classes="message", markup=False)

    def on_mount(self) -> None:
        self.query_one(CellInput).display = False

    @property
    def matrix(self) -> Matrix:
        """The matrix itself."""
        return self.query_one(Matrix)

    @property
    def editing(self) -> bool:
        """Whether a cell is being edited."""
        return self.query_one(CellInput).display

    def show(self, grid: Grid, of: object, locked: str = "") -> None:
        """Show ``grid``, the numbers of ``of``; ``locked`` says why they cannot be edited now, if they cannot."""
        if self.editing and (of is not self._shown or locked):
            self.close_field()
        self._shown, self._locked = of, locked
        self.matrix.show(grid)

    def focus_editor(self) -> None:
        """Put the focus on the field if a cell is being edited, else on the matrix."""
        (self.query_one(CellInput) if self.editing else self.matrix).focus()

    @on(Matrix.Chosen)
    def open_field(self) -> None:
        """Lay the field over the cell under the cursor, or say why it cannot be edited."""
        if self._locked:
            self.say(self._locked)
            return
        self.say("")
        self._cell = self.matrix.cursor
        text = exact(self.matrix.grid.table.at(*self._cell))
        self.query_one(CellInput).lay_over(self.matrix.cursor_region(), self.size.width, text)

    @on(Matrix.Moved)
    def leave_on_move(self, event: Matrix.Moved) -> None:
        if self.editing and (event.row, event.column) != self._cell:
            self.close_field()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        number = np.array([self.matrix.grid.table.at(*self._cell)], np.float32)
        try:
            value = float(parse(event.value).evaluate(number, lambda _place: "it")[0])
        except Refused as refusal:
            self.say(str(refusal))
            return
        self.close_field()
        self.post_message(self.Edited(*self._cell, value))

    @on(CellInput.Left)
    def close_field(self) -> None:
        """Take the field away; the cell is as it was."""
        self.say("")
        self.query_one(CellInput).display = False
        self.matrix.focus()

    def say(self, message: str) -> None:
        """Show ``message`` under the matrix; an empty one takes no room."""
        line = self.query_one(".message", Static)
        line.update(message)
        line.display = bool(message)
