"""FormDialog: a form over the tabs; enter does it, escape leaves everything as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Footer, Input, Label, Static

from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.form import Field, Form

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Key


class FormDialog(WorkDialog):
    """Asks for ``fields``, has ``work`` make something of their values, and gives it to ``finish``."""

    BINDINGS: ClassVar = [
        Binding("enter", "accept", "Do it"),
        Binding("tab", "app.focus_next", "Next field"),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False),
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
    ) -> None:
        super().__init__(work, finish)
        self._title, self._fields, self._values, self._words = title, fields, values, words
        self._early = ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            if self._words:
                yield Static(self._words, classes="words", markup=False)
            yield Form(self._fields, self._values)
            yield Static("enter does it, escape leaves everything as it was", classes="outcome", markup=False)
        yield Footer(show_command_palette=False)

    def on_key(self, event: Key) -> None:
        """Put what is typed before the form has the focus into its first field, where it would have gone."""
        if self.focused is not None or not event.is_printable or event.character is None:
            return
        for field in self.query(Input).results(Input):
            self._early += event.character
            field.select_on_focus = False
            field.value = self._early
            field.cursor_position = len(self._early)
            event.stop()
            return

    @on(Input.Submitted)
    def action_accept(self) -> None:
        values = self.query_one(Form).read()
        if values is not None:
            self.start(values)
