"""CellInput: the field that lies over a number while it is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui.commands import FIELD, bindings
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from textual.geometry import Region


class CellInput(TextField):
    """A compact field; escape gives the entry up."""

    BINDINGS: ClassVar = bindings(FIELD)

    class Left(Message):
        """The entry is given up."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, compact=True, select_on_focus=True)

    def lay_over(self, cell: Region, room: int, text: str, between: int, before: int) -> None:
        """Stand over ``cell`` with ``text`` in it, and over the whole of the next cell, within ``room`` columns.

        A neighbour that is covered in part would read as one number with what is typed. ``between`` is how many
        columns lie between the two. Where there is no next one, ``before`` columns on the left are covered instead.
        """
        self.stay_over(cell, room, between, before)
        self.value = text
        self.display = True
        self.focus()

    def stay_over(self, cell: Region, room: int, between: int, before: int) -> None:
        """Be where ``cell`` is now."""
        x, end = cell.x, cell.right + between + cell.width
        if end > room:
            x, end = max(cell.x - before, 0), min(end, room)
        self.styles.offset = (x, cell.y)
        self.styles.width = end - x

    def action_leave(self) -> None:
        self.post_message(self.Left())
