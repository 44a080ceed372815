"""RunsDialog: the pinned trainings side by side, to return to one or let it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static

from core.errors import Refused
from core.model.network import describe
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import fit

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from core.session.session import Session
    from core.session.state import Pinned

HEAD = f"{'name':<34}{'loss':>9}{'val_loss':>10}{'sign acc.':>10}{'epochs':>8}"


class RunsDialog(ModalScreen[None]):
    """Lists name, last numbers and settings of each pinned training."""

    BINDINGS: ClassVar = [
        # Before the list's own binding, which the footer would not show.
        Binding("enter", "return", "Return to it", priority=True),
        Binding("delete,minus", "unpin", "Let it go", key_display="-"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Pinned trainings: enter returns to one, - lets it go", classes="title", markup=False)
            yield Static(HEAD, classes="words", markup=False)
            yield OptionList(compact=True)
            yield Static(classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._fill()

    def _fill(self) -> None:
        """List what is pinned, the chosen one chosen again."""
        options, pinned = self.query_one(OptionList), self._session.state.pinned
        place = options.highlighted or 0
        options.clear_options()
        options.add_options([Content(_row(one)) for one in pinned])
        if pinned:
            options.highlighted = min(place, len(pinned) - 1)
        else:
            self.dismiss()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index >= len(self._session.state.pinned):
            # It was let go while this message was under way.
            return
        pinned = self._session.state.pinned[event.option_index]
        words = f"{describe(pinned.model.network)}; {pinned.run.recipe.in_words()}"
        self.query_one(".outcome", Static).update(words)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        try:
            self._session.runs.return_to(event.option_index)
        except Refused as refusal:
            self.query_one(".outcome", Static).update(str(refusal))
        else:
            self.dismiss()

    def action_return(self) -> None:
        self.query_one(OptionList).action_select()

    def action_unpin(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is not None:
            self._session.runs.unpin(place)
            self._fill()

    def action_leave(self) -> None:
        self.dismiss()


def _row(pinned: Pinned) -> str:
    history = pinned.run.history
    numbers = [f"{column[-1]:.4f}" if len(column) else "-" for column in map(history.__getitem__, COLUMNS)]
    return f"{fit(pinned.name, 33)} {numbers[0]:>9}{numbers[1]:>10}{numbers[2]:>10}{pinned.run.epochs:>8,}"


COLUMNS = ("loss", "val_loss", "sign_accuracy")
