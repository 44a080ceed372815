"""HelpDialog: every key, tab by tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tui.commands import SECTIONS

if TYPE_CHECKING:
    from textual.app import ComposeResult

MOVING = (
    "Moving\n"
    "  arrows           from number to number; page up, page down, home and end too\n"
    "  tab, shift+tab   to the next part of the tab, or the one before\n"
    "  escape           out of a field, leaving it as it was\n"
    "  ^p               the palette: every action by name"
)


class HelpDialog(ModalScreen[None]):
    """Lists the commands of :mod:`tui.commands`, so that it cannot be out of date."""

    BINDINGS: ClassVar = [Binding("escape,question_mark,q", "leave", "Back")]

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(_text(), markup=False)
        yield Footer(show_command_palette=False)

    def action_leave(self) -> None:
        self.dismiss()


def _text() -> str:
    blocks = []
    for _tab, title, commands in SECTIONS:
        lines = [f"  {' or '.join(command.keys):<17}{command.help}" for command in commands]
        blocks.append("\n".join([title, *lines]))
    return "\n\n".join([*blocks, MOVING])
