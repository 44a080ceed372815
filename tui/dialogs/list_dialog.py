"""ListDialog: what some work found, as lines; enter goes to what the chosen line speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList, Static

from tui.beside import beside
from tui.dialogs.work_dialog import WORKING
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from core.chunks import Pause

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What there is to say: sentences, then lines under a heading, each with what it speaks of."""

    words: str
    heading: str
    lines: Sequence[tuple[str, T]]


class ListDialog(ModalScreen[T | None]):
    """Has ``find`` work in a thread, which leaving the dialog ends, and lists what it found."""

    BINDINGS: ClassVar = [
        # Before the list's own binding, which the footer would not show.
        Binding("enter", "go", "Go there", priority=True),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, title: str, find: Callable[[Pause], Found[T]]) -> None:
        super().__init__()
        self._title, self._find = title, find
        self._found: Found[T] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            yield Static(WORKING, classes="outcome", markup=False)
            yield Static(classes="words", markup=False)
            yield OptionList(compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        beside(self, "list", self._find, self._show, self._say)

    def _say(self, message: str) -> None:
        if self.is_attached:
            self.query_one(".outcome", Static).update(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Offer to go somewhere only once there is a line that speaks of a place."""
        return action != "go" or (self._found is not None and bool(self._found.lines))

    def _show(self, found: Found[T]) -> None:
        if not self.is_attached:
            return
        self._found = found
        self._say(found.words)
        self.query_one(".words", Static).update(found.heading)
        options = self.query_one(OptionList)
        options.add_options([Content(line) for line, _ in found.lines])
        if found.lines:
            options.highlighted = 0
            options.focus()
            self.refresh_bindings()

    def action_go(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if self._found is not None:
            self.dismiss(self._found.lines[event.option_index][1])

    def action_leave(self) -> None:
        self.dismiss(None)
