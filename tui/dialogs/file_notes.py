"""FileNotes: all that is to be told of the file that was opened, to be read at leisure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

NOTHING = "There is nothing to tell: all of it is followed here as it stands in the file."
NO_FILE = "No model and no weights were opened from a file."


class FileNotes(ModalScreen[None]):
    """Sentences, one after the other."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "Back"), Binding("enter", "dismiss", "Back", show=False)]

    def __init__(self, sentences: Sequence[str], *, opened: bool = True) -> None:
        super().__init__()
        self._sentences = sentences or (NOTHING if opened else NO_FILE,)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Label("In this file", classes="title")
            for sentence in self._sentences:
                yield Static(sentence, classes="words", markup=False)
        yield KeyBar()


def brief(sentences: Sequence[str], most: int) -> str:
    """Return the sentences that fit into ``most`` characters, the first in any case, and how the others are read."""
    told: list[str] = []
    for sentence in sentences:
        if told and sum(map(len, told)) + len(sentence) > most:
            break
        told.append(sentence)
    left = len(sentences) - len(told)
    return " ".join([*told, *([f"I shows {left} more."] if left else [])])
