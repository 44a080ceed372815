"""PasteDialog: a box for a whole array as a literal; what is refused stays in it for mending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label, Static, TextArea

from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


LITERAL = "A Python or NumPy literal, such as [[[1.0], [1.0]], [-0.5]]."


class PasteDialog(WorkDialog):
    """Has ``parse`` read the text of the box and gives the result to ``finish``."""

    BINDINGS: ClassVar = [
        Binding("ctrl+s", "accept", "Apply", priority=True),
        Binding("escape", "leave", "Leave as it was", priority=True),
    ]

    def __init__(
        self, title: str, text: str, parse: Callable[[str], Any], finish: Callable[[Any], None], words: str = LITERAL
    ) -> None:
        super().__init__(parse, finish)
        self._title, self._text, self._words = title, text, words

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            yield Static(self._words, classes="words", markup=False)
            yield TextArea(self._text, soft_wrap=True, show_line_numbers=False)
            yield Static("ctrl+s applies, escape leaves everything as it was", classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TextArea).select_all()

    def action_accept(self) -> None:
        self.start(self.query_one(TextArea).text)
