"""MatrixEditor: a matrix whose cells are edited in place; what is wrong with an entry is said under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input, Static

from core.errors import Refused
from core.formatting import exact
from core.model.literal import parse_number
from tui.widgets.matrix import Matrix

if TYPE_CHECKING:
    from textual.app import ComposeResult


FIELD_WIDTH = 15
"""Columns that take a space before it, any float32 and the cursor."""


class CellInput(Input):
    """The field that lies over a cell while it is edited."""

    BINDINGS: ClassVar = [Binding("escape", "leave", "Leave unchanged")]

    class Left(Message):
        """The entry is given up."""

    def action_leave(self) -> None:
        self.post_message(self.Left())


class MatrixEditor(Container):
    """A :class:`Matrix` with a field over the cell that is being edited."""

    class Edited(Message):
        """A number was entered for a cell."""

        def __init__(self, row: int, column: int, value: float) -> None:
            self.row, self.column, self.value = row, column, value
            super().__init__()

    def compose(self) -> ComposeResult:
        yield Matrix()
        yield CellInput(compact=True, select_on_focus=True)
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

    @on(Matrix.Chosen)
    def open_field(self) -> None:
        """Lay the field over the cell under the cursor."""
        field, region = self.query_one(CellInput), self.matrix.cursor_region()
        field.value = exact(float(self.matrix.grid.values[self.matrix.cursor]))
        width = max(region.width, FIELD_WIDTH)
        field.styles.offset = (max(region.right - width, 0), region.y)
        field.styles.width = width
        field.display = True
        field.focus()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            value = parse_number(event.value)
        except Refused as refusal:
            self.say(str(refusal))
            return
        self.close_field()
        self.post_message(self.Edited(*self.matrix.cursor, value))

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
