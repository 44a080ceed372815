"""LessonBar: one step of a lesson above the footer: its text, its field or options, and the reply to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Input, OptionList

from core.cells import wrap
from tui.commands import LESSON, LESSON_FIELD, LESSON_OPTIONS, bindings
from tui.widgets.cell_input import CellInput
from tui.widgets.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.geometry import Size

ASK_HELP = ("enter answers, ? hint, arrows scroll, esc tab", "enter answers, ? hint, esc tab", "? hint, esc tab")
"""What the keys do in the field, and the same for less room."""


class Prose(Widget):
    """Text of a lesson, broken into lines by what its language wants."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._text = ""

    def show(self, text: str) -> None:
        """Show ``text`` in place of what is shown; each of its lines is a paragraph."""
        self._text = text
        self.refresh(layout=True)

    def _lines(self, width: int) -> list[str]:
        return [line for paragraph in self._text.split("\n") for line in wrap(paragraph, width) or [""]]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return len(self._lines(width)) if self._text else 0

    def render(self) -> Content:
        return Content("\n".join(self._lines(self.content_size.width)))


class KeysHere(Words):
    """What the keys do in the field, in as many words as there is room for."""

    def on_resize(self) -> None:
        width = self.content_size.width
        self.show(next((words for words in ASK_HELP if len(words) <= width), ASK_HELP[-1]))


class Entry(CellInput):
    """The field for a number; escape keeps what was typed and goes back to the tab."""

    BINDINGS: ClassVar = bindings(LESSON_FIELD)

    def action_scroll(self, lines: int) -> None:
        self.post_message(LessonBar.Scrolled(lines))


class Options(OptionList):
    """The answers to choose from."""

    BINDINGS: ClassVar = bindings(LESSON_OPTIONS)


class Story(VerticalScroll):
    """The step's text and what was said to the last answer; the arrow keys scroll it."""


class LessonBar(Vertical):
    """Shows what it is given, and tells of what is typed, chosen or wanted; what is right it does not know."""

    BINDINGS: ClassVar = bindings(LESSON)

    finished: var[bool] = var(False, bindings=True)

    class Answered(Message):
        """Something was typed, or an option chosen (its number, from 1)."""

        def __init__(self, entry: str) -> None:
            super().__init__()
            self.entry = entry

    class GoneOn(Message):
        """Enter was pressed where there is nothing to type or to choose."""

    class Left(Message):
        """The person goes back to the tab."""

    class Scrolled(Message):
        """The page above is to be scrolled by so many lines while a number is typed here."""

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def compose(self) -> ComposeResult:
        with Horizontal(id="lesson-head"):
            yield Words(id="lesson-title")
            yield Words(id="lesson-keys")
        yield Prose(id="lesson-x")
        with Story(id="lesson-story"):
            yield Prose(id="lesson-text")
            yield Prose(id="lesson-reply")
        with Horizontal(id="lesson-field"):
            yield Words(id="lesson-asked")
            yield Entry(id="lesson-entry")
            yield KeysHere(ASK_HELP[0], id="lesson-help")
        yield Options(id="lesson-options", compact=True)

    def show_text(self, title: str, text: str) -> None:
        """Begin anew with a title and a text, and nothing to answer."""
        self.query_one("#lesson-title", Words).show(title)
        self.query_one("#lesson-text", Prose).show(text)
        self._ask_nothing()
        self.say("")
        self.query_one(Story).scroll_home(animate=False)

    def ask_number(self, asked: str) -> None:
        """Ask for a number: ``asked`` stands before its field."""
        self.query_one("#lesson-asked", Words).show(asked)
        self.query_one("#lesson-entry", Input).value = ""
        self.query_one("#lesson-field").display = True

    def ask_choice(self, options: Sequence[str]) -> None:
        """Ask for one of ``options``."""
        chosen = self.query_one(Options)
        chosen.clear_options()
        chosen.add_options([Content(option) for option in options])
        chosen.highlighted = 0
        chosen.display = True

    def done(self, sentence: str) -> None:
        """Say that the step is done; nothing is asked any more."""
        within = self.has_focus_within
        self._ask_nothing()
        self.say(sentence)
        self.query_one("#lesson-reply").add_class("done")
        if within:
            self.take_focus()

    def _ask_nothing(self) -> None:
        self.query_one("#lesson-field").display = False
        self.query_one("#lesson-options").display = False

    def say(self, sentence: str, *, refused: bool = False) -> None:
        """Say something about the last answer, or nothing."""
        reply = self.query_one("#lesson-reply", Prose)
        reply.display = bool(sentence)
        reply.show(sentence)
        reply.set_class(refused, "refusal")
        reply.remove_class("done")
        # What is typed next takes the place of what was wrong.
        self.query_one("#lesson-entry", Input).select_all()
        if sentence:
            self.call_after_refresh(self.query_one(Story).scroll_end, animate=False)

    def tell_of_changes(self, sentence: str) -> None:
        """Say that x or the model is another one than the lesson's, or nothing."""
        told = self.query_one("#lesson-x", Prose)
        told.display = bool(sentence)
        told.show(sentence)

    def show_keys(self, keys: str) -> None:
        """Say which keys lead here."""
        self.query_one("#lesson-keys", Words).show(keys)

    def take_focus(self) -> None:
        """Put the focus where the answer is given."""
        if self.query_one("#lesson-field").display:
            self.query_one("#lesson-entry").focus()
        elif self.query_one(Options).display:
            self.query_one(Options).focus()
        else:
            self.query_one(Story).focus()

    # What is typed

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Answered(event.value))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Answered(str(event.option_index + 1)))

    @on(CellInput.Left)
    def _gave_up(self, event: CellInput.Left) -> None:
        event.stop()
        self.action_leave()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Have enter go on only where there is something to go on to."""
        return self.finished == (action == "others") if action in ("go_on", "others") else True

    def action_go_on(self) -> None:
        self.post_message(self.GoneOn())

    def action_others(self) -> None:
        self.post_message(self.GoneOn())

    def action_leave(self) -> None:
        self.post_message(self.Left())
