"""TakeAwayDialog: a calculation, an exercise or arrays in a format to choose: copied, or saved to a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static

from core.errors import Refused
from core.export.formats import ARRAY_FORMATS, FORMATS, PAPER_FORMATS
from core.formatting import count
from core.paths import typed_path
from core.saving import write_whole
from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.events import Key

    from core.export.arrays import Arrays
    from core.export.calculation.explanation import Explanation
    from core.export.formats import Format
    from core.practice.sheet import Sheet

MOST_COPIED = 1_000_000
"""Bytes; more are no longer something to send through a terminal."""

OFTEN_CUT = 70_000
"""Bytes above which many terminals take nothing, or only the beginning."""

HOW = "enter copies it through the terminal, s saves it to a file"


@dataclass(frozen=True)
class Taken:
    """What was made: in which format, its bytes, and where they were saved, if they were."""

    format: Format
    data: bytes
    path: Path | None

    @property
    def in_words(self) -> str:
        """What it is and how much."""
        size = count(len(self.data), "byte")
        if not self.format.is_text:
            return f"{self.format.words}, {size}"
        lines = count(len(self.data.splitlines()), "line")
        return f"{self.format.words}, {lines}, {size}"


def calculation_dialog(explanation: Callable[[], Explanation]) -> TakeAwayDialog:
    """Return the dialog for a calculation, which is made in a thread once a format is chosen."""
    return TakeAwayDialog("Take away the calculation", tuple(FORMATS.values()), explanation)


def worksheet_dialog(sheet: Sheet) -> TakeAwayDialog:
    """Return the dialog for an exercise: as a worksheet with its blanks, or as the key to it."""
    return TakeAwayDialog("Take away this exercise", PAPER_FORMATS, lambda: sheet)


def arrays_dialog(title: str, arrays: Arrays) -> TakeAwayDialog:
    """Return the dialog for arrays of weights: as Python, as NumPy's files, as tables."""
    return TakeAwayDialog(title, tuple(ARRAY_FORMATS.values()), lambda: arrays)


class TakeAwayDialog(WorkDialog):
    """Lists formats; letters and arrows choose one."""

    BINDINGS: ClassVar = [
        # Before the list's own binding, which the footer would not show.
        Binding("enter", "accept", "Copy", priority=True),
        Binding("s", "save", "Save to a file"),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(self, title: str, formats: Sequence[Format], content: Callable[[], Any]) -> None:
        super().__init__(self._make, self._take)
        self._title, self._formats, self._content = title, formats, content
        self._there_already: Path | None = None

    def compose(self) -> ComposeResult:
        rows = [Content(f"{one.letter}  {one.words[0].upper()}{one.words[1:]}") for one in self._formats]
        with Vertical(classes="dialog"):
            yield Label(self._title, classes="title", markup=False)
            yield OptionList(*rows, compact=True)
            yield TextField(id="file", compact=True, select_on_focus=True)
            yield Static(HOW, classes="outcome", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#file").display = False
        options = self.query_one(OptionList)
        options.highlighted = 0
        options.focus()

    def on_key(self, event: Key) -> None:
        """Choose a format by its letter."""
        letters = [one.letter for one in self._formats]
        if event.character in letters and self.focused is self.query_one(OptionList):
            self.query_one(OptionList).highlighted = letters.index(event.character)
            event.stop()

    @property
    def _chosen(self) -> Format:
        return self._formats[self.query_one(OptionList).highlighted or 0]

    def action_save(self) -> None:
        """Ask for the name of the file."""
        field = self.query_one("#file", Input)
        field.display = True
        field.value = f"{self._chosen.stem}{self._chosen.suffix}"
        field.focus()
        self.say("type the name of the file: enter saves it there, escape leaves")

    def action_accept(self) -> None:
        """Save, if a name is being typed, else copy."""
        field = self.query_one("#file", Input)
        if field.has_focus:
            self._save_as(field.value)
        elif self._chosen.is_text:
            self.start((self._chosen, None))
        else:
            self.say(f"{self._chosen.words} cannot be copied as text: s saves it to a file", refused=True)

    def _save_as(self, name: str) -> None:
        try:
            path = typed_path(name)
        except Refused as refusal:
            self.say_refusal(refusal)
        else:
            self.start((self._chosen, path))

    def _make(self, wanted: tuple[Format, Path | None]) -> Taken:
        """Make it and, if there is a path, save it: this runs in a thread."""
        chosen, path = wanted
        # Path.exists raises for a name that is too long.
        if path is not None and os.path.exists(path) and path != self._there_already:  # noqa: PTH110
            self._there_already = path
            raise Refused(f"{plain(path.name)} is there already: enter again replaces it, or type another name")
        data = chosen.data(self._content())
        if path is not None:
            write_whole(path, data)
        elif len(data) > MOST_COPIED:
            raise Refused(f"{len(data):,} bytes are too many to copy through a terminal: s saves them to a file")
        return Taken(chosen, data, path)

    def came_too_late(self, result: Taken) -> None:
        """Say that it was saved after all; what would have been copied is not."""
        if result.path is not None:
            self._take(result)

    def _take(self, taken: Taken) -> None:
        if taken.path is not None:
            self.app.notify(f"Saved as {plain(str(taken.path))}: {taken.in_words}.", markup=False)
            return
        self.app.copy_to_clipboard(taken.data.decode())
        cut = " Many terminals take less; s saves it to a file." if len(taken.data) > OFTEN_CUT else ""
        self.app.notify(f"Sent to the terminal's clipboard: {taken.in_words}.{cut}", markup=False)
