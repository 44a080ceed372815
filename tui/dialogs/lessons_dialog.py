"""LessonsDialog: the lessons, or the name of a lesson's file; while one runs, also what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static

from core.cells import padded
from core.lessons.language import ENGLISH
from core.lessons.shelf import built_in, lesson_called
from tui.dialogs.work_dialog import WorkDialog
from tui.widgets.key_bar import KeyBar
from tui.widgets.text import plain
from tui.widgets.text_field import TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual.app import ComposeResult

    from core.lessons.lesson import Lesson

    Deeds = Sequence[tuple[str, Callable[[], None]]]

REMEMBERED = "A lesson takes its own model and data; u takes that back. Finished ones are remembered until byhand ends."


class LessonsDialog(WorkDialog):
    """Gives the chosen lesson to ``begin``; ``deeds`` are the first rows, and L does the first of them."""

    BINDINGS: ClassVar = [
        Binding("tab", "app.focus_next", "A lesson's file"),
        Binding("L", "first", "Hide", show=False),
        Binding("escape", "leave", "Back"),
    ]

    def __init__(
        self,
        begin: Callable[[Lesson], None],
        finished: Collection[str],
        deeds: Deeds,
        place: int = 0,
        language: str = ENGLISH,
    ) -> None:
        super().__init__(partial(lesson_called, language=language), begin)
        self._finished, self._deeds, self._place, self._language = finished, deeds, place, language

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Label("Lessons: enter begins one", classes="title", markup=False)
            yield OptionList(*(Content(row) for row in self._rows()), compact=True)
            with Horizontal(id="lesson-file"):
                yield Label("or a lesson's file ", markup=False)
                yield TextField(placeholder="lesson.md", compact=True, id="lesson-name")
            yield Static(REMEMBERED, classes="outcome", markup=False)
        yield KeyBar()

    def _rows(self) -> list[str]:
        rows = [text for text, _ in self._deeds]
        for number, lesson in enumerate(built_in(self._language), start=1):
            done = "finished" if lesson.title in self._finished else ""
            rows.append(f"{number}  {padded(plain(lesson.title), 48)}{len(lesson.steps):>3} steps  {done}")
        return rows

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._place
        options.focus()

    @on(OptionList.OptionSelected)
    def _row_chosen(self, event: OptionList.OptionSelected) -> None:
        place = event.option_index - len(self._deeds)
        if place >= 0:
            self.start(str(place + 1))
        else:
            self._do(self._deeds[event.option_index][1])

    @on(Input.Submitted)
    def _file_named(self, event: Input.Submitted) -> None:
        self.start(event.value)

    def action_first(self) -> None:
        if self._deeds:
            self._do(self._deeds[0][1])
        else:
            self.dismiss()

    def _do(self, deed: Callable[[], None]) -> None:
        self.dismiss()
        # After this dialog is gone, for the deed may put the focus into what is under it.
        self.app.call_later(deed)
