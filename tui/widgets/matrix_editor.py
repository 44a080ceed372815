"""MatrixEditor: a matrix whose cells are edited in place; what is wrong with an entry is said under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input, Static

from core.editing.expression import parse
from core.editing.held import place_name
from core.errors import Refused
from core.formatting import exact
from tui.commands import EDITING, bindings
from tui.widgets.cell_input import CellInput
from tui.widgets.matrix import Matrix
from tui.widgets.selecting import SelectingMatrix

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantBlur

    from core.editing.expression import Expression
    from tui.widgets.matrix import Grid


class MatrixEditor(Container):
    """A matrix with a field over the cell that is being edited; what is typed is for all that is selected.

    The entry is for the cell that it was opened on; going to another cell or other numbers gives it up.
    """

    BINDINGS: ClassVar = bindings(EDITING)

    class Edited(Message):
        """A number was entered for a cell."""

        def __init__(self, row: int, column: int, value: float) -> None:
            self.row, self.column, self.value = row, column, value
            super().__init__()

    class Filled(Message):
        """A number or a formula was entered for all cells that are selected."""

        def __init__(self, expression: Expression) -> None:
            self.expression = expression
            super().__init__()

    def __init__(self) -> None:
        super().__init__()
        self._cell = (0, 0)
        self._shown: object = None
        self._locked = ""

    def compose(self) -> ComposeResult:
        yield SelectingMatrix()
        yield CellInput()
        yield Static(classes="message", markup=False)

    def on_mount(self) -> None:
        self.query_one(CellInput).display = False

    @property
    def matrix(self) -> SelectingMatrix:
        """The matrix itself."""
        return self.query_one(SelectingMatrix)

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
        cell = self.matrix.cursor_region()
        self.query_one(CellInput).lay_over(cell, self.size.width, text, 0, cell.width)

    @on(Matrix.Moved)
    def leave_on_move(self, event: Matrix.Moved) -> None:
        if self.editing and (event.row, event.column) != self._cell:
            self.close_field()

    @on(Input.Submitted)
    def enter(self, event: Input.Submitted) -> None:
        event.stop()
        self._take(event.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave tab to others while no cell is edited."""
        return self.editing if action == "enter_and_move" else super().check_action(action, parameters)

    def action_enter_and_move(self, columns: int) -> None:
        if self._take(self.query_one(CellInput).value):
            self.matrix.action_move(0, columns)

    def _take(self, text: str) -> bool:
        """Pass on what was typed for the cell, or for the selection; return whether it could be read."""
        try:
            expression = parse(text)
            values = expression.evaluate(self.matrix.selected_numbers, self._named)
        except Refused as refusal:
            self.say(str(refusal))
            return False
        self.close_field()
        filled = self.matrix.selected is not None
        self.post_message(self.Filled(expression) if filled else self.Edited(*self._cell, float(values[0, 0])))
        return True

    def _named(self, place: tuple[int, ...]) -> str:
        """Return what a number is called that comes out too large."""
        selected = self.matrix.selected
        if selected is None:
            return "it"
        return place_name((selected.rows[place[0]], selected.columns[place[1]]))

    @on(CellInput.Left)
    def close_field(self) -> None:
        """Take the field away; the cell is as it was."""
        self._put_away()
        self.matrix.focus()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Give the entry up when something else has the focus; a window that is left for another one keeps it."""
        if self.editing and event.widget is self.query_one(CellInput):
            self.call_after_refresh(self._give_up_unless_focused)

    def _give_up_unless_focused(self) -> None:
        if self.editing and self.screen.focused not in (None, self.query_one(CellInput)):
            self._put_away()

    def _put_away(self) -> None:
        self.say("")
        self.query_one(CellInput).display = False

    def say(self, message: str) -> None:
        """Show ``message`` under the matrix; an empty one takes no room."""
        line = self.query_one(".message", Static)
        line.update(message)
        line.display = bool(message)
