"""StepsDialog: every step that was done, and those undone, to go back or on to any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static

from core.errors import Refused
from core.formatting import count
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.session.session import Session


class StepsDialog(ModalScreen[None]):
    """Lists the steps, the oldest first; the state after the chosen one is gone to."""

    BINDINGS: ClassVar = [
        # Before the list's own binding, which the footer would not show.
        Binding("enter", "go", "Go there", priority=True),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Steps: enter goes to how things were after one", classes="title", markup=False)
            yield OptionList(compact=True)
            yield Static(classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        state, options = self._session.state, self.query_one(OptionList)
        steps = self._session.trail.steps
        undone = [f"({name}) undone" for name in reversed(state.undone)]
        room = self._session.trail.room
        first = (
            f"({count(room.gone, 'older step')} had to go)" if room.gone else f"({steps.beginning or 'the beginning'})"
        )
        names = [first, *state.steps_in_words, *undone]
        options.add_options([Content(f"{place:>4}  {plain(name)}") for place, name in enumerate(names)])
        options.highlighted = len(state.done)
        told = f"{room.in_words()}."
        if steps.saved_as:
            told += f"\nThe first of them were kept when these weights were saved as {plain(steps.saved_as)}."
        self.query_one(".outcome", Static).update(told)

    def action_go(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        try:
            self._session.trail.go_to_step(event.option_index)
        except Refused as refusal:
            self.query_one(".outcome", Static).update(str(refusal))
        else:
            self.dismiss()

    def action_leave(self) -> None:
        self.dismiss()
