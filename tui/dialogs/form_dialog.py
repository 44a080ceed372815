"""FormDialog: a form over the tabs; enter does it, escape leaves everything as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Label, Select, Static

from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.form import Field, FieldRefused, Form
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from core.errors import Refused

DONE_BY = "enter does it, escape leaves everything as it was"
REFUSED_ABOVE = "nothing was changed yet: a field says why"


class FormDialog(WorkDialog):
    """Asks for ``fields``, has ``work`` make something of their values, and gives it to ``finish``.

    The focus is on the field called ``first``, or on the one that stands first.
    """

    BINDINGS: ClassVar = [
        Binding("enter", "accept", "Do it"),
        # Before the field itself sees it: a key that is typed right after it is for the next field already.
        Binding("tab", "app.focus_next", "Next field", priority=True),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False, priority=True),
        Binding("escape", "leave", "Leave as it was"),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        values: dict[str, str],
        work: Callable[[dict[str, Any]], Any],
        finish: Callable[[Any], None],
        words: str = "",
        first: str = "",
    ) -> None:
        super().__init__(work, finish)
        self._title, self._fields, self._values, self._words = title, fields, values, words
        self._first = first

    def on_mount(self) -> None:
        if self._first:
            self.query_one(Form).line(self._first).focus_field()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            if self._words:
                yield Static(self._words, classes="words", markup=False)
            yield Form(self._fields, self._values)
            yield Static(DONE_BY, classes="outcome", markup=False)
        yield KeyBar()

    def say_refusal(self, refusal: Refused) -> None:
        """Show it beside the field that it is about, if it is about one."""
        if not isinstance(refusal, FieldRefused):
            super().say_refusal(refusal)
            return
        line = self.query_one(Form).line(refusal.field)
        line.say(str(refusal))
        line.focus_field()
        self._point_above()

    def _point_above(self) -> None:
        """Say that a field above says why, with that field, and what it says, in sight."""
        self.say(REFUSED_ABOVE, refused=True, about=self.query_one(Form).refused)

    @on(Input.Changed)
    @on(Select.Changed)
    def _forget_refusal(self) -> None:
        """Say no longer why nothing was done, once what was refused was changed."""
        if self.query_one(".outcome", Static).has_class("refusal") and self.query_one(Form).refused is None:
            self.say(DONE_BY)

    def action_accept(self) -> None:
        if not self.query(Form):
            # The key was on its way when the dialog was coming or going.
            return
        values = self.query_one(Form).read()
        if values is not None:
            self.start(values)
        else:
            self._point_above()


class SavingDialog(FormDialog):
    """A form that saves: what was saved is known to be, even if the form was left before the disk was done."""

    def came_too_late(self, result: Any) -> None:
        """Say that it is saved after all."""
        self._finish(result)
